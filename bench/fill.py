"""大批数据：二十五次真的检查由产品自己的代码收下、判定、确认、立案，再用 SQL 成倍复制。

Copy k of a check belongs to copy k // 4 of its subject and ends k % 60 days later; every tenth copy ended in the period
before, so that the comparison has something to count. Everything about a row but its keys and days is the product's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, select, text

from bench.places import Place, everywhere
from bench.season import ANSWERS, CITY, SUBJECTS, Season, record
from schemas.checks import CheckRecordShape
from server.domain.bulletin_data import Notice
from server.domain.cases import Decision as CaseDecision
from server.domain.cases import Penalty, PenaltyKind
from server.domain.checks import CheckRecord
from server.domain.permissions import Actor
from server.models.base import Base
from server.models.violations import Case, Violation
from server.services import bulletins, cases, checks, judging, sessions, violations
from server.services.bulletins import BulletinRequest
from server.services.violations import Decision, Verdict
from server.uow import House, UnitOfWork

TEMPLATE_ANSWERS = SUBJECTS * ANSWERS
FIRST_ON, LAST_ON = date(2026, 4, 1), date(2026, 6, 30)
COPIES = "bench_copies"


def fill(place: Place, season: Season, answers: int) -> UUID:
    """Bring the database to `answers` answers (a multiple of 1000) and ask for a bulletin over them; its id."""
    house = place.house()
    try:
        actor = _actor(house, season)
        _templates(house, actor, season)
        with house.unit(actor, scope=everywhere()) as uow:
            bulletin = bulletins.request_bulletin(uow, _request()).uuid
        multiply(house.database.engine, answers // TEMPLATE_ANSWERS)
        return bulletin
    finally:
        house.database.dispose()


def _actor(house: House, season: Season) -> Actor:
    with house.unit(writing=False) as uow:
        return sessions.actor_of_device(uow, season.token)


def _templates(house: House, actor: Actor, season: Season) -> None:
    for number in range(SUBJECTS):
        raw = record(season, number)
        sent = CheckRecord(uuid=uuid4(), raw=raw, **CheckRecordShape().load(raw))
        with house.unit(actor, scope=everywhere()) as uow:
            checks.submit_check(uow, sent, None)
            uow.session.flush()
            judging.find_violations(uow, sent.uuid)
    with house.unit(actor, scope=everywhere()) as uow:
        for number, row in enumerate(uow.session.scalars(select(Violation).order_by(Violation.id)).all()):
            if number % 6:
                violations.decide_violation(uow, row.uuid, Verdict(Decision.CONFIRM))
        uow.session.flush()
        for number, case in enumerate(uow.session.scalars(select(Case).order_by(Case.id)).all()):
            _advance(uow, case.uuid, number)


def _advance(uow: UnitOfWork, case: UUID, number: int) -> None:
    """Every other case has a notice, every fourth is filed, every eighth decided and in force."""
    if number % 2 == 0:
        notice = Notice("rectification", f"测住建改〔2026〕{number + 1}号", date(2026, 4, 10), date(2026, 5, 10))
        cases.issue_notice(uow, case, notice)
    if number % 4 == 0:
        cases.file_case(uow, case, on=date(2026, 4, 20), number=f"测住建罚立字〔2026〕第{number + 1}号")
    if number % 8 == 0:
        penalty = Penalty(PenaltyKind.FINE, "contractor", "测速建设有限公司", False, Decimal(30000))
        decided = date(2026, 5, 20)
        number_text = f"测住建罚决字〔2026〕第{number + 1}号"
        decision = CaseDecision(number_text, decided, (penalty,), (), decided, Decimal("0.5"))
        cases.decide_case(uow, case, decision)


def _request() -> BulletinRequest:
    return BulletinRequest(
        region_code=CITY,
        first_on=FIRST_ON,
        last_on=LAST_ON,
        checklists=(),
        occasion="2026年第二季度建设工程质量抽查",
        method="按照随机抽取检查对象、随机选派执法检查人员的方式，对在建工程和企业进行了抽查",
        basis=(),
        recipients=("各县（区）住房和城乡建设局",),
        issuer="测速市住房和城乡建设局",
        report_to="工程质量监督科",
        report_by_on=LAST_ON + timedelta(days=30),
        dated_on=LAST_ON + timedelta(days=10),
        publicity="public",
        typical_cases=5,
    )


# ------------------------------------------------------------------------------------------------ multiplying


def multiply(engine: Engine, total: int) -> None:
    """Copies 1 … total - 1 of everything the templates are made of."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw: Any = connection.connection.driver_connection  # settings cannot change within a transaction
            for pragma in ("foreign_keys=OFF", "synchronous=OFF"):
                raw.execute("PRAGMA " + pragma)
            _multiply(connection, total)
        return
    with engine.connect() as connection:
        for setting in ("session_replication_role = replica", "synchronous_commit = off", "statement_timeout = 0"):
            connection.execute(text(f"SET {setting}"))
        _multiply(connection, total)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))  # autovacuum would have come by


