"""保管链的记账。"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from server.domain.custody import Act, Entry, next_entry
from server.models.evidence import CustodyEntry, Evidence
from server.uow import UnitOfWork


def record_custody(uow: UnitOfWork, evidence: Evidence, act: Act, facts: dict[str, Any]) -> None:
    """Append one line; the unique (evidence, seq) pair makes two writers at once impossible."""
    last = uow.session.scalar(
        select(CustodyEntry).where(CustodyEntry.evidence_id == evidence.id).order_by(CustodyEntry.seq.desc()).limit(1)
    )
    entry = next_entry(_entry(last) if last else None, act, uow.actor.label, uow.now, facts)
    uow.session.add(
        CustodyEntry(
            evidence_id=evidence.id,
            seq=entry.seq,
            act=entry.act,
            actor=entry.actor,
            at=entry.at,
            facts=entry.facts,
            prev_sha256=entry.prev_sha256,
            sha256=entry.sha256,
        )
    )
    uow.session.flush()


def _entry(row: CustodyEntry) -> Entry:
    return Entry(row.seq, row.act, row.actor, row.at, row.facts, row.prev_sha256, row.sha256)


def ledger(uow: UnitOfWork, evidence: Evidence) -> list[Entry]:
    """The whole ledger of one photo, oldest first."""
    rows = select(CustodyEntry).where(CustodyEntry.evidence_id == evidence.id).order_by(CustodyEntry.seq)
    return [_entry(row) for row in uow.session.scalars(rows)]
