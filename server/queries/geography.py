"""以米计的距离，两种数据库同一个答案。

Geometries are stored in EPSG:4326. SpatiaLite's `ST_Distance(a, b, 1)` and PostGIS' geography distance agree to the
micrometre for points (measured); everything else about them differs, so only these functions are used.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class metres_between(GenericFunction[float]):
    """Ellipsoidal metres between two EPSG:4326 geometries; 0 when a point lies inside a polygon."""

    type = Float()
    name = "metres_between"
    inherit_cache = True


@compiles(metres_between, "postgresql")
def _postgis(element: Any, compiler: Any, **kw: Any) -> str:
    a, b = (compiler.process(x, **kw) for x in element.clauses)
    return f"ST_Distance(({a})::geography, ({b})::geography)"


@compiles(metres_between, "sqlite")
def _spatialite(element: Any, compiler: Any, **kw: Any) -> str:
    a, b = (compiler.process(x, **kw) for x in element.clauses)
    # For a point inside a polygon SpatiaLite answers 0 as PostGIS does; the third argument asks for the ellipsoid.
    return f"ST_Distance({a}, {b}, 1)"


def point(longitude: float, latitude: float) -> Any:
    """A point expression both databases accept, bound as EWKT (never rounded through their own text output)."""
    return func.ST_GeomFromEWKT(f"SRID=4326;POINT({longitude!r} {latitude!r})")


def polygon(ring: list[tuple[float, float]]) -> Any:
    """A polygon expression from one closed ring of lon, lat pairs."""
    text = ", ".join(f"{lon!r} {lat!r}" for lon, lat in ring)
    return func.ST_GeomFromEWKT(f"SRID=4326;POLYGON(({text}))")
