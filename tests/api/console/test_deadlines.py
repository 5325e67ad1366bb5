"""法定的钟：收下检查就开始，公示、撤回就停；将到、已过各提醒一次。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from server.domain.permissions import SYSTEM
from server.models.assignments import Assignment, AssignmentStep, Deadline, Notice
from server.services.deadlines import warn_due
from server.uow import House
from tests.api.desk import Caller, Desk, ok, refused
from tests.factories.assignments import hand_out, season_of, statements
from tests.factories.checks import check_body, made_id
from tests.factories.season import Season, draft, play
from tests.factories.world import NOW, Clock, World
from tests.people import ZHENHAI


@pytest.fixture(scope="module")
def season(desk: Desk) -> Season:
    return play(desk)


@pytest.fixture
def later(clock: Clock) -> Iterator[Clock]:
    """The clock may be moved, and stands where it stood afterwards."""
    yield clock
    clock.at = NOW


def release(desk: Desk, number: str, day: str) -> str:
    """A bulletin brought to the public; returns its path."""
    tang, fang, gong = desk.console("tang"), desk.console("fang"), desk.console("gong")
    path = f"/bulletins/{draft(desk, dated_on=day)['uuid']}"
    ok(tang.post(f"{path}/submission"))
    ok(fang.post(f"{path}/review", json={}))
    ok(tang.post(f"{path}/signatures"))
    ok(gong.post(f"{path}/signatures"))
    ok(gong.post(f"{path}/release", json={"number": number}), 202)
    desk.run_outbox()
    return path


def clocks(caller: Caller, **query: Any) -> list[dict[str, Any]]:
    return caller.items("/deadlines", **query)


def warn(house: House) -> list[str]:
    """What one run of the hourly task writes."""
    with house.unit(SYSTEM) as uow:
        last = max(uow.session.scalars(select(Notice.id)), default=0)
        told = warn_due(uow)
        uow.session.flush()
        texts = list(uow.session.scalars(select(Notice.text).where(Notice.id > last).order_by(Notice.id)))
        assert len(texts) == told
        return texts


def test_every_check_has_its_clock(desk: Desk, season: Season) -> None:
    tang = desk.console("tang")
    running = {c["about"]: c for c in clocks(tang, kind="disclose_check", state="open")}
    assert set(running) == {str(u) for u in season.checks}
    ended = {c["uuid"]: c["ended_at"][:10] for c in tang.items("/checks")}
    assert all(c["starts_on"] == ended[about] and c["days"] == 20 for about, c in running.items())
    first = running[str(season.checks[0])]
    assert (first["due_on"], first["provisional"], first["kind_title"]) == ("2026-10-22", False, "公示检查结果")
    assert {c["region_code"] for c in clocks(desk.console("chen"))} == {ZHENHAI}
    until = clocks(tang, until="2026-10-20")
    assert {c["due_on"] for c in until} == {c["due_on"] for c in running.values() if c["due_on"] <= "2026-10-20"}


def test_publishing_stops_the_clocks_of_exactly_what_it_publishes(
    desk: Desk, house: House, season: Season, world: World
) -> None:
    outside = made_id("after the bulletin", uuid4())
    started = datetime(2026, 9, 21, 0, 0, tzinfo=UTC)
    body = check_body(world, "site2", checklist="RES", started=started)
    ok(desk.phone("lin").put(f"/checks/{outside}", json=body), 201)
    path = release(desk, "示建质〔2026〕21号", "2026-09-22")
    tang = desk.console("tang")
    assert {c["about"] for c in clocks(tang, state="met")} == {str(u) for u in season.checks}
    assert {c["about"] for c in clocks(tang, state="open")} == {str(outside)}
    _change_a_published_decision(desk, house, path)


def _change_a_published_decision(desk: Desk, house: House, path: str) -> None:
    tang = desk.console("tang")
    decided = [c for c in tang.items("/cases") if c["state"] == "decided"]
    for case in decided:
        ok(tang.put(f"/cases/{case['uuid']}/change", json={"reason": "经行政复议撤销处罚决定"}))
    running = clocks(tang, kind="withdraw_publication", state="open")
    with house.unit(SYSTEM, writing=False) as uow:
        titles = set(uow.session.scalars(select(Deadline.title).where(Deadline.kind == "withdraw_publication")))
    assert len(running) == len(titles) == len(decided)
    assert {(c["starts_on"], c["due_on"], c["days"]) for c in running} == {("2026-09-21", "2026-09-24", 3)}
    ok(desk.console("gong").post(f"{path}/withdrawal", json={"reason": "处罚决定已被撤销"}), 202)
    desk.run_outbox()
    assert clocks(tang, kind="withdraw_publication", state="open") == []
    assert len(clocks(tang, kind="withdraw_publication", state="met")) == len(decided)


def test_what_is_near_and_what_is_late_is_told_once(
    desk: Desk, house: House, world: World, season: Season, later: Clock
) -> None:
    check = made_id("warned", uuid4())
    body = check_body(world, "yard2", started=datetime(2026, 9, 18, 1, 0, tzinfo=UTC))
    ok(desk.phone("lin").put(f"/checks/{check}", json=body), 201)
    assert [t for t in warn(house) if "公示" in t] == []
    told: list[tuple[str, str]] = []
    for day in (15, 16, 17, 19, 20, 21, 22, 23, 24):
        later.at = datetime(2026, 10, day, 1, 0, tzinfo=UTC)
        for _ in range(3):
            told += [(f"10-{day}", t) for t in warn(house) if "2026-10-22" in t]
    name = "公示检查结果：330211示例搅拌站2号（2026-09-18检查）"
    assert [(day, t.removeprefix(name)) for day, t in told if t.startswith(name)] == [
        ("10-15", "还有5个工作日到期（2026-10-22）。"),
        ("10-21", "还有1个工作日到期（2026-10-22）。"),
        ("10-23", "应于2026-10-22前办结，已逾期。"),
    ]
    console = desk.sign_in_console("tang")
    (row,) = [c for c in clocks(console, state="overdue") if c["about"] == str(check)]
    assert row["overdue"]
    assert row["warned_at"] < row["overdue_at"]


def tasks(house: House, desk: Desk, world: World, word: str, due: int) -> list[UUID]:
    batch = season_of(house, world, word)
    with house.unit(SYSTEM) as uow:
        for row in uow.session.scalars(select(Assignment)):
            row.state, row.ended_at = "void", uow.now
    subjects = [desk.subject(w, ZHENHAI) for w in ("site1", "site2", "yard1")]
    made = hand_out(house, batch, f"{word}-draw", subjects, [world.officers[w] for w in ("lin", "zhou")], due=due)
    return list(made.values())


def test_tasks_are_told_of_in_one_line_and_once(desk: Desk, house: House, world: World, later: Clock) -> None:
    made = tasks(house, desk, world, "warn", due=8)  # 2026-10-09
    told: list[tuple[int, str]] = []
    for hours in range(0, 24 * 20, 12):
        later.at = NOW
        later.advance(hours=hours)
        told += [
            (later.at.day, t.removeprefix("检查任务：住宅工程抽查（示例）等3项"))
            for t in warn(house)
            if "检查任务" in t
        ]
    assert told == [
        (24, "还有5个工作日到期（2026-10-09）。"),
        (8, "还有1个工作日到期（2026-10-09）。"),
        (10, "应于2026-10-09前办结，已逾期。"),
    ]
    with house.unit(SYSTEM, writing=False) as uow:
        ids = uow.session.scalars(select(Assignment.id).where(Assignment.uuid.in_(made))).all()
        steps = select(AssignmentStep.body).where(AssignmentStep.assignment_id.in_(ids), AssignmentStep.act == "warned")
        levels = [body["level"] for body in uow.session.scalars(steps)]
    assert sorted(levels) == ["next"] * 3 + ["overdue"] * 3 + ["soon"] * 3


def test_a_postponed_task_is_warned_of_again_and_a_finished_one_never(
    desk: Desk, house: House, world: World, later: Clock
) -> None:
    first, second, third = tasks(house, desk, world, "moved", due=2)  # 2026-09-23
    later.at = datetime(2026, 9, 24, 1, 0, tzinfo=UTC)
    assert len([t for t in warn(house) if "等3项应于2026-09-23" in t]) == 1
    console = desk.sign_in_console("chen")
    ok(console.post(f"/assignments/{first}/postponement", json={"due_on": "2026-09-29", "reason": "企业申请改期"}))
    ok(
        console.post(
            f"/assignments/{second}/outcome", json={"outcome": "stopped", "photos": [str(made_id("stopped", uuid4()))]}
        )
    )
    assert [t for t in warn(house) if "检查任务" in t] == [
        "检查任务：住宅工程抽查（示例）还有2个工作日到期（2026-09-29）。"
    ]
    later.at = datetime(2026, 9, 30, 1, 0, tzinfo=UTC)
    assert [t for t in warn(house) if "检查任务" in t] == [
        "检查任务：住宅工程抽查（示例）应于2026-09-29前办结，已逾期。"
    ]
    overdue = {r["uuid"] for r in desk.sign_in_console("chen").items("/assignments", overdue="true")}
    assert overdue == {str(first), str(third)}


def test_an_hour_with_nothing_new_costs_a_fixed_number_of_statements(house: House, later: Clock) -> None:
    later.at = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
    warn(house)
    with statements(house) as heard:
        assert warn(house) == []
    assert len(heard) < 20


def test_notices_are_read_by_those_they_concern(desk: Desk, house: House, world: World, later: Clock) -> None:
    tasks(house, desk, world, "read", due=1)
    warn(house)
    console = desk.sign_in_console("chen")
    unread = console.items("/notices", unread="true")
    notice = unread[-1]
    assert (notice["region_code"], notice["about"]["count"], len(notice["about"]["items"])) == (ZHENHAI, 3, 3)
    later.advance(minutes=1)
    first = ok(console.post(f"/notices/{notice['uuid']}/reading"))
    later.advance(minutes=1)
    assert ok(desk.sign_in_console("tang").post(f"/notices/{notice['uuid']}/reading")) == first
    assert notice["uuid"] not in {n["uuid"] for n in console.items("/notices", unread="true")}
    assert notice["uuid"] in {n["uuid"] for n in console.items("/notices")}
    refused(console.post(f"/notices/{uuid4()}/reading"), 404, "notice-not-found")
    refused(desk.sign_in_console("guan").get("/notices"), 403, "permission-denied")
