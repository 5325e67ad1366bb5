"""Checking a draw in a real browser against a real process: green when nothing was touched, red with the reason when it was."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import select, update

from server.config import load_settings
from server.db import Database
from server.domain.draw_bundle import Change
from server.domain.errors import Invalid
from server.domain.pairing import PairingTask, pair
from server.models.draws import Draw, DrawFile
from server.storage.disk import DiskStorage
from server.uow import House
from tests.browser.chromium import FLAGS, chromium
from tests.factories import draws as made
from tests.journeys.harness import Instance, environment, running

pytestmark = pytest.mark.slow

PATIENCE_MS = 60_000
OPENED = made.sheet("441300-2026-0001-1")
LEAD = made.sheet("441300-2026-0002-1", rule="lead", hour=1, title="按带队资格派人")
APART = made.sheet("441300-2026-0003-1", rule="apart", hour=2, title="按单位分开派人")
SEALED = made.sheet("441300-2026-0004-1", secret=made.OTHER_SECRET, hour=3)
VOID = made.sheet("441300-2026-0005-1", hour=6)
AGAIN = made.sheet("441300-2026-0005-2", round=2, series="441300-2026-0005", replaces=VOID.code, hour=72)
ALL_GREEN = "全部 11 步相符"


class OtherRound(made.Sheet):
    """Opens with the code of the round before."""

    def opening(self, **more: Any) -> bytes:
        return super().opening(**more).replace(self.one_time_code.hex().encode(), self.secret.hex().encode())


class OtherNumbers(made.Sheet):
    """Opens with numbers that were never typed."""

    def opening(self, **more: Any) -> bytes:
        return super().opening(**more).replace(b"3.9.14.", b"4.9.14.")


class OtherCrew(made.Sheet):
    """A substitute subject gets officers of somebody's choice."""

    @property
    def changes(self) -> tuple[Change, ...]:
        first, second = super().changes
        crew = [o for o in self.lists.officers if o not in first.body["officers"]][:2]
        return replace(first, body={**first.body, "officers": crew}), second


class OutOfTurn(made.Sheet):
    """The second reserve is taken before the first."""

    @property
    def changes(self) -> tuple[Change, ...]:
        first, _ = super().changes
        stratum = self.result.drawn[0].stratum
        by = [line.object for line in self.result.reserve if line.stratum == stratum][1]
        return (replace(first, body={**first.body, "by": by}),)


def forged(kind: type[made.Sheet], code: str, hour: int) -> made.Sheet:
    return kind(**{**vars(made.sheet(code, hour=hour)), "lists": made.frame()})


WRONG_CODE = forged(OtherRound, "441300-2026-0006-1", 4)
WRONG_NUMBERS = forged(OtherNumbers, "441300-2026-0007-1", 5)
WRONG_CREW = forged(OtherCrew, "441300-2026-0008-1", 7)
WRONG_TURN = forged(OutOfTurn, "441300-2026-0009-1", 8)
CHANGED = (OPENED, WRONG_CREW, WRONG_TURN)


@dataclass(frozen=True)
class Portal:
    """The running instance, and a way into its database."""

    instance: Instance
    house: House


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    data = tmp_path_factory.mktemp("portal") / "data"
    with running(data) as instance:
        given = {name: value for name, value in environment(data).items() if name.startswith("ZHIJIAN_")}
        settings = load_settings(given)
        house = House(settings, Database(settings), DiskStorage(Path(settings.storage.root)))
        fill(house)
        yield Portal(instance, house)
        house.database.dispose()


