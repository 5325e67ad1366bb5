"""压缩的 Shapefile：面图层，.prj 要写明 WGS84 或 CGCS2000 经纬度，没有 .prj 就要另行声明。"""

from __future__ import annotations

import itertools
import re
import struct
import zipfile
from collections.abc import Sequence
from contextlib import closing, suppress
from io import BytesIO

import shapefile

from server.domain.errors import Invalid
from server.domain.registers import Datum, Ring
from server.formats.outline import Part, corner, unreadable
from server.formats.zipped import read_part

MAX_SHAPES = 500
MAX_FILE = 20_000_000
MAX_WORDS = 100_000
HEADER = 100
_WGS84 = re.compile(r"WGS[_ ]?(19)?84", re.I)
_CGCS2000 = re.compile(r"CGCS[_ ]?2000|China[_ ]Geodetic[_ ]Coordinate[_ ]System[_ ]2000|China[_ ]2000", re.I)
_POLYGONS = (shapefile.POLYGON, shapefile.POLYGONZ, shapefile.POLYGONM)
_BROKEN = (
    *(shapefile.ShapefileException, struct.error, AssertionError),
    *(ValueError, IndexError, KeyError, TypeError, EOFError, OSError),
)


def read_shapefile_zip(archive: zipfile.ZipFile) -> tuple[list[Part], Datum | None]:
    """Every polygon of the one layer, and the datum its .prj tells (None without a .prj).

    Raises Invalid `boundary-file-unreadable`, `boundary-several-layers`, `boundary-projected`, `position-invalid`, TooLarge
    `archive-too-large`.
    """
    names = [n for n in archive.namelist() if n.lower().endswith(".shp") and not n.startswith("__MACOSX/")]
    if len(names) != 1:
        listed = "、".join(n.rpartition("/")[2] for n in names[:10]) or "无"
        raise Invalid("boundary-several-layers", f"压缩包里应恰有一个 .shp 图层，现有：{listed}。")
    stem = names[0][:-4]
    told = _told_datum(_sibling(archive, stem, ".prj", MAX_WORDS))
    shp = _sibling(archive, stem, ".shp", MAX_FILE)
    dbf = _sibling(archive, stem, ".dbf", MAX_FILE)
    if len(shp) < HEADER or 2 * int.from_bytes(shp[24:28]) != len(shp):
        raise unreadable("Shapefile 不完整")
    try:
        return _parts(shp, dbf, _sibling(archive, stem, ".cpg", MAX_WORDS)), told
    except _BROKEN as error:
        raise unreadable("Shapefile 已损坏") from error


def _sibling(archive: zipfile.ZipFile, stem: str, ending: str, limit: int) -> bytes:
    wanted = (stem + ending).lower()
    name = next((n for n in archive.namelist() if n.lower() == wanted), None)
    return b"" if name is None else read_part(archive, name, limit)


def _told_datum(prj: bytes) -> Datum | None:
    words = prj.decode("utf-8", "replace").strip()
    if not words:
        return None
    if re.match(r"(PROJCS|PROJCRS|PROJECTEDCRS)\b", words, re.I):
        raise Invalid("boundary-projected", "图层是投影坐标（米），请导出为经纬度（WGS84 或 CGCS2000）再传。")
    if _CGCS2000.search(words):
        return Datum.CGCS2000
    if _WGS84.search(words):
        return Datum.WGS84
    raise Invalid(
        "boundary-datum-unsupported", "图层的坐标系不是 WGS84 或 CGCS2000，请先换算。", facts={"prj": words[:200]}
    )


def _encoding(cpg: bytes) -> str:
    word = cpg.decode("ascii", "ignore").strip().lower()
    return "utf-8" if word in ("", "utf-8", "utf8", "65001") else "gb18030"


def _parts(shp: bytes, dbf: bytes, cpg: bytes) -> list[Part]:
    with closing(shapefile.Reader(shp=BytesIO(shp))) as layer:
        if layer.shapeType not in _POLYGONS:
            raise Invalid("boundary-no-polygon", f"图层是 {layer.shapeTypeName}，不是面。")
        names = _names(dbf, cpg)
        parts: list[Part] = []
        for number, shape in enumerate(layer.iterShapes()):
            if number >= MAX_SHAPES:
                raise unreadable(f"超过 {MAX_SHAPES} 个图形")
            name = names[number] if number < len(names) and names[number] else f"第 {number + 1} 个图形"
            parts += _rings(name, shape)
        return parts


def _rings(name: str, shape: shapefile.Shape | None) -> list[Part]:
    """Outer rings run clockwise, holes the other way round; holes are told with the first outer ring."""
    if shape is None or shape.shapeType == shapefile.NULL:
        return []
    starts = [*shape.parts, len(shape.points)]
    rings = [_ring(name, shape.points[a:b]) for a, b in itertools.pairwise(starts)]
    outer = [ring for ring in rings if _signed(ring) <= 0] or rings[:1]
    holes = len(rings) - len(outer)
    if len(outer) == 1:
        return [Part(name, outer[0], holes)]
    return [Part(f"{name}（{n}）", ring, holes if n == 1 else 0) for n, ring in enumerate(outer, start=1)]


def _ring(name: str, points: Sequence[Sequence[float | None]]) -> Ring:
    return tuple(corner(point, f"“{name}”第 {n} 个点") for n, point in enumerate(points, start=1))


def _signed(ring: Ring) -> float:
    lon, lat = ring[0]
    near = [(x - lon, y - lat) for x, y in ring]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(near))


def _names(dbf: bytes, cpg: bytes) -> list[str]:
    """The first text field of each record, for messages only: a broken table costs the names, not the shapes."""
    names: list[str] = []
    with suppress(*_BROKEN, UnicodeError):
        if not dbf:
            return names
        with closing(shapefile.Reader(dbf=BytesIO(dbf), encoding=_encoding(cpg), encodingErrors="replace")) as table:
            texts = [at for at, field in enumerate(table.fields[1:]) if str(field[1]).startswith("C")]
            for number, record in enumerate(table.iterRecords()):
                if number >= MAX_SHAPES:
                    break
                names.append(str(record[texts[0]]).strip()[:60] if texts and record else "")
    return names
