"""心跳与“还在手机上”：每部手机一行，欠得最久的在前，各看各的辖区。"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.api.desk import Caller, Desk, ok, refused
from tests.factories.checks import check_body
from tests.factories.photos import photo
from tests.factories.sync import Document, part_body, send
from tests.factories.world import Clock, World

JPEG = {"Content-Type": "image/jpeg"}


def beat(phone: Caller, at: str, **changes: Any) -> Document:
    body = {"at": at, "drafts": 0, "sealed": 0, "photos": 0, "bytes": 0} | changes
    told: Document = ok(phone.post("/sync/heartbeats", json=body))
    return told


def board(desk: Desk, login: str = "chen", **query: Any) -> Document:
    told: Document = ok(desk.sign_in_console(login).get("/unsent", query_string=query))
    return told


def test_one_row_per_phone_the_longest_owing_first(desk: Desk, clock: Clock) -> None:
    start = clock.at.isoformat()
    old, new, far = desk.sign_in_phone("lin", device="旧手机"), desk.phone("zhou"), desk.phone("he")
    beat(new, start, sealed=1, photos=4, bytes=4_000_000, oldest_at="2026-09-20T00:00:00Z", battery=80, persisted=True)
    beat(old, start, drafts=2, oldest_at="2026-09-18T00:00:00Z", battery=9, persisted=False, app="1.2")
    beat(far, start, sealed=9, oldest_at="2026-09-01T00:00:00Z")
    beat(desk.phone("lin"), start)
    told = board(desk)
    assert [(h["device_name"], h["officer"]) for h in told["items"]] == [("旧手机", "林检"), ("示例手机", "周检")]
    first = told["items"][0]
    assert (first["drafts"], first["battery"], first["persisted"], first["app"]) == (2, 9, False, "1.2")
    assert (first["silent"], first["revoked"]) == (False, False)
    assert {k: told["totals"][k] for k in ("phones", "sealed", "photos", "bytes")} == {
        "phones": 2,
        "sealed": 1,
        "photos": 4,
        "bytes": 4_000_000,
    }
    assert len(board(desk, all=True)["items"]) == 3
    assert len(board(desk, "tang")["items"]) == 3
    page = board(desk, "tang", limit=2)
    assert [*page["items"], *board(desk, "tang", limit=2, after=page["next"])["items"]] == board(desk, "tang")["items"]
    clock.advance(hours=25)
    assert all(h["silent"] for h in board(desk)["items"])
    beat(old, clock.at.isoformat())
    assert [h["officer"] for h in board(desk)["items"]] == ["周检"]
    clock.advance(hours=-25)


def test_a_late_copy_does_not_bring_back_what_was_said_before(desk: Desk, clock: Clock) -> None:
    phone = desk.sign_in_phone("zhou", device="乱序")
    beat(phone, "2026-09-21T01:00:00Z", sealed=1)
    beat(phone, "2026-09-21T00:30:00Z", sealed=5)
    held = {h["device_name"]: h["sealed"] for h in board(desk)["items"]}
    assert held["乱序"] == 1
    clock.advance(minutes=11)
    beat(phone, "2026-09-20T00:30:00Z", sealed=3)
    assert {h["device_name"]: h["sealed"] for h in board(desk)["items"]}["乱序"] == 3


def test_the_answer_names_the_checks_that_are_whole(desk: Desk, world: World, clock: Clock) -> None:
    phone, shot, whole, waiting, foreign = desk.phone("lin"), uuid4(), uuid4(), uuid4(), uuid4()
    send(phone, "check", whole, check_body(world, photos=[shot]))
    send(phone, "check", waiting, check_body(world, photos=[uuid4()]))
    before = board(desk)["totals"]["incomplete"]
    ok(phone.put(f"/photos/{shot}", data=photo(77), headers=JPEG, query_string={"check": whole}), 201)
    desk.run_outbox()
    asked = {"checks": [str(whole), str(waiting), str(foreign)]}
    assert beat(phone, clock.at.isoformat(), **asked)["complete"] == [str(whole)]
    assert beat(desk.phone("he"), clock.at.isoformat(), **asked)["complete"] == []
    assert board(desk)["totals"]["incomplete"] == before - 1


def test_the_board_counts_what_was_announced_and_has_not_come(desk: Desk, world: World) -> None:
    phone, check = desk.phone("lin"), uuid4()
    before = board(desk)["totals"]
    row = {"check": str(check), "record_sha256": "a" * 64, "sealed_at": "2026-09-18T03:00:00Z"}
    ok(phone.post("/sync/announcements", json={"announcements": [row, row | {"record_sha256": "b" * 64}]}))
    send(phone, "part", uuid4(), part_body(check, []))
    after = board(desk)["totals"]
    assert (after["announced"] - before["announced"], after["parts"] - before["parts"]) == (1, 1)
    assert board(desk, "tang")["totals"]["announced"] == after["announced"]
    send(phone, "check", check, check_body(world))
    assert board(desk)["totals"]["announced"] == before["announced"]


def test_heartbeats_are_bounded_and_the_board_is_for_supervisors(desk: Desk) -> None:
    phone, body = desk.phone("lin"), {"at": "2026-09-21T00:00:00Z", "drafts": 0, "sealed": 0, "photos": 0, "bytes": 0}
    for wrong in ({"battery": 101}, {"drafts": -1}, {"bytes": 2**51}, {"checks": ["x"]}, {"oldest_at": "soon"}):
        refused(phone.post("/sync/heartbeats", json=body | wrong), 422, "validation-failed")
    for login in ("lin", "gong", "lu"):
        refused(desk.console(login).get("/unsent"), 403, "permission-denied")


def test_a_revoked_phone_that_still_holds_something_is_marked(desk: Desk, clock: Clock) -> None:
    phone = desk.sign_in_phone("lin", device="丢失")
    beat(phone, clock.at.isoformat(), sealed=1, oldest_at="2026-09-02T00:00:00Z")
    device = next(d["uuid"] for d in phone.items("/tokens") if d["name"] == "丢失")
    assert desk.phone("lin").delete(f"/tokens/{device}").status_code == 204
    assert [h["revoked"] for h in board(desk)["items"] if h["device_name"] == "丢失"] == [True]
