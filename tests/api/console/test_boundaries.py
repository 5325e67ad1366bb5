"""边界文件试读：画出来的一圈，和它的毛病；什么也不保存。"""

from __future__ import annotations

from typing import Any

import pytest

from server.formats.datum import wgs84_to_gcj02
from tests.api.desk import Desk, ok, refused
from tests.factories.drawings import EAST, SQUARE, clockwise, geojson, kml, polygon, shape_parts, zipped
from tests.people import HUICHENG, ZHENHAI

OCTETS = {"Content-Type": "application/octet-stream"}
BOW_TIE = (SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0])


def preview(desk: Desk, data: bytes, **query: str) -> dict[str, Any]:
    reply = desk.console("lu").post("/boundaries", query_string=query, data=data, headers=OCTETS)
    found: dict[str, Any] = ok(reply)
    return found


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("geojson", geojson(polygon(SQUARE))),
        ("kml", kml(("一号地", [SQUARE]))),
        ("kmz", zipped({"doc.kml": kml(("一号地", [SQUARE]))})),
        ("shapefile", zipped(shape_parts(("一号地", [clockwise(SQUARE)])))),
    ],
)
def test_a_good_drawing_is_shown(desk: Desk, source: str, data: bytes) -> None:
    found = preview(desk, data, region_code=ZHENHAI)
    assert (found["source"], found["datum"], found["faults"]) == (source, "wgs84", [])
    assert {tuple(p) for p in found["ring"]} == set(SQUARE)
    assert found["ring"] == found["ring_wgs84"]
    assert found["area_m2"] == pytest.approx(1_072_000, rel=0.01)


def test_points_are_converted_from_the_declared_datum(desk: Desk) -> None:
    shifted = [wgs84_to_gcj02(lon, lat) for lon, lat in SQUARE]
    data = "\n".join(f"{lon!r} {lat!r}" for lon, lat in shifted).encode()
    found = preview(desk, data, datum="gcj02")
    assert found["ring"] == [list(p) for p in shifted]
    for got, wanted in zip(found["ring_wgs84"], SQUARE, strict=True):
        assert got == pytest.approx(list(wanted), abs=1e-8)
    assert [f["code"] for f in preview(desk, data)["faults"]] == ["datum-unknown"]


@pytest.mark.parametrize(
    ("data", "region", "code"),
    [
        (geojson(polygon(BOW_TIE)), ZHENHAI, "boundary-crosses-itself"),
        (geojson(polygon(SQUARE)), HUICHENG, "position-far-from-region"),
        (kml(("甲", [SQUARE]), ("乙", [EAST])), ZHENHAI, "boundary-several-parts"),
        (b"nothing", ZHENHAI, "boundary-file-unreadable"),
        (b"PK\x03\x04", ZHENHAI, "archive-unreadable"),
        (geojson(polygon([(p[1] / 2, p[0] / 2) for p in SQUARE])), ZHENHAI, "position-far-from-region"),
    ],
)
def test_faults_are_told_with_their_reason(desk: Desk, data: bytes, region: str, code: str) -> None:
    found = preview(desk, data, region_code=region)
    assert [f["code"] for f in found["faults"]] == [code]
    assert found["faults"][0]["reason"]


def test_bombs_sizes_regions_and_strangers(desk: Desk) -> None:
    lu = desk.console("lu")
    bomb = zipped({"doc.kml": b"\0" * 50_000_000})
    refused(lu.post("/boundaries", data=bomb, headers=OCTETS), 413, "archive-too-large")
    refused(lu.post("/boundaries", data=b" " * 5_000_001, headers=OCTETS), 413, "upload-too-large")
    query = {"region_code": "999999"}
    refused(lu.post("/boundaries", query_string=query, data=b"{}", headers=OCTETS), 422, "region-unknown")
    refused(desk.console("chen").post("/boundaries", data=b"{}", headers=OCTETS), 403, "permission-denied")
