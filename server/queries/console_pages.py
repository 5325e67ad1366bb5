"""控制台首页和表单要的数：各状态几次抽签、任务、期限、提醒，区划的名称。"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.domain.assignments import OPEN
from server.domain.permissions import Scope
from server.models.assignments import Assignment, Deadline, Notice
from server.models.draws import Draw
from server.models.regions import Region
from server.models.subjects import Organisation
from server.queries.scope import in_scope

MOST_CHOICES = 300


def draws_by_state(session: Session, scope: Scope) -> dict[str, int]:
    rows = select(Draw.state, func.count()).where(in_scope(Draw.region_code, scope)).group_by(Draw.state)
    return dict(session.execute(rows).tuples().all())


def tasks_waiting(session: Session, scope: Scope, on: date) -> tuple[int, int]:
    """(open, of these overdue on `on`)."""
    rows = select(func.count()).where(
        in_scope(Assignment.region_code, scope), Assignment.state.in_([s.value for s in OPEN])
    )
    return session.scalar(rows) or 0, session.scalar(rows.where(Assignment.due_on < on)) or 0


def deadlines_waiting(session: Session, scope: Scope, on: date) -> tuple[int, int]:
    """(open, of these overdue on `on`)."""
    rows = select(func.count()).where(in_scope(Deadline.region_code, scope), Deadline.met_at.is_(None))
    return session.scalar(rows) or 0, session.scalar(rows.where(Deadline.due_on < on)) or 0


def unread_notices(session: Session, scope: Scope) -> int:
    rows = select(func.count()).where(in_scope(Notice.region_code, scope), Notice.read_at.is_(None))
    return session.scalar(rows) or 0


def region_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    rows = select(Region.code, Region.name).where(Region.code.in_(set(codes)))
    return dict(session.execute(rows).tuples().all())


def regions_in_scope(session: Session, scope: Scope) -> list[tuple[str, str]]:
    """(code, name) for a field of choice."""
    rows = select(Region.code, Region.name).where(in_scope(Region.code, scope)).order_by(Region.code)
    return [(code, name) for code, name in session.execute(rows.limit(MOST_CHOICES))]


def authorities(session: Session, scope: Scope) -> list[tuple[str, str]]:
    """(uuid, name) of the authorities in scope."""
    rows = select(Organisation.uuid, Organisation.name).where(
        in_scope(Organisation.region_code, scope), Organisation.kind == "authority", Organisation.retired_at.is_(None)
    )
    return [(str(uuid), name) for uuid, name in session.execute(rows.order_by(Organisation.name).limit(MOST_CHOICES))]
