"""手机上的任务：只给本人的；带着对象、检查单、同伴和上次的问题，语句数不随任务数增长。"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from server.domain.assignments import OPEN
from server.domain.checklists import Severity
from server.domain.violations import ViolationState
from server.models.assignments import Assignment, AssignmentOfficer
from server.models.checks import Check, ChecklistVersion
from server.models.draws import Batch, Draw
from server.models.subjects import Officer, Subject, SubjectPlace
from server.models.violations import Violation

# A unit that began before another may commit after it: a cursor is never younger than the longest unit, so a late commit
# is still ahead of it. What changed in between is sent twice, and twice is harmless.
SETTLED = timedelta(seconds=120)
DIGITS = 7  # a centimetre
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a phone has read: everything changed up to `at`, within one instant up to `id`."""

    at: datetime
    id: int

    @classmethod
    def parse(cls, text: str) -> Cursor:
        micros, _, row = text.partition("-")
        return cls(_EPOCH + timedelta(microseconds=int(micros)), int(row))

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.id}"


@dataclass(frozen=True, slots=True)
class Pulled:
    """`items` to show or to drop, `open` all that is open now (uuid and revision), the next cursor, whether more waits."""

    items: list[dict[str, Any]]
    open: list[dict[str, Any]]
    next: str
    more: bool


def pull(session: Session, officer_id: int, after: str, limit: int, now: datetime) -> Pulled:
    """An officer's tasks changed after the cursor; without one, those that are open."""
    since = Cursor.parse(after) if after else None
    rows = _mine(officer_id).options(*_WITH)
    if since is None:
        rows = rows.where(_is_open())
    else:
        later = and_(Assignment.changed_at == since.at, Assignment.id > since.id)
        rows = rows.where(or_(Assignment.changed_at > since.at, later))
    found = session.scalars(rows.order_by(Assignment.changed_at, Assignment.id).limit(limit + 1)).unique().all()
    kept, more = found[:limit], len(found) > limit
    marks = session.execute(_mine(officer_id, Assignment.uuid, Assignment.revision).where(_is_open()))
    opened = [{"uuid": uuid, "revision": revision} for uuid, revision in marks.tuples()]
    return Pulled(describe(session, kept), opened, _next(kept, since, more, now), more)


def _next(kept: Sequence[Assignment], since: Cursor | None, more: bool, now: datetime) -> str:
    """The last row while pages follow; at the end no younger than SETTLED ago."""
    last = Cursor(kept[-1].changed_at, kept[-1].id) if kept else since
    if more and last is not None:
        return str(last)
    floor = Cursor(now - SETTLED, 0)
    if last is None or last.at > floor.at:
        return str(since if since is not None and since.at > floor.at else floor)
    return str(last)


def _mine(officer_id: int, *columns: Any) -> Any:
    own = select(AssignmentOfficer.assignment_id).where(AssignmentOfficer.officer_id == officer_id)
    return (
        select(*(columns or (Assignment,))).where(Assignment.id.in_(own)).order_by(Assignment.changed_at, Assignment.id)
    )


def _is_open() -> Any:
    return Assignment.state.in_([s.value for s in OPEN])


_WITH = (
    joinedload(Assignment.subject).selectinload(Subject.parties),
    joinedload(Assignment.draw).joinedload(Draw.batch),
    selectinload(Assignment.officers).joinedload(AssignmentOfficer.officer).lazyload(Officer.organisation),
)


def describe(session: Session, rows: Sequence[Assignment]) -> list[dict[str, Any]]:
    """Each task as a phone needs it without signal."""
    subjects = list({row.subject_id for row in rows})
    places = _places(session, subjects)
    lasts = last_checks(session, subjects)
    versions = versions_of(session, {v for row in rows for v in row.checklist_version_ids})
    return [
        {
            **{name: getattr(row, name) for name in PLAIN},
            "draw": row.draw.code if row.draw else None,
            "title": row.draw.title if row.draw else "",
            "departments": _departments(row.draw.batch) if row.draw else [],
            "subject": _subject(row.subject) | places.get(row.subject_id, NOWHERE),
            "checklists": [versions[v] for v in row.checklist_version_ids],
            "officers": crew_of(row),
            "last_check": lasts.get(row.subject_id),
        }
        for row in rows
    ]


