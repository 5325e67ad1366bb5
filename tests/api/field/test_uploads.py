"""断点续传（tus 1.0.0）：协议的每一条，和四种真客户端靠着的每一件事。"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha1, sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.http import parse_date
from werkzeug.test import TestResponse

from server.config import Settings
from server.models.uploads import Upload
from server.models.users import User
from server.services import evidence
from server.storage import disk_pieces
from server.uow import House
from tests.api.desk import Desk, ok, refused
from tests.api.tus import BYTES, PREFIX, TUS, ask, begun, create, gone, of_photo, offset_of, said, send, told
from tests.factories.checks import check_body
from tests.factories.photos import photo
from tests.factories.world import Clock, World
from workers.uploads import sweep


def lying(desk: Desk) -> list[UUID]:
    return desk.house.storage.pieces.names()


def test_a_photo_in_three_pieces_is_the_photo(desk: Desk) -> None:
    data, uuid = photo(100), uuid4()
    fix = json.dumps({"longitude": 121.7, "latitude": 29.9, "datum": "gcj02", "accuracy_m": 6, "age_s": 2})
    taken = "2026-09-21T09:00:00+08:00"
    place = begun(desk, of_photo(data, uuid, source="camera", fix=fix, taken_at=taken, item="RMC-01-01"))
    for start in range(0, len(data), 5000):
        reply = send(desk, place, start, data[start : start + 5000])
        assert (reply.status_code, offset_of(reply)) == (204, min(start + 5000, len(data)))
        assert reply.get_data() == b""
    shown = ok(desk.phone("lin").get(f"/photos/{uuid}"))
    assert (shown["sha256"], shown["size"]) == (sha256(data).hexdigest(), len(data))
    kept = ok(desk.console("chen").get(f"/evidence/{uuid}"))
    assert (kept["file_name"], kept["item"], kept["announced"]["source"]) == ("IMG_1.jpg", "RMC-01-01", "camera")
    assert kept["announced"]["fix"]["datum"] == "gcj02"
    assert kept["announced"]["taken_at"] == "2026-09-21T01:00:00+00:00"
    assert UUID(place.rsplit("/", 1)[1]) not in lying(desk)


def test_it_fills_the_slot_of_its_check(desk: Desk, world: World) -> None:
    data, uuid, check = photo(101), uuid4(), uuid4()
    ok(desk.phone("lin").put(f"/checks/{check}", json=check_body(world, photos=[uuid])), 201)
    offset_of(send(desk, begun(desk, of_photo(data, uuid, check=check)), 0, data))
    desk.run_outbox()
    receipt = ok(desk.phone("lin").get(f"/checks/{check}"))
    assert (receipt["complete"], [s["state"] for s in receipt["slots"]]) == (True, ["verified"])


@pytest.mark.parametrize("path", ["/uploads", "/uploads/00000000-0000-4000-8000-000000000000"])
def test_abilities_are_told_to_anybody(desk: Desk, path: str) -> None:
    reply = desk.client().open(PREFIX + path, method="OPTIONS", headers={"Tus-Resumable": "0.2"})
    assert (reply.status_code, reply.get_data()) == (204, b"")
    assert reply.headers["Tus-Version"] == reply.headers["Tus-Resumable"] == "1.0.0"
    assert reply.headers["Tus-Max-Size"] == str(desk.house.settings.uploads.max_photo_bytes)
    assert reply.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    offered = reply.headers["Tus-Extension"]
    assert " " not in offered
    assert set(offered.split(",")) == {
        "creation",
        "creation-with-upload",
        "creation-defer-length",
        "expiration",
        "checksum",
        "termination",
    }


@pytest.mark.parametrize("version", [None, "0.2.2"])
def test_another_version_changes_nothing(desk: Desk, version: str | None) -> None:
    place = begun(desk, {"Upload-Length": "3"})
    headers = BYTES | {"Upload-Offset": "0", "Upload-Length": "3"} | ({"Tus-Resumable": version} if version else {})
    for method, path in (("POST", "/uploads"), ("PATCH", place), ("DELETE", place)):
        reply = desk.phone("lin").open(method, path, headers=headers, data=b"abc")
        told(reply, 412, "tus-version-unsupported")
        assert reply.headers["Tus-Version"] == "1.0.0"
    assert desk.phone("lin").open("HEAD", place, headers=headers).status_code == 412
    assert offset_of(ask(desk, place)) == 0


def test_the_question_is_answered_in_full_and_kept_by_no_cache(desk: Desk) -> None:
    headers = {"Upload-Length": "5", "Upload-Metadata": said(filename="照片.jpg") + ",mine"}
    place = begun(desk, headers)
    reply = ask(desk, place)
    assert reply.status_code == 200
    assert (reply.headers["Upload-Length"], offset_of(reply)) == ("5", 0)
    assert reply.headers["Upload-Metadata"] == headers["Upload-Metadata"]
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Upload-Defer-Length" not in reply.headers
    assert "Upload-Offset" in reply.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("metadata", [{}, {"Upload-Metadata": ""}])
def test_empty_metadata_is_fine(desk: Desk, metadata: dict[str, str]) -> None:
    """The upload's own id is the photo's; nobody claims it, and it is kept."""
    data = photo(102)
    place = begun(desk, {"Upload-Length": str(len(data))} | metadata)
    assert "Upload-Metadata" not in ask(desk, place).headers
    offset_of(send(desk, place, 0, data))
    uuid = place.rsplit("/", 1)[1]
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["sha256"] == sha256(data).hexdigest()


def test_a_wrong_type_is_refused_unread(desk: Desk) -> None:
    place = begun(desk, {"Upload-Length": "3"})
    for kind in ("application/octet-stream", "image/jpeg"):
        told(send(desk, place, 0, b"abc", Content_Type=kind), 415, "upload-type-unsupported")
    told(
        create(desk, {"Upload-Length": "3", "Content-Type": "image/jpeg"}, data=b"abc"), 415, "upload-type-unsupported"
    )
    assert offset_of(ask(desk, place)) == 0


@pytest.mark.parametrize("start", [0, 2, 4])
def test_a_wrong_offset_changes_nothing(desk: Desk, start: int) -> None:
    place = begun(desk, {"Upload-Length": "9"})
    assert offset_of(send(desk, place, 0, b"abc")) == 3
    problem = told(send(desk, place, start, b"XYZ"), 409, "upload-offset-mismatch")
    assert problem["facts"] == {"offset": 3, "said": start}
    assert offset_of(ask(desk, place)) == 3


@pytest.mark.parametrize("offset", ["", "-1", "x", "1.5", "9" * 30])
def test_an_odd_offset_is_refused(desk: Desk, offset: str) -> None:
    told(send(desk, begun(desk, {"Upload-Length": "9"}), 0, b"x", Upload_Offset=offset), 400, "upload-header-invalid")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 400, "upload-header-invalid"),
        ({"Upload-Length": "-1"}, 400, "upload-header-invalid"),
        ({"Upload-Length": "9", "Upload-Defer-Length": "1"}, 400, "upload-header-invalid"),
        ({"Upload-Defer-Length": "2"}, 400, "upload-header-invalid"),
        ({"Upload-Length": "99999999999"}, 413, "upload-too-large"),
        ({"Upload-Length": "9", "Upload-Concat": "partial"}, 400, "upload-parts-unsupported"),
        ({"Upload-Length": "9", "Upload-Metadata": "a b c"}, 400, "upload-metadata-invalid"),
        ({"Upload-Length": "9", "Upload-Metadata": said(photo="no")}, 400, "upload-metadata-invalid"),
        ({"Upload-Length": "9", "Upload-Metadata": said(sha256="X" * 64)}, 400, "upload-metadata-invalid"),
        ({"Upload-Length": "9", "Upload-Metadata": said(taken_at="2026")}, 400, "upload-metadata-invalid"),
        ({"Upload-Length": "9", "Upload-Metadata": said(filename="a\x00b")}, 400, "upload-metadata-invalid"),
        ({"Upload-Length": "9", "Upload-Metadata": said(source="drawn")}, 400, "upload-metadata-invalid"),
        ({"Upload-Length": "9", "Upload-Metadata": said(fix="[")}, 400, "upload-metadata-invalid"),
        ({"Upload-Length": "9", "Upload-Metadata": said(fix="3")}, 400, "upload-metadata-invalid"),
        ({"Upload-Length": "9", "Upload-Metadata": said(fix="[" * 2900)}, 400, "upload-metadata-invalid"),
        (
            {"Upload-Length": "9", "Upload-Metadata": said(fix='{"longitude":NaN,"latitude":1,"datum":"wgs84"}')},
            400,
            "upload-metadata-invalid",
        ),
        ({"Upload-Length": "9", "Upload-Checksum": "md5 " + "A" * 22 + "=="}, 400, "upload-checksum-invalid"),
    ],
)
def test_odd_creations_are_refused(desk: Desk, headers: dict[str, str], status: int, code: str) -> None:
    told(create(desk, headers), status, code)


def test_faulty_notes_are_pointed_at(desk: Desk) -> None:
    fix = '{"longitude":181,"latitude":"x","datum":"mars"}'
    problem = told(
        create(desk, {"Upload-Length": "9", "Upload-Metadata": said(fix=fix, item="x" * 30)}),
        400,
        "upload-metadata-invalid",
    )
    assert [row["pointer"] for row in problem["errors"]] == ["/fix", "/item"]
    assert all(name in problem["errors"][0]["reason"] for name in ("longitude", "latitude", "datum"))


def test_nothing_is_complete_at_once(desk: Desk) -> None:
    reply = create(desk, {"Upload-Length": "0"})
    assert (reply.status_code, offset_of(reply)) == (201, 0)
    place = reply.headers["Location"].removeprefix(PREFIX)
    assert (offset_of(ask(desk, place)), ask(desk, place).headers["Upload-Length"]) == (0, "0")
    assert offset_of(send(desk, place, 0, b"")) == 0
    refused(desk.phone("lin").get(f"/photos/{place.rsplit('/', 1)[1]}"), 404, "photo-not-found")
    told(create(desk, {"Upload-Length": "0", "Upload-Metadata": said(sha256="0" * 64)}), 460, "digest-mismatch")


def test_a_creation_may_bring_the_first_bytes_or_all(desk: Desk) -> None:
    data, uuid = photo(103), uuid4()
    first = create(desk, of_photo(data, uuid) | BYTES, data=data[:1000])
    assert (first.status_code, offset_of(first)) == (201, 1000)
    again = create(desk, of_photo(data, uuid) | BYTES, data=data)
    assert (again.headers["Location"], offset_of(again)) == (first.headers["Location"], 1000)
    assert offset_of(send(desk, first.headers["Location"].removeprefix(PREFIX), 1000, data[1000:])) == len(data)
    whole, uuid = photo(104), uuid4()
    assert offset_of(create(desk, of_photo(whole, uuid) | BYTES, data=whole)) == len(whole)
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["sha256"] == sha256(whole).hexdigest()


def test_the_length_may_come_later_and_then_stays(desk: Desk) -> None:
    data = photo(105)
    place = begun(desk, {"Upload-Defer-Length": "1"})
    reply = ask(desk, place)
    assert (reply.headers["Upload-Defer-Length"], "Upload-Length" in reply.headers) == ("1", False)
    assert offset_of(send(desk, place, 0, data[:100])) == 100
    told(send(desk, place, 100, b"", Upload_Length="99"), 409, "upload-length-fixed")
    told(send(desk, place, 100, b"", Upload_Length=str(10**9)), 413, "upload-too-large")
    assert offset_of(send(desk, place, 100, data[100:200], Upload_Length=str(len(data)))) == 200
    assert ask(desk, place).headers["Upload-Length"] == str(len(data))
    told(send(desk, place, 200, b"", Upload_Length=str(len(data) + 1)), 409, "upload-length-fixed")
    assert offset_of(send(desk, place, 200, data[200:], Upload_Length=str(len(data)))) == len(data)


def test_more_than_was_announced_is_refused_whole(desk: Desk) -> None:
    place = begun(desk, {"Upload-Length": "4"})
    assert offset_of(send(desk, place, 0, b"ab")) == 2
    told(send(desk, place, 2, b"cde"), 413, "upload-overflows")
    told(send_chunked(desk, place, 2, Chunked(b"cd", b"e")), 413, "upload-overflows")
    assert offset_of(ask(desk, place)) == 2


class Chunked:
    """A body of no announced length, as a server hands it on; it may break off."""

    def __init__(self, *parts: bytes, breaks: bool = False) -> None:
        self._parts: Iterator[bytes] = iter(parts)
        self._breaks = breaks

    def read(self, _most: int = -1) -> bytes:
        part = next(self._parts, b"")
        if not part and self._breaks:
            raise ConnectionResetError
        return part


def send_chunked(desk: Desk, place: str, offset: int, body: Chunked) -> TestResponse:
    headers = TUS | BYTES | {"Upload-Offset": str(offset), "Transfer-Encoding": "chunked"}
    given = {"wsgi.input": body, "wsgi.input_terminated": True}
    return desk.phone("lin").patch(place, headers=headers, environ_overrides=given)


@pytest.mark.parametrize("breaks", [False, True])
def test_a_chunked_body_counts_as_far_as_it_came(desk: Desk, breaks: bool) -> None:
    place = begun(desk, {"Upload-Length": "9"})
    assert offset_of(send_chunked(desk, place, 0, Chunked(b"ab", b"cd", breaks=breaks))) == 4
    assert offset_of(ask(desk, place)) == 4


def test_a_cut_body_counts_as_far_as_it_came(desk: Desk) -> None:
    data, uuid = photo(106), uuid4()
    place = begun(desk, of_photo(data, uuid))
    headers = TUS | BYTES | {"Upload-Offset": "0"}
    whole = {"CONTENT_LENGTH": str(len(data))}
    desk.phone("lin").patch(place, headers=headers, data=data[:3000], environ_overrides=whole)
    assert offset_of(ask(desk, place)) == 3000
    assert offset_of(send(desk, place, 3000, data[3000:])) == len(data)


@pytest.mark.parametrize(("name", "make"), [("sha1", sha1), ("sha256", sha256)])
def test_a_piece_with_a_checksum_counts_only_when_it_fits(desk: Desk, name: str, make: Any) -> None:
    place = begun(desk, {"Upload-Length": "9"})
    right = f"{name} {b64encode(make(b'abc').digest()).decode()}"
    told(send(desk, place, 0, b"abC", Upload_Checksum=right), 460, "checksum-mismatch")
    assert offset_of(ask(desk, place)) == 0
    assert offset_of(send(desk, place, 0, b"abc", Upload_Checksum=right)) == 3
    told(send(desk, place, 3, b"x", Upload_Checksum="crc32 AAAA"), 400, "upload-checksum-invalid")
    assert offset_of(ask(desk, place)) == 3


def test_other_bytes_than_announced_begin_again_at_nothing(desk: Desk) -> None:
    data, uuid = photo(107), uuid4()
    other = bytes([data[0] ^ 1]) + data[1:]
    place = begun(desk, of_photo(data, uuid))
    problem = told(send(desk, place, 0, other), 460, "digest-mismatch")
    assert problem["facts"]["received"] == sha256(other).hexdigest()
    assert not desk.house.storage.exists(sha256(other).hexdigest())
    assert offset_of(ask(desk, place)) == 0
    assert offset_of(send(desk, place, 0, data)) == len(data)
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["sha256"] == sha256(data).hexdigest()


def test_other_bytes_under_a_used_id_are_kept_aside(desk: Desk) -> None:
    first, other, uuid = photo(108), photo(109), uuid4()
    offset_of(send(desk, begun(desk, of_photo(first, uuid)), 0, first))
    place = begun(desk, of_photo(other, uuid))
    problem = told(send(desk, place, 0, other), 409, "upload-differs")
    assert offset_of(ask(desk, place)) == len(other)
    kept = ok(desk.console("chen").get(f"/evidence/{problem['facts']['kept_as']}"))
    assert kept["sha256"] == sha256(other).hexdigest()
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["sha256"] == sha256(first).hexdigest()


def test_a_repeated_creation_is_the_same_upload(desk: Desk) -> None:
    data, uuid = photo(110), uuid4()
    place = begun(desk, of_photo(data, uuid))
    offset_of(send(desk, place, 0, data[:500]))
    again = create(desk, of_photo(data, uuid))
    assert (again.status_code, again.headers["Location"], offset_of(again)) == (201, PREFIX + place, 500)
    told(create(desk, of_photo(data, uuid) | {"Upload-Length": "7"}), 409, "upload-length-fixed")
    offset_of(send(desk, place, 500, data[500:]))
    done = create(desk, of_photo(data, uuid))
    assert (done.headers["Location"], offset_of(done)) == (PREFIX + place, len(data))
    assert begun(desk, of_photo(data, uuid4())) != place
    assert begun(desk, of_photo(data, uuid), "he") != place


def test_five_creations_at_once_are_one_upload(desk: Desk) -> None:
    headers = desk.phone("lin").headers | TUS | of_photo(photo(111))
    clients = [desk.client() for _ in range(5)]

    def begin(client: Any) -> tuple[int, str]:
        reply = client.post(f"{PREFIX}/uploads", headers=headers)
        return reply.status_code, reply.headers.get("Location", "")

    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(begin, clients))
    assert len(set(found)) == 1
    assert found[0][0] == 201


def test_the_last_request_again_is_answered_as_if_it_were_the_first(desk: Desk) -> None:
    """The answer was lost: one client asks, one sends nothing more from the end, one sends all once more."""
    data, uuid = photo(112), uuid4()
    place = begun(desk, of_photo(data, uuid))
    offset_of(send(desk, place, 0, data))
    assert offset_of(ask(desk, place)) == len(data)
    assert offset_of(send(desk, place, len(data), b"")) == len(data)
    told(send(desk, place, 0, data), 409, "upload-offset-mismatch")
    told(send(desk, place, len(data), b"x"), 413, "upload-overflows")
    found = [e for e in desk.console("chen").items("/evidence") if e["sha256"] == sha256(data).hexdigest()]
    assert [e["uuid"] for e in found] == [str(uuid)]


def test_a_server_that_died_before_the_commit_finishes_when_asked(
    desk: Desk, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, uuid = photo(113), uuid4()
    place = begun(desk, of_photo(data, uuid))

    def die(*_: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(evidence, "keep_photo", die)
        send(desk, place, 0, data)
    refused(desk.phone("lin").get(f"/photos/{uuid}"), 404, "photo-not-found")
    assert offset_of(ask(desk, place)) == len(data)
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["sha256"] == sha256(data).hexdigest()


def test_a_wrong_whole_that_was_left_behind_is_told_as_nothing(desk: Desk, house: House) -> None:
    data = photo(114)
    place = begun(desk, of_photo(data))
    with house.storage.pieces.take(UUID(place.rsplit("/", 1)[1]), patience_s=0) as piece:
        piece.append([b"x" * len(data)], room=len(data))
    assert offset_of(ask(desk, place)) == 0


def _impatient(settings: Settings) -> Settings:
    return replace(settings, uploads=replace(settings.uploads, lock_s=0.05))


def test_one_connection_at_a_time_and_a_silent_one_gives_way(
    desk: Desk, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = begun(desk, {"Upload-Length": "9"})
    upload = UUID(place.rsplit("/", 1)[1])
    monkeypatch.setattr(house, "settings", _impatient(house.settings))
    with house.storage.pieces.take(upload, patience_s=0) as held:
        held.append([b"ab"], room=9)
        with monkeypatch.context() as patched:
            moves = iter(range(10**9))
            patched.setattr(disk_pieces, "_footprint", lambda _path: (0, next(moves)))
            reply = ask(desk, place)
            assert (reply.status_code, "Upload-Offset" in reply.headers) == (423, False)
            assert reply.headers["Retry-After"] == "1"
            assert told(send(desk, place, 2, b"cd"), 423, "upload-locked")
        assert offset_of(ask(desk, place)) == 2
    assert offset_of(send(desk, place, 2, b"cd")) == 4


def test_what_is_given_up_is_unknown(desk: Desk) -> None:
    data, uuid = photo(115), uuid4()
    place = begun(desk, of_photo(data, uuid))
    offset_of(send(desk, place, 0, data[:100]))
    reply = desk.phone("lin").delete(place, headers=TUS)
    assert (reply.status_code, reply.get_data()) == (204, b"")
    gone(desk, place)
    told(desk.phone("lin").delete(place, headers=TUS), 404, "upload-not-found")
    assert UUID(place.rsplit("/", 1)[1]) not in lying(desk)
    place = begun(desk, of_photo(data, uuid))
    offset_of(send(desk, place, 0, data))
    assert desk.phone("lin").delete(place, headers=TUS).status_code == 204
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["size"] == len(data)


def test_uploads_of_others_and_of_nobody_are_unknown(desk: Desk) -> None:
    place = begun(desk, {"Upload-Length": "3"}, "he")
    gone(desk, place)
    gone(desk, f"/uploads/{uuid4()}")
    assert offset_of(ask(desk, place, "he")) == 0


def test_without_a_token_nothing_is_told(desk: Desk) -> None:
    place = begun(desk, {"Upload-Length": "3"})
    reply = desk.client().patch(PREFIX + place, headers=TUS | BYTES | {"Upload-Offset": "0"}, data=b"abc")
    told(reply, 401, "token-missing")
    assert offset_of(ask(desk, place)) == 0


@pytest.mark.parametrize(
    ("method", "override", "status"),
    [
        ("POST", "PATCH", 204),
        ("POST", "patch", 204),
        ("POST", "HEAD", 200),
        ("POST", "DELETE", 204),
        ("GET", "OPTIONS", 204),
    ],
)
def test_the_method_may_be_overridden(desk: Desk, method: str, override: str, status: int) -> None:
    place = begun(desk, {"Upload-Length": "9"})
    headers = desk.phone("lin").headers | TUS | BYTES | {"Upload-Offset": "0", "X-HTTP-Method-Override": override}
    client = FlaskClient(desk.app, desk.app.response_class)  # the document knows the methods, not their disguises
    reply = client.open(PREFIX + place, method=method, headers=headers, data=b"abc" if status == 204 else b"")
    assert reply.status_code == status
    assert desk.client().post(PREFIX + place, headers=desk.phone("lin").headers | TUS).status_code == 405
    elsewhere = {"X-HTTP-Method-Override": "DELETE"} | desk.phone("lin").headers
    assert desk.client().get(f"{PREFIX}/checklists", headers=elsewhere).status_code == 200


def test_expiry_is_told_and_an_expired_one_is_unknown_and_swept(desk: Desk, clock: Clock) -> None:
    days = desk.house.settings.uploads.expiry_days
    data, uuid = photo(116), uuid4()
    done = begun(desk, of_photo(data, uuid))
    offset_of(send(desk, done, 0, data))
    place = begun(desk, of_photo(photo(117)))
    reply = send(desk, place, 0, b"\xff")
    expires = parse_date(reply.headers["Upload-Expires"])
    assert expires is not None
    assert (expires - clock.at).days in (days - 1, days)
    clock.advance(days=days - 1)
    assert offset_of(ask(desk, done)) == len(data)
    clock.advance(days=1, seconds=1)
    gone(desk, place)
    gone(desk, done)
    assert sweep(desk.house) >= 1
    assert lying(desk) == []
    assert sweep(desk.house) == 0
    again = begun(desk, of_photo(data, uuid))
    assert offset_of(send(desk, again, 0, data)) == len(data)
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["sha256"] == sha256(data).hexdigest()


def test_an_expired_one_not_yet_swept_begins_anew(desk: Desk, clock: Clock) -> None:
    data, uuid = photo(118), uuid4()
    place = begun(desk, of_photo(data, uuid))
    offset_of(send(desk, place, 0, data[:10]))
    clock.advance(days=desk.house.settings.uploads.expiry_days, seconds=1)
    assert begun(desk, of_photo(data, uuid)) != place
    assert sweep(desk.house) == 1


def test_nobody_fills_the_disk_with_beginnings(desk: Desk, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with house.unit(writing=False) as uow:
        mine = User.id == Upload.user_id, User.login == "zhou"
        standing = uow.session.scalar(select(func.count(Upload.id)).where(*mine, Upload.completed_at.is_(None))) or 0
    few = replace(house.settings.uploads, most_open=standing + 2)
    monkeypatch.setattr(house, "settings", replace(house.settings, uploads=few))
    first, second, third = (photo(n) for n in (931, 932, 933))
    place = begun(desk, of_photo(first), "zhou")
    named = of_photo(second)
    begun(desk, named, "zhou")
    problem = told(create(desk, of_photo(third), "zhou"), 429, "uploads-too-many")
    assert f"已有 {standing + 2} 张" in problem["detail"]
    assert offset_of(create(desk, named, "zhou")) == 0  # one that is known goes on
    assert offset_of(send(desk, place, 0, first, "zhou")) == len(first)
    begun(desk, of_photo(third), "zhou")
