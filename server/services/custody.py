"""保管链的记账。"""

from __future__ import annotations

from typing import Any

from server.domain.custody import Act, Entry, next_entry
from server.models.evidence import CustodyEntry, Evidence
from server.prepared import insertion
from server.queries.custody import columns_of, last_entry
from server.uow import UnitOfWork

_ADD = insertion(CustodyEntry, ("evidence_id", *Entry.__slots__))


def record_custody(
    uow: UnitOfWork, evidence: Evidence, act: Act, facts: dict[str, Any], *, opens: bool = False
) -> None:
    """Append one line to the photo's ledger; `opens` says that the photo is new in this unit and has no line yet."""
    uow.session.flush()
    last = None if opens else last_entry(uow.session, evidence.id)
    entry = next_entry(last, act, uow.actor.label, uow.now, facts)
    _ADD.run(uow.connection, columns_of(evidence.id, entry))
