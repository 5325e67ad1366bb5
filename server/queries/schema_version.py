"""表结构版本：数据库里的，和代码里的。"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

HEAD_FILE = Path(__file__).parents[1] / "migrations" / ".head"


@lru_cache(maxsize=1)
def known_head() -> str:
    """The revision this code was written for."""
    return HEAD_FILE.read_text().strip()


def current_head(session: Session) -> str:
    """The revision of the connected database; empty when it was never migrated."""
    try:
        return session.scalar(text("SELECT version_num FROM alembic_version")) or ""
    except DatabaseError:
        session.rollback()
        return ""
