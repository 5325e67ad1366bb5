"""查询计划：把产品真的发出的语句截下来，再问数据库打算怎么做。"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from bench.fill import FIRST_ON
from bench.places import SPATIALITE, Place
from bench.season import DISTRICTS
from server.domain.permissions import Scope
from server.models.bulletins import Bulletin, Publication
from server.models.subjects import SubjectPlace
from server.publishing.cases import CaseQuestion, find_cases
from server.publishing.records import public_records
from server.queries import bulletin_records, console
from server.queries.bulletin_counts import checks_in
from server.queries.geography import metres_between, point
from server.uow import UnitOfWork

Query = Callable[[UnitOfWork, UUID], object]
Sent = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """How one database answers one question: the scans and searches of its plan, in order."""

    label: str
    place: str
    words: str


def _near(uow: UnitOfWork, _: UUID) -> object:
    """The question `judge_evidence` asks for each photo: how far is it from its own site."""
    distance = metres_between(SubjectPlace.centre, point(114.41, 23.11))
    return uow.session.scalar(select(distance).where(SubjectPlace.subject_id == 7))


def _period(uow: UnitOfWork, _: UUID) -> object:
    week = checks_in(DISTRICTS[0], (), FIRST_ON, FIRST_ON + timedelta(days=6))
    return uow.session.execute(week).all()


def _scoped(query: Callable[..., Any]) -> Query:
    return lambda uow, _: query(uow.session, Scope((DISTRICTS[0],)), 0, 50, "")


def _figure(session: Session, bulletin: UUID, figure: dict[str, Any]) -> object:
    row = session.scalars(select(Bulletin).where(Bulletin.uuid == bulletin)).one()
    return bulletin_records.figure_records(session, row, figure, 0, 50)


def _public_page(uow: UnitOfWork, bulletin: UUID) -> object:
    mine = select(Publication).where(Publication.source_uuid == bulletin, Publication.kind == "bulletin")
    return public_records(uow, uow.session.scalars(mine).one(), {"outcome": "failing"}, 0, 50)


QUESTIONS: dict[str, Query] = {
    "照片到自己工地的距离": _near,
    "一区一周的检查（期间、范围）": _period,
    "监督台：一区的检查列表（范围）": _scoped(console.checks),
    "监督台：一区的案件列表（范围）": _scoped(console.cases),
    "通报里一个数的逐条记录": lambda uow, b: _figure(uow.session, b, {"records": "answers", "outcome": "failing"}),
    "公众：一份通报里不符合的记录": _public_page,
    "公众：一区的案例": lambda uow, _: find_cases(uow, CaseQuestion(regions=(DISTRICTS[0],))),
}


@contextmanager
def _overheard(engine: Engine) -> Iterator[list[Sent]]:
    sent: list[Sent] = []

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def explain(place: Place, bulletin: UUID) -> list[Plan]:
    """One plan a question: that of the last statement it sends, which is the one that fetches its rows."""
    house = place.house()
    plans = []
    try:
        for label, ask in QUESTIONS.items():
            with house.unit(writing=False) as uow:
                with _overheard(house.database.engine) as sent:
                    ask(uow, bulletin)
                statement, parameters = _main_statement(sent)
                plans.append(Plan(label, place.name, _plan(uow.session, place.name, statement, parameters)))
    finally:
        house.database.dispose()
    return plans


def _main_statement(sent: list[Sent]) -> Sent:
    selects = [s for s in sent if s[0].lstrip().startswith("SELECT")]
    limited = [s for s in selects if " LIMIT " in s[0].replace("\n", " ")]
    return (limited or selects)[-1]


def _plan(session: Session, place: str, statement: str, parameters: Any) -> str:
    verb = "EXPLAIN QUERY PLAN " if place == SPATIALITE else "EXPLAIN "
    rows = session.connection().exec_driver_sql(verb + statement, parameters).all()
    lines = [str(row[3] if place == SPATIALITE else row[0]) for row in rows]
    steps = [_short(line) for line in lines if re.search(r"\b(SCAN|SEARCH|Scan|TEMP B-TREE)\b", line)]
    return "；".join(steps).replace("|", "/")


def _short(line: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\(cost.*|->", "", line)).strip()
