"""案件：下发文书、立案、决定、变更。"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.domain import cases as rules
from server.domain.bulletin_data import Notice
from server.domain.cases import Decision
from server.domain.errors import Conflict, FieldError, Invalid, Missing
from server.domain.wording import NOTICES, normalise_document_number
from server.models.violations import Case
from server.queries.case_values import case_value
from server.queries.scope import in_scope
from server.services.assignment_checks import settle_outcome, watch_case
from server.uow import UnitOfWork


def find_case(uow: UnitOfWork, case: UUID, *, lock: bool = False) -> Case:
    """The case if it lies in scope; raises Missing."""
    rows = select(Case).where(Case.uuid == case, in_scope(Case.region_code, uow.scope))
    found = uow.session.scalar(rows.with_for_update() if lock else rows)
    if found is None:
        raise Missing("case-not-found", "没有这宗案件，或不在您的范围内。")
    return found


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
    settle_outcome(uow, row.check_id)
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
    watch_case(uow, row)
    return row
