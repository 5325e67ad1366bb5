"""保管链的记账。"""

from __future__ import annotations

from typing import Any

from server.domain.custody import Act
from server.models.evidence import Evidence
from server.queries.custody import following_row
from server.uow import UnitOfWork


def record_custody(uow: UnitOfWork, evidence: Evidence, act: Act, facts: dict[str, Any]) -> None:
    """Append one line to the photo's ledger."""
    uow.session.add(following_row(uow.session, evidence.id, act, uow.actor.label, uow.now, facts))
    uow.session.flush()
