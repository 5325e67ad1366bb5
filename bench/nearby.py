"""附近的对象：一百万个对象里找两公里之内的，与逐个算距离的全表扫描对照。

Subjects are laid by SQL on a low-discrepancy sequence over southern China, some 1.2 a square kilometre: the same
points in both databases. The question is the product's own statement; the control asks the same without the index.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Select, select, text
from sqlalchemy.orm import Session

from bench.places import POSTGIS, SPATIALITE, Grounds, Place, everywhere
from bench.season import DISTRICTS
from bench.sizes import Sizes
from bench.table import Table, interleave, middle, number, ratio, spread
from server.models.subjects import Subject, SubjectPlace
from server.queries import nearby
from server.queries.geography import metres_between, point
from server.queries.scope import in_scope

WEST, SOUTH, WIDE, TALL = 109.0, 20.0, 9.0, 8.0
METRES, LIMIT = 2000.0, 50
ASKED_A_ROUND = 20
SCANNED_A_ROUND = 1
ROUNDS = 2  # a full scan takes so long that twice is enough
HERES = [(113.0 + 0.17 * n, 22.5 + 0.13 * n) for n in range(ASKED_A_ROUND)]
RING = ((113.40, 22.90), (113.44, 22.91), (113.43, 22.95), (113.39, 22.94))
SUBJECT = "uuid, code, name, frame, kind, region_code, address, details, created_at"


def measure_nearby(grounds: Grounds, sizes: Sizes) -> list[Table]:
    """One table: seconds to fill, milliseconds a question with the index and without, and how each database did it."""
    subjects = max(sizes.answers)
    rows: list[tuple[str, ...]] = []
    notes: list[str] = []
    for place in grounds.pair("nearby"):
        filled = fill_subjects(place, subjects)
        found = _measure(place, min(sizes.rounds, ROUNDS))
        rows += [(place.name, *row) for row in found]
        notes.append(f"{place.name}：{subjects} 个对象装入 {number(filled)} 秒。")
        notes += [f"{place.name}，{label}：{plan}" for label, plan in plans(place)]
    columns = ("数据库", "问", "找到", "毫秒（中位）", "最低～最高", "全表扫描毫秒", "全表扫描是它的")
    return [Table(f"附近的对象（{subjects} 个对象）", columns, tuple(rows), tuple(notes))]


def _measure(place: Place, rounds: int) -> list[tuple[str, ...]]:
    house = place.house()
    try:
        return [_compare(house, label, ask, scan, rounds) for label, ask, scan in _questions()]
    finally:
        house.database.dispose()


Ask = Callable[[Session, int], frozenset[int]]


def _questions() -> Sequence[tuple[str, Ask, Ask]]:
    return (
        (f"{METRES / 1000:.0f} 公里之内最近的 {LIMIT} 个", _near, _near_by_scan),
        ("一圈之内（约 4 公里见方）", _inside, _inside_by_scan),
    )


def _near(session: Session, turn: int) -> frozenset[int]:
    lon, lat = HERES[turn % len(HERES)]
    found = nearby.subjects_near(session, everywhere(), lon, lat, METRES, LIMIT)
    return frozenset(row.subject.id for row in found)


def _inside(session: Session, _turn: int) -> frozenset[int]:
    return frozenset(row.subject.id for row in nearby.subjects_inside(session, everywhere(), RING))


def _scan(*conditions: Any) -> Select[Any]:
    rows = select(Subject).join(SubjectPlace, SubjectPlace.subject_id == Subject.id)
    return rows.where(*conditions, in_scope(Subject.region_code, everywhere()))


def _near_by_scan(session: Session, turn: int) -> frozenset[int]:
    away = metres_between(SubjectPlace.centre, point(*HERES[turn % len(HERES)]))
    rows = session.scalars(_scan(away <= METRES).order_by(away).limit(LIMIT))
    return frozenset(subject.id for subject in rows)


def _inside_by_scan(session: Session, _turn: int) -> frozenset[int]:
    """The distance to a polygon is 0 inside it; no index can be asked for that."""
    ring = nearby.polygon([*RING, RING[0]])
    rows = session.scalars(_scan(metres_between(SubjectPlace.centre, ring) <= 0))
    return frozenset(subject.id for subject in rows)


def _compare(house: Any, label: str, ask: Ask, scan: Ask, rounds: int) -> tuple[str, ...]:
    answers: list[frozenset[int]] = []
    with house.unit(writing=False) as uow:
        _unhurried(uow.session)
        ask(uow.session, 0)  # the first question of a connection reads the catalogue
        sides = (
            _timed(uow.session, ask, ASKED_A_ROUND, answers),
            _timed(uow.session, scan, SCANNED_A_ROUND, answers),
        )
        ours, theirs = interleave(sides, rounds)
    if len(set(answers)) > 1:
        raise RuntimeError(f"{label}：走索引与全表扫描的答案不同")
    away = ratio(middle(theirs), middle(ours))
    return label, str(len(answers[0])), number(middle(ours)), spread(ours), number(middle(theirs)), away


def _unhurried(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL statement_timeout = 0"))


def _timed(session: Session, ask: Ask, times: int, answers: list[frozenset[int]]) -> Callable[[], float]:
    """Milliseconds a question, over `times` of them; rows already read are forgotten first, the first answer is kept."""

    def run() -> float:
        session.expunge_all()
        began = time.perf_counter()
        found = [ask(session, turn) for turn in range(times)]
        taken = time.perf_counter() - began
        answers.append(found[0])
        return taken * 1000 / times

    return run


def plans(place: Place) -> list[tuple[str, str]]:
    """How the database answers the two questions: the steps of its EXPLAIN that read a table or an index."""
    house = place.house()
    try:
        with house.unit(writing=False) as uow:
            session, scope = uow.session, everywhere()
            asked = (
                ("附近", nearby.near_statement(session, scope, *HERES[0], METRES, LIMIT)),
                ("圈内", nearby.inside_statement(session, scope, RING, nearby.MOST_INSIDE)),
            )
            return [(label, _explained(session, place, statement)) for label, statement in asked]
    finally:
        house.database.dispose()


def _explained(session: Session, place: Place, statement: Select[Any]) -> str:
    compiled = statement.compile(session.get_bind(), compile_kwargs={"render_postcompile": True})
    sqlite = place.name == SPATIALITE
    given: Any = tuple(compiled.params[n] for n in compiled.positiontup or ()) if sqlite else compiled.params
    verb = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    lines = [str(row[-1]) for row in session.connection().exec_driver_sql(verb + str(compiled), given)]
    steps = [line.split("(cost")[0].replace("->", "").strip() for line in lines]
    steps = [re.sub(r"'[0-9A-F]{40,}'::geometry", "…", step) for step in steps]
    return "；".join(s for s in steps if s.startswith(("SCAN", "SEARCH", "Index", "Bitmap Index", "Seq")))


# ------------------------------------------------------------------------------------------------ filling


def fill_subjects(place: Place, subjects: int) -> float:
    """Lay so many subjects into an empty register; seconds."""
    house = place.house()
    began = time.perf_counter()
    try:
        with house.database.engine.connect() as connection:
            _hasten(connection)
            (_fill_postgis if place.name == POSTGIS else _fill_spatialite)(connection, subjects)
            connection.commit()
        if place.name == POSTGIS:
            _analyse(house.database.engine)
    finally:
        house.database.dispose()
    return time.perf_counter() - began


def _hasten(connection: Connection) -> None:
    """A scratch database need not survive a power cut while it is filled."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA synchronous=OFF")
        return
    for setting in ("synchronous_commit = off", "statement_timeout = 0"):
        connection.execute(text(f"SET {setting}"))


