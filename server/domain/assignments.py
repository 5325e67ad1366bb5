"""任务：一次检查派给谁、走到哪里、怎样结束；结果口径照 20 个工作日公示的说法。"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from server.domain.errors import Conflict, FieldError, Invalid, Refused

NOTE_SIGNERS = 2
MOST_POSTPONED_DAYS = 366


class AssignmentState(StrEnum):
    """派出、已开始、已完成（有检查记录）、已结束（没有检查成）、已换下、已随抽签作废。"""

    ASSIGNED = "assigned"
    STARTED = "started"
    DONE = "done"
    ENDED = "ended"
    REPLACED = "replaced"
    VOID = "void"


STATE_TITLES = {
    AssignmentState.ASSIGNED: "待检查",
    AssignmentState.STARTED: "检查中",
    AssignmentState.DONE: "已检查",
    AssignmentState.ENDED: "未能检查",
    AssignmentState.REPLACED: "已换下",
    AssignmentState.VOID: "已作废",
}
OPEN = (AssignmentState.ASSIGNED, AssignmentState.STARTED)


class Outcome(StrEnum):
    """抽查结果的公示口径。"""

    NO_PROBLEM = "no_problem"
    ORDERED = "ordered"
    FILED = "filed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"


OUTCOME_TITLES = {
    Outcome.NO_PROBLEM: "未发现问题",
    Outcome.ORDERED: "发现问题已责令改正",
    Outcome.FILED: "发现问题已立案待处理",
    Outcome.REFUSED: "不配合检查",
    Outcome.UNREACHABLE: "通过登记住所无法联系",
    Outcome.STOPPED: "已停工停产不具备检查条件",
}


class Act(StrEnum):
    """任务历程里的一步。"""

    ASSIGNED = "assigned"
    RECEIVED = "received"
    STARTED = "started"
    POSTPONED = "postponed"
    HANDED_OVER = "handed_over"
    OFFICER_REPLACED = "officer_replaced"
    SUBJECT_REPLACED = "subject_replaced"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"
    DONE = "done"
    OUTCOME_SET = "outcome_set"
    WARNED = "warned"
    RECALCULATED = "recalculated"
    VOIDED = "voided"
    REOPENED = "reopened"


ACT_TITLES = {
    Act.ASSIGNED: "派出",
    Act.RECEIVED: "手机已收到",
    Act.STARTED: "开始检查",
    Act.POSTPONED: "改期",
    Act.HANDED_OVER: "移交",
    Act.OFFICER_REPLACED: "换人",
    Act.SUBJECT_REPLACED: "换下对象",
    Act.REFUSED: "不配合检查",
    Act.UNREACHABLE: "无法联系",
    Act.STOPPED: "停工停产",
    Act.DONE: "完成检查",
    Act.OUTCOME_SET: "登记结果",
    Act.WARNED: "提醒",
    Act.RECALCULATED: "期限重算",
    Act.VOIDED: "随抽签作废",
    Act.REOPENED: "重新打开",
}
# What a phone may report; the other steps are the console's or the draw's own.
REPORTABLE = (Act.RECEIVED, Act.STARTED, Act.REFUSED, Act.UNREACHABLE, Act.STOPPED)
WITHOUT_CHECK = {
    Act.REFUSED: Outcome.REFUSED,
    Act.UNREACHABLE: Outcome.UNREACHABLE,
    Act.STOPPED: Outcome.STOPPED,
}
_AFTER = {
    Act.STARTED: AssignmentState.STARTED,
    Act.REFUSED: AssignmentState.ENDED,
    Act.UNREACHABLE: AssignmentState.ENDED,
    Act.STOPPED: AssignmentState.ENDED,
    Act.DONE: AssignmentState.DONE,
    Act.SUBJECT_REPLACED: AssignmentState.REPLACED,
    Act.VOIDED: AssignmentState.VOID,
    Act.REOPENED: AssignmentState.ASSIGNED,
}


@dataclass(frozen=True, slots=True)
class Report:
    """What happened on site: `note` in words, `signers` the officers who put their names to it, `photos` that show it."""

    act: Act
    note: str = ""
    signers: tuple[UUID, ...] = ()
    photos: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """One officer of a crew as the batch's rule sees them."""

    may_lead: bool
    unit: str
    skills: tuple[str, ...] = ()


