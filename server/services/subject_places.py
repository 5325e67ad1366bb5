"""对象的位置：原读数和坐标系照存，换算成 WGS-84 的另存一份。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.domain.errors import FieldError, Invalid
from server.domain.registers import Datum, Position, Ring, close_ring
from server.formats.datum import to_wgs84
from server.models.subjects import Subject, SubjectPlace
from server.queries.geography import point, polygon


def make_place(centre: Position, boundary: Ring | None) -> SubjectPlace:
    """A new place; raises Invalid `datum-unknown`, `boundary-invalid`, `boundary-crosses-itself`."""
    place = SubjectPlace(datum=_declared(centre).value, given={})
    _set_centre(place, centre)
    _set_boundary(place, boundary)
    return place


def change_place(subject: Subject, changes: Mapping[str, Any]) -> None:
    """Apply `centre` (Position) and `boundary` (Ring or None) of an edit.

    A boundary comes with its centre, since the centre declares the datum. A centre alone keeps the boundary, so it must be
    in the boundary's datum (Invalid `boundary-datum-differs`).
    """
    centre, place = changes.get("centre"), subject.place
    if "boundary" in changes and changes["boundary"] is not None and centre is None:
        raise Invalid(
            "datum-unknown", "修改边界要同时给出中心点和坐标系。", errors=[FieldError("/centre", "修改边界时必填")]
        )
    if place is None and centre is not None:
        subject.place = make_place(centre, changes.get("boundary"))
        return
    if place is not None and centre is not None:
        _move_centre(place, centre, keeps_boundary="boundary" not in changes)
    if place is not None and "boundary" in changes:
        _set_boundary(place, changes["boundary"])


def _move_centre(place: SubjectPlace, centre: Position, *, keeps_boundary: bool) -> None:
    datum = _declared(centre)
    if keeps_boundary and place.given.get("boundary") is not None and datum.value != place.datum:
        raise Invalid(
            "boundary-datum-differs",
            "边界是按原坐标系登记的；换坐标系请连同边界一并重报。",
            errors=[FieldError("/centre/datum", f"应为 {place.datum}", "boundary-datum-differs")],
        )
    place.datum = datum.value
    _set_centre(place, centre)


def _declared(centre: Position) -> Datum:
    if centre.datum is Datum.UNKNOWN:
        raise Invalid("datum-unknown", "请说明坐标系。", errors=[FieldError("/centre/datum", "不能为 unknown")])
    return centre.datum


def _set_centre(place: SubjectPlace, centre: Position) -> None:
    place.given = {**place.given, "centre": [centre.longitude, centre.latitude]}
    place.centre = point(*to_wgs84(centre.longitude, centre.latitude, place.datum))


def _set_boundary(place: SubjectPlace, ring: Ring | None) -> None:
    place.given = {**place.given, "boundary": None if ring is None else [list(corner) for corner in ring]}
    place.boundary = None if ring is None else polygon(ring_in_wgs84(close_ring(ring), place.datum))


def ring_in_wgs84(ring: Ring, datum: str) -> list[tuple[float, float]]:
    """Corners of a ring in WGS-84; raises Invalid `datum-unknown`, `position-invalid`."""
    return [to_wgs84(lon, lat, datum) for lon, lat in ring]
