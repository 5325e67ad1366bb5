"""边界文件：按内容认，坐标系听声明，一块、没有洞。"""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.domain.errors import Invalid, TooLarge
from server.domain.registers import Datum
from server.formats.boundary_files import MAX_BYTES, read_boundary
from tests.factories.drawings import (
    EAST,
    HOLE,
    SQUARE,
    clockwise,
    geojson,
    kml,
    polygon,
    shape_parts,
    zipped,
)

LINES = "\n".join(f"{lon} {lat}" for lon, lat in SQUARE).encode()
CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}


def refusal(data: bytes, declared: Datum | None = None) -> Invalid:
    with pytest.raises(Invalid) as refused:
        read_boundary(data, declared)
    return refused.value


FILES = [
    ("geojson", geojson(polygon(SQUARE)), "wgs84"),
    ("geojson", b"\xef\xbb\xbf" + json.dumps(polygon(SQUARE)).encode(), "wgs84"),
    ("geojson", geojson(polygon(SQUARE), crs=CRS), "cgcs2000"),
    (
        "geojson",
        json.dumps({"type": "MultiPolygon", "coordinates": [polygon(SQUARE)["coordinates"]]}).encode(),
        "wgs84",
    ),
    ("kml", kml(("一号地", [SQUARE]), ("大门", [])), "wgs84"),
    ("kmz", zipped({"doc.kml": kml(("一号地", [SQUARE])), "files/icon.png": b"png"}), "wgs84"),
    ("shapefile", zipped(shape_parts(("一号地", [clockwise(SQUARE)]))), "wgs84"),
]


@pytest.mark.parametrize(("source", "data", "datum"), FILES, ids=[f"{n}-{f[0]}" for n, f in enumerate(FILES)])
def test_the_kind_of_file_is_known_by_its_content(source: str, data: bytes, datum: str) -> None:
    found = read_boundary(data)
    assert (found.source, found.datum.value) == (source, datum)
    assert set(found.ring) == set(SQUARE)
    assert len(found.ring) == 5


@pytest.mark.parametrize(
    "data",
    [
        LINES,
        LINES.replace(b" ", b","),
        "经度\t纬度\n".encode() + LINES.replace(b" ", b"\t"),
        "经度，纬度\n".encode("gb18030") + LINES,
        "\n".join(f"{n},{lon},{lat}" for n, (lon, lat) in enumerate(SQUARE, start=1)).encode(),
        "\n".join(f"J{n} {lon} {lat}" for n, (lon, lat) in enumerate(SQUARE, start=1)).encode(),
        json.dumps(SQUARE).encode(),
    ],
)
def test_a_list_of_points_needs_a_declared_datum(data: bytes) -> None:
    assert refusal(data).code == "datum-unknown"
    assert refusal(data, Datum.UNKNOWN).code == "datum-unknown"
    found = read_boundary(data, Datum.GCJ02)
    assert (found.source, found.datum, found.ring) == ("points", Datum.GCJ02, SQUARE)


@pytest.mark.parametrize("data", [geojson(polygon(SQUARE)), kml(("一号地", [SQUARE]))])
def test_a_drawing_on_shifted_tiles_is_believed_as_declared(data: bytes) -> None:
    assert read_boundary(data, Datum.GCJ02).datum is Datum.GCJ02


def test_several_parts_are_named() -> None:
    several: list[bytes] = [
        kml(("一号地", [SQUARE]), ("二号地", [EAST])),
        zipped(shape_parts(("一号地", [clockwise(SQUARE)]), ("二号地", [clockwise(EAST)]))),
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {"type": "Feature", "properties": {"name": name}, "geometry": polygon(ring)}
                    for name, ring in (("一号地", SQUARE), ("二号地", EAST))
                ],
            }
        ).encode(),
    ]
    for data in several:
        found = refusal(data)
        assert (found.code, found.facts["parts"]) == ("boundary-several-parts", ["一号地", "二号地"])
        assert "一号地、二号地" in found.detail


def test_holes_are_named() -> None:
    for data in (
        geojson(polygon(SQUARE, HOLE)),
        kml(("一号地", [SQUARE, HOLE])),
        zipped(shape_parts(("一号地", [clockwise(SQUARE), HOLE]))),
    ):
        found = refusal(data)
        assert (found.code, found.facts) == ("boundary-has-holes", {"part": "一号地", "holes": 1})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "boundary-file-unreadable"),
        (b"hello", "boundary-file-unreadable"),
        (b"\xff\xfe<\0k\0", "boundary-file-unreadable"),
        (b"\x80\xff\xff\xff", "boundary-file-unreadable"),
        (b"{", "boundary-file-unreadable"),
        (b'{"type":"Topology"}', "boundary-file-unreadable"),
        (b'{"type":["Polygon"]}', "boundary-file-unreadable"),
        (geojson(None), "boundary-no-polygon"),
        (geojson({"type": "LineString", "coordinates": [[1, 2], [3, 4]]}), "boundary-no-polygon"),
        (geojson(polygon([(1e9, 3e6)])), "position-invalid"),
        (geojson({"type": "Polygon", "coordinates": [[["121", "29"]]]}), "boundary-file-unreadable"),
        (geojson({"type": "Polygon", "coordinates": []}), "boundary-file-unreadable"),
        (geojson({"type": "Polygon", "coordinates": [[[121]]]}), "boundary-file-unreadable"),
        (geojson(polygon(SQUARE), crs={"type": "name", "properties": {"name": "EPSG:4528"}}), "boundary-projected"),
        (zipped({"a.txt": b"x"}), "boundary-file-unreadable"),
        (b"PK\x03\x04broken", "archive-unreadable"),
        (b"[1,2]", "boundary-file-unreadable"),
        (b"500000 3300000\n", "position-invalid"),
    ],
)
def test_what_is_no_boundary_is_refused(data: bytes, code: str) -> None:
    assert refusal(data, Datum.WGS84).code == code


def test_deep_and_long_files_are_bounded() -> None:
    deep: Any = polygon(SQUARE)
    for _ in range(50):
        deep = {"type": "GeometryCollection", "geometries": [deep]}
    assert refusal(json.dumps(deep).encode()).code == "boundary-file-unreadable"
    many = {"type": "GeometryCollection", "geometries": [polygon(SQUARE)] * 501}
    assert refusal(json.dumps(many).encode()).code == "boundary-file-unreadable"
    ring = [(121 + n * 1e-6, 29.0) for n in range(2002)]
    assert refusal(geojson(polygon(ring))).code == "boundary-too-many-points"
    with pytest.raises(TooLarge) as large:
        read_boundary(b" " * (MAX_BYTES + 1))
    assert large.value.code == "boundary-file-too-large"


def test_a_bomb_is_refused() -> None:
    with pytest.raises(TooLarge) as refused:
        read_boundary(zipped({"doc.kml": b"\0" * 50_000_000}))
    assert refused.value.code == "archive-too-large"
