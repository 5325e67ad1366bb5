"""测试的边界文件：真正的 KML、KMZ、Shapefile 压缩包、GeoJSON。"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

import shapefile

Pair = tuple[float, float]
SQUARE: tuple[Pair, ...] = ((121.70, 29.90), (121.71, 29.90), (121.71, 29.91), (121.70, 29.91), (121.70, 29.90))
HOLE: tuple[Pair, ...] = ((121.703, 29.903), (121.706, 29.903), (121.706, 29.906), (121.703, 29.906), (121.703, 29.903))
EAST: tuple[Pair, ...] = tuple((lon + 0.02, lat) for lon, lat in SQUARE)
WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0]]'
)
CGCS2000 = 'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]]]'
PROJECTED = f'PROJCS["CGCS2000_3_Degree_GK_CM_120E",{CGCS2000},PROJECTION["Gauss_Kruger"]]'
BEIJING54 = 'GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["Krasovsky_1940",6378245.0,298.3]]]'


def kml(*marks: tuple[str, Sequence[Sequence[Pair]]], head: str = "") -> bytes:
    """Placemarks of (name, rings); further rings are holes."""
    body = "".join(f"<Placemark><name>{name}</name>{_polygon(rings)}</Placemark>" for name, rings in marks)
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'.encode()


def _polygon(rings: Sequence[Sequence[Pair]]) -> str:
    if not rings:
        return "<Point><coordinates>121.7,29.9,0</coordinates></Point>"
    words = ("outerBoundaryIs", *("innerBoundaryIs" for _ in rings[1:]))
    drawn = (
        f"<{w}><LinearRing><coordinates>{' '.join(f'{x},{y},0' for x, y in r)}</coordinates></LinearRing></{w}>"
        for w, r in zip(words, rings, strict=True)
    )
    return f"<Polygon>{''.join(drawn)}</Polygon>"


def zipped(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return stream.getvalue()


def shape_parts(
    *shapes: tuple[str, Sequence[Sequence[Pair]]], kind: int = shapefile.POLYGON, prj: str = WGS84, stem: str = "工地"
) -> dict[str, bytes]:
    """The files of one layer; a name is kept in GB18030 as Chinese tools do."""
    shp, shx, dbf = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with shapefile.Writer(shp=shp, shx=shx, dbf=dbf, shapeType=kind, encoding="gb18030") as layer:
        layer.field("NO", "N")
        layer.field("NAME", "C", size=60)
        for number, (name, rings) in enumerate(shapes):
            draw = {shapefile.POLYGON: layer.poly, shapefile.POLYGONZ: layer.polyz, shapefile.POLYLINE: layer.line}[
                kind
            ]
            draw([[list(p) for p in ring] for ring in rings])
            layer.record(number, name)
    parts = {".shp": shp, ".shx": shx, ".dbf": dbf}
    found = {f"{stem}{ending}": stream.getvalue() for ending, stream in parts.items()} | {f"{stem}.cpg": b"GB18030"}
    return found | ({f"{stem}.prj": prj.encode()} if prj else {})


def clockwise(ring: Sequence[Pair]) -> list[Pair]:
    """A shapefile's outer rings run clockwise; ours above do not."""
    return list(reversed(ring))


def geojson(geometry: Any, **more: Any) -> bytes:
    return json.dumps({"type": "Feature", "properties": {"name": "一号地"}, "geometry": geometry, **more}).encode()


def polygon(*rings: Sequence[Pair]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(p) for p in ring] for ring in rings]}
