"""边界文件：按内容认 GeoJSON、KML、KMZ、压缩的 Shapefile 和点表，读成一圈点。

A format that fixes its datum (GeoJSON and KML: WGS-84; a shapefile: its .prj) is believed unless the sender declares another,
because maps drawn on GCJ-02 tiles are saved as KML all the time; a plain list of points has to be declared.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import orjson

from server.domain.errors import Invalid, TooLarge
from server.domain.registers import Datum
from server.formats.kml import read_kml
from server.formats.outline import Outline, Part, agreed_datum, corner, single_ring, unreadable
from server.formats.shapefile_zip import read_shapefile_zip
from server.formats.zipped import Bounds, has_doctype, open_zip, read_part

MAX_BYTES = 5_000_000
BOUNDS = Bounds(total=60_000_000)
MAX_PARTS = 500
DEEPEST = 20
_GROUPS = {
    "FeatureCollection": ("features", "第 {number} 个要素"),
    "GeometryCollection": ("geometries", "{name}（{number}）"),
}
_IDLE = ("Point", "MultiPoint", "LineString", "MultiLineString")
_KINDS = (*_GROUPS, *_IDLE, "Feature", "Polygon", "MultiPolygon")
_CRS = {"CRS84": Datum.WGS84, "4326": Datum.WGS84, "4490": Datum.CGCS2000}


def read_boundary(data: bytes, declared: Datum | None = None) -> Outline:
    """The one polygon of a file, as drawn, with its datum.

    Raises TooLarge `boundary-file-too-large` and `archive-too-large`; Invalid `boundary-file-unreadable`, `boundary-no-polygon`,
    `boundary-several-parts`, `boundary-several-layers`, `boundary-has-holes`, `boundary-too-many-points`, `boundary-projected`,
    `boundary-datum-conflict`, `boundary-datum-unsupported`, `datum-unknown`, `position-invalid`, `archive-unreadable`.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge("boundary-file-too-large", f"边界文件超过 {MAX_BYTES // 1_000_000} MB。")
    if data[:4] == b"PK\x03\x04":
        return _zipped(data, declared)
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] == b"<" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _kml(data, declared, "kml")
    if head[:1] == b"{":
        return _geojson(head, declared)
    if head[:1] == b"[":
        ring = _points(_json(head), "点表")
        return Outline(single_ring([Part("点表", ring)]), agreed_datum(declared, None), "points")
    return _text_points(data, declared)


def _zipped(data: bytes, declared: Datum | None) -> Outline:
    with open_zip(BytesIO(data), BOUNDS) as archive:
        names = [name.lower() for name in archive.namelist()]
        if any(name.endswith(".shp") for name in names):
            parts, told = read_shapefile_zip(archive)
            return Outline(single_ring(parts), agreed_datum(declared, told), "shapefile")
        if any(name.endswith(".kml") for name in names):
            return _kml(_kml_of(archive), declared, "kmz")
    raise unreadable("压缩包里既没有 .shp 也没有 .kml")


def _kml_of(archive: ZipFile) -> bytes:
    found = [n for n in archive.namelist() if n.lower().endswith(".kml")]
    main = next((n for n in found if n.lower() == "doc.kml"), found[0])
    return read_part(archive, main, MAX_BYTES)


def _kml(data: bytes, declared: Datum | None, source: str) -> Outline:
    if has_doctype(data):
        raise unreadable("含有不允许的文档类型声明")
    datum = declared if declared not in (None, Datum.UNKNOWN) else Datum.WGS84
    return Outline(single_ring(read_kml(data)), agreed_datum(datum, None), source)


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise unreadable("不是合格的 JSON") from error


def _geojson(text: bytes, declared: Datum | None) -> Outline:
    document = _json(text)
    told = _crs(document.get("crs"))
    parts: list[Part] = []
    _gather(document, "面", parts, 0)
    datum = declared if declared not in (None, Datum.UNKNOWN) else told
    return Outline(single_ring(parts), agreed_datum(datum, None), "geojson")


def _crs(member: Any) -> Datum:
    """The old `crs` member where a file still has one; RFC 7946 knows WGS-84 alone."""
    if not isinstance(member, dict):
        return Datum.WGS84
    properties = member.get("properties")
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    found = re.search(r"(CRS84|4326|4490)$", name)
    if found is None:
        raise Invalid("boundary-projected", "文件的坐标系不是经纬度（WGS84 或 CGCS2000），请换算后再传。")
    return _CRS[found[1]]


def _gather(node: Any, name: str, parts: list[Part], depth: int) -> None:
    """Polygons of a GeoJSON object, each with the name its feature has; points and lines are passed over."""
    kind = node.get("type") if isinstance(node, dict) else None
    if kind not in _KINDS or depth > DEEPEST:
        raise unreadable("不是 GeoJSON")
    if kind in _GROUPS:
        member, word = _GROUPS[kind]
        for number, inner in enumerate(_list(node.get(member)), start=1):
            _gather(inner, word.format(name=name, number=number), parts, depth + 1)
    elif kind == "Feature" and node.get("geometry") is not None:
        _gather(node["geometry"], _feature_name(node, name), parts, depth + 1)
    elif kind == "Polygon":
        parts.append(_polygon(node.get("coordinates"), name))
    elif kind == "MultiPolygon":
        polygons = _list(node.get("coordinates"))
        several = len(polygons) > 1
        parts += [_polygon(p, f"{name}（{n}）" if several else name) for n, p in enumerate(polygons, start=1)]
    if len(parts) > MAX_PARTS:
        raise unreadable(f"超过 {MAX_PARTS} 个面")


def _feature_name(feature: dict[str, Any], otherwise: str) -> str:
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    found = next((properties[k] for k in ("name", "名称", "项目名称", "Name", "NAME") if properties.get(k)), None)
    return str(found or feature.get("id") or otherwise)[:60]


def _polygon(coordinates: Any, name: str) -> Part:
    rings = _list(coordinates)
    if not rings:
        raise unreadable(f"“{name}”没有坐标")
    return Part(name, _points(rings[0], f"“{name}”"), len(rings) - 1)


def _points(rows: Any, where: str) -> tuple[tuple[float, float], ...]:
    return tuple(corner(_numbers(row), f"{where}第 {n} 个点") for n, row in enumerate(_list(rows), start=1))


def _numbers(row: Any) -> list[Any]:
    found = _list(row)
    if any(isinstance(n, bool | str) for n in found):
        raise unreadable("坐标应为数字")
    return found


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise unreadable("结构不对")
    return value


def _text_points(data: bytes, declared: Datum | None) -> Outline:
    """Lines of `经度 纬度` (blank, comma, semicolon or tab between), with or without a heading and a running number."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise unreadable("认不出是什么文件") from None
    rows = [[n for n in re.split(r"[\s,，;；]+", line) if n] for line in text.splitlines() if line.strip()]
    if rows and not any(_is_number(word) for word in rows[0]):
        rows = rows[1:]
    if not rows:
        raise unreadable("认不出是什么文件")
    if _numbered(rows):
        rows = [row[1:] for row in rows]
    ring = tuple(corner(row, f"第 {n} 行") for n, row in enumerate(rows, start=1))
    return Outline(single_ring([Part("点表", ring)]), agreed_datum(declared, None), "points")


def _is_number(word: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", word) is not None


def _numbered(rows: list[list[str]]) -> bool:
    """Three words a line, the first a label or 1, 2, 3 …: a running number, not a longitude."""
    if any(len(row) != 3 for row in rows):
        return False
    first = [row[0] for row in rows]
    return not any(_is_number(word) for word in first) or first == [str(n) for n in range(1, len(rows) + 1)]
