"""通报里每一个数背后的记录：按数的筛选条件，一条不多、一条不少。"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, distinct, func, literal, select
from sqlalchemy.orm import Session

from server.domain.errors import Missing
from server.models.bulletins import Bulletin, BulletinCheck, BulletinViolation
from server.models.checks import Answer, Check, ChecklistVersion
from server.models.subjects import Subject
from server.models.violations import Case, Violation

Filter = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """`total` is the count the figure shows; `items` one page of it; `next` the cursor."""

    total: int
    items: list[dict[str, Any]]
    next: int | None


def figure_records(session: Session, bulletin: Bulletin, figure: Filter, after: int, limit: int) -> RecordPage:
    """The records of one figure. Raises Missing when this kind of record is not kept one by one."""
    builder = _KINDS.get(str(figure.get("records")))
    if builder is None:
        raise Missing("figure-records-not-listed", "这个数没有逐条清单。")
    return builder(session, bulletin, figure, after, limit)


def _one_or_many(column: Any, value: Any) -> Any:
    return column.in_(value) if isinstance(value, list) else column == value


def _check_filters(rows: Select[Any], figure: Filter) -> Select[Any]:
    """Narrowing that concerns the check itself; the query must already join Check and ChecklistVersion."""
    columns = {"region": Check.region_code, "frame": Check.frame, "checklist": ChecklistVersion.code}
    for name, column in columns.items():
        if name in figure:
            rows = rows.where(_one_or_many(column, figure[name]))
    if "checked_on" in figure:
        rows = rows.where(Check.ended_on == date.fromisoformat(figure["checked_on"]))
    if "subject" in figure:
        rows = rows.where(
            Check.subject_id == select(Subject.id).where(Subject.uuid == UUID(figure["subject"])).scalar_subquery()
        )
    if "case" in figure:
        rows = rows.where(Check.id == select(Case.check_id).where(Case.uuid == UUID(figure["case"])).scalar_subquery())
    return rows


def _page(
    session: Session, rows: Select[Any], key: Any, after: int, limit: int, shape: Callable[..., Any]
) -> RecordPage:
    total = session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    found = session.execute(
        rows.add_columns(key.label("cursor")).where(key > after).order_by(key).limit(limit + 1)
    ).all()
    kept = found[:limit]
    return RecordPage(total, [shape(*row[:-1]) for row in kept], kept[-1][-1] if len(found) > limit else None)


def _answers(session: Session, bulletin: Bulletin, figure: Filter, after: int, limit: int) -> RecordPage:
    rows = (
        select(
            Check.uuid,
            Subject.name,
            Check.ended_on,
            Answer.item_code,
            Answer.section_code,
            Answer.outcome,
            Answer.finding,
        )
        .select_from(Answer)
        .join(Check, Check.id == Answer.check_id)
        .join(Subject, Subject.id == Check.subject_id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == bulletin.id)
    )
    rows = _check_filters(rows, figure)
    columns = {
        "outcome": Answer.outcome,
        "section": Answer.section_code,
        "link": Answer.chain_link,
        "item": Answer.item_code,
    }
    for name, column in columns.items():
        if name in figure:
            rows = rows.where(_one_or_many(column, figure[name]))
    if "liable" in figure:
        rows = rows.where(Answer.liable == "、".join(figure["liable"]))
    if "party" in figure:
        rows = rows.where((literal("、") + Answer.liable + literal("、")).like(f"%、{figure['party']}、%"))
    return _page(session, rows, Answer.id, after, limit, _answer_line)


def _answer_line(
    check: UUID, subject: str, on: date, item: str, section: str, outcome: str, finding: Any
) -> dict[str, Any]:
    return {
        "check": str(check),
        "subject": subject,
        "checked_on": on.isoformat(),
        "item": item,
        "section": section,
        "outcome": outcome,
        "words": finding.get("explanation", ""),
    }


def _violations(session: Session, bulletin: Bulletin, figure: Filter, after: int, limit: int) -> RecordPage:
    rows = (
        select(
            Violation.uuid, Check.uuid, Subject.name, Check.ended_on, Violation.item_code, BulletinViolation.severity
        )
        .select_from(BulletinViolation)
        .join(Violation, Violation.id == BulletinViolation.violation_id)
        .join(Check, Check.id == Violation.check_id)
        .join(Subject, Subject.id == Check.subject_id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .where(BulletinViolation.bulletin_id == bulletin.id)
    )
    rows = _check_filters(rows, figure)
    if figure.get("distinct") == "subject,item":
        rows = rows.where(BulletinViolation.counted == 1)
    if "severity" in figure:
        rows = rows.where(_one_or_many(BulletinViolation.severity, figure["severity"]))
    if "item" in figure:
        rows = rows.where(_one_or_many(Violation.item_code, figure["item"]))
    return _page(session, rows, Violation.id, after, limit, _violation_line)


def _violation_line(uuid: UUID, check: UUID, subject: str, on: date, item: str, severity: str) -> dict[str, Any]:
    return {
        "violation": str(uuid),
        "check": str(check),
        "subject": subject,
        "checked_on": on.isoformat(),
        "item": item,
        "severity": severity,
    }


def _subjects(session: Session, bulletin: Bulletin, figure: Filter, after: int, limit: int) -> RecordPage:
    mine = (
        select(distinct(Check.subject_id))
        .select_from(Check)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == bulletin.id)
    )
    mine = _check_filters(mine, figure)
    if "item" in figure and figure.get("standing") == "confirmed":
        mine = (
            mine.join(Violation, Violation.check_id == Check.id)
            .join(BulletinViolation, BulletinViolation.violation_id == Violation.id)
            .where(BulletinViolation.bulletin_id == bulletin.id, Violation.item_code == figure["item"])
        )
    elif "item" in figure:
        mine = mine.join(Answer, Answer.check_id == Check.id).where(Answer.item_code == figure["item"])
        mine = mine.where(_one_or_many(Answer.outcome, figure["outcome"])) if "outcome" in figure else mine
    rows = select(Subject.uuid, Subject.name, Subject.region_code, Subject.frame).where(Subject.id.in_(mine))
    return _page(session, rows, Subject.id, after, limit, _subject_line)


def _subject_line(uuid: UUID, name: str, region: str, frame: str) -> dict[str, Any]:
    return {"subject_id": str(uuid), "subject": name, "region_code": region, "frame": frame}


def _checks(session: Session, bulletin: Bulletin, figure: Filter, after: int, limit: int) -> RecordPage:
    rows = (
        select(Check.uuid, Subject.name, Check.ended_on, ChecklistVersion.code)
        .select_from(Check)
        .join(Subject, Subject.id == Check.subject_id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == bulletin.id)
    )
    return _page(session, _check_filters(rows, figure), Check.id, after, limit, _check_line)


def _check_line(uuid: UUID, subject: str, on: date, checklist: str) -> dict[str, Any]:
    return {"check": str(uuid), "subject": subject, "checked_on": on.isoformat(), "checklist": checklist}


def _case_rows(session: Session, bulletin: Bulletin, figure: Filter) -> list[Case]:
    mine = select(BulletinCheck.check_id).where(BulletinCheck.bulletin_id == bulletin.id)
    rows = select(Case).where(Case.check_id.in_(mine)).order_by(Case.id)
    if "case" in figure:
        rows = rows.where(Case.uuid == UUID(figure["case"]))
    return list(session.scalars(rows))


def _sliced(items: list[dict[str, Any]], after: int, limit: int) -> RecordPage:
    """Cases are few: the cursor is a position."""
    end = after + limit
    return RecordPage(len(items), items[after:end], end if end < len(items) else None)


def _cases(session: Session, bulletin: Bulletin, figure: Filter, after: int, limit: int) -> RecordPage:
    on = bulletin.options["dated_on"]
    wanted = {"filed": _is_filed, "in_force": lambda c: _in_force(c, on)}.get(
        str(figure.get("standing")), lambda _: True
    )
    return _sliced([_case_line(c) for c in _case_rows(session, bulletin, figure) if wanted(c)], after, limit)


def _is_filed(case: Case) -> bool:
    return case.filed_on is not None


def _in_force(case: Case, on: str) -> bool:
    """Same rule as `server.domain.cases.Decision.in_force`, on the stored text."""
    day = (case.decision or {}).get("in_force_on")
    return case.state == "decided" and day is not None and day <= on


def _case_line(case: Case) -> dict[str, Any]:
    return {"case": str(case.uuid), "subject": case.subject.name, "state": case.state, "filing_no": case.filing_no}


def _penalties(session: Session, bulletin: Bulletin, figure: Filter, after: int, limit: int) -> RecordPage:
    items = []
    for case in _case_rows(session, bulletin, figure):
        if not _in_force(case, bulletin.options["dated_on"]):
            continue
        for penalty in (case.decision or {})["penalties"]:
            if figure.get("kind") in (None, penalty["kind"]):
                name = "" if penalty["natural_person"] else penalty["party_name"]
                items.append(_case_line(case) | {"kind": penalty["kind"], "party": name, "amount": penalty["amount"]})
    return _sliced(items, after, limit)


def _notices(session: Session, bulletin: Bulletin, figure: Filter, after: int, limit: int) -> RecordPage:
    items = [
        _case_line(case) | {"kind": notice["kind"], "number": notice["number"], "issued_on": notice["issued_on"]}
        for case in _case_rows(session, bulletin, figure)
        for notice in case.notices
        if figure.get("kind") in (None, notice["kind"])
    ]
    return _sliced(items, after, limit)


def _deductions(session: Session, bulletin: Bulletin, figure: Filter, after: int, limit: int) -> RecordPage:
    items = [
        _case_line(case) | {"points": (case.decision or {})["points"]}
        for case in _case_rows(session, bulletin, figure)
        if _in_force(case, bulletin.options["dated_on"]) and (case.decision or {})["points"] != "0"
    ]
    return _sliced(items, after, limit)


_KINDS: dict[str, Callable[[Session, Bulletin, Filter, int, int], RecordPage]] = {
    "answers": _answers,
    "cases": _cases,
    "checks": _checks,
    "credit_deductions": _deductions,
    "notices": _notices,
    "penalties": _penalties,
    "subjects": _subjects,
    "violations": _violations,
}
LISTED_KINDS = frozenset(_KINDS)
