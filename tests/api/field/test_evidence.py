"""证据判定：照片、手机、工地、钟放在一起看，对不上的写成话；与处理的先后无关。"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.api.desk import Desk, ok
from tests.factories.checks import STARTED, check_body
from tests.factories.photos import bare_photo, photo
from tests.factories.world import World, centre_of
from tests.people import ZHENHAI

JPEG = {"Content-Type": "image/jpeg"}
AT_SITE = centre_of(ZHENHAI, 0.02)
DURING = STARTED + timedelta(minutes=30)


def send(desk: Desk, world: World, data: bytes, **query: Any) -> UUID:
    """A check of one photo, photo first, all effects done; returns the photo's id."""
    uuid = uuid4()
    assert desk.phone("lin").put(f"/photos/{uuid}", data=data, headers=JPEG, query_string=query).status_code == 201
    ok(desk.phone("lin").put(f"/checks/{uuid4()}", json=check_body(world, photos=[uuid])), 201)
    desk.run_outbox()
    return uuid


def judged(desk: Desk, uuid: UUID) -> dict[str, Any]:
    found: dict[str, Any] = ok(desk.console("tang").get(f"/evidence/{uuid}"))
    return found


def codes(desk: Desk, uuid: UUID) -> set[str]:
    return {flag["code"] for flag in judged(desk, uuid)["flags"]}


def test_a_photo_taken_there_and_then_has_nothing_to_explain(desk: Desk, world: World) -> None:
    found = judged(desk, send(desk, world, photo(101, place=AT_SITE, taken_at=DURING)))
    assert found["flags"] == []
    assert found["agreement"] == {"time": "agrees", "place": "agrees", "originality": "agrees"}
    assert (round(found["longitude"], 6), round(found["latitude"], 6)) == (round(AT_SITE[0], 6), round(AT_SITE[1], 6))


def test_another_town_and_another_day_are_put_into_words(desk: Desk, world: World) -> None:
    far = (AT_SITE[0] + 0.1, AT_SITE[1])
    uuid = send(desk, world, photo(102, place=far, taken_at=DURING - timedelta(days=3, hours=1)))
    flags = {f["code"]: f["words"] for f in judged(desk, uuid)["flags"]}
    assert {"position-far-from-site", "captured-outside-check"} <= set(flags)
    assert "公里" in flags["position-far-from-site"]
    assert "3 天" in flags["captured-outside-check"]


def test_an_editor_and_a_missing_camera_are_told(desk: Desk, world: World) -> None:
    edited = send(desk, world, photo(103, place=AT_SITE, taken_at=DURING, software="Adobe Photoshop 25.1"))
    assert "edited-by" in codes(desk, edited)
    assert {"not-an-original", "no-position", "time-missing"} <= codes(desk, send(desk, world, bare_photo(104)))


def test_the_same_bytes_in_two_checks_point_from_the_later_to_the_earlier(desk: Desk, world: World) -> None:
    data = photo(105, place=AT_SITE, taken_at=DURING)
    first, second = send(desk, world, data), send(desk, world, data)
    assert "reused-exact" not in codes(desk, first)
    assert "reused-exact" in codes(desk, second)


def test_the_order_of_processing_does_not_matter(desk: Desk, world: World) -> None:
    """Both photos are received before either is examined; the effects are then done in the reverse order."""
    uuids = [uuid4(), uuid4()]
    for uuid, quality in zip(uuids, (90, 40), strict=True):
        data = photo(106, quality=quality, place=AT_SITE, taken_at=DURING)
        assert desk.phone("lin").put(f"/photos/{uuid}", data=data, headers=JPEG).status_code == 201
    desk.run_outbox(backwards=True)
    assert "reused-similar" not in codes(desk, uuids[0])
    assert "reused-similar" in codes(desk, uuids[1])


def test_the_ledger_is_whole_and_every_look_at_the_original_is_in_it(desk: Desk, world: World) -> None:
    uuid = send(desk, world, photo(107, place=AT_SITE, taken_at=DURING))
    before = judged(desk, uuid)
    assert before["custody_whole"]
    assert [e["act"] for e in before["custody"]][:2] == ["received", "linked"]
    original = desk.console("tang").get(f"/evidence/{uuid}/original")
    assert original.data == photo(107, place=AT_SITE, taken_at=DURING)
    original.close()
    after = judged(desk, uuid)
    assert [e["act"] for e in after["custody"]][-1] == "viewed"
    assert after["custody_whole"]


def test_a_photo_no_check_mentions_is_kept_and_shown(desk: Desk) -> None:
    uuid = uuid4()
    assert desk.phone("lin").put(f"/photos/{uuid}", data=photo(108), headers=JPEG).status_code == 201
    desk.run_outbox()
    assert str(uuid) in {p["uuid"] for p in desk.console("tang").items("/evidence", unmatched="true")}
