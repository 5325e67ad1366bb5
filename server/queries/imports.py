"""导入的查询：自己上传过哪些，一份里的各行。"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.imports import RegisterImport, RegisterImportRow
from server.queries.pages import Page, page


def own_imports(session: Session, user_id: int | None, rooms: tuple[str, ...], after: int, limit: int) -> Page[RegisterImport]:  # fmt: skip
    """What this person has uploaded into these registers, oldest first."""
    rows = select(RegisterImport).where(RegisterImport.by == user_id, RegisterImport.room.in_(rooms))
    return page(session, rows, RegisterImport.id, after, limit)


def rows_of(session: Session, import_id: int, verdict: str | None, after: int, limit: int) -> Page[RegisterImportRow]:
    """Rows of one import by row number, of one verdict when it is given."""
    rows = select(RegisterImportRow).where(RegisterImportRow.import_id == import_id)
    if verdict is not None:
        rows = rows.where(RegisterImportRow.verdict == verdict)
    return page(session, rows, RegisterImportRow.row_no, after, limit)