def fill(house: House) -> None:
    made.ground(house)
    closed = (OPENED, LEAD, APART, SEALED, WRONG_CODE, WRONG_NUMBERS, VOID, WRONG_CREW, WRONG_TURN)
    for sheet in closed:
        made.announce(house, sheet)
    for sheet in closed:
        made.seal(house, sheet, changed=sheet in CHANGED)
        if sheet is VOID:
            made.void(house, VOID)
    made.announce(house, AGAIN)
    made.seal(house, AGAIN)
    for sheet in (OPENED, LEAD, APART, WRONG_CODE, WRONG_NUMBERS, WRONG_CREW, WRONG_TURN, AGAIN):
        made.open_draw(house, sheet, changed=sheet in CHANGED)
    made.sign(house)


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser.new_page(locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce")
        browser.close()


@pytest.fixture
def page(browser_page: Page) -> Iterator[Page]:
    """A page on which nothing may break the content policy and no script may fail."""
    said: list[str] = []

    def listen(message: Any) -> None:
        if "404" not in message.text:
            said.append(message.text)

    browser_page.on("console", listen)
    browser_page.on("pageerror", lambda error: said.append(str(error)))
    yield browser_page
    browser_page.remove_listener("console", listen)
    assert said == []


def check(page: Page, portal: Portal, code: str) -> str:
    """Press the button, wait for the verdict, return its words."""
    page.goto(f"{portal.instance.url}/draws/{code}")
    page.get_by_role("button", name="开始验证").click()
    expect(page.get_by_role("button", name="再验证一次")).to_be_visible(timeout=PATIENCE_MS)
    return page.get_by_role("status").inner_text()


def step(page: Page, title: str) -> tuple[str, str]:
    """State and words of one step."""
    line = page.locator("#verify li").filter(has_text=title)
    return str(line.get_attribute("class")), line.locator("p").inner_text()


@pytest.mark.parametrize("sheet", [OPENED, LEAD, APART, VOID, AGAIN], ids=lambda sheet: sheet.code)
def test_an_untouched_draw_is_green(page: Page, portal: Portal, sheet: made.Sheet) -> None:
    assert ALL_GREEN in check(page, portal, sheet.code)
    assert page.locator("#verify li.pass").count() == 11
    assert "检查点的签名" in step(page, "公开日志完整")[1]


def test_before_the_opening_it_checks_what_it_can_and_says_so(page: Page, portal: Portal) -> None:
    assert check(page, portal, SEALED.code) == "现在能核对的 5 步全部相符，其余的还不能核对。"
    assert page.locator("#verify li.wait").count() == 6
    assert "还没有开封" in step(page, "一次性码就是先前承诺的")[1]


@contextmanager
def tampered(house: House, code: str, name: str, change: Callable[[bytes], bytes]) -> Iterator[None]:
    """One stored file changed behind the portal's back, stored digest and all, and put back."""
    with house.unit() as uow:
        draw = uow.session.scalars(select(Draw.id).where(Draw.code == code)).one()
        kept = uow.session.scalars(select(DrawFile).where(DrawFile.draw_id == draw, DrawFile.name == name)).one()
        before = kept.content
        _store(kept, change(before))
    try:
        yield
    finally:
        with house.unit() as uow:
            _store(uow.session.get_one(DrawFile, (draw, name)), before)


def _store(kept: DrawFile, data: bytes) -> None:
    kept.content, kept.size, kept.sha256 = data, len(data), sha256(data).hexdigest()


def swap_lines(data: bytes) -> bytes:
    first, second, *rest = data.splitlines(keepends=True)
    return b"".join((second, first, *rest))


def swap_officers(data: bytes) -> bytes:
    rows = [line.split("\t") for line in data.decode().splitlines()]
    other = next(row for row in rows[1:] if not set(row[4:]) & set(rows[0][4:]))
    rows[0][4], other[4] = other[4], rows[0][4]
    return "".join("\t".join(row) + "\n" for row in rows).encode()


FORGERIES = {
    "object-added": ("objects.tsv", lambda data: data + b"zz\tSZ9999\t1\n", "名单就是当时冻结的", "名单被改过"),
    "object-removed": ("objects.tsv", lambda data: data.split(b"\n", 1)[1], "名单就是当时冻结的", "名单被改过"),
    "object-renamed": ("objects.tsv", lambda data: data.replace(b"SZ0003", b"SZ9003"), "名单就是当时冻结的", "名单被改过"),
    "officer-added": ("officers.tsv", lambda data: data + b"F999\n", "名单就是当时冻结的", "officers.tsv"),
    "recusal-removed": ("recusals.tsv", lambda data: data.split(b"\n", 1)[1], "名单就是当时冻结的", "recusals.tsv"),
    "result-reordered": ("result.tsv", swap_lines, "从头再抽一遍", "重抽的第 1 个"),
    "officers-swapped": ("result.tsv", swap_officers, "从头再派一遍人", ""),
    "sealed-otherwise": ("result.tsv", swap_officers, "结果就是当时封存的", "不符"),
    "reserve-reordered": ("reserve.tsv", swap_lines, "从头再抽一遍", "候补的次序"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_changed_file_is_red_with_the_reason(page: Page, portal: Portal, name: str) -> None:
    file, change, title, words = FORGERIES[name]
    with tampered(portal.house, OPENED.code, file, change):
        assert "不相符" in check(page, portal, OPENED.code)
        state, said = step(page, title)
    assert state == "fail"
    assert words in said
    assert ALL_GREEN in check(page, portal, OPENED.code)


def set_draw(house: House, code: str, **values: Any) -> None:
    with house.unit() as uow:
        uow.session.execute(update(Draw).where(Draw.code == code).values(**values))


def test_another_plan_is_red(page: Page, portal: Portal) -> None:
    other = replace(OPENED, title="换过的计划").plan
    set_draw(portal.house, OPENED.code, plan=other.to_bytes().decode(), plan_sha256=other.digest)
    try:
        check(page, portal, OPENED.code)
        assert step(page, "计划公告在数字之前") == ("fail", "日志里公告的是另一份计划")
    finally:
        set_draw(portal.house, OPENED.code, plan=OPENED.plan.to_bytes().decode(), plan_sha256=OPENED.plan.digest)


@pytest.mark.parametrize("hidden", [{"state": "announced"}, {"void_reason": "other"}])
def test_a_void_hidden_is_red_on_every_draw_of_the_agency(page: Page, portal: Portal, hidden: dict[str, str]) -> None:
    set_draw(portal.house, VOID.code, **hidden)
    try:
        check(page, portal, OPENED.code)
        state, said = step(page, "每次抽签都有结局")
    finally:
        set_draw(portal.house, VOID.code, state="void", void_reason="pairing-infeasible")
    assert state == "fail"
    assert VOID.code in said


def test_the_code_of_another_round_is_red(page: Page, portal: Portal) -> None:
    check(page, portal, WRONG_CODE.code)
    assert step(page, "一次性码就是先前承诺的")[0] == "fail"
    assert "不是这一轮的码" in step(page, "一次性码就是先前承诺的")[1]


def test_other_numbers_are_red(page: Page, portal: Portal) -> None:
    check(page, portal, WRONG_NUMBERS.code)
    assert step(page, "数字就是当时记下的") == ("fail", "数字与当时记入日志的不同")
    assert step(page, "从头再抽一遍")[0] == "fail"


@pytest.mark.parametrize(("sheet", "words"), [(WRONG_CREW, "应派"), (WRONG_TURN, "应换成候补")], ids=["crew", "turn"])
def test_a_substitution_of_somebody_s_choice_is_red(page: Page, portal: Portal, sheet: made.Sheet, words: str) -> None:
    assert "不相符" in check(page, portal, sheet.code)
    state, said = step(page, "替换都有理由")
    assert state == "fail"
    assert words in said
    assert page.locator("#verify li.pass").count() == 10


def test_an_opening_held_back_is_red(page: Page, portal: Portal) -> None:
    set_draw(portal.house, OPENED.code, state="sealed", opened_at=None)
    try:
        check(page, portal, OPENED.code)
        assert step(page, "一次性码就是先前承诺的") == ("fail", "日志里已经开封，网站却不给开封书")
    finally:
        set_draw(portal.house, OPENED.code, state="opened", opened_at=OPENED.opened_at)


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_pages_never_scroll_sideways(page: Page, portal: Portal, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/", "/draws", *(f"/draws/{sheet.code}" for sheet in (OPENED, SEALED, VOID))):
        page.goto(portal.instance.url + address)
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, address
    page.set_viewport_size({"width": 1280, "height": 900})


PAIR = """async (tasks) => {
  const { pair } = await import("/static/draw-pairing.js");
  const found = [];
  for (const task of tasks) {
    const barred = new Map(task.objects.map((object) => [object, new Set()]));
    task.barred.forEach(([object, officer]) => barred.get(object).add(officer));
    const rules = { rule: task.rule, leads: new Set(task.leads), units: new Map(task.units) };
    const ordered = async (object, names) => [...names].sort((a, b) => task.tickets[`${object}|${a}`] - task.tickets[`${object}|${b}`]);
    const made = await pair({ ...task, barred, rules, ordered, locked: new Map(task.locked), told: () => {} });
    found.push(made && [task.objects.map((object) => made.roster.get(object)), made.highest, made.atMax]);
  }
  return found;
}"""


def random_task(chance: random.Random) -> dict[str, Any]:
    objects = [f"O{n}" for n in range(chance.randint(1, 9))]
    officers = [f"F{n}" for n in range(chance.randint(2, 40 if chance.random() < 0.1 else 7))]
    pairs = [(o, f) for o in objects for f in officers]
    seats, barred = chance.randint(1, 3), [pair for pair in pairs if chance.random() < 0.3]
    return {
        "objects": objects,
        "officers": officers,
        "seats": seats,
        "barred": barred,
        "locked": list(random_locks(chance, objects, officers, seats, barred)),
        "rule": chance.choice(("any", "lead", "apart")),
        "leads": [officer for officer in officers if chance.random() < 0.4],
        "units": [(officer, chance.randint(0, 3)) for officer in officers if chance.random() < 0.8],
        "tickets": {f"{o}|{f}": place for place, (o, f) in enumerate(chance.sample(pairs, len(pairs)))},
    }


def random_locks(
    chance: random.Random, objects: list[str], officers: list[str], seats: int, barred: list[tuple[str, str]]
) -> Iterator[tuple[str, list[str]]]:
    """Some objects keep one officer who may go there, in a third of the tasks."""
    if chance.random() < 0.67:
        return
    for place in objects:
        free = [officer for officer in officers if (place, officer) not in barred]
        if free and seats > 1 and chance.random() < 0.5:
            yield place, [chance.choice(free)]


def expected(task: dict[str, Any]) -> list[Any] | None:
    tickets = task["tickets"]
    wanted = PairingTask(
        tuple(task["objects"]),
        tuple(task["officers"]),
        task["seats"],
        frozenset(task["barred"]),
        lambda o, f: tickets[f"{o}|{f}"].to_bytes(4, "big"),
        frozenset(task["leads"]) if task["rule"] == "lead" else None,
        {officer: str(unit) for officer, unit in task["units"]} if task["rule"] == "apart" else None,
        locked={place: tuple(crew) for place, crew in task["locked"]},
    )
    try:
        found = pair(wanted)
    except Invalid as refusal:
        if refusal.code != "pairing-infeasible":
            raise
        return None
    return [[list(found.roster[o]) for o in task["objects"]], found.max_load, found.officers_at_max]


def test_the_browser_pairs_like_the_house(page: Page, portal: Portal) -> None:
    chance = random.Random(20260907)
    tasks = [random_task(chance) for _ in range(400)]
    wanted = [expected(task) for task in tasks]
    page.goto(f"{portal.instance.url}/draws")
    found = page.evaluate(PAIR, tasks)
    differing = [n for n, (one, other) in enumerate(zip(found, wanted, strict=True)) if one != other]
    assert differing == []
    assert 40 < wanted.count(None) < 360
