"""交检查：重复交、冲突、两名执法人员、不认识的条目、先后不拘。"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from server.models.checks import Check
from tests.api.desk import Desk, ok, refused
from tests.factories.checks import STARTED, Document, can_fail, check_body, made_id
from tests.factories.world import Clock, World
from tests.people import HUICHENG

Change = Callable[[Document], Any]


def put(desk: Desk, body: Document, login: str = "lin", uuid: object = None) -> TestResponse:
    return desk.phone(login).put(f"/checks/{uuid or uuid4()}", json=body)


def pointers(problem: dict[str, Any]) -> set[str]:
    return {e["pointer"] for e in problem["errors"]}


def codes(problem: dict[str, Any]) -> set[str]:
    return {e["code"] for e in problem["errors"]}


def test_same_content_again_is_the_same_answer(desk: Desk, world: World) -> None:
    body, uuid = check_body(world), uuid4()
    first = ok(put(desk, body, uuid=uuid), 201)
    again = ok(put(desk, body, uuid=uuid), 200)
    assert again == first
    reordered = dict(reversed(list(body.items())))
    assert ok(put(desk, reordered, uuid=uuid), 200) == first
    assert ok(desk.phone("lin").get(f"/checks/{uuid}")) == first


def test_time_of_sending_is_not_part_of_the_content(desk: Desk, world: World) -> None:
    body, uuid = check_body(world), uuid4()
    phone = desk.phone("lin")
    ok(phone.put(f"/checks/{uuid}", json=body, query_string={"sent_at": "2026-09-21T02:00:07+00:00"}), 201)
    ok(phone.put(f"/checks/{uuid}", json=body, query_string={"sent_at": "2026-09-22T02:00:07+00:00"}), 200)
    told = ok(desk.console("chen").get(f"/checks/{uuid}"))
    assert told["clock_offset_s"] == 7


def test_other_content_is_a_conflict_that_shows_and_keeps_both(desk: Desk, world: World) -> None:
    body, uuid = check_body(world), uuid4()
    ok(put(desk, body, uuid=uuid), 201)
    other = body | {"remarks": "改了一个字"}
    for _ in range(2):
        problem = refused(put(desk, other, uuid=uuid), 409, "submission-differs")
        assert problem["facts"]["stored"] == body
        assert problem["facts"]["sent"] == other
        assert problem["facts"]["stored_sha256"] != problem["facts"]["sent_sha256"]
    told = ok(desk.console("chen").get(f"/checks/{uuid}"))
    assert told["record"] == body
    kept = [n["body"]["record"] for n in told["notes"] if n["kind"] == "differing-submission"]
    assert kept == [other]
    ok(put(desk, body, uuid=uuid), 200)


def test_conflict_does_not_show_what_lies_outside_the_senders_scope(desk: Desk, world: World) -> None:
    uuid = uuid4()
    ok(put(desk, check_body(world), uuid=uuid), 201)
    foreign = check_body(world, region=HUICHENG, officers=("he", "ou"))
    problem = refused(put(desk, foreign, "he", uuid), 409, "submission-differs")
    assert "stored" not in problem["facts"]


def test_copy_of_a_foreign_check_shows_nothing_of_it(desk: Desk, world: World) -> None:
    body, uuid = check_body(world), uuid4()
    ok(put(desk, body, uuid=uuid), 201)
    refused(put(desk, body, "he", uuid), 404, "check-not-found")
    refused(desk.phone("he").get(f"/checks/{uuid}"), 404, "check-not-found")


def test_five_at_once_are_one_check(desk: Desk, world: World) -> None:
    body, uuid = check_body(world, failing=can_fail("RMC", "yard1")[:2]), uuid4()
    token = desk.phone("lin").headers
    clients = [desk.client() for _ in range(5)]

    def send(client: Any) -> int:
        reply = client.put(f"/api/v1/field/checks/{uuid}", json=body, headers=token)
        return int(reply.status_code)

    with ThreadPoolExecutor(5) as pool:
        statuses = sorted(pool.map(send, clients))
    assert statuses == [200, 200, 200, 200, 201]
    desk.run_outbox()
    rows = desk.console("chen").items("/violations", check=str(uuid))
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        (lambda w, b: b.update(officers=[str(w.officers["lin"])]), "officers-too-few", "/officers"),
        (lambda w, b: b.update(officers=[str(w.officers["lin"])] * 2), "officer-twice", "/officers"),
        (
            lambda w, b: b.update(officers=[str(w.officers["lin"]), str(w.officers["laboratory"])]),
            "organisation-may-not-inspect",
            "/officers/1",
        ),
        (
            lambda w, b: b.update(officers=[str(w.officers["lin"]), str(w.officers["expired"])]),
            "certificate-expired",
            "/officers/1",
        ),
        (lambda w, b: b.update(officers=[str(w.officers["lin"]), str(made_id("x"))]), "officer-unknown", "/officers/1"),
        (lambda w, b: b.update(ended_at="2026-09-18T00:00:00Z"), "times-reversed", "/ended_at"),
        (lambda w, b: b.update(ended_at="2026-09-28T00:00:00Z"), "check-too-long", "/ended_at"),
        (lambda w, b: b.update(subject=str(made_id("x"))), "subject-unknown", "/subject"),
        (lambda w, b: b.update(subject=str(w.subjects[f"yard1.{HUICHENG}"])), "subject-unknown", "/subject"),
        (lambda w, b: b["checklist"].update(version="1999.1"), "checklist-unknown", "/checklist"),
        (lambda w, b: b["answers"][3].update(item_code="RMC-99-99"), "item-unknown", "/answers/3/item_code"),
        (lambda w, b: b["answers"].append(b["answers"][0]), "item-twice", ""),
        (
            lambda w, b: b["representative"].update(attitude="disagrees"),
            "opinion-missing",
            "/representative/opinion",
        ),
        (lambda w, b: b["representative"].update(attitude="refuses"), "opinion-missing", "/representative/opinion"),
    ],
)
def test_what_contradicts_the_rules_is_pointed_at(
    desk: Desk, world: World, change: Callable[[World, Document], Any], code: str, pointer: str
) -> None:
    body = check_body(world)
    change(world, body)
    reply = put(desk, body)
    problem = reply.get_json()
    assert reply.status_code == 422, problem
    assert codes(problem) == {code}
    if code == "item-twice":
        pointer = f"/answers/{len(body['answers']) - 1}/item_code"
    assert pointers(problem) == {pointer}


def test_only_ones_own_checks_can_be_sent(desk: Desk, world: World) -> None:
    body = check_body(world, officers=("zhou", "ou"))
    refused(put(desk, body, "lin"), 403, "sender-not-officer")


def test_certificate_is_judged_on_the_day_of_the_check(desk: Desk, world: World) -> None:
    early = check_body(world, officers=("lin", "expired"), started=STARTED - timedelta(days=2))
    ok(put(desk, early), 201)


def test_refusing_to_sign_is_recorded(desk: Desk, world: World) -> None:
    who = {"name": "", "attitude": "refuses", "opinion": "现场负责人拒绝签字", "witness": "监理员（示例）"}
    uuid = uuid4()
    ok(put(desk, check_body(world, representative=who), uuid=uuid), 201)
    assert ok(desk.console("chen").get(f"/checks/{uuid}"))["attitude"] == "refuses"


def test_photos_become_expected_slots_once(desk: Desk, world: World) -> None:
    photos = [made_id("slot", n) for n in range(3)]
    listed = [{"uuid": str(photos[0]), "item": None}, {"uuid": str(photos[2]), "item": "RMC-01-02"}]
    told = ok(put(desk, check_body(world) | {"photos": listed}), 201)
    assert not told["complete"]
    assert {(s["photo"], s["item"], s["state"]) for s in told["slots"]} == {
        (str(photos[0]), None, "expected"),
        (str(photos[2]), "RMC-01-02", "expected"),
    }


def test_marks_on_a_photo_are_kept_as_they_were_sealed(desk: Desk, world: World) -> None:
    marks = [{"shape": "circle", "points": [[0.1, 0.2], [0.5, 0.625]]}, {"shape": "arrow", "points": [[0, 0], [1, 1]]}]
    listed = [{"uuid": str(made_id("marked", 1)), "item": None, "marks": marks}]
    uuid = uuid4()
    ok(put(desk, check_body(world) | {"photos": listed}, uuid=uuid), 201)
    with desk.house.unit(writing=False) as uow:
        kept = uow.session.scalars(select(Check).where(Check.uuid == uuid)).one()
        assert kept.record["photos"] == listed


@pytest.mark.parametrize(
    "mark",
    [
        {"shape": "square", "points": [[0, 0], [1, 1]]},
        {"shape": "line", "points": [[0, 0]]},
        {"shape": "line", "points": [[0, 0], [1.01, 1]]},
        {"shape": "line", "points": [[0, 0], [1, "x"]]},
        {"shape": "line", "points": [[0, 0], [1, 0, 0]]},
    ],
)
def test_a_mark_that_nobody_could_draw_is_pointed_at(desk: Desk, world: World, mark: dict[str, Any]) -> None:
    listed = [{"uuid": str(made_id("marked", 2)), "item": None, "marks": [mark]}]
    told = refused(put(desk, check_body(world) | {"photos": listed}), 422, "validation-failed")
    assert all(pointer.startswith("/photos/0/marks/0/") for pointer in pointers(told))


def test_answers_name_their_photos(desk: Desk, world: World) -> None:
    photos = [made_id("answer-slot", n) for n in range(2)]
    told = ok(put(desk, check_body(world, photos=photos)), 201)
    assert [(s["photo"], s["item"]) for s in told["slots"]] == [(str(p), "RMC-01-01") for p in photos]


def test_violations_and_findings_agree(desk: Desk, world: World) -> None:
    failing = can_fail("RMC", "yard1")[:4]
    uuid = uuid4()
    ok(put(desk, check_body(world, failing=failing, absent=["RMC-02-07"]), uuid=uuid), 201)
    desk.run_outbox()
    told = ok(desk.console("chen").get(f"/checks/{uuid}"))
    assert told["state"] == "judged"
    outcomes = {f["item"]: f["outcome"] for f in told["findings"]}
    assert sorted(code for code, found in outcomes.items() if found == "failing") == sorted(failing)
    assert outcomes["RMC-02-07"] == "not_applicable"
    rows = desk.console("chen").items("/violations", check=str(uuid))
    assert sorted(r["item"] for r in rows) == sorted(failing)
    assert {r["state"] for r in rows} == {"found"}


def test_clock_of_the_server_is_the_time_of_receipt(desk: Desk, world: World, clock: Clock) -> None:
    told = ok(put(desk, check_body(world)), 201)
    assert told["received_at"] == clock.at.isoformat()
