"""先报的摘要：服务器盖时间；不符的、晚到而没报过的，给科室负责人留一句，从不拒收。"""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.domain.receipts import read_stamp
from server.formats.ed25519 import verify
from server.keys import receipt_keys
from tests.api.desk import Caller, Desk, ok, refused
from tests.factories.checks import check_body
from tests.factories.photos import photo
from tests.factories.sync import Document, digest_of, send
from tests.factories.world import Clock, World

JPEG = {"Content-Type": "image/jpeg"}
SEALED = "2026-09-18T03:01:00+00:00"


def announce(phone: Caller, check: UUID, digest: str, *photos: Document) -> Document:
    row = {"check": str(check), "record_sha256": digest, "sealed_at": SEALED, "photos": list(photos)}
    told: Document = ok(phone.post("/sync/announcements", json={"announcements": [row]}))["stamps"][0]
    return told


def notes(desk: Desk, check: UUID, *kinds: str) -> list[Document]:
    desk.run_outbox()
    return [n for n in ok(desk.console("chen").get(f"/checks/{check}"))["notes"] if n["kind"] in kinds]


def test_again_gives_the_first_time_and_another_digest_its_own(desk: Desk, clock: Clock) -> None:
    check, phone = uuid4(), desk.phone("lin")
    first = announce(phone, check, "a" * 64)
    clock.advance(hours=1)
    assert announce(phone, check, "a" * 64) == first
    other = announce(phone, check, "b" * 64)
    assert other["arrived_at"] > first["arrived_at"]
    assert announce(desk.phone("zhou"), check, "a" * 64)["arrived_at"] == other["arrived_at"]
    said = read_stamp(first["stamp"], receipt_keys(desk.house.settings), verify)
    assert (said["check"], said["record_sha256"]) == (str(check), "a" * 64)
    assert said["at"].isoformat() == first["arrived_at"]


@pytest.mark.parametrize("first", [True, False])
def test_a_record_that_is_not_the_announced_one_is_taken_and_told_of(desk: Desk, world: World, first: bool) -> None:
    check, phone, body = uuid4(), desk.phone("lin"), check_body(world)
    if first:
        announce(phone, check, "c" * 64)
    assert send(phone, "check", check, body)["status"] == 200
    if not first:
        desk.run_outbox()
        announce(phone, check, "c" * 64)
    found = notes(desk, check, "announced-differs")
    assert [n["body"] for n in found] == [{"announced": ["c" * 64], "received": digest_of(body)}]
    announce(phone, check, digest_of(body))
    assert len(notes(desk, check, "announced-differs")) == 1


def test_the_announced_record_says_nothing_and_its_receipt_names_the_time(desk: Desk, world: World) -> None:
    check, phone, body = uuid4(), desk.phone("lin"), check_body(world)
    stamp = announce(phone, check, digest_of(body))
    receipt = send(phone, "check", check, body)["receipt"]
    assert stamp["arrived_at"][:19] in receipt["receipt"]
    assert notes(desk, check, "announced-differs", "stamp-unknown", "stamp-later") == []


@pytest.mark.parametrize("how", ["nobody", "announced", "in-record", "other-bytes"])
def test_a_late_photo_nobody_had_named_is_told_of(desk: Desk, world: World, clock: Clock, how: str) -> None:
    check, shot, phone = uuid4(), uuid4(), desk.phone("lin")
    data = photo(500 + len(how))
    sha = sha256(data).hexdigest()
    named = {"uuid": str(shot), "sha256": "d" * 64 if how == "other-bytes" else sha, "size": len(data)}
    more: dict[str, Any] = {"photos": [{"uuid": str(shot), "sha256": sha}]} if how == "in-record" else {}
    body = check_body(world, photos=[shot]) | more
    announce(phone, check, digest_of(body), *([named] if how in ("announced", "other-bytes") else []))
    send(phone, "check", check, body)
    ok(phone.put(f"/photos/{shot}", data=data, headers=JPEG, query_string={"check": check}), 201)
    found = notes(desk, check, "photo-unannounced")
    assert [n["body"]["sha256"] for n in found] == ([sha] if how in ("nobody", "other-bytes") else [])
    desk.run_outbox()
    assert notes(desk, check, "photo-unannounced") == found


def test_a_stamp_proves_not_before(desk: Desk, world: World, clock: Clock) -> None:
    phone = desk.phone("lin")
    stamp = ok(phone.get("/sync/package"))["stamp"]
    early, forged, fine = uuid4(), uuid4(), uuid4()
    at = clock.at.isoformat()
    recent = {"started_at": at, "ended_at": at, "device_at": at}
    assert send(phone, "check", early, check_body(world, stamp=stamp))["status"] == 200
    assert send(phone, "check", forged, check_body(world, stamp=f"{stamp}x"))["status"] == 200
    assert send(phone, "check", fine, check_body(world, stamp=stamp) | recent)["status"] == 200
    assert [n["kind"] for n in notes(desk, early, "stamp-later", "stamp-unknown")] == ["stamp-later"]
    assert [n["kind"] for n in notes(desk, forged, "stamp-later", "stamp-unknown")] == ["stamp-unknown"]
    assert notes(desk, fine, "stamp-later", "stamp-unknown") == []


def test_announcements_are_bounded(desk: Desk) -> None:
    row = {"check": str(uuid4()), "record_sha256": "e" * 64, "sealed_at": SEALED}
    phone = desk.phone("lin")
    refused(phone.post("/sync/announcements", json={"announcements": [row] * 51}), 422, "validation-failed")
    refused(phone.post("/sync/announcements", json={"announcements": []}), 422, "validation-failed")
    many = row | {"photos": [{"uuid": str(uuid4()), "sha256": "f" * 64, "size": 1}] * 601}
    refused(phone.post("/sync/announcements", json={"announcements": [many]}), 422, "validation-failed")
    twice = ok(phone.post("/sync/announcements", json={"announcements": [row, row]}))["stamps"]
    assert twice[0] == twice[1]
