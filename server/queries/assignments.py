"""任务的查询：列表与筛选、一项任务的历程。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from server.domain.assignments import ACT_TITLES, OPEN, OUTCOME_TITLES, STATE_TITLES, Act, AssignmentState, Outcome
from server.domain.permissions import Scope
from server.models.assignments import Assignment, AssignmentOfficer, AssignmentStep
from server.models.checks import Check
from server.models.draws import Batch, Draw
from server.models.evidence import Evidence
from server.models.subjects import Officer, Subject
from server.models.users import User
from server.queries.field_assignments import crew_of, versions_of
from server.queries.pages import Page, contains, page
from server.queries.scope import in_scope, in_subtree


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of the list; empty ones do not filter. `overdue` is judged on `on`."""

    on: date
    state: str = ""
    overdue: bool = False
    officer: UUID | None = None
    region: str = ""
    draw: str = ""
    campaign: str = ""
    q: str = ""


def assignment_page(session: Session, scope: Scope, wanted: Wanted, after: int, limit: int) -> Page[Any]:
    rows = narrowed(select(Assignment), scope, wanted).options(
        joinedload(Assignment.subject),
        joinedload(Assignment.draw),
        selectinload(Assignment.officers).joinedload(AssignmentOfficer.officer),
    )
    found = page(session, rows, Assignment.id, after, limit)
    return Page([assignment_row(row, wanted.on) for row in found.items], found.next)


def narrowed(rows: Select[Any], scope: Scope, wanted: Wanted) -> Select[Any]:
    """The list's conditions on any statement over assignments."""
    rows = rows.where(in_scope(Assignment.region_code, scope))
    if wanted.state:
        rows = rows.where(Assignment.state == wanted.state)
    if wanted.overdue:
        rows = rows.where(Assignment.state.in_([s.value for s in OPEN]), Assignment.due_on < wanted.on)
    if wanted.officer:
        seats = select(AssignmentOfficer.assignment_id).join(Officer, Officer.id == AssignmentOfficer.officer_id)
        rows = rows.where(Assignment.id.in_(seats.where(Officer.uuid == wanted.officer)))
    if wanted.region:
        rows = rows.where(in_subtree(Assignment.region_code, wanted.region))
    if wanted.draw:
        rows = rows.where(Assignment.draw_id.in_(select(Draw.id).where(Draw.code == wanted.draw)))
    if wanted.campaign:
        rows = rows.where(Assignment.batch_id.in_(select(Batch.id).where(Batch.campaign == wanted.campaign)))
    if wanted.q:
        rows = rows.where(Assignment.subject_id.in_(select(Subject.id).where(contains(Subject.name, wanted.q))))
    return rows


PLAIN = (
    "uuid", "region_code", "stratum", "rank", "state", "outcome", "starts_on", "due_on", "due_provisional", "revision",
    "created_at", "changed_at", "ended_at",
)  # fmt: skip


def assignment_row(row: Assignment, on: date) -> dict[str, Any]:
    """One task as the console lists it; `on` is today."""
    return {name: getattr(row, name) for name in PLAIN} | {
        "state_title": STATE_TITLES[AssignmentState(row.state)],
        "outcome_title": OUTCOME_TITLES[Outcome(row.outcome)] if row.outcome else "",
        "overdue": row.state in OPEN and row.due_on < on,
        "subject": row.subject.uuid,
        "code": row.subject.code,
        "name": row.subject.name,
        "draw": row.draw.code if row.draw else None,
        "officers": crew_of(row),
    }


def assignment_detail(session: Session, row: Assignment, on: date) -> dict[str, Any]:
    """The row with its checklists, its check and every step."""
    versions = versions_of(session, set(row.checklist_version_ids))
    check = session.scalar(select(Check.uuid).where(Check.id == row.check_id)) if row.check_id else None
    return assignment_row(row, on) | {
        "checklists": [versions[v] for v in row.checklist_version_ids],
        "check": check,
        "steps": steps_of(session, row.id),
    }


def steps_of(session: Session, assignment_id: int) -> list[dict[str, Any]]:
    """Every step in order, with the name of who took it and which of its photos have come."""
    rows = session.scalars(
        select(AssignmentStep).where(AssignmentStep.assignment_id == assignment_id).order_by(AssignmentStep.id)
    ).all()
    people = {row.by for row in rows if row.by is not None}
    names = {user.id: user.name for user in session.scalars(select(User).where(User.id.in_(people)))}
    came = _photos_here(session, rows)
    return [
        {
            "act": row.act,
            "title": ACT_TITLES[Act(row.act)],
            "reason": row.reason,
            "body": row.body,
            "photos": [{"photo": photo, "received": UUID(photo) in came} for photo in row.evidence],
            "by": names[row.by] if row.by is not None else "系统",
            "at": row.at,
        }
        for row in rows
    ]


def _photos_here(session: Session, rows: Sequence[AssignmentStep]) -> set[UUID]:
    named = [UUID(photo) for row in rows for photo in row.evidence]
    return set(session.scalars(select(Evidence.uuid).where(Evidence.uuid.in_(named)))) if named else set()
