"""附近的对象、一圈之内的对象：先走空间索引，再算准。

Both databases get the same two steps: a box in degrees that the index of `subject_places.centre` answers (GiST by `&&`,
SpatiaLite's R*Tree by its own table), then the exact test on what is left. The box stands in a materialised part of the
statement, so that no planner starts from the regions and asks the index once per subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, column, func, literal_column, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Boolean

from server.domain.permissions import Scope
from server.models.subjects import Subject, SubjectPlace
from server.queries.geography import metres_between, point, polygon
from server.queries.scope import in_scope

# The shortest degree of the WGS-84 ellipsoid is 110,574 m of a meridian; a little less keeps the box on the safe side.
METRES_A_DEGREE = 110_000.0
MOST_INSIDE = 1000
Pair = tuple[float, float]


class within_metres(GenericFunction[bool]):
    """Whether two EPSG:4326 geometries lie within so many ellipsoidal metres."""

    type = Boolean()
    name = "within_metres"
    inherit_cache = True


@compiles(within_metres, "postgresql")
def _postgis_within(element: Any, compiler: Any, **kw: Any) -> str:
    a, b, metres = (compiler.process(x, **kw) for x in element.clauses)
    return f"ST_DWithin(({a})::geography, ({b})::geography, {metres})"


@compiles(within_metres, "sqlite")
def _spatialite_within(element: Any, compiler: Any, **kw: Any) -> str:
    a, b, metres = (compiler.process(x, **kw) for x in element.clauses)
    return f"(ST_Distance({a}, {b}, 1) <= {metres})"


@dataclass(frozen=True, slots=True)
class Box:
    """Degrees: west, south, east, north. A box that would cross the date line is the whole belt."""

    west: float
    south: float
    east: float
    north: float


def box_around(lon: float, lat: float, metres: float) -> Box:
    """A box that holds every point within so many metres."""
    tall = metres / METRES_A_DEGREE
    south, north = max(-90.0, lat - tall), min(90.0, lat + tall)
    narrow = cos(radians(max(abs(south), abs(north))))
    wide = tall / narrow if narrow > 0.01 else 360.0
    west, east = lon - wide, lon + wide
    return Box(west, south, east, north) if west >= -180 and east <= 180 else Box(-180.0, south, 180.0, north)


def box_of(ring: Sequence[Pair]) -> Box:
    """The box of a ring of lon, lat pairs."""
    lons, lats = [p[0] for p in ring], [p[1] for p in ring]
    return Box(min(lons), min(lats), max(lons), max(lats))


def in_box(session: Session, box: Box) -> ColumnElement[bool]:
    """`subject_places.centre` touches the box, asked in the words that make this database use its index."""
    if session.get_bind().dialect.name == "postgresql":
        envelope = func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, 4326)
        return SubjectPlace.centre.op("&&", is_comparison=True)(envelope)
    index = table("idx_subject_places_centre", *(column(c) for c in ("pkid", "xmin", "xmax", "ymin", "ymax")))
    inside = and_(
        index.c.xmin <= box.east, index.c.xmax >= box.west, index.c.ymin <= box.north, index.c.ymax >= box.south
    )
    return literal_column("subject_places.rowid").in_(select(index.c.pkid).where(inside))


@dataclass(frozen=True, slots=True)
class NearSubject:
    """A subject, its centre in WGS-84 and how many metres away it is (None when nobody asked from a place)."""

    subject: Subject
    longitude: float
    latitude: float
    metres: float | None = None


def near_statement(session: Session, scope: Scope, lon: float, lat: float, metres: float, limit: int) -> Select[Any]:
    """The statement of `subjects_near`: (Subject, lon, lat, metres) in order of distance."""
    here = point(lon, lat)
    close = (
        select(SubjectPlace.subject_id, metres_between(SubjectPlace.centre, here).label("metres"))
        .where(in_box(session, box_around(lon, lat, metres)), within_metres(SubjectPlace.centre, here, metres))
        .cte("close")
        .prefix_with("MATERIALIZED")
    )
    return (
        _found(close)
        .add_columns(close.c.metres)
        .where(in_scope(Subject.region_code, scope))
        .order_by(close.c.metres, Subject.id)
        .limit(limit)
    )


def inside_statement(session: Session, scope: Scope, ring: Sequence[Pair], limit: int) -> Select[Any]:
    """The statement of `subjects_inside`: (Subject, lon, lat) by number."""
    closed = list(ring) if ring[0] == ring[-1] else [*ring, ring[0]]
    close = (
        select(SubjectPlace.subject_id)
        .where(in_box(session, box_of(closed)), func.ST_Intersects(SubjectPlace.centre, polygon(closed)) == _TRUE)
        .cte("close")
        .prefix_with("MATERIALIZED")
    )
    return _found(close).where(in_scope(Subject.region_code, scope)).order_by(Subject.id).limit(limit)


class _truth(GenericFunction[Any]):
    """PostGIS answers true, SpatiaLite 1."""

    name = "_truth"
    inherit_cache = True


@compiles(_truth, "postgresql")
def _true(_element: Any, _compiler: Any, **_: Any) -> str:
    return "true"


@compiles(_truth, "sqlite")
def _one(_element: Any, _compiler: Any, **_: Any) -> str:
    return "1"


_TRUE = _truth()


def _found(close: Any) -> Select[Any]:
    lon = func.ST_X(SubjectPlace.centre, type_=Float)
    lat = func.ST_Y(SubjectPlace.centre, type_=Float)
    rows = select(Subject, lon, lat).select_from(close)
    rows = rows.join(Subject, Subject.id == close.c.subject_id)
    return rows.join(SubjectPlace, SubjectPlace.subject_id == Subject.id).where(Subject.retired_at.is_(None))


def subjects_near(
    session: Session, scope: Scope, lon: float, lat: float, metres: float, limit: int
) -> list[NearSubject]:
    """Registered subjects whose centre lies within so many metres of a WGS-84 position, nearest first."""
    rows = session.execute(near_statement(session, scope, lon, lat, metres, limit))
    return [NearSubject(subject, x, y, away) for subject, x, y, away in rows]


def subjects_inside(
    session: Session, scope: Scope, ring: Sequence[Pair], limit: int = MOST_INSIDE
) -> list[NearSubject]:
    """Registered subjects whose centre lies in (or on) a WGS-84 ring, at most `limit` of them."""
    rows = session.execute(inside_statement(session, scope, ring, limit))
    return [NearSubject(subject, x, y) for subject, x, y in rows]
