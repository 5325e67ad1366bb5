"""手机上的任务：只拉自己的，只报一次，交了检查就办结。"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from server.domain.permissions import SYSTEM
from server.models.assignments import Assignment, AssignmentStep, Deadline
from server.models.checks import Check, CheckNote
from server.uow import House
from tests.api.desk import Desk, ok, refused
from tests.factories.assignments import hand_out, season_of, statements
from tests.factories.checks import can_fail, check_body, made_id
from tests.factories.world import Clock, World, centre_of
from tests.people import HUICHENG, ZHENHAI

CREW = ("lin", "zhou")


@pytest.fixture(scope="module")
def batch(house: House, world: World) -> UUID:
    return season_of(house, world, "field-task", departments=[{"name": "消防救援（示例）", "people": ["甲示例"]}])


@pytest.fixture
def task(house: House, desk: Desk, world: World, batch: UUID) -> UUID:
    """One fresh open task of 林 and 周 on the first site."""
    return given(house, desk, world, batch)["site1"]


def given(
    house: House, desk: Desk, world: World, batch: UUID, words: Sequence[str] = ("site1",), crew: Sequence[str] = CREW
) -> dict[str, UUID]:
    """Fresh tasks by the word of their subject; older ones of these subjects are closed first."""
    subjects = {word: desk.subject(word, ZHENHAI) for word in words}
    with house.unit(SYSTEM) as uow:
        for row in uow.session.scalars(select(Assignment).where(Assignment.state.in_(["assigned", "started"]))):
            row.state, row.ended_at = "void", uow.now
    made = hand_out(house, batch, f"T{uuid4().hex[:12]}", list(subjects.values()), [world.officers[w] for w in crew])
    return {word: made[subject] for word, subject in subjects.items()}


def pull(desk: Desk, login: str, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = ok(desk.phone(login).get("/assignments", query_string=query))
    return found


def report(desk: Desk, login: str, task: UUID, key: UUID | None = None, **body: Any) -> Any:
    return desk.phone(login).put(f"/assignments/{task}/reports/{key or uuid4()}", json=body)


def test_a_phone_gets_its_own_tasks_with_all_it_needs_on_site(desk: Desk, task: UUID, world: World) -> None:
    told = pull(desk, "lin")
    (item,) = [i for i in told["items"] if i["uuid"] == str(task)]
    lon, lat = centre_of(ZHENHAI, 0.02)
    assert (item["subject"]["longitude"], item["subject"]["latitude"]) == (pytest.approx(lon), pytest.approx(lat))
    (ring,) = item["subject"]["boundary"]
    assert len(ring) == 5
    assert ring[0] == ring[-1]
    assert {p["party"] for p in item["subject"]["parties"]} == {"client", "contractor", "supervisor_firm"}
    assert [(c["code"], len(c["digest_sha256"])) for c in item["checklists"]] == [("RES", 64)]
    assert [(o["name"], o["lead"]) for o in item["officers"]] == [("林检", True), ("周检", False)]
    assert (item["due_on"], item["due_provisional"]) == ("2026-10-26", False)
    assert item["departments"] == [{"name": "消防救援（示例）", "people": ["甲示例"]}]
    assert told["now"] > item["changed_at"][:4]
    assert {"uuid": str(task), "revision": 1} in told["open"]


def test_nobody_gets_anybody_elses_tasks(desk: Desk, task: UUID) -> None:
    assert str(task) in {i["uuid"] for i in pull(desk, "zhou")["items"]}
    other = pull(desk, "he")
    assert (other["items"], other["open"]) == ([], [])


def test_the_cursor_brings_only_what_changed_and_loses_nothing(
    desk: Desk, house: House, world: World, batch: UUID, clock: Clock
) -> None:
    tasks = given(house, desk, world, batch, ("site1", "site2"))
    first = pull(desk, "lin", limit=1)
    assert (len(first["items"]), first["more"]) == (1, True)
    second = pull(desk, "lin", limit=1, after=first["next"])
    assert not {i["uuid"] for i in first["items"]} & {i["uuid"] for i in second["items"]}
    clock.advance(minutes=5)
    settled = pull(desk, "lin", after=second["next"])["next"]
    assert pull(desk, "lin", after=settled)["items"] == []
    ok(report(desk, "lin", tasks["site2"], act="started"), 201)
    changed = pull(desk, "lin", after=settled)
    assert [(i["uuid"], i["state"]) for i in changed["items"]] == [(str(tasks["site2"]), "started")]
    # A unit that began earlier may still commit: the change comes again until it is settled.
    assert [i["uuid"] for i in pull(desk, "lin", after=changed["next"])["items"]] == [str(tasks["site2"])]
    clock.advance(minutes=5)
    later = pull(desk, "lin", after=changed["next"])["next"]
    assert pull(desk, "lin", after=later)["items"] == []


def test_a_cursor_of_ones_own_making_is_refused(desk: Desk) -> None:
    refused(desk.phone("lin").get("/assignments", query_string={"after": "1-x"}), 422, "validation-failed")


def test_the_same_answer_costs_nothing_twice(desk: Desk, task: UUID, clock: Clock) -> None:
    phone = desk.phone("lin")
    first = phone.get("/assignments")
    again = phone.get("/assignments", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    clock.advance(seconds=1)
    ok(report(desk, "lin", task, act="received"), 201)
    assert phone.get("/assignments", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_number_of_statements_does_not_grow_with_the_tasks(
    desk: Desk, house: House, world: World, batch: UUID
) -> None:
    given(house, desk, world, batch, ("site1",))
    desk.phone("lin")  # signing in is not counted
    with statements(house) as one:
        assert len(pull(desk, "lin")["items"]) == 1
    given(house, desk, world, batch, ("site1", "site2", "yard1", "yard2"))
    with statements(house) as four:
        assert len(pull(desk, "lin")["items"]) == 4
    assert len(four) == len(one)


def test_a_report_sent_again_is_the_same_step(desk: Desk, house: House, task: UUID) -> None:
    key = uuid4()
    first = ok(report(desk, "lin", task, key, act="started"), 201)
    assert ok(report(desk, "lin", task, key, act="started")) == first
    refused(report(desk, "lin", task, key, act="received"), 409, "report-differs")
    refused(report(desk, "zhou", task, key, act="started"), 409, "report-differs")
    with house.unit(SYSTEM, writing=False) as uow:
        steps = select(AssignmentStep).where(AssignmentStep.key == key)
        assert len(uow.session.scalars(steps).all()) == 1


def test_ending_without_a_check_needs_a_photo_or_two_signatures(
    desk: Desk, house: House, world: World, batch: UUID
) -> None:
    lin, zhou = desk.officers(*CREW)
    for act, evidence in (
        ("refused", {"photos": [str(made_id("gate"))]}),
        ("stopped", {"note": "现场已停工", "signers": [lin, zhou]}),
        ("unreachable", {"photos": [str(made_id("door"))], "note": "门锁着"}),
    ):
        task = given(house, desk, world, batch)["site1"]
        refused(
            report(desk, "lin", task, act=act, note="现场已停工", signers=[lin, lin]), 422, "outcome-evidence-missing"
        )
        told = ok(report(desk, "lin", task, act=act, **evidence), 201)
        assert (told["state"], told["outcome"]) == ("ended", act)
        refused(report(desk, "lin", task, act="started"), 409, "assignment-ended")
        assert str(task) not in {mark["uuid"] for mark in pull(desk, "lin")["open"]}


def test_only_the_crew_may_sign_and_only_the_crew_may_report(
    desk: Desk, house: House, world: World, batch: UUID
) -> None:
    task = given(house, desk, world, batch, crew=("lin", "expired"))["site1"]
    strangers = desk.officers("lin", "zhou")
    told = refused(report(desk, "lin", task, act="stopped", note="停工", signers=strangers), 422, "signer-not-assigned")
    assert told["errors"][0]["pointer"] == "/signers/1"
    refused(report(desk, "zhou", task, act="started"), 403, "not-assigned")
    refused(report(desk, "he", task, act="started"), 404, "assignment-not-found")
    refused(report(desk, "lin", task, act="done"), 422, "validation-failed")


def test_a_team_sent_to_another_region_reports_there(desk: Desk, house: House, world: World, batch: UUID) -> None:
    task = given(house, desk, world, batch, crew=("he", "ou"))["site1"]
    assert [i["uuid"] for i in pull(desk, "he")["items"]] == [str(task)]
    ok(report(desk, "he", task, act="started"), 201)


def put_check(desk: Desk, world: World, *words: object, word: str = "site1", **changes: Any) -> UUID:
    check = made_id("task-check", *words, uuid4())
    body = check_body(world, word, checklist="RES", **changes)
    ok(desk.phone("lin").put(f"/checks/{check}", json=body), 201)
    return check


def row_of(house: House, task: UUID) -> Assignment:
    with house.unit(SYSTEM, writing=False) as uow:
        return uow.session.scalars(select(Assignment).where(Assignment.uuid == task)).one()


def notes_of(house: House, check: UUID) -> list[dict[str, Any]]:
    with house.unit(SYSTEM, writing=False) as uow:
        rows = select(CheckNote).join(Check, Check.id == CheckNote.check_id).where(Check.uuid == check)
        return [n.body for n in uow.session.scalars(rows) if n.kind == "assignment-unmatched"]


def test_a_check_finishes_the_one_task_it_fits(desk: Desk, house: House, world: World, task: UUID) -> None:
    check = put_check(desk, world, "plain")
    row = row_of(house, task)
    assert (row.state, row.outcome) == ("done", "no_problem")
    assert row.ended_at is not None
    assert notes_of(house, check) == []


def test_a_check_without_all_the_officers_finishes_nothing(desk: Desk, house: House, world: World, batch: UUID) -> None:
    task = given(house, desk, world, batch, crew=("lin", "he"))["site1"]
    check = put_check(desk, world, "other crew")
    assert row_of(house, task).state == "assigned"
    assert notes_of(house, check) == []


def test_when_two_tasks_fit_the_phone_says_which(desk: Desk, house: House, world: World, batch: UUID) -> None:
    first = given(house, desk, world, batch)["site1"]
    subject, crew = desk.subject("site1", ZHENHAI), [world.officers[w] for w in CREW]
    second = hand_out(house, batch, f"T{uuid4().hex[:12]}", [subject], crew)[subject]
    check = put_check(desk, world, "which")
    assert {row_of(house, t).state for t in (first, second)} == {"assigned"}
    assert notes_of(house, check) == [{"named": None, "fitting": [str(first), str(second)]}]
    put_check(desk, world, "this", assignment=str(second))
    assert (row_of(house, first).state, row_of(house, second).state) == ("assigned", "done")


def test_a_check_that_names_a_task_it_does_not_fit_is_kept_all_the_same(
    desk: Desk, house: House, world: World, task: UUID
) -> None:
    check = put_check(desk, world, "wrong", word="site2", assignment=str(task))
    assert row_of(house, task).state == "assigned"
    assert notes_of(house, check) == [{"named": str(task), "fitting": []}]


def test_what_was_found_last_time_goes_along(desk: Desk, house: House, world: World, batch: UUID) -> None:
    given(house, desk, world, batch)
    bad = can_fail("RES", "site1")[:2]
    put_check(desk, world, "before", failing=bad)
    desk.run_outbox()
    given(house, desk, world, batch)
    (item,) = pull(desk, "lin")["items"]
    assert {f["item"] for f in item["last_check"]["findings"]} == set(bad)
    assert (item["last_check"]["ended_on"], item["last_check"]["checklist"]) == ("2026-09-18", "RES")
    assert all(f["requirement"] for f in item["last_check"]["findings"])


def test_every_check_starts_its_clock_once(desk: Desk, house: House, world: World) -> None:
    body = check_body(world, "site1", checklist="RES")
    check = made_id("clock", uuid4())
    for expected in (201, 200, 200):
        ok(desk.phone("lin").put(f"/checks/{check}", json=body), expected)
    with house.unit(SYSTEM, writing=False) as uow:
        (clock,) = uow.session.scalars(select(Deadline).where(Deadline.about_uuid == check)).all()
    assert (clock.kind, clock.days, clock.starts_on.isoformat()) == ("disclose_check", 20, "2026-09-18")
    assert (clock.due_on.isoformat(), clock.met_at, clock.region_code) == ("2026-10-22", None, ZHENHAI)
    assert clock.region_code != HUICHENG


def test_one_report_sent_by_four_requests_at_once_is_one_step(desk: Desk, house: House, task: UUID) -> None:
    key, callers = uuid4(), [desk.sign_in_phone("lin") for _ in range(4)]
    path = f"/assignments/{task}/reports/{key}"
    with ThreadPoolExecutor(4) as pool:
        answers = [f.result() for f in [pool.submit(c.put, path, json={"act": "started"}) for c in callers]]
    assert sorted(a.status_code for a in answers) == [200, 200, 200, 201]
    assert row_of(house, task).revision == 2
