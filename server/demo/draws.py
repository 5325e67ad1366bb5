"""演示的抽签：事项、年度计划、批次、公告、两人录数字、封存；一次替换对象，一次换人，一次作废重抽。

Every step looks first for what an earlier run left behind, so a play that was cut short goes on where it stood.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from server.demo.client import Client, Phone, every_item
from server.demo.people import REGIONS, Region
from server.demo.places import RISKS, Site, authority_name
from server.demo.plan import Plan
from server.demo.waiting import TooLong

if TYPE_CHECKING:
    from server.demo.play import Play

Row = dict[str, Any]
CONSOLE = "/api/v1/console"
AHEAD_S, PATIENCE_S = 2, 120
NUMBERS_ASKED, HIGHEST = 10, 80
CONFIRMER = "zhijianke"
AGAIN = (200, 409, 422)  # a repeated substitution is told that its subject or officer has gone already


@dataclass(frozen=True, slots=True)
class Theme:
    """一类抽查：事项的名称、查哪个框的哪些对象、用哪份检查单、每区大约抽中几个。"""

    word: str
    name: str
    frame: str
    kinds: tuple[str, ...]
    checklist: str
    drawn: int


THEMES = (
    Theme("CQI", "房屋建筑工程实体质量抽查", "project", (), "CQI", 3),
    Theme("RMC", "预拌混凝土生产质量抽查", "enterprise_site", ("搅拌站",), "RMC", 1),
)


@dataclass(frozen=True, slots=True)
class Task:
    """抽中的一次检查：任务、对象、检查单、派定的人、封存的时刻、哪一次抽签。"""

    assignment: str
    subject: str
    checklist: str
    officers: tuple[str, ...]
    at: str
    draw: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """这一季抽过的签：有效的几次、作废的几次、派下来的任务。"""

    codes: tuple[str, ...]
    voids: tuple[str, ...]
    tasks: tuple[Task, ...]


def wanted_batches(plan: Plan) -> list[tuple[Region, Theme]]:
    """As many batches as the season's checks can serve, half of them at most; always at least one."""
    found, drawn = [], 0
    for region in REGIONS:
        for theme in THEMES:
            drawn += theme.drawn
            if found and drawn > plan.checks // 2:
                return found
            found.append((region, theme))
    return found


def draw_season(
    play: Play, phones: dict[str, Phone], organisations: dict[tuple[str, str], str], sites: Sequence[Site]
) -> Drawing:
    """All draws of the season, sealed and given out; a later season on the same data has none of its own."""
    if not play.plan.draws:
        return Drawing((), (), ())
    file = play.folder / f"draws-{play.plan.seed}-{play.plan.checks}.json"
    if file.is_file():
        return read_drawing(file)
    with play.step("公告、抽签、封存、派任务") as step:
        batches = [_batch(play, region, theme, organisations) for region, theme in wanted_batches(play.plan)]
        draws = [_announce(play, region, batch, n == len(batches) - 1) for n, (region, batch) in enumerate(batches)]
        for region, draw in draws:
            step.pulse(draw["code"])
            _settle_numbers(play, region, draw["code"])
        codes = tuple(draw["code"] for _, draw in draws)
        for code in codes:
            _wait_sealed(play.console(CONFIRMER), code)
        _substitute(play, draws[0][0], codes[0])
        drawing = Drawing(codes, _voids(play, codes), tuple(_tasks(phones, sites, codes)))
        write_drawing(file, drawing)
    return drawing


def read_drawing(file: Path) -> Drawing:
    kept = json.loads(file.read_text(encoding="utf-8"))
    tasks = tuple(Task(**{**task, "officers": tuple(task["officers"])}) for task in kept["tasks"])
    return Drawing(tuple(kept["codes"]), tuple(kept["voids"]), tasks)


def write_drawing(file: Path, drawing: Drawing) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(drawing), ensure_ascii=False), encoding="utf-8")
    fresh.replace(file)