def _multiply(connection: Connection, total: int) -> None:
    connection.execute(text(f"CREATE TEMPORARY TABLE {COPIES} (k INTEGER PRIMARY KEY)"))
    connection.execute(text(f"INSERT INTO {COPIES} VALUES (:k)"), [{"k": k} for k in range(1, total)] or [{"k": -1}])
    sqlite = connection.dialect.name == "sqlite"
    last = _last_ids(connection)
    subject = f"t.subject_id + (c.k / 4) * {last['subjects']}"
    check = f"t.check_id + c.k * {last['checks']}"
    _copy(
        connection,
        "subjects",
        {"id": f"t.id + (c.k / 4) * {last['subjects']}", "uuid": _uuid(sqlite, "1"), "code": "t.code || '-' || c.k"},
        "c.k % 4 = 0",
    )
    moved = {"subject_id": subject, "centre": _moved(sqlite), "boundary": "NULL"}
    _copy(connection, "subject_places", moved, "c.k % 4 = 0")
    days = {name: _later(sqlite, name) for name in ("started_at", "ended_at", "device_at")}
    keys = {"id": f"t.id + c.k * {last['checks']}", "uuid": _uuid(sqlite, "2"), "subject_id": subject}
    _copy(connection, "checks", keys | days | {"ended_on": _later_day(sqlite)})
    _copy(connection, "answers", {"id": f"t.id + c.k * {last['answers']}", "check_id": check})
    own = {"check_id": check, "subject_id": subject}
    violation = {"id": f"t.id + c.k * {last['violations']}", "uuid": _uuid(sqlite, "3")}
    case = {"id": f"t.id + c.k * {last['cases']}", "uuid": _uuid(sqlite, "4")}
    _copy(connection, "cases", case | own)
    _copy(connection, "violations", violation | own | {"case_id": f"t.case_id + c.k * {last['cases']}"})
    connection.commit()


def _last_ids(connection: Connection) -> dict[str, int]:
    tables = ("subjects", "checks", "answers", "violations", "cases")
    return {name: connection.execute(text(f"SELECT max(id) FROM {name}")).scalar_one() for name in tables}


def _copy(connection: Connection, table: str, changed: Mapping[str, str], where: str = "c.k > 0") -> None:
    columns = [column.name for column in Base.metadata.tables[table].columns]
    given = ", ".join(changed.get(name, f't."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    # Cross in this order: copies come out by k, as checks come in by day.
    rows = f"SELECT {given} FROM {COPIES} c CROSS JOIN {table} t WHERE c.k > 0 AND {where}"
    connection.execute(text(f"INSERT INTO {table} ({names}) {rows}"))


def _uuid(sqlite: bool, kind: str) -> str:
    if sqlite:
        return f"printf('%08x-000{kind}-4000-8000-%012x', c.k, t.id)"
    return f"lpad(to_hex(c.k), 8, '0') || '-000{kind}-4000-8000-' || lpad(to_hex(t.id), 12, '0')"


_DAYS = "(CASE WHEN c.k % 10 = 9 THEN -60 ELSE c.k % 60 END)"


def _later(sqlite: bool, column: str) -> str:
    if sqlite:
        return f"strftime('%Y-%m-%d %H:%M:%S.000000', t.{column}, {_DAYS} || ' days')"
    return f"t.{column} + {_DAYS} * interval '1 day'"


def _later_day(sqlite: bool) -> str:
    return f"date(t.ended_on, {_DAYS} || ' days')" if sqlite else f"t.ended_on + {_DAYS}"


def _moved(sqlite: bool) -> str:
    """Subjects lie on a grid of about a kilometre over the city."""
    lon, lat = "114.0 + (c.k % 97) * 0.01", "22.8 + (c.k % 89) * 0.01"
    return f"MakePoint({lon}, {lat}, 4326)" if sqlite else f"ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326)"
