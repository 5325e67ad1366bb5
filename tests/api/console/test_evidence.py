"""照片交给科室负责人看：几个证人对不对得上、有没有用过、保管链；提示从不是拒收。"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.api.desk import Desk, ok, refused
from tests.factories.checks import STARTED, check_body
from tests.factories.photos import photo
from tests.factories.world import centre_of
from tests.people import ZHENHAI

SITE = centre_of(ZHENHAI, 0.02)
DURING = STARTED + timedelta(minutes=30)


def judged(desk: Desk, data: bytes, check: UUID | None = None) -> dict[str, Any]:
    """One photo of one check, sent, examined and judged."""
    check, uuid = check or uuid4(), uuid4()
    ok(desk.phone("lin").put(f"/checks/{check}", json=check_body(desk.world, photos=[uuid])), 201)
    ok(desk.phone("lin").put(f"/photos/{uuid}", data=data), 201)
    desk.run_outbox()
    told: dict[str, Any] = ok(desk.console("chen").get(f"/evidence/{uuid}"))
    return told


def codes(told: dict[str, Any]) -> set[str]:
    return {flag["code"] for flag in told["flags"]}


def test_photo_of_the_place_and_the_time_agrees(desk: Desk) -> None:
    told = judged(desk, photo(301, place=SITE, taken_at=DURING))
    assert told["agreement"] == {"time": "agrees", "place": "agrees", "originality": "agrees"}
    assert codes(told) == set()
    assert abs(told["longitude"] - SITE[0]) < 1e-6
    assert abs(told["latitude"] - SITE[1]) < 1e-6
    assert told["captured_at"] == DURING.isoformat()


def test_far_from_the_site(desk: Desk) -> None:
    told = judged(desk, photo(302, place=(SITE[0] + 0.05, SITE[1]), taken_at=DURING))
    assert "position-far-from-site" in codes(told)
    assert told["agreement"]["place"] == "disagrees"
    metres = next(f["facts"]["metres"] for f in told["flags"] if f["code"] == "position-far-from-site")
    assert 4500 < metres < 4900  # 0.05 degree of longitude at 30 N, less half the site


def test_distance_is_to_the_boundary_not_to_the_centre(desk: Desk) -> None:
    told = judged(desk, photo(303, place=(SITE[0] + 0.0010, SITE[1] + 0.0010), taken_at=DURING))
    assert told["agreement"]["place"] == "agrees"


def test_without_a_position_the_phone_is_the_witness(desk: Desk) -> None:
    told = judged(desk, photo(304, taken_at=DURING))
    assert "no-position" in codes(told)
    assert told["agreement"]["place"] == "agrees"
    assert told["longitude"] is None


def test_edited_photo_is_named_with_its_program(desk: Desk) -> None:
    told = judged(desk, photo(305, place=SITE, taken_at=DURING, software="Snapseed 2.0"))
    flag = next(f for f in told["flags"] if f["code"] == "edited-by")
    assert "Snapseed 2.0" in flag["words"]
    assert told["agreement"]["originality"] == "disagrees"


def test_firmware_is_no_editor(desk: Desk) -> None:
    told = judged(desk, photo(306, place=SITE, taken_at=DURING, software="HDR+ 1.0.570503588zd"))
    assert "edited-by" not in codes(told)


@pytest.mark.parametrize("days", [-40, -1])
def test_taken_on_another_day(desk: Desk, days: int) -> None:
    told = judged(desk, photo(307 + days, place=SITE, taken_at=DURING + timedelta(days=days)))
    assert told["agreement"]["time"] == "disagrees"


def test_no_camera_is_a_notice(desk: Desk) -> None:
    told = judged(desk, photo(309, camera=""))
    assert "not-an-original" in codes(told)


def test_same_bytes_in_another_check(desk: Desk) -> None:
    data = photo(310, place=SITE, taken_at=DURING)
    first, second = judged(desk, data), judged(desk, data)
    assert "reused-exact" in codes(second)
    assert first["uuid"] != second["uuid"]


def test_same_picture_saved_anew_in_another_check(desk: Desk) -> None:
    judged(desk, photo(311, place=SITE, taken_at=DURING, quality=92))
    told = judged(desk, photo(311, place=SITE, taken_at=DURING, quality=60))
    assert "reused-similar" in codes(told)


def test_another_picture_of_the_same_place_is_not_alike(desk: Desk) -> None:
    told = judged(desk, photo(312, place=SITE, taken_at=DURING))
    assert not {c for c in codes(told) if c.startswith("reused")}


def test_order_of_work_does_not_change_who_came_first(desk: Desk) -> None:
    """The later receipt points at the earlier one even when it is examined first."""
    data, ids = photo(313, place=SITE, taken_at=DURING), [uuid4(), uuid4()]
    for uuid in ids:
        check = uuid4()
        ok(desk.phone("lin").put(f"/checks/{check}", json=check_body(desk.world, photos=[uuid])), 201)
        ok(desk.phone("lin").put(f"/photos/{uuid}", data=data), 201)
    rows = desk._open_rows()
    from server.outbox import Event
    from server.services import outbox
    from workers.handlers import HANDLERS

    for row_id in reversed(rows):
        with desk.house.unit() as uow:
            claim = outbox.claim(uow, row_id)
        assert claim is not None
        HANDLERS[Event(claim.event)](desk.house, claim)
    desk.run_outbox()
    first, second = (ok(desk.console("chen").get(f"/evidence/{u}")) for u in ids)
    assert "reused-exact" in codes(second)
    assert "reused-exact" not in codes(first)


def test_every_viewing_is_a_line_of_the_ledger(desk: Desk) -> None:
    data = photo(314, place=SITE, taken_at=DURING)
    uuid = judged(desk, data)["uuid"]
    for _ in range(2):
        reply = desk.console("chen").get(f"/evidence/{uuid}/original")
        assert reply.get_data() == data
        reply.close()
    told = ok(desk.console("chen").get(f"/evidence/{uuid}"))
    assert [e["act"] for e in told["custody"]].count("viewed") == 2
    assert told["custody_whole"]
    assert all("陈" not in e["actor"] for e in told["custody"])


def test_tampered_ledger_is_seen(desk: Desk) -> None:
    from sqlalchemy import update

    from server.models.evidence import CustodyEntry, Evidence

    uuid = judged(desk, photo(315, place=SITE, taken_at=DURING))["uuid"]
    with desk.house.unit() as uow:
        mine = Evidence.__table__.select().where(Evidence.uuid == uuid).with_only_columns(Evidence.id).scalar_subquery()
        rows = update(CustodyEntry).where(CustodyEntry.evidence_id == mine, CustodyEntry.seq == 2)
        uow.session.execute(rows.values(actor="nobody"))
    assert not ok(desk.console("chen").get(f"/evidence/{uuid}"))["custody_whole"]


@pytest.mark.parametrize(("size", "most"), [("large", 1600), ("small", 320)])
def test_previews_are_upright_bounded_and_bare(desk: Desk, size: str, most: int) -> None:
    from io import BytesIO

    from PIL import Image

    uuid = judged(desk, photo(316, place=SITE, taken_at=DURING, size=(2000, 1000), orientation=6))["uuid"]
    with desk.console("chen").get(f"/evidence/{uuid}/preview-{size}") as reply:
        image = Image.open(BytesIO(reply.get_data()))
    assert max(image.size) == most
    assert image.height > image.width
    assert not image.getexif()


def test_foreign_evidence_is_not_shown(desk: Desk) -> None:
    check, uuid = uuid4(), uuid4()
    body = check_body(desk.world, region="441302", officers=("he", "ou"), photos=[uuid])
    ok(desk.phone("he").put(f"/checks/{check}", json=body), 201)
    ok(desk.phone("he").put(f"/photos/{uuid}", data=photo(317)), 201)
    desk.run_outbox()
    for path in ("", "/original", "/preview-small"):
        refused(desk.console("chen").get(f"/evidence/{uuid}{path}"), 404, "photo-not-found")
    assert str(uuid) not in {e["uuid"] for e in desk.console("chen").items("/evidence")}
    assert ok(desk.console("tang").get(f"/evidence/{uuid}"))["matched"]
