"""待办的查询。"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.models.outbox import OutboxRow


def oldest_open_seconds(session: Session, now: datetime) -> int:
    """Seconds the oldest open row has been due (0 when there is none)."""
    oldest = session.scalar(select(func.min(OutboxRow.due_at)).where(OutboxRow.done_at.is_(None)))
    return 0 if oldest is None else max(0, int((now - oldest).total_seconds()))


def open_count(session: Session) -> int:
    """How many promised effects are still owed."""
    return session.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.done_at.is_(None))) or 0
