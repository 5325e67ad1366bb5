"""任务在控制台：筛选、改期、移交、登记结果、重新打开、报表与逐条一致。"""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from server.domain.checklists import Frame
from server.domain.permissions import SYSTEM, Scope
from server.domain.registers import NewOfficer
from server.models.assignments import Assignment, AssignmentOfficer
from server.models.checks import ChecklistVersion
from server.models.draws import Batch, BatchMatter
from server.models.matters import Matter, OfficerInterest, OfficerLeave
from server.models.regions import ROOT
from server.models.subjects import Officer, Organisation, Subject
from server.services import officers
from server.services.assignments import NewAssignment, make_assignments
from server.uow import House
from tests.api.desk import Desk, ok, refused
from tests.factories.assignments import hand_out, sealed_draw, season_of, statements
from tests.factories.checks import can_fail, check_body, made_id
from tests.factories.world import Clock, World
from tests.people import HUICHENG, ZHENHAI

CREW = ("lin", "zhou")


@pytest.fixture(scope="module")
def batch(house: House, world: World) -> UUID:
    return season_of(house, world, "desk-task")


@pytest.fixture(scope="module")
def spare(house: House, world: World) -> UUID:
    """Another officer of the authority, fit for anything."""
    with house.unit(SYSTEM, scope=Scope((ROOT,))) as uow:
        command = NewOfficer(
            "备检", "3302示9000001", date(2030, 1, 1), world.organisations[f"authority.{ZHENHAI}"], ZHENHAI
        )
        return officers.register_officer(uow, command).uuid


@pytest.fixture
def task(house: House, desk: Desk, world: World, batch: UUID) -> UUID:
    return one_task(house, desk, world, batch)


def one_task(house: House, desk: Desk, world: World, batch: UUID, word: str = "site1", **more: Any) -> UUID:
    """A fresh task; older open ones of the subject are closed."""
    subject = desk.subject(word, ZHENHAI)
    with house.unit(SYSTEM) as uow:
        for row in uow.session.scalars(select(Assignment).where(Assignment.state.in_(["assigned", "started"]))):
            row.state, row.ended_at = "void", uow.now
    crew = [world.officers[w] for w in CREW]
    return hand_out(house, batch, f"T{uuid4().hex[:12]}", [subject], crew, **more)[subject]


def change(desk: Desk, task: UUID, what: str, **body: Any) -> Any:
    return desk.console("chen").post(f"/assignments/{task}/{what}", json=body)


def show(desk: Desk, task: UUID) -> dict[str, Any]:
    found: dict[str, Any] = ok(desk.console("chen").get(f"/assignments/{task}"))
    return found


def test_the_list_is_narrowed_and_keeps_to_ones_region(desk: Desk, task: UUID, world: World) -> None:
    console = desk.console("chen")
    (row,) = [r for r in console.items("/assignments", state="assigned") if r["uuid"] == str(task)]
    assert (row["state_title"], row["name"], row["overdue"]) == ("待检查", "330211示例住宅1号", False)
    for query in (
        {"officer": str(world.officers["lin"])},
        {"region": ZHENHAI},
        {"region": "330200"},
        {"draw": row["draw"]},
        {"q": "住宅1"},
    ):
        assert str(task) in {r["uuid"] for r in console.items("/assignments", **query)}, query
    for query in (
        {"officer": str(world.officers["he"])},
        {"region": HUICHENG},
        {"draw": "none"},
        {"q": "搅拌站"},
        {"overdue": "true"},
        {"campaign": "质量月"},
        {"state": "done"},
    ):
        assert str(task) not in {r["uuid"] for r in console.items("/assignments", **query)}, query
    refused(desk.console("lu").get("/assignments"), 403, "permission-denied")
    refused(desk.console("chen").get(f"/assignments/{uuid4()}"), 404, "assignment-not-found")