PLAIN = ("uuid", "state", "outcome", "revision", "starts_on", "due_on", "due_provisional", "changed_at")
NOWHERE: dict[str, Any] = {"longitude": None, "latitude": None, "boundary": None}


def _departments(batch: Batch) -> list[dict[str, Any]]:
    return [{"name": d["name"], "people": list(d["people"])} for d in batch.options.get("departments", ())]


def crew_of(row: Assignment) -> list[dict[str, Any]]:
    return [{"uuid": s.officer.uuid, "name": s.officer.name, "lead": s.lead} for s in row.officers]


def _subject(row: Subject) -> dict[str, Any]:
    plain = ("uuid", "code", "name", "frame", "kind", "region_code", "address", "stage", "status")
    parties = [{"party": p.party, "organisation": p.organisation.name} for p in row.parties if p.to_on is None]
    return {name: getattr(row, name) for name in plain} | {"parties": parties}


def _places(session: Session, subjects: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Centre and boundary in WGS-84; the boundary as GeoJSON rings."""
    rows = select(
        SubjectPlace.subject_id,
        func.ST_X(SubjectPlace.centre),
        func.ST_Y(SubjectPlace.centre),
        func.ST_AsGeoJSON(SubjectPlace.boundary, DIGITS),
    ).where(SubjectPlace.subject_id.in_(subjects))
    return {
        subject: {
            "longitude": round(x, DIGITS),
            "latitude": round(y, DIGITS),
            "boundary": None if shape is None else json.loads(shape)["coordinates"],
        }
        for subject, x, y, shape in session.execute(rows)
    }


def versions_of(session: Session, ids: set[int]) -> dict[int, dict[str, Any]]:
    names = ("code", "version", "title", "digest_sha256")
    columns = [getattr(ChecklistVersion, name) for name in names]
    rows = session.execute(select(ChecklistVersion.id, *columns).where(ChecklistVersion.id.in_(ids)))
    return {row.id: {name: getattr(row, name) for name in names} for row in rows}


def last_checks(session: Session, subjects: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The last check of each subject and what was found then, rejected findings left out."""
    place = func.row_number().over(partition_by=Check.subject_id, order_by=(Check.ended_at.desc(), Check.id.desc()))
    ranked = select(Check.id, place.label("place")).where(Check.subject_id.in_(subjects)).subquery()
    rows = (
        select(Check.id, Check.uuid, Check.subject_id, Check.ended_on, ChecklistVersion.code)
        .join(ranked, ranked.c.id == Check.id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .where(ranked.c.place == 1)
    )
    found = session.execute(rows).all()
    findings = _findings(session, [row.id for row in found])
    return {
        row.subject_id: {
            "uuid": row.uuid,
            "ended_on": row.ended_on,
            "checklist": row.code,
            "findings": findings[row.id],
        }
        for row in found
    }


def _findings(session: Session, checks: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    gone = (ViolationState.REJECTED.value, ViolationState.WITHDRAWN.value)
    rows = (
        select(Violation.check_id, Violation.item_code, Violation.severity, Violation.state, Violation.clause)
        .where(Violation.check_id.in_(checks), Violation.state.not_in(gone))
        .order_by(Violation.item_code)
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for check, item, severity, state, clause in session.execute(rows):
        text = clause.get("requirement", "")
        found[check].append({"item": item, "severity": severity, "state": state, "requirement": text})
    for rows_of in found.values():
        rows_of.sort(key=lambda f: (-Severity(f["severity"]).rank, f["item"]))
    return found
