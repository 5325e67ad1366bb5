"""检查单的查询。"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.checks import ChecklistVersion


def published(session: Session) -> Sequence[ChecklistVersion]:
    """Every published, not retired version, without its content."""
    rows = select(ChecklistVersion).where(ChecklistVersion.retired_at.is_(None))
    return session.scalars(rows.order_by(ChecklistVersion.code, ChecklistVersion.version)).all()