def test_the_version_of_the_checklist_is_frozen(desk: Desk, house: House, task: UUID) -> None:
    with house.unit(SYSTEM, writing=False) as uow:
        version = uow.session.scalars(select(ChecklistVersion).where(ChecklistVersion.code == "RES")).one()
    assert show(desk, task)["checklists"] == [
        {"code": "RES", "version": version.version, "title": version.title, "digest_sha256": version.digest_sha256}
    ]


def test_a_postponement_says_why_and_lies_ahead(desk: Desk, task: UUID) -> None:
    refused(change(desk, task, "postponement", due_on="2026-10-26", reason="台风停工三天"), 422, "postponement-invalid")
    refused(change(desk, task, "postponement", due_on="2026-10-27", reason="台风"), 422, "reason-too-short")
    told = ok(change(desk, task, "postponement", due_on="2026-10-30", reason="台风停工三天"))
    assert (told["due_on"], told["revision"], told["state"]) == ("2026-10-30", 2, "assigned")
    step = told["steps"][-1]
    assert (step["title"], step["by"], step["body"]) == ("改期", "陈科", {"from": "2026-10-26", "to": "2026-10-30"})


def hand_over(desk: Desk, task: UUID, leaving: UUID, coming: UUID, reason: str = "原执法人员借调") -> Any:
    return change(desk, task, "handover", leaving=str(leaving), coming=str(coming), reason=reason)


def test_a_task_is_handed_over_with_a_reason(desk: Desk, task: UUID, world: World, spare: UUID) -> None:
    lin, zhou = world.officers["lin"], world.officers["zhou"]
    told = ok(hand_over(desk, task, lin, spare))
    assert [(o["uuid"], o["lead"]) for o in told["officers"]] == [(str(spare), True), (str(zhou), False)]
    assert told["steps"][-1]["body"] == {"left": str(lin), "came": str(spare)}
    assert str(task) not in {m["uuid"] for m in ok(desk.phone("lin").get("/assignments"))["open"]}
    refused(hand_over(desk, task, lin, spare), 422, "officer-not-assigned")
    refused(hand_over(desk, task, spare, zhou), 422, "officer-twice")
    refused(hand_over(desk, task, spare, lin, "借调"), 422, "reason-too-short")


def test_who_may_not_take_over(desk: Desk, task: UUID, world: World) -> None:
    lin = world.officers["lin"]
    refused(hand_over(desk, task, lin, world.officers["expired"]), 403, "officer-unqualified")
    refused(hand_over(desk, task, lin, world.officers["laboratory"]), 422, "organisation-may-not-inspect")
    refused(hand_over(desk, task, lin, world.officers["he"]), 422, "officer-unknown")
    refused(hand_over(desk, task, lin, uuid4()), 422, "officer-unknown")
    assert {o["name"] for o in show(desk, task)["officers"]} == {"林检", "周检"}


@pytest.mark.parametrize("relation", ["subject", "party", "gone", "over"])
def test_a_recused_officer_may_not_take_over(
    desk: Desk, house: House, task: UUID, world: World, spare: UUID, relation: str
) -> None:
    with house.unit(SYSTEM) as uow:
        who = uow.session.scalars(select(Officer.id).where(Officer.uuid == spare)).one()
        subject = uow.session.scalars(select(Subject).where(Subject.uuid == desk.subject("site1", ZHENHAI))).one()
        firm = uow.session.scalars(
            select(Organisation.id).where(Organisation.uuid == world.organisations[f"contractor.{ZHENHAI}"])
        ).one()
        interest = OfficerInterest(
            uuid=uow.new_id(), officer_id=who, kind="relative", note="示例", at=uow.now,
            subject_id=subject.id if relation != "party" else None, organisation_id=firm if relation == "party" else None,
            cancelled_at=uow.now if relation == "gone" else None, to_on=date(2026, 9, 1) if relation == "over" else None,
        )  # fmt: skip
        uow.session.add(interest)
        uow.session.flush()
        number = interest.id
    try:
        reply = hand_over(desk, task, world.officers["lin"], spare)
        if relation in ("gone", "over"):
            ok(reply)
        else:
            refused(reply, 403, "officer-recused")
    finally:
        with house.unit(SYSTEM) as uow:
            uow.session.delete(uow.session.get_one(OfficerInterest, number))


