"""抽签的查询：列表、一次抽签的全部、抽中的对象。"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from server.domain.draw_states import STATE_TITLES, DrawState
from server.domain.permissions import Scope
from server.models.assignments import Assignment, AssignmentOfficer
from server.models.draws import Batch, Draw, DrawFile, DrawNumbers
from server.models.users import User
from server.queries.pages import Page, page
from server.queries.scope import in_scope

COLUMNS = (
    "uuid", "code", "series", "round", "replaces", "title", "region_code", "state", "plan_sha256", "result_sha256",
    "entropy", "summary", "failure", "void_reason", "void_note", "due_on", "announced_at", "numbers_due_at", "typed_at",
    "sealed_at", "opened_at", "voided_at",
)  # fmt: skip


def draw_row(draw: Draw) -> dict[str, Any]:
    """What the console shows of one draw; the plan's promises are read from its frozen text."""
    plan = json.loads(draw.plan)
    shown = {name: getattr(draw, name) for name in COLUMNS}
    return shown | {
        "batch": draw.batch.uuid,
        "state_title": STATE_TITLES[DrawState(draw.state)],
        "entropy_plan": plan.get("entropy", {}),
        "strata": plan["strata"],
    }


def draw_page(session: Session, scope: Scope, after: int, limit: int, state: str, batch: UUID | None) -> Page[Any]:
    rows = select(Draw).where(in_scope(Draw.region_code, scope)).options(undefer(Draw.plan), joinedload(Draw.batch))
    if state:
        rows = rows.where(Draw.state == state)
    if batch:
        rows = rows.where(Draw.batch_id.in_(select(Batch.id).where(Batch.uuid == batch)))
    found = page(session, rows, Draw.id, after, limit)
    return Page([draw_row(d) for d in found.items], found.next)


def draw_detail(session: Session, draw: Draw) -> dict[str, Any]:
    """The row with every typing, every frozen file and the agency's count of voids."""
    return draw_row(draw) | {
        "numbers": numbers_of(session, draw.id),
        "files": files_of(session, draw.id),
        "voids": count_voids(session, draw.agency_code),
    }


def numbers_of(session: Session, draw_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(DrawNumbers).where(DrawNumbers.draw_id == draw_id).order_by(DrawNumbers.id)).all()
    people = {n.by for n in rows} | {n.confirmed_by for n in rows if n.confirmed_by}
    names = {u.id: u.name for u in session.scalars(select(User).where(User.id.in_(people)))}
    plain = ("groups", "issue", "witnesses", "source_note", "at", "confirmed_at", "refused_at")
    return [
        {name: getattr(n, name) for name in plain}
        | {"by": names[n.by], "confirmed_by": names[n.confirmed_by] if n.confirmed_by else None}
        for n in rows
    ]


def files_of(session: Session, draw_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(DrawFile.name, DrawFile.sha256, DrawFile.size).where(DrawFile.draw_id == draw_id).order_by(DrawFile.name)
    )
    return [{"name": name, "sha256": digest, "size": size} for name, digest, size in rows]


def count_voids(session: Session, agency_code: str) -> int:
    void = select(func.count()).where(Draw.agency_code == agency_code, Draw.state == DrawState.VOID.value)
    return session.scalar(void) or 0


def drawn_page(session: Session, draw: Draw, after: int, limit: int, q: str) -> Page[Any]:
    """Assignments of a sealed draw with their people, three statements whatever the number."""
    rows = (
        select(Assignment)
        .where(Assignment.draw_id == draw.id)
        .options(
            joinedload(Assignment.subject),
            selectinload(Assignment.officers).joinedload(AssignmentOfficer.officer),
        )
    )
    if q:
        rows = rows.where(Assignment.subject.has(code=q))
    found = page(session, rows, Assignment.id, after, limit)
    return Page([_drawn(a) for a in found.items], found.next)


def _drawn(row: Assignment) -> dict[str, Any]:
    return {
        "assignment": row.uuid,
        "subject": row.subject.uuid,
        "code": row.subject.code,
        "name": row.subject.name,
        "stratum": row.stratum,
        "rank": row.rank,
        "state": row.state,
        "officers": [_titled(o) for o in row.officers],
    }


def _titled(seat: AssignmentOfficer) -> str:
    return f"{seat.officer.name}（主办）" if seat.lead else seat.officer.name


def open_assignments(session: Session, draw_id: int) -> int:
    """How many tasks of this draw are not ended yet."""
    still = select(func.count()).where(Assignment.draw_id == draw_id, Assignment.ended_at.is_(None))
    return session.scalar(still) or 0


def file_contents(session: Session, draw_id: int) -> dict[str, bytes]:
    """Every frozen file of a draw by name."""
    rows: Sequence[Any] = session.execute(
        select(DrawFile.name, DrawFile.content).where(DrawFile.draw_id == draw_id)
    ).all()
    return {row.name: row.content for row in rows}
