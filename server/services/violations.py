"""问题的认定：确认、降级确认、驳回、撤回。"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from sqlalchemy import select

from server.domain import violations as rules
from server.domain.cases import CaseState
from server.domain.checklists import Severity
from server.domain.errors import FieldError, Invalid, Missing
from server.domain.violations import ViolationState
from server.models.bulletins import Bulletin, BulletinViolation
from server.models.violations import Case, Violation
from server.queries.scope import in_scope
from server.services.assignment_checks import settle_outcome
from server.uow import UnitOfWork


class Decision(StrEnum):
    """监督人员可以作的认定。"""

    CONFIRM = "confirm"
    LOWER = "lower"
    REJECT = "reject"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Verdict:
    """一次认定：程度只在确认和降级时有意义。"""

    decision: Decision
    severity: Severity | None = None
    reason: str = ""


def find_violation(uow: UnitOfWork, violation: UUID, *, lock: bool = False) -> Violation:
    """The violation if it lies in scope; raises Missing."""
    rows = select(Violation).where(Violation.uuid == violation, in_scope(Violation.region_code, uow.scope))
    found = uow.session.scalar(rows.with_for_update() if lock else rows)
    if found is None:
        raise Missing("violation-not-found", "没有这条问题，或不在您的范围内。")
    return found


def decide_violation(uow: UnitOfWork, violation: UUID, verdict: Verdict) -> Violation:
    """Record what a supervisor decided; confirming opens the check's case as 检查发现 when there is none yet."""
    row = find_violation(uow, violation, lock=True)
    after = _apply(_value(uow, row), verdict, by=uow.actor.label, uow=uow)
    row.state, row.severity = after.state.value, after.severity.value
    row.reason = after.judgements[-1].reason or None
    row.decided_at, row.decided_by = uow.now, uow.actor.user_id
    row.case_id = _open_case(uow, row).id if after.counts else None
    settle_outcome(uow, row.check_id)
    return row


def _value(uow: UnitOfWork, row: Violation) -> rules.Violation:
    return rules.Violation(
        id=str(row.uuid),
        subject_id=str(row.subject_id),
        item_code=row.item_code,
        found_severity=Severity(row.found_severity),
        severity=Severity(row.severity),
        state=ViolationState(row.state),
        frozen_in=_frozen_in(uow, row),
    )


def _frozen_in(uow: UnitOfWork, row: Violation) -> tuple[str, ...]:
    held = (
        select(Bulletin.uuid)
        .join(BulletinViolation, BulletinViolation.bulletin_id == Bulletin.id)
        .where(BulletinViolation.violation_id == row.id, Bulletin.number.is_not(None))
    )
    return tuple(str(uuid) for uuid in uow.session.scalars(held))


def _apply(value: rules.Violation, verdict: Verdict, *, by: str, uow: UnitOfWork) -> rules.Violation:
    match verdict.decision:
        case Decision.CONFIRM:
            return rules.confirm_violation(value, by=by, at=uow.now, severity=verdict.severity, reason=verdict.reason)
        case Decision.LOWER:
            if verdict.severity is None:
                raise Invalid("severity-missing", "请选择降级后的程度。", errors=[FieldError("/severity", "必填")])
            return rules.lower_violation(value, by=by, at=uow.now, severity=verdict.severity, reason=verdict.reason)
        case Decision.REJECT:
            return rules.reject_violation(value, by=by, at=uow.now, reason=verdict.reason)
        case Decision.WITHDRAW:
            return rules.withdraw_violation(value, by=by, at=uow.now, reason=verdict.reason)


def _open_case(uow: UnitOfWork, row: Violation) -> Case:
    """One case per check; its id follows from the check, so it does not matter which violation comes first."""
    found = uow.session.scalar(select(Case).where(Case.check_id == row.check_id))
    if found is not None:
        return found
    case = Case(
        uuid=uuid5(row.check.uuid, "case"),
        check_id=row.check_id,
        subject_id=row.subject_id,
        region_code=row.region_code,
        state=CaseState.FOUND.value,
        filing_no="",
        notices=[],
        change_note="",
        opened_at=uow.now,
        opened_by=uow.actor.user_id,
        changed_at=uow.now,
    )
    uow.session.add(case)
    uow.session.flush()
    return case