def test_an_officer_away_till_the_end_may_not_take_over(
    desk: Desk, house: House, task: UUID, world: World, spare: UUID
) -> None:
    with house.unit(SYSTEM) as uow:
        who = uow.session.scalars(select(Officer.id).where(Officer.uuid == spare)).one()
        leave = OfficerLeave(
            uuid=uow.new_id(), officer_id=who, from_on=date(2026, 9, 1), to_on=date(2026, 12, 1), reason="培训", at=uow.now
        )  # fmt: skip
        uow.session.add(leave)
        uow.session.flush()
        number = leave.id
    refused(hand_over(desk, task, world.officers["lin"], spare), 403, "officer-away")
    with house.unit(SYSTEM) as uow:
        uow.session.get_one(OfficerLeave, number).to_on = date(2026, 9, 25)
    ok(hand_over(desk, task, world.officers["lin"], spare))


def test_the_batchs_rule_holds_after_a_handing_over(desk: Desk, house: House, world: World, spare: UUID) -> None:
    apart = season_of(house, world, "apart", rule="apart")
    with house.unit(SYSTEM) as uow:
        for word, unit in (("lin", "一科"), ("zhou", "二科")):
            uow.session.scalars(select(Officer).where(Officer.uuid == world.officers[word])).one().unit = unit
        uow.session.scalars(select(Officer).where(Officer.uuid == spare)).one().unit = "二科"
    task = one_task(house, desk, world, apart)
    refused(hand_over(desk, task, world.officers["lin"], spare), 403, "crew-breaks-rule")
    told = ok(hand_over(desk, task, world.officers["zhou"], spare))
    assert [o["name"] for o in told["officers"]] == ["林检", "备检"]


def test_the_office_settles_what_could_not_be_checked(desk: Desk, task: UUID) -> None:
    refused(change(desk, task, "outcome", outcome="unreachable", note="门锁着"), 422, "outcome-evidence-missing")
    photo = str(made_id("locked", uuid4()))
    told = ok(change(desk, task, "outcome", outcome="unreachable", note="门锁着", photos=[photo]))
    assert (told["state_title"], told["outcome_title"]) == ("未能检查", "通过登记住所无法联系")
    assert told["steps"][-1]["photos"] == [{"photo": photo, "received": False}]
    refused(change(desk, task, "outcome", outcome="ordered", note="责改字〔2026〕1号"), 409, "assignment-ended")


def test_an_ended_task_is_reopened_and_keeps_its_history(desk: Desk, task: UUID) -> None:
    again = {"due_on": "2026-11-06", "reason": "已经联系上企业"}
    refused(change(desk, task, "reopening", **again), 409, "assignment-not-ended")
    ok(change(desk, task, "outcome", outcome="stopped", photos=[str(made_id("stopped", uuid4()))]))
    refused(change(desk, task, "reopening", **again | {"due_on": "2026-09-21"}), 422, "postponement-invalid")
    told = ok(change(desk, task, "reopening", **again))
    assert (told["state"], told["outcome"], told["ended_at"], told["due_on"]) == ("assigned", None, None, "2026-11-06")
    assert [s["act"] for s in told["steps"]] == ["assigned", "stopped", "reopened"]
    assert told["steps"][-1]["body"]["outcome"] == "stopped"


def submit(desk: Desk, world: World, **changes: Any) -> UUID:
    check = made_id("desk-check", uuid4())
    ok(desk.phone("lin").put(f"/checks/{check}", json=check_body(world, "site1", checklist="RES", **changes)), 201)
    desk.run_outbox()
    return check


