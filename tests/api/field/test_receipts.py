"""签名的回执：同样的状态同样的字节，公钥验得过，语句数与检查数无关。"""

from __future__ import annotations

from base64 import b64decode
from uuid import uuid4

import orjson
import pytest
import rfc8785

from server.domain.errors import Invalid
from server.domain.receipts import read_receipt
from server.formats.ed25519 import verify
from server.keys import receipt_keys
from tests.api.desk import Desk, ok, refused
from tests.factories.assignments import statements
from tests.factories.checks import check_body
from tests.factories.photos import photo
from tests.factories.sync import part_body, send, told
from tests.factories.world import Clock, World

JPEG = {"Content-Type": "image/jpeg"}


def test_the_same_state_gives_the_same_bytes(desk: Desk, world: World, clock: Clock) -> None:
    check, phone = uuid4(), desk.phone("lin")
    first = send(phone, "check", check, check_body(world))["receipt"]
    clock.advance(days=3)
    assert ok(phone.get(f"/checks/{check}/receipt")) == first
    assert ok(desk.phone("zhou").get(f"/checks/{check}/receipt")) == first
    clock.advance(days=-3)


def test_a_receipt_verifies_with_the_published_key_and_no_changed_one_does(desk: Desk, world: World) -> None:
    check, phone = uuid4(), desk.phone("lin")
    receipt = send(phone, "check", check, check_body(world))["receipt"]
    published = ok(desk.public().get("/receipt-keys"))["items"]
    assert published == ok(phone.get("/sync/package"))["receipt_keys"]
    (key,) = receipt_keys(desk.house.settings)
    assert (published[0]["key_id"], b64decode(published[0]["public_key"])) == (key.id, key.public)
    said = read_receipt(receipt["receipt"], receipt["signature"], key, verify)
    assert rfc8785.dumps(said).decode() == receipt["receipt"]
    for text in (receipt["receipt"].replace("RMC", "RMD") + " ", receipt["receipt"].replace("林", "木")):
        with pytest.raises(Invalid, match="receipt-invalid"):
            read_receipt(text, receipt["signature"], key, verify)


def test_only_what_the_server_holds_is_named(desk: Desk, world: World) -> None:
    check, shots, phone = uuid4(), [uuid4() for _ in range(3)], desk.phone("lin")
    send(phone, "check", check, check_body(world, photos=shots))
    for shot in shots[:2]:
        ok(phone.put(f"/photos/{shot}", data=photo(21), headers=JPEG, query_string={"check": check}), 201)
    extra = uuid4()
    ok(phone.put(f"/photos/{extra}", data=photo(22), headers=JPEG, query_string={"check": check}), 201)
    said = told(phone, ok(phone.get(f"/checks/{check}/receipt")))
    assert {p["uuid"] for p in said["photos"]} == {*map(str, shots[:2]), str(extra)}
    assert said["missing"] == [str(shots[2])]
    beside = told(desk.phone("zhou"), ok(desk.phone("zhou").get(f"/checks/{check}/receipt")))
    assert {p["uuid"] for p in beside["photos"]} == set(map(str, shots[:2]))


def test_several_at_once_in_few_statements(desk: Desk, world: World) -> None:
    phone, checks = desk.phone("lin"), [uuid4() for _ in range(6)]
    for n, check in enumerate(checks):
        shot = uuid4()
        send(phone, "check", check, check_body(world, photos=[shot]))
        ok(phone.put(f"/photos/{shot}", data=photo(30 + n), headers=JPEG, query_string={"check": check}), 201)
        send(desk.phone("zhou"), "part", uuid4(), part_body(check, []))
    desk.run_outbox()
    heard = []
    for few in (checks[:1], checks):
        with statements(desk.house) as said:
            ok(phone.get("/sync/receipts", query_string=[("check", str(c)) for c in few]))
        heard.append(len(said))
    assert heard[0] == heard[1] <= 16, heard
    asked = [*map(str, checks), str(uuid4())]
    by_post = ok(phone.post("/sync/receipts", json={"check": asked}))
    by_get = ok(phone.get("/sync/receipts", query_string=[("check", c) for c in asked]))
    assert by_post == by_get
    assert [r["check"] for r in by_get["receipts"]] == asked[:-1]
    assert by_get["absent"] == asked[-1:]
    assert all(orjson.loads(r["receipt"])["check"] == r["check"] for r in by_get["receipts"])


def test_questions_for_receipts_are_bounded(desk: Desk) -> None:
    phone = desk.phone("lin")
    for wrong in ([], ["x"], [str(uuid4())] * 51):
        refused(phone.post("/sync/receipts", json={"check": wrong}), 422, "validation-failed")
    refused(phone.get("/sync/receipts"), 422, "validation-failed")