def _batch(play: Play, region: Region, theme: Theme, organisations: dict[tuple[str, str], str]) -> tuple[Region, Row]:
    head = play.console(f"kezhang.{region.short}")
    authority = organisations[(region.code, authority_name(region))]
    matter = _matter(play.console("mingluguan"), region, theme, authority)
    plan = _annual_plan(play, head, region, authority)
    title = f"{region.name}{theme.name}{_mark(play.plan)}"
    known = {b["title"]: b for b in every_item(head, f"{CONSOLE}/batches", {"plan": plan})}
    if title in known:
        return region, known[title]
    content = {
        "plan": plan,
        "title": title,
        "region_code": region.code,
        "frame": theme.frame,
        "matters": [matter],
        "strata": [{"risk": risk, "num": 1, "den": 2} for risk in RISKS],
        "exclusions": {"cap": False},
        "due_workdays": 20,
    }
    made: Row = head.call("POST", f"{CONSOLE}/batches", content=content, expect=(201,)).json()
    return region, made


def _mark(plan: Plan) -> str:
    return "（示例）" if plan.seed == "示例" else f"（示例，{plan.seed}）"


def _matter(registrar: Client, region: Region, theme: Theme, authority: str) -> str:
    code = f"示-{region.code}-{theme.word}"
    path = f"{CONSOLE}/matters"
    known = {m["code"]: m["uuid"] for m in every_item(registrar, path)}
    if code in known:
        return str(known[code])
    content = {
        "code": code,
        "name": theme.name,
        "frame": theme.frame,
        "kinds": list(theme.kinds),
        "region_code": region.code,
        "organisation": authority,
        "legal_bases": [{"code": "construction_quality", "confidence": "V:S01"}],
        "checklists": [theme.checklist],
        "share_num": 1,
        "share_den": 2,
        "times_a_year": 1,
        "method": "现场检查",
    }
    registrar.call("POST", path, content=content, expect=(201, 409))
    return str({m["code"]: m["uuid"] for m in every_item(registrar, path)}[code])


def _annual_plan(play: Play, head: Client, region: Region, authority: str) -> str:
    """The published plan of a region's year."""
    year = play.plan.base_on.year
    title = f"{region.name}{year}年度抽查计划{_mark(play.plan)}"
    path = f"{CONSOLE}/plans"
    known = {p["title"]: p for p in every_item(head, path)}
    if title not in known:
        matters = [_matter(play.console("mingluguan"), region, theme, authority) for theme in THEMES]
        span = {"from_on": f"{year}-01-01", "to_on": f"{year}-12-31"}
        content = {
            "year": year,
            "title": title,
            "region_code": region.code,
            "organisation": authority,
            "annual_cap": 0,
            "items": [{"matter": matter, **span} for matter in matters],
        }
        head.call("POST", path, content=content, expect=(201,))
        known = {p["title"]: p for p in every_item(head, path)}
    if known[title]["state"] != "published":
        head.call("POST", f"{path}/{known[title]['uuid']}/publish", expect=(200, 409))
    return str(known[title]["uuid"])


def _announce(play: Play, region: Region, batch: Row, voided: bool) -> tuple[Region, Row]:
    """The batch's draw; `voided`: the first round is announced with a mistake, void, and announced again."""
    head = play.console(f"kezhang.{region.short}")
    draws: list[Row] = every_item(head, f"{CONSOLE}/draws", {"batch": batch["uuid"]})
    if not draws:
        draws.append(_announce_round(head, batch, ""))
    if voided and len(draws) == 1 and draws[0]["state"] == "announced":
        note = {"reason": "lists-wrong", "note": "演示：公告后发现名单有误（示例）"}
        head.call("POST", f"{CONSOLE}/draws/{draws[0]['code']}/void", content=note, expect=(200, 409))
        draws.append(_announce_round(head, batch, draws[0]["code"]))
    return region, draws[-1]


def _announce_round(head: Client, batch: Row, replaces: str) -> Row:
    at = datetime.now(UTC) + timedelta(seconds=AHEAD_S)
    content = {
        "batch": batch["uuid"],
        "replaces": replaces,
        "entropy": {
            "kind": "on_site",
            "ask": f"请在场的见证人共报{NUMBERS_ASKED}个1到{HIGHEST}之间互不相同的数（示例）",
            "at": at.isoformat(),
            "groups": [{"count": NUMBERS_ASKED, "low": 1, "high": HIGHEST, "distinct": True}],
        },
    }
    reply = head.call("POST", f"{CONSOLE}/draws", content=content, expect=(201, 409))
    if reply.status == 409:  # stored by an attempt whose answer was lost
        found: Row = every_item(head, f"{CONSOLE}/draws", {"batch": batch["uuid"]})[-1]
        return found
    made: Row = reply.json()
    return made


