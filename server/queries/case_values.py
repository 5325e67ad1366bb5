"""案件行读成领域值。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from server.domain.bulletin_data import Notice
from server.domain.cases import Case as CaseValue
from server.domain.cases import CaseState, Decision, Penalty, PenaltyKind
from server.domain.clauses import Clause
from server.models.violations import Case


def case_value(row: Case) -> CaseValue:
    """The row as a domain value."""
    return CaseValue(
        id=str(row.uuid),
        state=CaseState(row.state),
        filed_on=row.filed_on,
        filing_number=row.filing_no,
        decision=read_decision(row.decision),
        change_note=row.change_note,
    )


def read_decision(data: Mapping[str, Any] | None) -> Decision | None:
    if data is None:
        return None
    return Decision(
        number=data["number"],
        decided_on=date.fromisoformat(data["decided_on"]),
        penalties=tuple(_penalty(p) for p in data["penalties"]),
        clauses=tuple(Clause(**c) for c in data["clauses"]),
        in_force_on=date.fromisoformat(data["in_force_on"]) if data["in_force_on"] else None,
        points=Decimal(data["points"]),
    )


def _penalty(data: Mapping[str, Any]) -> Penalty:
    amount = None if data["amount"] is None else Decimal(data["amount"])
    return Penalty(PenaltyKind(data["kind"]), data["party_role"], data["party_name"], data["natural_person"], amount)


def read_notice(data: Mapping[str, Any]) -> Notice:
    due = date.fromisoformat(data["due_on"]) if data["due_on"] else None
    return Notice(data["kind"], data["number"], date.fromisoformat(data["issued_on"]), due)