def advance(state: AssignmentState, act: Act) -> AssignmentState:
    """The state after a step; repeating a start or a receipt changes nothing.

    Raises Conflict `assignment-ended` for a step on a closed task, `assignment-not-ended` for reopening one that is not.
    """
    if act is Act.REOPENED:
        if state not in (AssignmentState.DONE, AssignmentState.ENDED):
            raise Conflict(
                "assignment-not-ended",
                f"任务现在是“{STATE_TITLES[state]}”，不能重新打开。",
                facts={"state": state.value},
            )
    elif state not in OPEN:
        raise Conflict(
            "assignment-ended", f"任务现在是“{STATE_TITLES[state]}”，不能再办这一步。", facts={"state": state.value}
        )
    return _AFTER.get(act, state)


def check_report(report: Report, crew: Collection[UUID]) -> None:
    """A task that ends without a check shows why: a photo, or a note that two of its officers sign.

    Raises Invalid `report-act-unknown`, `signer-not-assigned`, `outcome-evidence-missing`.
    """
    if report.act not in REPORTABLE:
        raise Invalid("report-act-unknown", "手机不能报这一步。", errors=[FieldError("/act", "不能由手机报")])
    strangers = [n for n, who in enumerate(report.signers) if who not in crew]
    if strangers:
        raise Invalid(
            "signer-not-assigned",
            "说明只能由这项任务的执法人员署名。",
            errors=[FieldError(f"/signers/{n}", "不在这项任务里", "signer-not-assigned") for n in strangers],
        )
    signed = report.note and len(set(report.signers)) >= NOTE_SIGNERS
    if report.act in WITHOUT_CHECK and not report.photos and not signed:
        raise Invalid(
            "outcome-evidence-missing",
            f"“{ACT_TITLES[report.act]}”须附至少一张照片，或由两名执法人员署名的说明。",
            errors=[FieldError("/photos", "没有照片，也没有两人署名的说明")],
        )


def check_postponement(due_on: date, to_on: date, today_on: date) -> None:
    """A postponed task moves to a later day that is still to come. Raises Invalid `postponement-invalid`."""
    if to_on <= due_on or to_on <= today_on:
        why = "新的期限应晚于原期限，也晚于今天"
    elif (to_on - due_on).days > MOST_POSTPONED_DAYS:
        why = f"一次改期不超过{MOST_POSTPONED_DAYS}日"
    else:
        return
    raise Invalid("postponement-invalid", f"{why}。", errors=[FieldError("/due_on", why)])


def check_crew(rule: str, skills: Sequence[str], crew: Sequence[Seat]) -> None:
    """The crew after a handing over still obeys the batch it was drawn for. Raises Refused `crew-breaks-rule`."""
    held = {skill for seat in crew for skill in seat.skills}
    missing = [skill for skill in skills if skill not in held]
    if missing:
        raise Refused(
            "crew-breaks-rule", f"移交之后没有人具备所需专业：{'、'.join(missing)}。", facts={"skills": missing}
        )
    if rule == "lead" and not any(seat.may_lead for seat in crew):
        raise Refused("crew-breaks-rule", "移交之后没有能主办的执法人员。", facts={"rule": rule})
    if rule == "apart" and len({seat.unit for seat in crew}) < len(crew):
        raise Refused(
            "crew-breaks-rule", "移交之后两名执法人员出自同一科室，与本批次的派人规则不符。", facts={"rule": rule}
        )


def lead_seat(crew: Sequence[Seat], leading: int | None) -> int:
    """Which seat leads: `leading` when that officer stays, else the first who may, else the first."""
    if leading is not None:
        return leading
    return next((n for n, seat in enumerate(crew) if seat.may_lead), 0)


def outcome_of_check(standing: int, ordered: bool, filed: bool) -> Outcome | None:
    """What may be said of a finished check; None while problems stand and nothing has been done about them yet.

    `standing` counts failing answers that nobody rejected; `ordered`: a document was handed over; `filed`: 已立案.
    """
    if filed:
        return Outcome.FILED
    if ordered:
        return Outcome.ORDERED
    return None if standing else Outcome.NO_PROBLEM


def check_settled(outcome: Outcome, state: AssignmentState) -> None:
    """By hand only what records can not tell: documents kept on paper for a finished check.

    Raises Conflict `assignment-ended`, Invalid `outcome-not-by-hand`.
    """
    if state is not AssignmentState.DONE:
        raise Conflict("assignment-ended", f"任务现在是“{STATE_TITLES[state]}”，不能登记检查结果。")
    if outcome not in (Outcome.ORDERED, Outcome.FILED):
        raise Invalid(
            "outcome-not-by-hand",
            f"“{OUTCOME_TITLES[outcome]}”由检查记录得出，不能手工登记。",
            errors=[FieldError("/outcome", "不能手工登记")],
        )


def covers_crew(assigned: Collection[int], present: Collection[int]) -> bool:
    """Were all the assigned officers on site?"""
    return bool(assigned) and set(assigned) <= set(present)
