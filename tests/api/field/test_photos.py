"""上传照片：原样收存、只写一次、有上限；不合的也收着，从不丢。"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from tests.api.desk import Desk, ok, refused
from tests.factories.checks import check_body
from tests.factories.photos import bare_photo, photo
from tests.factories.world import World

JPEG = {"Content-Type": "image/jpeg"}


def put(desk: Desk, data: bytes, uuid: object = None, login: str = "lin", **query: Any) -> TestResponse:
    return desk.phone(login).put(f"/photos/{uuid or uuid4()}", data=data, headers=JPEG, query_string=query)


def incoming(desk: Desk) -> list[str]:
    """Files of uploads under way: none may stay after an answer."""
    folder = desk.house.settings.data / "originals" / "incoming"
    return [path.name for path in folder.rglob("*") if path.is_file()]


def stored(desk: Desk, data: bytes) -> bool:
    return desk.house.storage.exists(sha256(data).hexdigest())


def test_original_is_kept_byte_for_byte(desk: Desk) -> None:
    data, uuid = photo(1), uuid4()
    told = ok(put(desk, data, uuid, name="IMG_1.jpg"), 201)
    assert (told["sha256"], told["size"], told["state"]) == (sha256(data).hexdigest(), len(data), "received")
    with desk.house.storage.open(told["sha256"]) as kept:
        assert kept.read() == data
    desk.run_outbox()
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["state"] == "examined"
    assert incoming(desk) == []


def test_same_bytes_again_are_the_same_answer(desk: Desk) -> None:
    data, uuid = photo(2), uuid4()
    first = ok(put(desk, data, uuid), 201)
    assert ok(put(desk, data, uuid), 200) == first
    assert incoming(desk) == []


def test_five_at_once_are_one_photo(desk: Desk) -> None:
    data, uuid = photo(3), uuid4()
    headers = desk.phone("lin").headers | JPEG
    clients = [desk.client() for _ in range(5)]

    def send(client: Any) -> int:
        return int(client.put(f"/api/v1/field/photos/{uuid}", data=data, headers=headers).status_code)

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(send, clients)) == [200, 200, 200, 200, 201]
    found = [e for e in desk.console("chen").items("/evidence") if e["sha256"] == sha256(data).hexdigest()]
    assert len(found) == 1


def test_other_bytes_under_a_used_id_are_kept_aside(desk: Desk) -> None:
    first, other, uuid = photo(4), photo(5), uuid4()
    ok(put(desk, first, uuid), 201)
    for _ in range(2):
        problem = refused(put(desk, other, uuid), 409, "upload-differs")
    assert stored(desk, other)
    desk.run_outbox()
    kept = ok(desk.console("chen").get(f"/evidence/{problem['facts']['kept_as']}"))
    assert (kept["sha256"], kept["matched"]) == (sha256(other).hexdigest(), False)
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["sha256"] == sha256(first).hexdigest()
    aside = [e for e in desk.console("chen").items("/evidence", unmatched="true") if e["uuid"] == kept["uuid"]]
    assert len(aside) == 1


def test_digest_that_does_not_fit_is_refused_and_nothing_stays(desk: Desk) -> None:
    data = photo(6)
    problem = refused(put(desk, data, sha256="0" * 64), 422, "digest-mismatch")
    assert problem["facts"]["received"] == sha256(data).hexdigest()
    assert not stored(desk, data)
    assert incoming(desk) == []


def test_empty_body_is_refused(desk: Desk) -> None:
    refused(put(desk, b""), 422, "upload-empty")
    assert incoming(desk) == []


def test_announced_size_over_the_limit_is_refused_unread(desk: Desk) -> None:
    limit = desk.house.settings.uploads.max_photo_bytes
    reply = desk.phone("lin").put(
        f"/photos/{uuid4()}", data=b"x", headers=JPEG, environ_overrides={"CONTENT_LENGTH": str(limit + 1)}
    )
    refused(reply, 413, "upload-too-large")


def test_cut_off_body_is_refused_and_can_be_sent_again(desk: Desk) -> None:
    data, uuid = photo(7), uuid4()
    whole = {"CONTENT_LENGTH": str(len(data))}
    reply = desk.phone("lin").put(f"/photos/{uuid}", data=data[: len(data) // 2], headers=JPEG, environ_overrides=whole)
    assert reply.status_code in (400, 422)
    assert reply.mimetype == "application/problem+json"
    assert incoming(desk) == []
    refused(desk.phone("lin").get(f"/photos/{uuid}"), 404, "photo-not-found")
    ok(put(desk, data, uuid), 201)


def test_lost_answer_is_asked_for_again(desk: Desk) -> None:
    data, uuid = photo(8), uuid4()
    told = ok(put(desk, data, uuid), 201)
    assert ok(desk.phone("lin").get(f"/photos/{uuid}")) == told


@pytest.mark.parametrize("media_type", ["text/html", "application/json", "multipart/form-data", "image/svg+xml"])
def test_other_types_are_refused(desk: Desk, media_type: str) -> None:
    reply = desk.phone("lin").put(f"/photos/{uuid4()}", data=photo(9), headers={"Content-Type": media_type})
    refused(reply, 415, "photo-type-unsupported")


def test_without_a_type_it_is_bytes(desk: Desk) -> None:
    ok(desk.phone("lin").put(f"/photos/{uuid4()}", data=photo(10)), 201)


@pytest.mark.parametrize(
    "query",
    [
        {"sha256": "x"},
        {"longitude": "nan"},
        {"latitude": "91"},
        {"datum": "mars"},
        {"check": "no"},
        {"name": "a\x00b"},
        {"name": "x" * 256},
        {"taken_at": "2026"},
        {"accuracy_m": "-1"},
    ],
)
def test_odd_claims_are_refused(desk: Desk, query: dict[str, str]) -> None:
    refused(put(desk, photo(11), **query), 422, "validation-failed")


def test_photos_of_others_are_not_shown(desk: Desk) -> None:
    uuid = uuid4()
    ok(put(desk, photo(12), uuid), 201)
    refused(desk.phone("he").get(f"/photos/{uuid}"), 404, "photo-not-found")


def _slots(desk: Desk, check: UUID) -> dict[str, str]:
    told = ok(desk.phone("lin").get(f"/checks/{check}"))
    assert told["complete"] == all(s["state"] == "verified" for s in told["slots"])
    return {s["photo"]: s["state"] for s in told["slots"]}


@pytest.mark.parametrize("order", ["check-first", "photos-first", "between", "worked-between"])
def test_every_order_ends_the_same(desk: Desk, world: World, order: str) -> None:
    check, photos = uuid4(), [uuid4(), uuid4()]
    body = check_body(world, photos=photos)
    acts = {
        "c": lambda: ok(desk.phone("lin").put(f"/checks/{check}", json=body), 201, 200),
        "a": lambda: ok(put(desk, photo(20), photos[0], check=str(check)), 201, 200),
        "b": lambda: ok(put(desk, photo(21), photos[1], check=str(check)), 201, 200),
        "w": desk.run_outbox,
    }
    words = {"check-first": "cab", "photos-first": "abc", "between": "acb", "worked-between": "awbwcwabc"}
    for word in words[order]:
        acts[word]()
    desk.run_outbox()
    assert set(_slots(desk, check).values()) == {"verified"}
    shown = ok(desk.console("chen").get(f"/checks/{check}"))
    assert (shown["slots"], shown["verified"], shown["state"]) == (2, 2, "judged")
    found = desk.console("chen").items("/evidence", check=str(check))
    assert {e["uuid"] for e in found} == {str(p) for p in photos}
    assert all(e["matched"] and e["agreement"] for e in found)


def test_photo_that_is_not_the_announced_one_leaves_the_slot_open(desk: Desk, world: World) -> None:
    check, wanted = uuid4(), uuid4()
    listed = [{"uuid": str(wanted), "item": "RMC-01-01", "sha256": "1" * 64}]
    ok(desk.phone("lin").put(f"/checks/{check}", json=check_body(world) | {"photos": listed}), 201)
    ok(put(desk, photo(22), wanted), 201)
    desk.run_outbox()
    assert _slots(desk, check) == {str(wanted): "mismatch"}


def test_unread_photo_still_fills_its_slot(desk: Desk, world: World) -> None:
    check, uuid = uuid4(), uuid4()
    ok(desk.phone("lin").put(f"/checks/{check}", json=check_body(world, photos=[uuid])), 201)
    ok(put(desk, b"\xff\xd8\xff no picture at all", uuid), 201)
    desk.run_outbox()
    assert ok(desk.phone("lin").get(f"/photos/{uuid}"))["state"] == "unreadable"
    assert _slots(desk, check) == {str(uuid): "verified"}


def test_type_is_known_by_content_not_by_name(desk: Desk) -> None:
    uuid = uuid4()
    ok(put(desk, bare_photo(23, "PNG"), uuid, name="IMG_1.jpg"), 201)
    desk.run_outbox()
    assert ok(desk.console("chen").get(f"/evidence/{uuid}"))["facts"]["container"] == "png"


def test_chunks_without_a_length_need_a_digest_that_vouches_for_them(desk: Desk) -> None:
    """A server that streams cannot see whether chunks that stopped were all of them."""
    data = photo(4711)
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    phone = desk.phone("lin")
    reply = phone.put(f"/photos/{uuid4()}", data=data, headers=JPEG, environ_overrides=chunked)
    refused(reply, 422, "body-cut-off")
    vouched = f"/photos/{uuid4()}?sha256={sha256(data).hexdigest()}"
    ok(phone.put(vouched, data=data, headers=JPEG, environ_overrides=chunked), 201)
