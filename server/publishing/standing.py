"""哪些快照现在有效：同号只认最后一版，撤回的留下说明。"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import aliased

from server.domain.errors import Gone, Missing
from server.models.bulletins import Publication
from server.uow import UnitOfWork


def newest(kind: str) -> ColumnElement[bool]:
    """The last revision of each slug of this kind, withdrawn or not."""
    later = aliased(Publication)
    replaced = exists(select(later.id).where(later.slug == Publication.slug, later.revision > Publication.revision))
    return and_(Publication.kind == kind, ~replaced)


def standing(kind: str) -> ColumnElement[bool]:
    """The last revision of each slug that was not withdrawn."""
    return and_(newest(kind), Publication.withdrawn_at.is_(None))


def find_standing(uow: UnitOfWork, kind: str, slug: str, *, missing: Missing, gone: tuple[str, str]) -> Publication:
    """The standing snapshot under `slug`; raises `missing`, or Gone (code, opening words) with the public reason."""
    row = uow.session.scalar(select(Publication).where(newest(kind), Publication.slug == slug))
    if row is None:
        raise missing
    if row.withdrawn_at is not None:
        code, words = gone
        raise Gone(code, f"{words}：{row.withdrawn_reason}", facts=_mark(row))
    return row


def _mark(row: Publication) -> dict[str, Any]:
    return {"slug": row.slug, "withdrawn_at": row.withdrawn_at}