def test_the_result_follows_the_records(desk: Desk, task: UUID, world: World) -> None:
    check = submit(desk, world, failing=can_fail("RES", "site1")[:2])
    assert (show(desk, task)["state"], show(desk, task)["outcome"]) == ("done", None)
    console = desk.console("chen")
    first, second = console.items("/violations", check=str(check))
    ok(
        console.post(
            f"/violations/{first['uuid']}/decision", json={"decision": "reject", "reason": "现场复核并无此问题"}
        )
    )
    assert show(desk, task)["outcome"] is None
    ok(console.post(f"/violations/{second['uuid']}/decision", json={"decision": "confirm"}))
    case = ok(console.get(f"/violations/{second['uuid']}"))["case"]
    notice = {
        "kind": "rectification",
        "number": "示责改字〔2026〕1号",
        "issued_on": "2026-09-21",
        "due_on": "2026-10-09",
    }
    ok(console.post(f"/cases/{case}/notices", json=notice), 201, 200)
    assert show(desk, task)["outcome_title"] == "发现问题已责令改正"
    ok(console.put(f"/cases/{case}/filing", json={"on": "2026-09-21", "number": "示立字〔2026〕1号"}), 201, 200)
    assert show(desk, task)["outcome_title"] == "发现问题已立案待处理"


def test_a_document_kept_on_paper_is_entered_by_hand(desk: Desk, task: UUID, world: World) -> None:
    submit(desk, world, failing=can_fail("RES", "site1")[:1])
    refused(change(desk, task, "outcome", outcome="no_problem", note="没有问题的样子"), 422, "outcome-not-by-hand")
    told = ok(change(desk, task, "outcome", outcome="ordered", note="示责改字〔2026〕9号"))
    assert (told["outcome"], told["steps"][-1]["body"]) == ("ordered", {"from": None, "to": "ordered"})


def test_report_figures_are_those_of_the_rows(
    desk: Desk, house: House, world: World, batch: UUID, clock: Clock
) -> None:
    one_task(house, desk, world, batch, "site2", due=1)
    subjects = [desk.subject(word, ZHENHAI) for word in ("site1", "yard1", "yard2")]
    hand_out(house, batch, f"T{uuid4().hex[:12]}", subjects, [world.officers[w] for w in CREW])
    clock.advance(days=5)
    console = desk.sign_in_console("chen")
    rows = console.items("/assignments")
    kept = [r for r in rows if r["state"] not in ("replaced", "void")]
    for by, keys in (
        ("officer", lambda r: [o["name"] for o in r["officers"]]),
        ("region", lambda r: [r["region_code"]]),
        ("draw", lambda r: [r["draw"]]),
    ):
        table = ok(console.get("/reports/assignments", query_string={"by": by}))
        names = {row["title" if by == "officer" else "key"]: row for row in table["rows"]}
        total = Counter(key for r in kept for key in keys(r))
        overdue = Counter(key for r in kept if r["overdue"] for key in keys(r))
        done = Counter(key for r in kept if r["state"] == "done" for key in keys(r))
        assert {k: row["total"] for k, row in names.items() if row["total"]} == total
        assert {k: row["overdue"] for k, row in names.items() if row["overdue"]} == overdue
        assert all(row["done_pair"] == [done[k], total[k]] for k, row in names.items())
        assert all(row["total"] == row["done"] + row["ended"] + row["open"] for row in names.values())
    totals = table["totals"]
    assert (totals["total"], totals["overdue"]) == (len(kept), sum(r["overdue"] for r in kept))
    assert totals["overdue"] >= 1
    assert totals["void"] == len(rows) - len(kept)
    clock.advance(days=-5)


def test_late_is_counted_by_the_day_in_shanghai(
    desk: Desk, house: House, world: World, batch: UUID, clock: Clock
) -> None:
    task = one_task(house, desk, world, batch, due=1)
    draw = show(desk, task)["draw"]

    def late() -> int:
        found = ok(desk.sign_in_console("chen").get("/reports/assignments", query_string={"by": "draw", "draw": draw}))
        return int(found["totals"]["late"])

    kept = clock.at
    for hours, expected in ((37, 0), (39, 1)):  # 2026-09-22 23:00, then 01:00 the next day
        clock.at = kept
        clock.advance(hours=hours)
        with house.unit(SYSTEM) as uow:
            row = uow.session.scalars(select(Assignment).where(Assignment.uuid == task)).one()
            row.state, row.outcome, row.ended_at = "ended", "stopped", uow.now
        assert late() == expected
    clock.at = kept


