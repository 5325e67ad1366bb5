"""分页：按主键往后翻，不数总数。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`items` of one page and the cursor of the next (None at the end)."""

    items: Sequence[T]
    next: int | None


def page(session: Session, statement: Select[tuple[T]], key: Any, after: int, limit: int) -> Page[T]:
    """Rows with `key` > `after`, in order of `key`; one more than asked is read to know whether there is a next page."""
    rows = session.scalars(statement.where(key > after).order_by(key).limit(limit + 1)).unique().all()
    more = len(rows) > limit
    kept = rows[:limit]
    return Page(kept, getattr(kept[-1], key.key) if more else None)


def contains(column: Any, text: str) -> Any:
    """Case-insensitive substring, with the pattern signs taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.ilike(f"%{escaped}%", escape="\\")
