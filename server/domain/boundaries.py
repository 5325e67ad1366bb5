"""边界：一圈点围成的面，和它离所属区划有多远。

Rings are longitude, latitude in degrees. Areas and distances here are for judging plausibility (a sphere of 6371 km, better
than 1 %); distances that decide anything are the database's.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from server.domain.errors import FieldError, Invalid
from server.domain.registers import Ring, close_ring

EARTH_M = 6_371_008.8
MAX_POINTS = 2000
SMALLEST_M2 = 1.0
FAR_KM = 50.0
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a region lies, roughly: a centre in degrees and a radius in km that covers it."""

    code: str
    name: str
    longitude: float
    latitude: float
    radius_km: float

    def beyond_km(self, lon: float, lat: float) -> float:
        """How far outside the circle a point lies; 0 inside."""
        return max(0.0, distance_km((self.longitude, self.latitude), (lon, lat)) - self.radius_km)


def distance_km(a: Pair, b: Pair) -> float:
    """Great-circle distance (haversine) in km."""
    lat1, lat2 = radians(a[1]), radians(b[1])
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin(radians(b[0] - a[0]) / 2) ** 2
    return 2 * EARTH_M / 1000 * asin(min(1.0, sqrt(half)))


def area_m2(ring: Ring) -> float:
    """Area in square metres of a closed ring, in a local plane around its first corner."""
    lon0, lat0 = ring[0]
    east = radians(1) * EARTH_M * cos(radians(lat0))
    north = radians(1) * EARTH_M
    plane = [((lon - lon0) * east, (lat - lat0) * north) for lon, lat in ring]
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in itertools.pairwise(plane))) / 2


def tidy_ring(ring: Ring) -> Ring:
    """A closed ring without repeated points that encloses an area.

    Raises Invalid `boundary-too-many-points` (2,000), `boundary-invalid`, `boundary-crosses-itself` (edges numbered from 1) or
    `boundary-without-area` (under 1 m²).
    """
    corners = len(ring) - (len(ring) > 1 and ring[0] == ring[-1])
    if corners > MAX_POINTS:
        raise Invalid(
            "boundary-too-many-points",
            f"边界有 {corners} 个点，最多 {MAX_POINTS} 个。",
            errors=[FieldError("/boundary", "点数过多", "boundary-too-many-points")],
        )
    distinct = tuple(point for point, _ in itertools.groupby(ring))
    if not distinct:
        raise Invalid("boundary-invalid", "边界没有点。", errors=[FieldError("/boundary", "点数不足")])
    closed = close_ring(distinct)
    if area_m2(closed) < SMALLEST_M2:
        raise Invalid(
            "boundary-without-area",
            "边界围不出面积，各点几乎在一条线上。",
            errors=[FieldError("/boundary", "没有面积", "boundary-without-area")],
        )
    return closed


def far_reason(points: Iterable[Pair], extent: Extent | None) -> str | None:
    """Why a place cannot be this region's, or None; the farthest point decides. A region without an extent is not judged."""
    if extent is None:
        return None
    given = list(points)
    far = max(extent.beyond_km(lon, lat) for lon, lat in given)
    if far <= FAR_KM:
        return None
    reason = f"距{extent.name}约 {far:.0f} 公里，超过 {FAR_KM:.0f} 公里"
    if _near_when_swapped(given, extent):
        return f"{reason}；经度与纬度可能写反了"
    return f"{reason}；请核对坐标系和区划"


def _near_when_swapped(points: list[Pair], extent: Extent) -> bool:
    return all(abs(lon) <= 90 and extent.beyond_km(lat, lon) <= FAR_KM for lon, lat in points)