def test_the_report_as_a_table_for_spreadsheets(desk: Desk, task: UUID) -> None:
    reply = desk.console("chen").get("/reports/assignments.csv", query_string={"by": "officer"})
    assert reply.status_code == 200
    assert reply.headers["Content-Disposition"].startswith("attachment")
    lines = list(csv.DictReader(io.StringIO(reply.get_data().decode("utf-8-sig"))))
    told = ok(desk.console("chen").get("/reports/assignments", query_string={"by": "officer"}))
    assert [line["应检查"] for line in lines[:-1]] == [str(row["total"]) for row in told["rows"]]
    assert (lines[-1]["编号"], lines[-1]["应检查"]) == ("合计", str(told["totals"]["total"]))
    refused(desk.console("chen").get("/reports/assignments", query_string={"by": "moon"}), 422, "validation-failed")


def test_three_thousand_tasks_are_handed_out_in_a_few_statements(
    house: House, desk: Desk, world: World, batch: UUID
) -> None:
    with house.unit(SYSTEM) as uow:
        first = uow.session.scalar(select(func.max(Subject.id))) or 0
        uow.session.add_all(
            Subject(
                uuid=uow.new_id(), code=f"many-{n}", name=f"示例{n}", frame=Frame.PROJECT.value, kind="大量", region_code=ZHENHAI,
                address="示例路", details={}, created_at=uow.now,
            )
            for n in range(3000)
        )  # fmt: skip
        uow.session.flush()
        ids = list(uow.session.scalars(select(Subject.id).where(Subject.id > first).order_by(Subject.id)))
        people = [uow.session.scalars(select(Officer.id).where(Officer.uuid == world.officers[w])).one() for w in CREW]
        draw = sealed_draw(uow, batch, f"many-{uuid4().hex[:8]}")
        rows = [NewAssignment(s, "credit-ordinary", n, tuple(people), people[0]) for n, s in enumerate(ids, 1)]
        started = perf_counter()
        with statements(house) as heard:
            make_assignments(uow, draw, rows, 20, ["RES"])
        assert perf_counter() - started < 10
        assert len([s for s in heard if s.startswith("SELECT")]) <= 12
        made = select(func.count()).where(Assignment.draw_id == draw.id)
        seats = (
            select(func.count()).select_from(AssignmentOfficer).join(Assignment).where(Assignment.draw_id == draw.id)
        )
        assert (uow.session.scalar(made), uow.session.scalar(seats)) == (3000, 6000)
        raise_away(uow)


def raise_away(uow: Any) -> None:
    """Leave the shared house as it was."""
    uow.session.rollback()


def test_a_task_counts_for_each_matter_of_its_batch(desk: Desk, house: House, world: World) -> None:
    batch = season_of(house, world, "matters")
    with house.unit(SYSTEM) as uow:
        row = uow.session.scalars(select(Batch).where(Batch.uuid == batch)).one()
        for n in (1, 2):
            matter = Matter(
                uuid=uow.new_id(), code=f"示例-{n}", name=f"示例事项{n}", frame="project", kinds=[], region_code=ZHENHAI,
                organisation_id=row.plan.organisation_id, legal_bases=[], checklists=["RES"], share_num=1, share_den=2,
                times_a_year=1, method="", content="", note="", revision=1, created_at=uow.now, updated_at=uow.now,
            )  # fmt: skip
            uow.session.add(matter)
            uow.session.flush()
            uow.session.add(BatchMatter(batch_id=row.id, matter_id=matter.id))
    draw = show(desk, one_task(house, desk, world, batch))["draw"]
    table = ok(desk.console("chen").get("/reports/assignments", query_string={"by": "matter", "draw": draw}))
    assert [(r["key"], r["title"], r["total"]) for r in table["rows"]] == [
        ("示例-1", "示例事项1", 1),
        ("示例-2", "示例事项2", 1),
    ]
    assert table["totals"]["total"] == 1
