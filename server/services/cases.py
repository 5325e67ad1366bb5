"""案件：下发文书、立案、决定、变更。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.domain import cases as rules
from server.domain.bulletin_data import Notice
from server.domain.cases import CaseState, Decision, Penalty, PenaltyKind
from server.domain.clauses import Clause
from server.domain.errors import Conflict, FieldError, Invalid, Missing
from server.domain.wording import NOTICES, normalise_document_number
from server.models.violations import Case
from server.queries.scope import in_scope
from server.uow import UnitOfWork


def find_case(uow: UnitOfWork, case: UUID, *, lock: bool = False) -> Case:
    """The case if it lies in scope; raises Missing."""
    rows = select(Case).where(Case.uuid == case, in_scope(Case.region_code, uow.scope))
    found = uow.session.scalar(rows.with_for_update() if lock else rows)
    if found is None:
        raise Missing("case-not-found", "没有这宗案件，或不在您的范围内。")
    return found


def case_value(row: Case) -> rules.Case:
    """The row as a domain value."""
    return rules.Case(
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


def write_decision(decision: Decision) -> dict[str, Any]:
    """JSON-ready: decimals and dates as text."""
    return {
        "number": decision.number,
        "decided_on": decision.decided_on.isoformat(),
        "in_force_on": decision.in_force_on.isoformat() if decision.in_force_on else None,
        "points": f"{decision.points:f}",
        "clauses": [asdict(c) for c in decision.clauses],
        "penalties": [
            asdict(p) | {"kind": p.kind.value, "amount": None if p.amount is None else f"{p.amount:f}"}
            for p in decision.penalties
        ],
    }


def read_notice(data: Mapping[str, Any]) -> Notice:
    due = date.fromisoformat(data["due_on"]) if data["due_on"] else None
    return Notice(data["kind"], data["number"], date.fromisoformat(data["issued_on"]), due)


def issue_notice(uow: UnitOfWork, case: UUID, notice: Notice) -> Case:
    """Record a document handed to the subject; its number is used once per case."""
    row = find_case(uow, case, lock=True)
    if notice.kind not in NOTICES:
        raise Invalid("notice-kind-unknown", "没有这种文书。", errors=[FieldError("/kind", "没有这种文书")])
    if notice.due_on is not None and notice.due_on < notice.issued_on:
        raise Invalid("notice-dates-reversed", "整改期限早于下发日期。", errors=[FieldError("/due_on", "早于下发日期")])
    number = normalise_document_number(notice.number)
    if any(kept["number"] == number for kept in row.notices):
        raise Conflict("notice-number-taken", "这宗案件已登记此文号。", facts={"number": number})
    entry = {
        "kind": notice.kind,
        "number": number,
        "issued_on": notice.issued_on.isoformat(),
        "due_on": notice.due_on.isoformat() if notice.due_on else None,
    }
    row.notices = [*row.notices, entry]
    row.changed_at = uow.now
    return row


def file_case(uow: UnitOfWork, case: UUID, *, on: date, number: str) -> Case:
    """立案。"""
    row = find_case(uow, case, lock=True)
    return _store(uow, row, rules.file_case(case_value(row), on=on, number=number))


def decide_case(uow: UnitOfWork, case: UUID, decision: Decision) -> Case:
    """登记处罚决定。"""
    row = find_case(uow, case, lock=True)
    return _store(uow, row, rules.decide_case(case_value(row), decision))


def drop_case(uow: UnitOfWork, case: UUID, reason: str) -> Case:
    """撤案（不予处罚）。"""
    row = find_case(uow, case, lock=True)
    return _store(uow, row, rules.drop_case(case_value(row), reason=reason))


def change_case(uow: UnitOfWork, case: UUID, note: str) -> Case:
    """复议或诉讼变更；已公开的须撤下或更正。"""
    row = find_case(uow, case, lock=True)
    return _store(uow, row, rules.change_case(case_value(row), note=note))


def _store(uow: UnitOfWork, row: Case, value: rules.Case) -> Case:
    row.state = value.state.value
    row.filed_on, row.filing_no = value.filed_on, value.filing_number
    row.decision = write_decision(value.decision) if value.decision else None
    row.change_note = value.change_note
    row.changed_at = uow.now
    return row
