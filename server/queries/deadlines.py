"""期限与提醒的查询。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.domain.deadlines import KIND_TITLES, DeadlineKind
from server.domain.errors import Missing
from server.domain.permissions import Scope
from server.models.assignments import CalendarDay, Deadline, Notice
from server.queries.pages import Page, page
from server.queries.scope import in_scope

PLAIN = (
    "uuid", "kind", "title", "region_code", "starts_on", "days", "due_on", "provisional", "calendar_version", "met_at",
    "warned_at", "overdue_at",
)  # fmt: skip


def deadline_page(
    session: Session, scope: Scope, after: int, limit: int, *, kind: str, until: date | None, state: str, on: date
) -> Page[Any]:
    """Clocks in scope. `state`: open, overdue (open and past on `on`), met or '' for all; `until`: due by that day."""
    rows = select(Deadline).where(in_scope(Deadline.region_code, scope))
    if kind:
        rows = rows.where(Deadline.kind == kind)
    if until:
        rows = rows.where(Deadline.due_on <= until)
    if state:
        rows = rows.where(Deadline.met_at.is_not(None) if state == "met" else Deadline.met_at.is_(None))
    if state == "overdue":
        rows = rows.where(Deadline.due_on < on)
    found = page(session, rows, Deadline.id, after, limit)
    return Page([_deadline(row, on) for row in found.items], found.next)


def _deadline(row: Deadline, on: date) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PLAIN} | {
        "kind_title": KIND_TITLES[DeadlineKind(row.kind)],
        "about": row.about_uuid,
        "overdue": row.met_at is None and row.due_on < on,
    }


def notice_page(session: Session, scope: Scope, after: int, limit: int, *, unread: bool) -> Page[Notice]:
    rows = select(Notice).where(in_scope(Notice.region_code, scope))
    if unread:
        rows = rows.where(Notice.read_at.is_(None))
    return page(session, rows, Notice.id, after, limit)


def find_notice(session: Session, scope: Scope, notice: UUID) -> Notice:
    """Raises Missing `notice-not-found`."""
    found = session.scalar(select(Notice).where(Notice.uuid == notice, in_scope(Notice.region_code, scope)))
    if found is None:
        raise Missing("notice-not-found", "没有这条提醒，或不在您的范围内。")
    return found


def entered_days(session: Session, year: int) -> Sequence[CalendarDay]:
    """Calendar rows entered for a year, in order."""
    rows = select(CalendarDay).where(CalendarDay.on >= date(year, 1, 1), CalendarDay.on <= date(year, 12, 31))
    return session.scalars(rows.order_by(CalendarDay.on)).all()
