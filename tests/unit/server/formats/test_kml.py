"""KML：只认面，不读实体。"""

from __future__ import annotations

import pytest

from server.domain.errors import Invalid
from server.formats.kml import read_kml
from tests.factories.drawings import EAST, HOLE, SQUARE, kml

BILLION = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


def test_polygons_are_named_after_their_placemarks() -> None:
    parts = read_kml(kml(("一号地", [SQUARE]), ("", [EAST, HOLE]), ("大门", [])))
    assert [(p.name, p.holes) for p in parts] == [("一号地", 0), ("第 2 个地标", 1)]
    assert parts[0].ring == SQUARE


def test_two_polygons_of_one_placemark_are_numbered() -> None:
    data = kml(("地", [SQUARE])).replace(b"<Polygon>", b"<MultiGeometry><Polygon>")
    inner = data.split(b"<MultiGeometry>")[1].split(b"</Polygon>")[0]
    data = data.replace(b"</Polygon>", b"</Polygon>" + inner + b"</Polygon></MultiGeometry>")
    assert [p.name for p in read_kml(data)] == ["地（1）", "地（2）"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<kml>",
        b"<html/>",
        b'<?xml version="1.0" encoding="none-such"?><kml/>',
        kml(("地", [SQUARE]), head=BILLION),
        kml(("地", [SQUARE]), head='<!DOCTYPE a SYSTEM "file:///etc/passwd">'),
        kml(("地", [SQUARE])).replace(b"outerBoundaryIs", b"outer"),
        kml(("地", [SQUARE])).replace(b"121.7,", b"east,"),
    ],
)
def test_what_is_not_plain_kml_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        read_kml(data)
    assert refusal.value.code == "boundary-file-unreadable"


def test_degrees_out_of_range_are_named() -> None:
    with pytest.raises(Invalid, match="“地”第 1 个点") as refusal:
        read_kml(kml(("地", [((40421166.5, 3312345.0), *SQUARE)])))
    assert refusal.value.code == "position-invalid"


def test_the_number_of_polygons_is_bounded() -> None:
    with pytest.raises(Invalid, match="超过"):
        read_kml(kml(*[("地", [SQUARE])] * 501))
