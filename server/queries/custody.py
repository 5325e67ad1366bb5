"""保管链：读整本，和紧接着的一条。"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.domain.custody import Act, Entry, next_entry
from server.models.evidence import CustodyEntry


def ledger(session: Session, evidence_id: int) -> list[Entry]:
    """The whole ledger of one photo, oldest first."""
    rows = select(CustodyEntry).where(CustodyEntry.evidence_id == evidence_id).order_by(CustodyEntry.seq)
    return [_entry(row) for row in session.scalars(rows)]


def following_row(
    session: Session, evidence_id: int, act: Act, actor: str, at: datetime, facts: dict[str, Any]
) -> CustodyEntry:
    """The row that follows the last one, not yet added; unique (evidence, seq) makes two writers at once impossible."""
    rows = select(CustodyEntry).where(CustodyEntry.evidence_id == evidence_id).order_by(CustodyEntry.seq.desc())
    last = session.scalar(rows.limit(1))
    entry = next_entry(_entry(last) if last else None, act, actor, at, facts)
    return CustodyEntry(
        evidence_id=evidence_id,
        seq=entry.seq,
        act=entry.act,
        actor=entry.actor,
        at=entry.at,
        facts=entry.facts,
        prev_sha256=entry.prev_sha256,
        sha256=entry.sha256,
    )


def _entry(row: CustodyEntry) -> Entry:
    return Entry(row.seq, row.act, row.actor, row.at, row.facts, row.prev_sha256, row.sha256)
