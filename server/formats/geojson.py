"""GeoJSON（RFC 7946）：点要素集合，CRS84，不写 crs 成员，坐标按公开政策截短。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from server.domain.disclosed_cases import coarse_position
from server.formats.jsonfile import dump_json


@dataclass(frozen=True, slots=True)
class PointFeature:
    """One feature: a stable id, (longitude, latitude) in degrees or None, and its properties."""

    id: str
    position: tuple[Decimal, Decimal] | None
    properties: Mapping[str, Any]


def write_geojson(features: Iterable[PointFeature], *, decimals: int) -> Iterator[bytes]:
    """Yield one FeatureCollection; a feature without a position has a null geometry.

    Raises Invalid `position-out-of-range` for an impossible position or `decimals` outside 0 to 6.
    """
    yield b'{"type":"FeatureCollection","features":['
    separator = b"\n"
    for feature in features:
        yield separator + _feature(feature, decimals)
        separator = b",\n"
    yield b"\n]}\n"


def _feature(feature: PointFeature, decimals: int) -> bytes:
    geometry = b"null"
    if feature.position is not None:
        longitude, latitude = coarse_position(feature.position, decimals)
        geometry = f'{{"type":"Point","coordinates":[{longitude:f},{latitude:f}]}}'.encode()
    identity, properties = dump_json(feature.id), dump_json(dict(feature.properties))
    return b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}' % (identity, geometry, properties)