def _settle_numbers(play: Play, region: Region, code: str) -> None:
    """Ten numbers called out, typed by the region's head and, independently, by a second person."""
    head, second = play.console(f"kezhang.{region.short}"), play.console(CONFIRMER)
    chance = play.plan.chance("numbers", code)
    numbers = [chance.some(range(1, HIGHEST + 1), NUMBERS_ASKED)]
    path = f"{CONSOLE}/draws/{code}"
    typed = {
        "groups": numbers,
        "witnesses": ["见证人甲（示例）", "见证人乙（示例）"],
        "source_note": "现场叫号（示例）",
    }
    if head.get(path)["state"] == "announced":
        head.call("POST", f"{path}/numbers", content=typed, expect=(200, 409))
    if head.get(path)["state"] == "typed":
        second.call("POST", f"{path}/confirmation", content={"groups": [numbers[0][::-1]]}, expect=(202, 409))


def _wait_sealed(console: Client, code: str) -> None:
    """Raises TooLong, with the reason the draw itself gives."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        draw = console.get(f"{CONSOLE}/draws/{code}")
        if draw["state"] in ("sealed", "opened"):
            return
        if draw["failure"]:
            raise TooLong(f"抽签 {code}：{draw['failure']}")
        time.sleep(0.2)
    raise TooLong(f"抽签 {code} 等了 {PATIENCE_S} 秒还没有封存")


def _substitute(play: Play, region: Region, code: str) -> None:
    """One stopped site gives way to a reserve, one officer on leave to a colleague."""
    head, path = play.console(f"kezhang.{region.short}"), f"{CONSOLE}/draws/{code}"
    tasks = every_item(head, f"{path}/drawn")
    states = {task["state"] for task in tasks}
    if "replaced" in states or len(tasks) < 2 or head.get(path)["state"] != "sealed":
        return
    stopped = {"assignment": tasks[0]["assignment"], "reason": "stopped", "note": "现场已停工（示例）"}
    head.call("POST", f"{path}/substitutions", content=stopped, expect=AGAIN)
    crew = head.get(f"{CONSOLE}/assignments/{tasks[1]['assignment']}")["officers"]
    leave = {"assignment": tasks[1]["assignment"], "officer": crew[-1]["uuid"], "reason": "leave", "note": "（示例）"}
    head.call("POST", f"{path}/substitutions", content=leave, expect=AGAIN)


def _voids(play: Play, codes: Sequence[str]) -> tuple[str, ...]:
    """Rounds that were void before the ones that count."""
    console = play.console(CONFIRMER)
    draws = (console.get(f"{CONSOLE}/draws/{code}") for code in codes)
    return tuple(draw["replaces"] for draw in draws if draw["replaces"])


def _tasks(phones: dict[str, Phone], sites: Sequence[Site], codes: Sequence[str]) -> Iterator[Task]:
    """What the phones pull, each task once, in the order of their ids."""
    known = {site.uuid for site in sites}
    found: dict[str, Row] = {}
    for phone in phones.values():
        client = phone.client()
        found |= {task["uuid"]: task for task in _pulled(client)}
        client.close()
    for uuid in sorted(found):
        task = found[uuid]
        if task["draw"] in codes and task["subject"]["uuid"] in known:
            officers = tuple(officer["uuid"] for officer in task["officers"])
            at = task["changed_at"]
            yield Task(uuid, task["subject"]["uuid"], task["checklists"][0]["code"], officers, at, task["draw"])


def _pulled(client: Client) -> Iterator[Row]:
    after = ""
    while True:
        page = client.get("/api/v1/field/assignments", {"after": after} if after else None)
        yield from page["items"]
        if not page["more"]:
            return
        after = page["next"]


def open_draws(play: Play, drawing: Drawing, kept: str) -> None:
    """Open every draw of the season whose visits are done; `kept` is left to people."""
    if not drawing.codes:
        return
    console = play.console(CONFIRMER)
    with play.step("开封抽签"):
        for code in drawing.codes:
            if code == kept:
                continue
            console.call("POST", f"{CONSOLE}/draws/{code}/opening", expect=(200, 409))
