"""五分钟抽完一次：登录、公告、录入、另一人确认、封存、会场大屏、作废，全在真的浏览器里。"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.person import Person
from tests.factories.console import Room, serving

pytestmark = pytest.mark.slow

NUMBERS = "3 14 15 22 41 58 67 70"
SITE = re.compile("镇海示例住宅")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with serving(tmp_path_factory.mktemp("console")) as found:
        yield found


@pytest.fixture
def people(browser: Browser, room: Room) -> Iterator[tuple[Person, Person]]:
    """Two people; nothing may break the content policy and no script may fail."""
    both = Person(browser, room), Person(browser, room)
    yield both
    for person in both:
        assert person.said == []
        person.context.close()


def announce(page: Page) -> str:
    """Announce a draw of the batch in view; its code."""
    page.get_by_role("link", name=re.compile("住宅工程抽查")).click()
    expect(page.get_by_role("row", name=re.compile("合计"))).to_contain_text("24")
    page.get_by_label("几个数").fill("0")
    page.get_by_role("checkbox", name=re.compile("模拟已看")).check()
    page.locator("form[data-api]").last.evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="公告").click()
    field = page.get_by_label("几个数")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("8")
    page.get_by_role("button", name="公告").click()
    page.wait_for_url(re.compile(r"/console/draws/\d{6}-\d{4}-\d{4}-\d$"))
    expect(page.get_by_text("已公告，名单从此不改。")).to_be_visible()
    return page.url.rsplit("/", 1)[1]


def type_in(page: Page, numbers: str, button: str) -> None:
    page.get_by_label(re.compile("第 1 组")).fill(numbers)
    witnesses = page.get_by_label("见证人")
    if witnesses.count():
        witnesses.fill("示例见证甲、示例见证乙")
    page.get_by_role("button", name=button).click()


def test_a_draw_from_the_announcement_to_the_hall_and_its_void(people: tuple[Person, Person], room: Room) -> None:
    first, second = people
    page = first.sign_in("chen", "/console/draws/new")
    code = announce(page)
    expect(page.get_by_text("才能录入")).to_be_visible()
    room.clock.advance(minutes=3)
    page.reload()

    type_in(page, "3 14 15", "录入数字")
    expect(page.get_by_role("alert")).to_contain_text("不符合公告的规格")
    expect(page.get_by_label("见证人")).to_have_value("示例见证甲、示例见证乙")
    type_in(page, NUMBERS, "录入数字")
    expect(page.get_by_text("须由另一人登录后独立再录一遍")).to_be_visible()
    expect(page.get_by_text("70", exact=True)).to_have_count(0)

    other = second.sign_in("tang", f"/console/draws/{code}")
    expect(other.get_by_text("陈科 已录入")).to_be_visible()
    type_in(other, NUMBERS, "确认数字")
    expect(other.get_by_text("两人录入一致，正在抽取。")).to_be_visible()
    room.desk.run_outbox()
    expect(page.get_by_text("已封存，任务已派出")).to_be_visible()

    expect(page.get_by_text(SITE)).to_have_count(0)
    page.get_by_role("link", name="查看名单").click()
    expect(page.get_by_role("cell", name=SITE)).to_have_count(14)

    hall(second, code)
    page.goto(f"{room.url}/console/draws/{code}")
    page.get_by_text("作废这次抽签").click()
    page.get_by_label("理由").select_option("leaked")
    page.get_by_role("checkbox", name="已核对，确要作废").check()
    page.get_by_role("button", name="作废").click()
    expect(page.get_by_text("已作废，记录和理由公开。")).to_be_visible()
    expect(page.get_by_role("link", name="公告重抽")).to_be_visible()


def hall(person: Person, code: str) -> None:
    """Secret unless asked for; plays to its end without the network."""
    page = person.open(f"/console/draws/{code}/hall")
    expect(page.get_by_text(SITE)).to_have_count(0)
    expect(page.locator(".one")).to_have_count(3)
    page.get_by_label(re.compile("显示名称")).check()
    page.get_by_role("button", name="应用").click()
    expect(page.locator(".one", has_text=SITE)).to_have_count(14)
    person.context.set_offline(True)
    page.get_by_role("button", name="开始展示").click()
    expect(page.locator("body.still")).to_be_visible()
    expect(page.locator(".one").last).to_be_visible()
    expect(page.locator(".qr svg")).to_be_visible()
    person.context.set_offline(False)


def test_different_numbers_bring_the_draw_back(people: tuple[Person, Person], room: Room) -> None:
    first, second = people
    page = first.sign_in("chen", "/console/draws/new")
    code = announce(page)
    room.clock.advance(minutes=3)
    page.reload()
    type_in(page, NUMBERS, "录入数字")
    other = second.sign_in("tang", f"/console/draws/{code}")
    type_in(other, "3 14 15 22 41 58 67 71", "确认数字")
    expect(other.get_by_text("两人录入的数字不一致")).to_be_visible()
    expect(other.get_by_role("button", name="录入数字")).to_be_visible()


def test_nothing_scrolls_sideways_and_the_skip_link_comes_first(people: tuple[Person, Person], room: Room) -> None:
    person = people[0]
    page = person.sign_in("chen", "/console")
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for path in PATHS:
            person.open(path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} {width}"
            expect(page.get_by_role("heading", level=1)).to_have_count(1)
            page.keyboard.press("Tab")
            expect(page.get_by_role("link", name="跳到正文")).to_be_focused()


PATHS = (
    "/console",
    "/console/draws",
    "/console/draws/new",
    "/console/plans",
    "/console/assignments",
    "/console/registers/subjects",
    "/console/registers/officers",
    "/console/deadlines",
    "/console/calendar/2026",
)
