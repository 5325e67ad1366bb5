"""对账的门：信封各记各的账，同样的再来得同样的回答，不同的两份都留。"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.api.desk import Desk, ok, refused
from tests.factories.assignments import hand_out, season_of
from tests.factories.checks import check_body
from tests.factories.photos import photo
from tests.factories.sync import Document, digest_of, envelope, post, send, told
from tests.factories.world import World

JPEG = {"Content-Type": "image/jpeg"}


def test_a_check_is_taken_with_a_signed_receipt_and_again_gives_the_same_answer(desk: Desk, world: World) -> None:
    check, shot, data = uuid4(), uuid4(), photo(11)
    body = check_body(world, photos=[shot])
    sealed = envelope("check", check, body)
    first = post(desk.phone("lin"), sealed)[0]
    assert first["status"] == 200
    said = told(desk.phone("lin"), first["receipt"])
    assert said["record_sha256"] == sealed["digest"]
    assert (said["missing"], said["photos"], said["complete"]) == ([str(shot)], [], False)
    assert [o["name"] for o in said["officers"]] == ["林检", "周检"]
    assert post(desk.phone("lin"), sealed)[0] == first
    assert ok(desk.phone("lin").put(f"/checks/{check}", json=body), 200)["uuid"] == str(check)
    ok(desk.phone("lin").put(f"/photos/{shot}", data=data, headers=JPEG, query_string={"check": check}), 201)
    later = told(desk.phone("lin"), ok(desk.phone("lin").get(f"/checks/{check}/receipt")))
    assert (later["missing"], later["complete"]) == ([], True)
    kept = ok(desk.phone("lin").get(f"/photos/{shot}"))
    assert [(p["uuid"], p["sha256"], p["size"]) for p in later["photos"]] == [(str(shot), kept["sha256"], len(data))]


def test_other_content_under_a_used_id_is_a_conflict_and_both_are_kept(desk: Desk, world: World) -> None:
    check, body = uuid4(), check_body(world)
    assert send(desk.phone("lin"), "check", check, body)["status"] == 200
    other = send(desk.phone("zhou"), "check", check, {**body, "remarks": "另一份"})
    assert (other["status"], other["code"]) == (409, "submission-differs")
    assert other["problem"]["facts"]["stored"] == body
    notes = ok(desk.console("chen").get(f"/checks/{check}"))["notes"]
    assert [(n["kind"], n["body"]["record"]["remarks"]) for n in notes] == [("differing-submission", "另一份")]


def test_one_bad_envelope_does_not_touch_the_others(desk: Desk, world: World) -> None:
    good, again = uuid4(), uuid4()
    body = check_body(world)
    mixed: list[Any] = [
        envelope("check", good, body),
        envelope("check", uuid4(), body, digest="0" * 64),
        {"id": str(uuid4()), "kind": "check", "digest": "0" * 64},
        {"id": "x", "kind": "check"},
        None,
        7,
        envelope("wish", uuid4(), {}),
        envelope("check", uuid4(), {**body, "officers": [str(world.officers["lin"])]}),
        envelope("check", uuid4(), {**body, "remarks": "含\u0000空"}),
        envelope("check", again, {**body, "remarks": "好的"}),
    ]
    answers = post(desk.phone("lin"), *mixed)
    assert [a["status"] for a in answers] == [200, 422, 422, 422, 422, 422, 422, 422, 422, 200]
    assert [a["id"] for a in answers][:4] == [str(good), mixed[1]["id"], mixed[2]["id"], "x"]
    assert answers[1]["code"] == "digest-mismatch"
    assert answers[7]["code"] == "check-invalid"
    assert {e["pointer"] for e in answers[8]["problem"]["errors"]} == {"/body/remarks"}
    for uuid, status in ((good, 200), (again, 200), (UUID(mixed[1]["id"]), 404)):
        assert desk.phone("lin").get(f"/checks/{uuid}").status_code == status


@pytest.mark.parametrize(
    "change",
    [
        {"answers": [{"item_code": "RMC-01-01", "value": "NaN"}]},
        {"answers": [{"item_code": "RMC-01-01", "readings": ["1"] * 201}]},
        {"remarks": "长" * 4001},
        {"ended_at": "0000-01-01T00:00:00Z"},
        {"ended_at": "2099-01-01T00:00:00Z"},
        {"fix": {"longitude": 1e300, "latitude": 0}},
        {"subject": "not-a-uuid"},
        {"unknown": {"deep": [[[[[]]]]]}},
    ],
)
def test_hostile_bodies_are_refused_each_in_its_answer(desk: Desk, world: World, change: Document) -> None:
    assert send(desk.phone("lin"), "check", uuid4(), check_body(world) | change)["status"] == 422


def test_numbers_that_json_cannot_carry_are_refused(desk: Desk, world: World) -> None:
    body = check_body(world, answers=[{"item_code": "RMC-01-01", "value": 2**60}])
    answer = post(desk.phone("lin"), envelope("check", uuid4(), body, digest="0" * 64))[0]
    assert (answer["status"], answer["code"]) == (422, "number-not-exact")
    text = b'{"envelopes": [{"kind": "check", "body": {"value": NaN}}]}'
    refused(desk.phone("lin").post("/sync/envelopes", data=text, content_type="application/json"), 400, "bad-request")


def test_batches_are_bounded(desk: Desk, world: World) -> None:
    one = envelope("check", uuid4(), {})
    refused(desk.phone("lin").post("/sync/envelopes", json={"envelopes": [one] * 51}), 422, "validation-failed")
    refused(desk.phone("lin").post("/sync/envelopes", json={"envelopes": []}), 422, "validation-failed")
    huge = envelope("check", uuid4(), {"remarks": "x" * (9 * 1024 * 1024)})
    refused(desk.phone("lin").post("/sync/envelopes", json={"envelopes": [huge]}), 413, "body-too-large")
    cut = b'{"envelopes": [{"id": "'
    refused(desk.phone("lin").post("/sync/envelopes", data=cut, content_type="application/json"), 400, "bad-request")


def test_a_report_travels_in_an_envelope(desk: Desk, world: World) -> None:
    subject = desk.subject("yard2", "330211")
    batch = season_of(desk.house, world, "信封")
    crew = [world.officers["lin"], world.officers["zhou"]]
    task = hand_out(desk.house, batch, "示例-信封-1", [subject], crew)[subject]
    body = {"assignment": str(task), "act": "received"}
    key = uuid4()
    first = send(desk.phone("lin"), "report", key, body)
    assert (first["id"], first["status"]) == (str(key), 200)
    assert send(desk.phone("lin"), "report", key, body) == first
    other = send(desk.phone("lin"), "report", key, {**body, "act": "started"})
    assert (other["status"], other["code"]) == (409, "report-differs")
    gone = send(desk.phone("lin"), "report", uuid4(), {**body, "assignment": str(uuid4())})
    assert (gone["status"], gone["code"]) == (404, "assignment-not-found")


def test_the_receipt_of_a_report_names_it_and_the_photos_it_mentions(desk: Desk, world: World) -> None:
    """A phone deletes what a receipt names and nothing else: the photos of a refused visit must be on one."""
    subject = desk.subject("yard1", "330211")
    batch = season_of(desk.house, world, "拒检")
    task = hand_out(desk.house, batch, "示例-拒检-1", [subject], [world.officers["lin"], world.officers["zhou"]])[
        subject
    ]
    phone, key, shots = desk.phone("lin"), uuid4(), [uuid4(), uuid4()]
    ok(phone.put(f"/photos/{shots[0]}", data=photo(41), headers={"Content-Type": "image/jpeg"}), 201)
    body = {"assignment": str(task), "act": "refused", "note": "示例：不让进", "photos": [str(shot) for shot in shots]}

    answer = send(phone, "report", key, body)
    said = told(phone, answer["receipt"])
    assert (said["check"], said["record_sha256"]) == (str(key), None)
    assert [(row["uuid"], row["sha256"]) for row in said["reports"]] == [(str(key), digest_of(body))]
    assert [row["sha256"] for row in said["photos"]] == [sha256(photo(41)).hexdigest()]
    assert (said["missing"], said["complete"]) == ([str(shots[1])], False)

    ok(phone.put(f"/photos/{shots[1]}", data=photo(42), headers={"Content-Type": "image/jpeg"}), 201)
    whole = told(phone, ok(phone.get(f"/checks/{key}/receipt")))
    assert {row["uuid"] for row in whole["photos"]} == {str(shot) for shot in shots}
    assert (whole["missing"], whole["complete"]) == ([], True)
    refused(desk.phone("he").get(f"/checks/{key}/receipt"), 404, "check-not-found")
    refused(desk.phone("zhou").get(f"/checks/{key}/receipt"), 404, "check-not-found")


def test_five_phones_at_once_send_the_same_envelope(desk: Desk, world: World) -> None:
    sealed = envelope("check", uuid4(), check_body(world))
    clients = [desk.client() for _ in range(5)]
    headers = desk.phone("lin").headers

    def once(client: Any) -> Document:
        reply = client.post("/api/v1/field/sync/envelopes", json={"envelopes": [sealed]}, headers=headers)
        answer: Document = ok(reply)["answers"][0]
        return answer

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(once, clients))
    assert [a["status"] for a in answers] == [200] * 5
    assert len({a["receipt"]["receipt"] for a in answers}) == 1


def test_a_stranger_neither_sends_nor_sees(desk: Desk, world: World) -> None:
    check, body = uuid4(), check_body(world)
    foreign = send(desk.phone("he"), "check", check, body)
    assert (foreign["status"], foreign["code"]) == (422, "subject-unknown")
    send(desk.phone("lin"), "check", check, body)
    refused(desk.phone("he").get(f"/checks/{check}/receipt"), 404, "check-not-found")
    again = send(desk.phone("he"), "check", check, body)
    assert (again["status"], again["code"]) == (404, "check-not-found")
    listed = ok(desk.phone("he").get("/sync/receipts", query_string={"check": check}))
    assert (listed["receipts"], listed["absent"]) == ([], [str(check)])
