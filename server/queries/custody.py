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
    last = last_entry(session, evidence_id)
    return CustodyEntry(**columns_of(evidence_id, next_entry(last, act, actor, at, facts)))


def last_entry(session: Session, evidence_id: int) -> Entry | None:
    """The end of one photo's ledger; None while it is empty."""
    ledger = CustodyEntry.__table__.c
    wanted = (ledger.seq, ledger.act, ledger.actor, ledger.at, ledger.facts, ledger.prev_sha256, ledger.sha256)
    rows = select(*wanted).where(ledger.evidence_id == evidence_id).order_by(ledger.seq.desc()).limit(1)
    last = session.execute(rows).first()
    return Entry(*last) if last else None


def columns_of(evidence_id: int, entry: Entry) -> dict[str, Any]:
    """One line as the columns of its row."""
    return {"evidence_id": evidence_id, **{name: getattr(entry, name) for name in Entry.__slots__}}


def _entry(row: CustodyEntry) -> Entry:
    return Entry(row.seq, row.act, row.actor, row.at, row.facts, row.prev_sha256, row.sha256)
