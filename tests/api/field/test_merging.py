"""两人合并：先到后到、单独到、重复到都一样；说法不一成为对两人的疑问，了结之前不算问题。"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.domain.findings import Outcome
from tests.api.desk import Desk, ok, refused
from tests.factories.checks import answer, can_fail, check_body, items
from tests.factories.photos import photo
from tests.factories.sync import Document, part_body, post, send, told
from tests.factories.sync import envelope as sealed
from tests.factories.world import World

JPEG = {"Content-Type": "image/jpeg"}
FAILING = can_fail("RMC", "yard1")
SHARED, ALONE = FAILING[0], FAILING[1]


def of(code: str, outcome: Outcome, **changes: Any) -> Document:
    item = next(i for i in items("RMC", "yard1") if i.code == code)
    return answer("RMC", item, outcome) | changes


def record(world: World, *, without: str = ALONE, **changes: Any) -> Document:
    """A sealed record in which one item was left to the colleague."""
    body = check_body(world, **changes)
    return body | {"answers": [a for a in body["answers"] if a["item_code"] != without]}


def findings(desk: Desk, check: UUID) -> dict[str, str]:
    desk.run_outbox()
    return {f["item"]: f["outcome"] for f in ok(desk.console("chen").get(f"/checks/{check}"))["findings"]}


def violations(desk: Desk, check: UUID) -> list[str]:
    desk.run_outbox()
    return [v["item"] for v in ok(desk.console("chen").get("/violations", query_string={"check": check}))["items"]]


def questions(desk: Desk, check: UUID) -> Document:
    told: Document = ok(desk.console("chen").get(f"/checks/{check}/questions"))
    return told


def asked(desk: Desk, login: str, check: UUID) -> list[Document]:
    package = ok(desk.phone(login).get("/sync/package"))
    return [q for q in package["questions"] if q["check"] == str(check)]


@pytest.mark.parametrize("order", ["part-first", "check-first", "together", "backwards"])
def test_an_item_only_in_a_part_is_judged_and_counted_in_any_order(desk: Desk, world: World, order: str) -> None:
    check, part = uuid4(), uuid4()
    body = part_body(check, [of(ALONE, Outcome.FAILING), of(SHARED, Outcome.CONFORMING)])
    steps = [("zhou", sealed("part", part, body)), ("lin", sealed("check", check, record(world)))]
    for login, one in steps if order in ("part-first", "together", "backwards") else reversed(steps):
        assert post(desk.phone(login), one)[0]["status"] == 200
        if order not in ("together", "backwards"):
            desk.run_outbox()
    desk.run_outbox(backwards=order == "backwards")
    found = findings(desk, check)
    assert (found[ALONE], found[SHARED]) == ("failing", "conforming")
    assert violations(desk, check) == [ALONE]
    assert questions(desk, check)["items"] == []
    for login, one in steps:
        assert post(desk.phone(login), one)[0]["status"] == 200
    assert findings(desk, check) == found
    assert violations(desk, check) == [ALONE]


@pytest.mark.parametrize("late", [True, False])
def test_a_contradiction_waits_for_both_and_is_nobodys_violation(desk: Desk, world: World, late: bool) -> None:
    check = uuid4()
    body = record(world, failing=())
    body["answers"] = [of(SHARED, Outcome.FAILING) if a["item_code"] == SHARED else a for a in body["answers"]]
    send(desk.phone("lin"), "check", check, body)
    if late:
        assert violations(desk, check) == [SHARED]
    send(desk.phone("zhou"), "part", uuid4(), part_body(check, [of(SHARED, Outcome.CONFORMING)]))
    assert findings(desk, check)[SHARED] == "needs_review"
    assert violations(desk, check) == []
    for login in ("lin", "zhou"):
        one = asked(desk, login, check)[0]
        assert [s["name"] for s in one["sides"]].count("林检") == 1
        assert (one["item"], one["answered"], len(one["sides"])) == (SHARED, False, 2)
        assert one["requirement"]
    assert asked(desk, "he", check) == []
    answer_both(desk, check)


def answer_both(desk: Desk, check: UUID) -> None:
    """Both reply; only when they stand by the same is the question settled and judged."""
    question = asked(desk, "lin", check)[0]["id"]
    stubborn = {"question": question, "answer": of(SHARED, Outcome.FAILING)}
    assert send(desk.phone("lin"), "question_answer", uuid4(), stubborn)["status"] == 200
    assert asked(desk, "lin", check)[0]["answered"] is True
    assert asked(desk, "zhou", check)[0]["answered"] is False
    assert findings(desk, check)[SHARED] == "needs_review"
    key, agrees = uuid4(), {"question": question, "answer": of(SHARED, Outcome.FAILING, note="复看同意")}
    first = send(desk.phone("zhou"), "question_answer", key, agrees)
    assert send(desk.phone("zhou"), "question_answer", key, agrees) == first
    assert findings(desk, check)[SHARED] == "failing"
    assert violations(desk, check) == [SHARED]
    assert asked(desk, "lin", check) == []
    told_row = questions(desk, check)["items"][0]
    assert (told_row["state"], told_row["state_title"]) == ("settled", "两人说法一致")
    other = send(desk.phone("zhou"), "question_answer", key, {**agrees, "note": "别的"})
    assert (other["status"], other["code"]) == (409, "reply-differs")
    notes = ok(desk.console("chen").get(f"/checks/{check}"))["notes"]
    assert [n["body"]["body"]["note"] for n in notes if n["kind"] == "reply-differs"] == ["别的"]


def contradicted(desk: Desk, world: World) -> tuple[UUID, str]:
    """A judged check with one open question."""
    check = uuid4()
    send(desk.phone("lin"), "check", check, record(world))
    send(desk.phone("zhou"), "part", uuid4(), part_body(check, [of(SHARED, Outcome.FAILING)]))
    desk.run_outbox()
    return check, asked(desk, "lin", check)[0]["id"]


def test_the_supervisor_decides_between_what_was_said(desk: Desk, world: World) -> None:
    check, question = contradicted(desk, world)
    chen = desk.console("chen")
    sides = {s["name"]: s["sha256"] for s in questions(desk, check)["items"][0]["sides"]}
    wrong = {"sha256": "0" * 64, "reason": "照片显示确有此问题"}
    refused(chen.post(f"/questions/{question}/decision", json=wrong), 422, "answer-not-given")
    right = {"sha256": sides["周检"], "reason": "照片显示确有此问题"}
    refused(chen.post(f"/questions/{question}/decision", json=right | {"reason": "无"}), 422, "reason-too-short")
    refused(desk.console("fang").post(f"/questions/{question}/decision", json=right), 403, "permission-denied")
    refused(chen.post(f"/questions/{uuid4()}/decision", json=right), 404, "question-not-found")
    decided = ok(chen.post(f"/questions/{question}/decision", json=right))
    assert (decided["state"], decided["decided_by"], decided["settlement"]["reason"]) == (
        "decided",
        "陈科",
        "照片显示确有此问题",
    )
    assert violations(desk, check) == [SHARED]
    refused(chen.post(f"/questions/{question}/decision", json=right), 409, "question-not-open")
    after = {"question": question, "answer": of(SHARED, Outcome.CONFORMING)}
    assert send(desk.phone("lin"), "question_answer", uuid4(), after)["status"] == 200
    assert violations(desk, check) == [SHARED]


def test_only_those_asked_may_answer_and_only_what_was_asked(desk: Desk, world: World) -> None:
    _, question = contradicted(desk, world)
    body = {"question": question, "answer": of(SHARED, Outcome.FAILING)}
    foreign = send(desk.phone("he"), "question_answer", uuid4(), body)
    assert (foreign["status"], foreign["code"]) == (404, "question-not-found")
    astray = send(desk.phone("lin"), "question_answer", uuid4(), body | {"answer": of(ALONE, Outcome.FAILING)})
    assert (astray["status"], astray["code"]) == (422, "answer-item-mismatch")
    none = send(desk.phone("lin"), "question_answer", uuid4(), body | {"question": str(uuid4())})
    assert (none["status"], none["code"]) == (404, "question-not-found")


def test_what_a_supervisor_decided_on_stands_when_a_part_comes_years_later(desk: Desk, world: World) -> None:
    check = uuid4()
    body = record(world)
    body["answers"] = [of(SHARED, Outcome.FAILING) if a["item_code"] == SHARED else a for a in body["answers"]]
    send(desk.phone("lin"), "check", check, body)
    desk.run_outbox()
    found = ok(desk.console("chen").get("/violations", query_string={"check": check}))["items"][0]
    ok(desk.console("chen").post(f"/violations/{found['uuid']}/decision", json={"decision": "confirm"}))
    send(desk.phone("zhou"), "part", uuid4(), part_body(check, [of(SHARED, Outcome.CONFORMING)]))
    assert findings(desk, check)[SHARED] == "failing"
    assert [q["state"] for q in questions(desk, check)["items"]] == ["open"]


def test_photos_of_both_are_kept_and_linked(desk: Desk, world: World) -> None:
    check, part, mine, theirs = uuid4(), uuid4(), uuid4(), uuid4()
    body = part_body(check, [of(SHARED, Outcome.CONFORMING, photos=[str(theirs)])])
    zhou = desk.phone("zhou")
    ok(zhou.put(f"/photos/{theirs}", data=photo(91), headers=JPEG, query_string={"check": check}), 201)
    early = send(zhou, "part", part, body)["receipt"]
    said = told(zhou, early)
    assert (said["record_sha256"], said["missing"], early["complete"]) == (None, [], False)
    assert ([p["uuid"] for p in said["parts"]], [p["uuid"] for p in said["photos"]]) == ([str(part)], [str(theirs)])
    refused(desk.phone("lin").get(f"/checks/{check}/receipt"), 404, "check-not-found")
    send(desk.phone("lin"), "check", check, record(world, photos=[mine]))
    desk.run_outbox()
    slots = {s["photo"]: s["item"] for s in ok(desk.phone("lin").get(f"/checks/{check}"))["slots"]}
    assert set(slots) == {str(mine), str(theirs)}
    assert slots[str(theirs)] == SHARED
    both = told(desk.phone("lin"), ok(desk.phone("lin").get(f"/checks/{check}/receipt")))
    assert (both["missing"], [p["uuid"] for p in both["photos"]]) == ([str(mine)], [str(theirs)])


def test_both_sign_the_same_merged_digest(desk: Desk, world: World) -> None:
    check, question = contradicted(desk, world)

    def merge(login: str) -> Document:
        found: list[Document] = ok(desk.phone(login).get("/sync/package"))["merges"]
        return next(m for m in found if m["check"] == str(check))

    def sign(login: str, digest: str) -> Document:
        body = {"check": str(check), "merged_sha256": digest, "signed_at": "2026-09-21T02:00:00Z"}
        return send(desk.phone(login), "signature", uuid4(), body)

    before = merge("lin")
    assert (before["questions"], before["signed"]) == (1, False)
    assert sign("lin", before["merged_sha256"])["code"] == "merge-unsettled"
    send(
        desk.phone("zhou"), "question_answer", uuid4(), {"question": question, "answer": of(SHARED, Outcome.CONFORMING)}
    )
    digest = merge("zhou")["merged_sha256"]
    assert digest == merge("lin")["merged_sha256"] != before["merged_sha256"]
    assert sign("lin", before["merged_sha256"])["code"] == "merge-changed"
    assert sign("he", digest)["code"] == "sender-not-officer"
    assert [sign(login, digest)["status"] for login in ("lin", "zhou", "zhou")] == [200, 200, 200]
    said = told(desk.phone("lin"), ok(desk.phone("lin").get(f"/checks/{check}/receipt")))
    assert said["merged_sha256"] == digest
    assert sorted(s["officer"] for s in said["signed_by"]) == sorted(desk.officers("lin", "zhou"))
    assert questions(desk, check)["signed_by"] == sorted(desk.officers("lin", "zhou"))
    assert merge("zhou")["signed"] is True
    send(desk.phone("zhou"), "part", uuid4(), part_body(check, [of(ALONE, Outcome.CONFORMING)]))
    desk.run_outbox()
    assert merge("zhou")["signed"] is False
    assert sign("lin", digest)["status"] == 200  # signed before, and said so again


def test_a_part_is_only_for_those_on_the_check(desk: Desk, world: World) -> None:
    early, late = uuid4(), uuid4()
    assert send(desk.phone("he"), "part", uuid4(), part_body(early, [of(ALONE, Outcome.FAILING)]))["status"] == 200
    for check in (early, late):
        send(desk.phone("lin"), "check", check, record(world))
        desk.run_outbox()
    after = send(desk.phone("he"), "part", uuid4(), part_body(late, [of(ALONE, Outcome.FAILING)]))
    assert (after["status"], after["code"]) == (403, "sender-not-officer")
    for check in (early, late):
        assert ALONE not in findings(desk, check)
    kinds = [n["kind"] for n in ok(desk.console("chen").get(f"/checks/{early}"))["notes"]]
    assert kinds == ["part-of-stranger"]


def test_a_part_with_a_used_id_or_a_wrong_form_is_answered_alone(desk: Desk, world: World) -> None:
    check, part = uuid4(), uuid4()
    body = part_body(check, [of(ALONE, Outcome.CONFORMING)])
    assert send(desk.phone("zhou"), "part", part, body)["status"] == 200
    differs = send(desk.phone("zhou"), "part", part, {**body, "answers": []})
    assert (differs["status"], differs["code"]) == (409, "part-differs")
    kept = told(desk.phone("zhou"), ok(desk.phone("zhou").get(f"/checks/{check}/receipt")))["parts"]
    assert len(kept) == 2
    twice = send(desk.phone("zhou"), "part", uuid4(), {**body, "answers": body["answers"] * 2})
    assert (twice["status"], twice["code"]) == (422, "part-invalid")
    old = send(desk.phone("zhou"), "part", uuid4(), {**body, "checklist": {"code": "RMC", "version": "1900.1"}})
    assert old["problem"]["errors"][0]["pointer"] == "/checklist"
    send(desk.phone("lin"), "check", check, record(world))
    foreign = answer("RES", items("RES", "site1")[0], Outcome.CONFORMING)
    send(desk.phone("zhou"), "part", uuid4(), part_body(check, [foreign]))
    assert findings(desk, check)[ALONE] == "conforming"
    notes = ok(desk.console("chen").get(f"/checks/{check}"))["notes"]
    assert [(n["kind"], n["body"]) for n in notes] == [("part-items-unknown", {"items": [foreign["item_code"]]})]


def test_everything_at_once_and_twice_is_one_merge(desk: Desk, world: World) -> None:
    check, parts = uuid4(), [uuid4(), uuid4()]
    bodies = [part_body(check, [of(SHARED, Outcome.FAILING)]), part_body(check, [of(ALONE, Outcome.FAILING)])]
    sent = [("lin", sealed("check", check, record(world)))]
    sent += [("zhou", sealed("part", part, body)) for part, body in zip(parts, bodies, strict=True)]
    calls = [(desk.client(), desk.phone(login).headers, one) for login, one in sent * 2]

    def once(call: Any) -> int:
        """A busy database answers 503 and a phone sends again; anything else is final."""
        client, headers, one = call
        for _ in range(20):
            reply = client.post("/api/v1/field/sync/envelopes", json={"envelopes": [one]}, headers=headers)
            status = int(ok(reply)["answers"][0]["status"])
            if status != 503:
                break
        return status

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(once, calls)) == [200] * 6
    found = findings(desk, check)
    assert (found[SHARED], found[ALONE]) == ("needs_review", "failing")
    assert violations(desk, check) == [ALONE]
    said = told(desk.phone("lin"), ok(desk.phone("lin").get(f"/checks/{check}/receipt")))
    assert sorted(p["uuid"] for p in said["parts"]) == sorted(map(str, parts))
    assert len(questions(desk, check)["items"]) == 1
