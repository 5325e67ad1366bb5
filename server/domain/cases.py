"""案件：检查发现 → 立案 → 决定 → 复议诉讼变更。

The state decides the sentence that may be published. 通报批评 is a penalty (行政处罚法第九条), so those
words need a decision in force that imposes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from server.domain.clauses import Clause
from server.domain.errors import Conflict, FieldError, Invalid, Refused
from server.domain.violations import require_reason
from server.domain.wording import normalise_document_number


class CaseState(StrEnum):
    """检查发现、已立案、已决定、经复议或诉讼变更、不予处罚（撤案）."""

    FOUND = "found"
    FILED = "filed"
    DECIDED = "decided"
    REVIEWED_CHANGED = "reviewed_changed"
    DROPPED = "dropped"


class Stage(StrEnum):
    """Which sentence may be published: 检查发现, 涉嫌, 已决定, or nothing."""

    FOUND = "found"
    SUSPECTED = "suspected"
    DECIDED = "decided"
    SILENT = "silent"


class PenaltyKind(StrEnum):
    """Kinds of penalty of 行政处罚法第九条."""

    WARNING = "warning"
    PUBLIC_CRITICISM = "public_criticism"
    FINE = "fine"
    CONFISCATION = "confiscation"
    PERMIT_SUSPENSION = "permit_suspension"
    QUALIFICATION_LOWERING = "qualification_lowering"
    PERMIT_REVOCATION = "permit_revocation"
    RESTRICTED_OPERATION = "restricted_operation"
    STOPPED_OPERATION = "stopped_operation"
    CLOSURE = "closure"
    RESTRICTED_PRACTICE = "restricted_practice"


PENALTY_WORDS = {
    PenaltyKind.WARNING: "警告",
    PenaltyKind.PUBLIC_CRITICISM: "通报批评",
    PenaltyKind.FINE: "罚款",
    PenaltyKind.CONFISCATION: "没收违法所得",
    PenaltyKind.PERMIT_SUSPENSION: "暂扣许可证件",
    PenaltyKind.QUALIFICATION_LOWERING: "降低资质等级",
    PenaltyKind.PERMIT_REVOCATION: "吊销许可证件",
    PenaltyKind.RESTRICTED_OPERATION: "限制开展生产经营活动",
    PenaltyKind.STOPPED_OPERATION: "责令停产停业",
    PenaltyKind.CLOSURE: "责令关闭",
    PenaltyKind.RESTRICTED_PRACTICE: "限制从业",
}
_WITH_AMOUNT = {PenaltyKind.FINE, PenaltyKind.CONFISCATION}


@dataclass(frozen=True, slots=True)
class Penalty:
    """One penalty on one party; `amount` in yuan for fines and confiscations, None otherwise."""

    kind: PenaltyKind
    party_role: str
    party_name: str
    natural_person: bool = False
    amount: Decimal | None = None

    def __post_init__(self) -> None:
        if (self.kind in _WITH_AMOUNT) != (self.amount is not None) or (self.amount or 0) < 0:
            raise Invalid(
                "penalty-amount-invalid",
                "罚款和没收须写明金额，其他处罚种类不写金额，金额不能为负。",
                errors=[FieldError("/amount", "与处罚种类不符")],
            )


@dataclass(frozen=True, slots=True)
class Decision:
    """A penalty decision; `in_force_on` is None until it has been served and has taken effect."""

    number: str
    decided_on: date
    penalties: tuple[Penalty, ...]
    clauses: tuple[Clause, ...] = ()
    in_force_on: date | None = None
    points: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", normalise_document_number(self.number))
        if self.in_force_on is not None and self.in_force_on < self.decided_on:
            raise Invalid("decision-dates-reversed", "生效日期不能早于决定日期。")

    def in_force(self, on: date) -> bool:
        """Tell whether the decision has taken effect by `on`."""
        return self.in_force_on is not None and self.in_force_on <= on


@dataclass(frozen=True, slots=True)
class Case:
    """The legal standing of one case. `change_note` says what a review or a court changed."""

    id: str
    state: CaseState = CaseState.FOUND
    filed_on: date | None = None
    filing_number: str = ""
    decision: Decision | None = None
    change_note: str = ""


def file_case(case: Case, *, on: date, number: str) -> Case:
    """Open the case (立案). Raises Conflict `case-state-forbids` unless it is still a finding."""
    _require(case, CaseState.FOUND, "立案")
    return replace(case, state=CaseState.FILED, filed_on=on, filing_number=normalise_document_number(number))


def decide_case(case: Case, decision: Decision) -> Case:
    """Record the decision. Raises Conflict `case-state-forbids`, Invalid `decision-dates-reversed`."""
    _require(case, CaseState.FILED, "作出决定")
    if case.filed_on and decision.decided_on < case.filed_on:
        raise Invalid("decision-dates-reversed", "决定日期不能早于立案日期。")
    return replace(case, state=CaseState.DECIDED, decision=decision)


def drop_case(case: Case, *, reason: str) -> Case:
    """Close a filed case without penalty, with a reason."""
    _require(case, CaseState.FILED, "撤销立案")
    return replace(case, state=CaseState.DROPPED, change_note=require_reason(reason))


def change_case(case: Case, *, note: str) -> Case:
    """Note that review or court changed, revoked or voided the decision; publications must be taken down."""
    _require(case, CaseState.DECIDED, "登记复议诉讼变更")
    return replace(case, state=CaseState.REVIEWED_CHANGED, change_note=require_reason(note))


def _require(case: Case, state: CaseState, verb: str) -> None:
    if case.state is not state:
        raise Conflict("case-state-forbids", f"案件当前状态不能{verb}。", facts={"state": case.state.value})


def stage_on(case: Case, on: date) -> Stage:
    """Return which sentence may be published on a day.

    A decision that is not yet in force still reads 涉嫌; a changed or dropped case is silent.
    """
    if case.state is CaseState.FOUND:
        return Stage.FOUND
    if case.state is CaseState.FILED:
        return Stage.SUSPECTED
    if case.state is CaseState.DECIDED and case.decision:
        return Stage.DECIDED if case.decision.in_force(on) else Stage.SUSPECTED
    return Stage.SILENT


def may_criticise(case: Case, on: date) -> bool:
    """Tell whether the words 通报批评 may be used for this case on a day."""
    decision = case.decision
    if case.state is not CaseState.DECIDED or decision is None or not decision.in_force(on):
        return False
    return any(penalty.kind is PenaltyKind.PUBLIC_CRITICISM for penalty in decision.penalties)


def check_criticism(text: str, cases: tuple[Case, ...], on: date) -> None:
    """Raise Refused `criticism-needs-decision` when `text` says 通报批评 and no case allows it."""
    if "通报批评" in text and not any(may_criticise(case, on) for case in cases):
        raise Refused(
            "criticism-needs-decision",
            "“通报批评”是行政处罚种类，须有已生效且包含通报批评的处罚决定；请改用“通报”。",
        )
