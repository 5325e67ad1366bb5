"""一次传完的新照片：写下的与一段一段传来的一样；不是明摆着的新照片，照旧一步一步来。"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from server.domain.custody import Act, first_break
from server.domain.permissions import Permission
from server.models.evidence import CustodyEntry, Evidence
from server.models.outbox import OutboxRow
from server.models.uploads import Upload
from server.models.users import Device
from server.prepared import Prepared
from server.queries.custody import ledger
from server.routes.field import uploads as route
from server.services import sessions, uploads
from server.services.uploads import NewUpload, UploadNotes
from server.uow import House
from tests.api.desk import Desk, ok, refused
from tests.api.turned_away import WAYS, Way, put_right
from tests.api.tus import BYTES, PREFIX, TUS, ask, begun, create, of_photo, offset_of, said, send, told
from tests.factories.checks import check_body
from tests.factories.photos import photo
from tests.factories.world import World

TABLES = (Evidence, CustodyEntry, Upload, OutboxRow)


def whole(desk: Desk, data: bytes, uuid: UUID, login: str = "lin", **more: Any) -> TestResponse:
    """The photo with its announcement."""
    return create(desk, of_photo(data, uuid, **more) | BYTES, login, data)


def place_of(reply: TestResponse) -> str:
    assert reply.status_code == 201, reply.text
    return reply.headers["Location"].removeprefix(PREFIX)


def held(house: House) -> tuple[int, ...]:
    """How many rows there are in each of `TABLES`."""
    with house.unit(writing=False) as uow:
        return tuple(uow.session.scalar(select(func.count()).select_from(model)) or 0 for model in TABLES)


def grown(house: House, before: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(now - then for now, then in zip(held(house), before, strict=True))


def under_way(house: House) -> list[Path]:
    """What lies about that is no original."""
    root = house.settings.data / "originals"
    return [path for name in ("incoming", "pieces") for path in (root / name).rglob("*") if path.is_file()]


def columns(row: Any, *without: str) -> dict[str, Any]:
    return {c.name: getattr(row, c.name) for c in row.__table__.columns if c.name not in {"id", "uuid", *without}}


def written(house: House, uuid: UUID) -> dict[str, Any]:
    """Everything that was written of one photo, without the ids."""
    with house.unit(writing=False) as uow:
        shot = uow.session.scalars(select(Evidence).where(Evidence.uuid == uuid)).one()
        upload = uow.session.scalars(select(Upload).where(Upload.photo_uuid == uuid)).one()
        owed = [r for r in uow.session.scalars(select(OutboxRow)) if r.payload == {"evidence": str(uuid)}]
        assert upload.evidence_uuid == uuid
        lines = ledger(uow.session, shot.id)
        assert first_break(lines) is None
        return {
            "photo": columns(shot),
            "upload": columns(upload, "key_sha256", "photo_uuid", "evidence_uuid", "notes"),
            "lines": lines,
            "owed": [columns(row, "payload") for row in owed],
        }


def test_it_leaves_the_same_rows_as_one_that_comes_in_steps(desk: Desk, house: House) -> None:
    fix = json.dumps({"longitude": 121.7, "latitude": 29.9, "datum": "gcj02", "accuracy_m": 6, "age_s": 2})
    notes = {"check": uuid4(), "item": "RMC-01-01", "source": "camera", "fix": fix, "taken_at": "2026-09-21T09:00:00Z"}
    data, one, other = photo(700), uuid4(), uuid4()
    reply = whole(desk, data, one, **notes)
    assert offset_of(reply) == len(data)
    last = send(desk, begun(desk, of_photo(data, other, **notes)), 0, data)
    assert reply.headers["Upload-Expires"] == last.headers["Upload-Expires"]
    assert written(house, one) == written(house, other)
    assert [line.act for line in written(house, one)["lines"]] == [Act.RECEIVED]
    assert len(written(house, one)["owed"]) == 1
    assert house.storage.local_path(sha256(data).hexdigest()).read_bytes() == data
    assert under_way(house) == []
    asked = ask(desk, place_of(reply))
    assert (offset_of(asked), asked.headers["Upload-Length"]) == (len(data), str(len(data)))


def test_its_effects_are_done_like_any_others(desk: Desk) -> None:
    data, uuid = photo(701), uuid4()
    offset_of(whole(desk, data, uuid))
    desk.run_outbox()
    assert ok(desk.console("chen").get(f"/evidence/{uuid}"))["state"] == "examined"


def test_it_is_one_statement_on_postgis(desk: Desk, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    offset_of(whole(desk, photo(702), uuid4()))  # lets the phone in
    statements: list[Prepared] = []
    real = Prepared.run

    def run(self: Prepared, *given: Any) -> Any:
        statements.append(self)
        return real(self, *given)

    monkeypatch.setattr(Prepared, "run", run)
    offset_of(whole(desk, photo(703), uuid4()))
    assert len(statements) == 1 or kind != "postgis"


@pytest.mark.parametrize("digest", [True, False])
def test_one_cut_short_goes_on_where_it_broke_off(desk: Desk, house: House, digest: bool) -> None:
    data, uuid = photo(704 + digest), uuid4()
    headers = of_photo(data, uuid) if digest else {"Upload-Length": str(len(data)), "Upload-Metadata": said(photo=uuid)}
    promised = {"CONTENT_LENGTH": str(len(data))}
    reply = desk.phone("lin").post(
        "/uploads", headers=TUS | BYTES | headers, data=data[:3000], environ_overrides=promised
    )
    place = place_of(reply)
    assert offset_of(reply) == offset_of(ask(desk, place)) == 3000
    assert [path.parent.name for path in under_way(house)] == ["pieces", "pieces"]
    assert offset_of(send(desk, place, 3000, data[3000:])) == len(data)
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["sha256"] == sha256(data).hexdigest()
    assert under_way(house) == []


@pytest.mark.parametrize("prompt", [0, 1, 2])
def test_a_slow_one_goes_on_in_steps(desk: Desk, monkeypatch: pytest.MonkeyPatch, prompt: int) -> None:
    """After that many pieces the time is over; what had come until then is not lost to the rest."""
    moments = iter([0.0, *[1.0] * prompt])
    monkeypatch.setattr(route, "CHUNK", 1000)
    monkeypatch.setattr(route, "time", SimpleNamespace(monotonic=lambda: next(moments, 1e9)))
    data, uuid = photo(710 + prompt), uuid4()
    assert offset_of(whole(desk, data, uuid)) == len(data)
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["sha256"] == sha256(data).hexdigest()


def test_other_bytes_than_announced_are_refused_and_begin_again(desk: Desk, house: House) -> None:
    data, uuid = photo(715), uuid4()
    other = bytes([data[0] ^ 1]) + data[1:]
    before = held(house)
    problem = told(create(desk, of_photo(data, uuid) | BYTES, data=other), 460, "digest-mismatch")
    facts = {"announced": sha256(data).hexdigest(), "received": sha256(other).hexdigest(), "size": len(data)}
    assert problem["facts"] == facts
    assert grown(house, before) == (0, 0, 1, 0)
    assert not house.storage.exists(sha256(other).hexdigest())
    assert under_way(house) == []
    place = place_of(create(desk, of_photo(data, uuid)))
    assert offset_of(ask(desk, place)) == 0
    again = whole(desk, data, uuid)
    assert (place_of(again), offset_of(again)) == (place, len(data))


def test_a_repeat_is_the_same_upload(desk: Desk, house: House) -> None:
    data, uuid = photo(716), uuid4()
    first, before = whole(desk, data, uuid), held(house)
    again = whole(desk, data, uuid)
    assert (place_of(again), offset_of(again)) == (place_of(first), len(data))
    assert grown(house, before) == (0, 0, 0, 0)
    assert under_way(house) == []


def test_one_begun_in_steps_is_not_begun_anew(desk: Desk, house: House) -> None:
    data, uuid = photo(717), uuid4()
    place = begun(desk, of_photo(data, uuid))
    offset_of(send(desk, place, 0, data[:500]))
    longer = of_photo(data, uuid) | BYTES | {"Upload-Length": "7"}
    told(create(desk, longer, data=b"another"), 409, "upload-length-fixed")
    again = whole(desk, data, uuid)
    assert (place_of(again), offset_of(again)) == (place, 500)
    assert offset_of(send(desk, place, 500, data[500:])) == len(data)
    assert under_way(house) == []


def test_other_bytes_under_a_used_id_are_kept_aside(desk: Desk, house: House) -> None:
    first, other, uuid = photo(718), photo(719), uuid4()
    offset_of(whole(desk, first, uuid))
    problem = told(whole(desk, other, uuid), 409, "upload-differs")
    kept = ok(desk.console("chen").get(f"/evidence/{problem['facts']['kept_as']}"))
    assert kept["sha256"] == sha256(other).hexdigest()
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["sha256"] == sha256(first).hexdigest()
    done = whole(desk, other, uuid)
    assert offset_of(done) == len(other)
    assert under_way(house) == []


@pytest.mark.parametrize("digest", [True, False])
def test_five_at_once_are_one_photo(desk: Desk, house: House, digest: bool) -> None:
    """Announced with a digest they are one upload, without one nobody can tell and each is its own."""
    data, uuid = photo(720 + digest), uuid4()
    headers = of_photo(data, uuid) if digest else {"Upload-Length": str(len(data)), "Upload-Metadata": said(photo=uuid)}
    headers = desk.phone("lin").headers | TUS | BYTES | headers
    clients, before = [desk.client() for _ in range(5)], held(house)

    def post(client: Any) -> tuple[int, str, str | None]:
        reply = client.post(f"{PREFIX}/uploads", headers=headers, data=data)
        return reply.status_code, reply.headers.get("Location", ""), reply.headers.get("Upload-Offset")

    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(post, clients))
    assert {status for status, _, _ in found} == {201}
    assert {offset for _, _, offset in found} <= {str(len(data)), None}  # None: another connection is finishing it
    assert str(len(data)) in {offset for _, _, offset in found}
    ways = 1 if digest else 5
    assert len({place for _, place, _ in found}) == ways
    assert grown(house, before) == (1, 1, ways, 1)
    assert under_way(house) == []


def waits(house: House) -> bool:
    """Whether a statement waits for another transaction; nothing to look at on SpatiaLite, where it waits to begin."""
    if house.settings.spatialite:
        return True
    with house.unit(writing=False) as uow:
        here = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(uow.session.scalar(text(here)))


def test_one_announced_in_that_very_moment_leaves_nothing_half_written(desk: Desk, house: House) -> None:
    data, uuid = photo(722), uuid4()
    headers, phone = of_photo(data, uuid), desk.phone("lin")
    notes = UploadNotes(photo=uuid, sha256=sha256(data).hexdigest())
    with house.glance() as uow:
        actor = sessions.actor_of_device(uow, phone.headers["Authorization"].removeprefix("Bearer "))
    before = held(house)
    with ThreadPoolExecutor(1) as pool:
        with house.unit(actor, scope=actor.scope(Permission.FIELD_PHOTO_UPLOAD)) as uow:
            known = uploads.begin_upload(uow, NewUpload(len(data), notes, headers["Upload-Metadata"])).upload
            reply = pool.submit(create, desk, headers | BYTES, "lin", data)
            while not (reply.done() or waits(house)):
                time.sleep(0.01)
        assert (place_of(reply.result()), offset_of(reply.result())) == (f"/uploads/{known.uuid}", len(data))
    assert grown(house, before) == (1, 1, 1, 1)
    assert under_way(house) == []


def test_it_fills_the_slot_that_waits_for_it(desk: Desk, house: House, world: World) -> None:
    data, uuid, check = photo(723), uuid4(), uuid4()
    ok(desk.phone("lin").put(f"/checks/{check}", json=check_body(world, photos=[uuid])), 201)
    offset_of(whole(desk, data, uuid, check=check))
    receipt = ok(desk.phone("lin").get(f"/checks/{check}"))
    assert [slot["state"] for slot in receipt["slots"]] == ["received"]
    assert [line.act for line in written(house, uuid)["lines"]] == [Act.RECEIVED, Act.LINKED]


@pytest.mark.parametrize("way", WAYS)
def test_whoever_was_let_in_a_moment_ago_and_may_no_longer_sends_nothing_more(
    desk: Desk, house: House, way: Way
) -> None:
    phone = desk.sign_in_phone("lin", device="片刻之后")
    with house.unit(writing=False) as uow:
        user, device = uow.session.execute(select(Device.user_id, Device.id).order_by(Device.id.desc())).first() or (
            0,
            0,
        )
    first, second = photo(730), photo(731)
    uuid, other = uuid4(), uuid4()
    assert phone.post("/uploads", headers=TUS | BYTES | of_photo(first, uuid), data=first).status_code == 201
    with put_right(house, user):
        with house.unit() as uow:
            way(uow.session, house, user, device)
        before = held(house)
        status, code = {"degraded": (403, "permission-denied"), "moved": (403, "permission-denied")}.get(
            way.__name__, (401, {"disabled": "user-disabled"}.get(way.__name__, f"token-{way.__name__}"))
        )
        headers = TUS | of_photo(second, other)
        for reply in (
            phone.post("/uploads", headers=headers | BYTES, data=second),
            phone.post("/uploads", headers=headers),
            phone.open("HEAD", "/uploads/00000000-0000-4000-8000-000000000000", headers=TUS),
        ):
            if reply.request.method == "HEAD":
                assert reply.status_code == status
            else:
                refused(reply, status, code)
        assert grown(house, before) == (0, 0, 0, 0)
    assert under_way(house) == []
