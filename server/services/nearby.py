"""附近的对象：位置按声明的坐标系换算，再问名录。"""

from __future__ import annotations

from typing import Any

from server.domain.errors import FieldError, Invalid
from server.domain.registers import Datum, Ring, close_ring
from server.formats.datum import to_wgs84
from server.queries import nearby
from server.services.subject_places import ring_in_wgs84
from server.uow import UnitOfWork


def _check_datum(datum: Datum) -> None:
    if datum is Datum.UNKNOWN:
        raise Invalid("datum-unknown", "请说明坐标系。", errors=[FieldError("/datum", "不能为 unknown")])


def subjects_near(
    uow: UnitOfWork, longitude: float, latitude: float, datum: Datum, metres: float, limit: int
) -> dict[str, Any]:
    """`items`, nearest first, and whether there are `more` within the distance; raises Invalid `datum-unknown`."""
    _check_datum(datum)
    lon, lat = to_wgs84(longitude, latitude, datum.value)
    found = nearby.subjects_near(uow.session, uow.scope, lon, lat, metres, limit + 1)
    return {"items": found[:limit], "more": len(found) > limit}


def subjects_inside(uow: UnitOfWork, ring: Ring, datum: Datum) -> dict[str, Any]:
    """The subjects inside a ring; raises Invalid `datum-unknown`, `boundary-invalid`, `boundary-crosses-itself`."""
    _check_datum(datum)
    corners = ring_in_wgs84(close_ring(ring), datum.value)
    found = nearby.subjects_inside(uow.session, uow.scope, corners, nearby.MOST_INSIDE + 1)
    return {"items": found[: nearby.MOST_INSIDE], "more": len(found) > nearby.MOST_INSIDE}