def _columns(hexed: str, part: str) -> str:
    names = " ".join(f"WHEN {n} THEN '{code}'" for n, code in enumerate(DISTRICTS))
    return (
        f"{hexed}, 'N-' || n, '测速对象' || n, 'project', '住宅', CASE n % {len(DISTRICTS)} {names} END, "
        f"'测速路', '{{}}'{part}"
    )


def _fill_postgis(connection: Connection, subjects: int) -> None:
    uuid = "lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000'"
    numbers = f"generate_series(1, {subjects}) n"
    columns = _columns(uuid, "::jsonb")
    connection.execute(text(f"INSERT INTO subjects ({SUBJECT}) SELECT {columns}, now() FROM {numbers}"))
    lon, lat = (f"{low} + {span} * (id * {step} - floor(id * {step}))" for low, span, step in _axes())
    made = f"SELECT id, 'wgs84', '{{}}'::jsonb, ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326) FROM subjects"
    connection.execute(text(f"INSERT INTO subject_places (subject_id, datum, given, centre) {made}"))


def _fill_spatialite(connection: Connection, subjects: int) -> None:
    numbers = f"WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {subjects})"
    columns = _columns("printf('%08x-0000-4000-8000-000000000000', n)", "")
    rows = f"{numbers} SELECT {columns}, '2026-04-01 00:00:00.000000' FROM counted"
    connection.execute(text(f"INSERT INTO subjects ({SUBJECT}) {rows}"))
    lon, lat = (f"{low} + {span} * (id * {step} - CAST(id * {step} AS INTEGER))" for low, span, step in _axes())
    made = f"SELECT id, 'wgs84', '{{}}', MakePoint({lon}, {lat}, 4326) FROM subjects"
    connection.execute(text(f"INSERT INTO subject_places (subject_id, datum, given, centre) {made}"))


def _axes() -> tuple[tuple[float, float, str], tuple[float, float, str]]:
    """Low end, span and step of each axis; the steps are the powers of the plastic number, so no place is crowded."""
    return (WEST, WIDE, "0.7548776662466927"), (SOUTH, TALL, "0.5698402909980532")


def _analyse(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE subjects, subject_places"))  # autovacuum would have come by
