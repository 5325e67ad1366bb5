"""问题（违法违规行为）：检查发现 → 确认、降级或驳回。

A failing answer is only a finding until a supervisor has spoken. What has been frozen into a published
bulletin is not taken back here: it is corrected there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from server.domain.checklists import Severity
from server.domain.errors import Conflict, FieldError, Invalid

MIN_REASON = 5


class ViolationState(StrEnum):
    """检查发现、已确认、已降级确认、已驳回、已撤回."""

    FOUND = "found"
    CONFIRMED = "confirmed"
    LOWERED = "lowered"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


COUNTED_STATES = frozenset({ViolationState.CONFIRMED, ViolationState.LOWERED})


@dataclass(frozen=True, slots=True)
class Judgement:
    """Who decided what, when and why; `at` is aware and in UTC."""

    state: ViolationState
    severity: Severity
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """One finding on one subject; `found_severity` never changes, `frozen_in` are the bulletins that hold
    it.
    """

    id: str
    subject_id: str
    item_code: str
    found_severity: Severity
    severity: Severity
    state: ViolationState = ViolationState.FOUND
    judgements: tuple[Judgement, ...] = ()
    frozen_in: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """True when it may enter statistics and bulletins."""
        return self.state in COUNTED_STATES

    @property
    def dedupe_key(self) -> tuple[str, str]:
        """Subject and item: the same item on the same subject is one 问题 however many checks found it."""
        return (self.subject_id, self.item_code)


def confirm_violation(
    violation: Violation, *, by: str, at: datetime, severity: Severity | None = None, reason: str = ""
) -> Violation:
    """Confirm at the found severity or a higher one; a lower one must go through `lower_violation`.

    Raises Conflict `violation-already-decided`, Invalid `severity-needs-lowering`.
    """
    _require_found(violation)
    chosen = severity or violation.severity
    if chosen.rank < violation.severity.rank:
        raise Invalid(
            "severity-needs-lowering",
            "下调严重程度须使用“降级确认”并写明理由。",
            errors=[FieldError("/severity", "低于检查发现的严重程度")],
        )
    return _decided(violation, Judgement(ViolationState.CONFIRMED, chosen, by, at, reason.strip()))


def lower_violation(violation: Violation, *, by: str, at: datetime, severity: Severity, reason: str) -> Violation:
    """Confirm at a lower severity, with a reason.

    Raises Conflict `violation-already-decided`, Invalid `severity-not-lower` or `reason-too-short`.
    """
    _require_found(violation)
    if severity.rank >= violation.severity.rank:
        raise Invalid(
            "severity-not-lower",
            "降级确认的严重程度应低于检查发现的严重程度。",
            errors=[FieldError("/severity", "没有降低")],
        )
    return _decided(violation, Judgement(ViolationState.LOWERED, severity, by, at, require_reason(reason)))


def reject_violation(violation: Violation, *, by: str, at: datetime, reason: str) -> Violation:
    """Reject a finding, with a reason. Raises as `lower_violation` does, except for severity."""
    _require_found(violation)
    judgement = Judgement(ViolationState.REJECTED, violation.severity, by, at, require_reason(reason))
    return _decided(violation, judgement)


def withdraw_violation(violation: Violation, *, by: str, at: datetime, reason: str) -> Violation:
    """Take a confirmed violation back before any bulletin froze it, with a reason.

    Raises Conflict `violation-not-confirmed` or `violation-frozen`, Invalid `reason-too-short`.
    """
    if not violation.counts:
        raise Conflict("violation-not-confirmed", "只有已确认的问题可以撤回。")
    if violation.frozen_in:
        raise Conflict(
            "violation-frozen",
            "该问题已写入发布的通报，不能撤回；请更正或撤回通报。",
            facts={"bulletins": list(violation.frozen_in)},
        )
    judgement = Judgement(ViolationState.WITHDRAWN, violation.severity, by, at, require_reason(reason))
    return _decided(violation, judgement)


def freeze_violation(violation: Violation, bulletin_id: str) -> Violation:
    """Note that a published bulletin holds this violation; repeating it changes nothing."""
    if not violation.counts:
        raise Conflict("violation-not-confirmed", "未经确认的问题不能写入通报。")
    return replace(violation, frozen_in=tuple(sorted({*violation.frozen_in, bulletin_id})))


def count_findings(violations: Iterable[Violation]) -> int:
    """Count confirmed violations once for the same subject and item (问题条数)."""
    return len({violation.dedupe_key for violation in violations if violation.counts})


def require_reason(reason: str) -> str:
    """Return the trimmed reason; raises Invalid `reason-too-short` under five characters."""
    trimmed = reason.strip()
    if len(trimmed) < MIN_REASON:
        raise Invalid(
            "reason-too-short",
            f"请写明理由，不少于{MIN_REASON}个字。",
            errors=[FieldError("/reason", f"不少于{MIN_REASON}个字")],
        )
    return trimmed


def _require_found(violation: Violation) -> None:
    if violation.state is not ViolationState.FOUND:
        raise Conflict("violation-already-decided", "该问题已经作出认定。", facts={"state": violation.state.value})


def _decided(violation: Violation, judgement: Judgement) -> Violation:
    return replace(
        violation,
        state=judgement.state,
        severity=judgement.severity,
        judgements=(*violation.judgements, judgement),
    )
