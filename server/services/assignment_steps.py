"""任务的每一步：手机报来的、科室改期移交重开的；步骤只增不改，同一编号只记一次。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from server.domain.assignments import (
    WITHOUT_CHECK,
    Act,
    AssignmentState,
    Outcome,
    Report,
    Seat,
    advance,
    check_crew,
    check_postponement,
    check_report,
    check_settled,
    lead_seat,
)
from server.domain.checks import shanghai_day
from server.domain.errors import Conflict, FieldError, Invalid, Missing, Refused
from server.domain.registers import check_may_inspect
from server.domain.violations import require_reason
from server.models.assignments import Assignment, AssignmentOfficer, AssignmentStep
from server.models.draws import Batch
from server.models.matters import OfficerInterest, OfficerLeave
from server.models.subjects import Officer, SubjectParty
from server.models.users import User
from server.queries.scope import in_scope
from server.services.terms import BY_HAND
from server.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Reported:
    """The task after a report; `created` is False when the same report had come before."""

    assignment: Assignment
    created: bool


def find_assignment(uow: UnitOfWork, assignment: UUID, *, lock: bool = False, officer: int | None = None) -> Assignment:
    """The task if it lies in scope or is this `officer`'s own (a team may be sent elsewhere); raises Missing."""
    seats = select(AssignmentOfficer.assignment_id).where(AssignmentOfficer.officer_id == officer)
    visible = in_scope(Assignment.region_code, uow.scope)
    rows = (
        select(Assignment)
        .where(Assignment.uuid == assignment, visible if officer is None else or_(visible, Assignment.id.in_(seats)))
        .options(
            joinedload(Assignment.subject),
            selectinload(Assignment.officers).joinedload(AssignmentOfficer.officer),
        )
    )
    found: Assignment | None = uow.session.scalar(rows.with_for_update(of=Assignment) if lock else rows)
    if found is None:
        raise Missing("assignment-not-found", "没有这项任务，或不在您的范围内。")
    return found


def own_officer_id(uow: UnitOfWork) -> int | None:
    """The officer of the register who is asking; None for an account without one."""
    return uow.session.scalar(select(User.officer_id).where(User.id == uow.actor.user_id))


def report(uow: UnitOfWork, assignment: UUID, key: UUID, told: Report, sha256: str = "") -> Reported:
    """Take down what the phone reports under its own `key`; the same again is the same step.

    `sha256` is the digest under which the phone sealed it, for its receipt.

    Raises Refused `not-assigned`, Conflict `report-differs` or `assignment-ended`, Invalid as `check_report`.
    """
    own = own_officer_id(uow)
    row = find_assignment(uow, assignment, lock=True, officer=own)
    body = _body(told)
    if _known_step(uow, row, key, told.act, body):
        return Reported(row, created=False)
    if own not in {seat.officer_id for seat in row.officers}:
        raise Refused("not-assigned", "这项任务没有派给您。")
    check_report(told, {seat.officer.uuid for seat in row.officers})
    sealed = {"sha256": sha256} if sha256 else {}
    take_step(uow, row, told.act, told.note, body | sealed, key=key, photos=told.photos)
    return Reported(row, created=True)


def _body(told: Report) -> dict[str, Any]:
    return {
        "signers": [str(who) for who in told.signers],
        "photos": [str(photo) for photo in told.photos],
        "note": told.note,
    }


def _known_step(uow: UnitOfWork, row: Assignment, key: UUID, act: Act, body: dict[str, Any]) -> bool:
    """Has this very step been taken? Another content under the same key is a conflict, whoever sends it."""
    step = uow.session.scalar(select(AssignmentStep).where(AssignmentStep.key == key))
    if step is None:
        return False
    known = {name: value for name, value in step.body.items() if name != "sha256"}
    if (step.assignment_id, step.act, known, step.by) != (row.id, act.value, body, uow.actor.user_id):
        raise Conflict("report-differs", "这个编号已用于另一份报告，请换一个编号再报。", facts={"act": step.act})
    return True


def take_step(
    uow: UnitOfWork,
    row: Assignment,
    act: Act,
    reason: str,
    body: dict[str, Any],
    *,
    key: UUID | None = None,
    photos: Sequence[UUID] = (),
) -> None:
    """Append a step and let the task follow it; raises Conflict when the state forbids it."""
    state = advance(AssignmentState(row.state), act)
    row.state, row.changed_at, row.revision = state.value, uow.now, row.revision + 1
    if act in WITHOUT_CHECK:
        row.outcome, row.ended_at = WITHOUT_CHECK[act].value, uow.now
    elif act is Act.DONE:
        row.ended_at = uow.now
    append_step(uow, row, act, reason, body, key=key, photos=photos)


def append_step(
    uow: UnitOfWork,
    row: Assignment,
    act: Act,
    reason: str,
    body: dict[str, Any],
    *,
    key: UUID | None = None,
    photos: Sequence[UUID] = (),
) -> None:
    """The history's next line."""
    uow.session.add(
        AssignmentStep(
            key=key or uow.new_id(),
            assignment_id=row.id,
            act=act.value,
            reason=reason,
            body=body,
            evidence=[str(photo) for photo in photos],
            by=uow.actor.user_id,
            at=uow.now,
        )
    )


def postpone(uow: UnitOfWork, assignment: UUID, due_on: date, reason: str) -> Assignment:
    """Move the day by hand; the calendar moves it no more. Raises Invalid `postponement-invalid`, Conflict."""
    row = find_assignment(uow, assignment, lock=True)
    check_postponement(row.due_on, due_on, shanghai_day(uow.now))
    body = {"from": row.due_on.isoformat(), "to": due_on.isoformat()}
    take_step(uow, row, Act.POSTPONED, require_reason(reason), body)
    row.due_on, row.due_provisional, row.calendar_version = due_on, False, BY_HAND
    return row


def reopen(uow: UnitOfWork, assignment: UUID, due_on: date, reason: str) -> Assignment:
    """Give a task that ended another chance until `due_on`; what was said of it before stays in its history."""
    row = find_assignment(uow, assignment, lock=True)
    if due_on <= shanghai_day(uow.now):
        raise Invalid("postponement-invalid", "新的期限应晚于今天。", errors=[FieldError("/due_on", "应晚于今天")])
    body = {"state": row.state, "outcome": row.outcome, "from": row.due_on.isoformat(), "to": due_on.isoformat()}
    take_step(uow, row, Act.REOPENED, require_reason(reason), body)
    row.outcome, row.ended_at, row.check_id = None, None, None
    row.due_on, row.due_provisional, row.calendar_version = due_on, False, BY_HAND
    return row


def settle_by_hand(uow: UnitOfWork, assignment: UUID, outcome: Outcome, told: Report | None, note: str) -> Assignment:
    """The office says how a task ended: without a check (`told`, with its evidence), or by a document kept on paper."""
    row = find_assignment(uow, assignment, lock=True)
    if told is not None:
        check_report(told, {seat.officer.uuid for seat in row.officers})
        take_step(uow, row, told.act, told.note, _body(told), photos=told.photos)
        return row
    check_settled(outcome, AssignmentState(row.state))
    append_step(uow, row, Act.OUTCOME_SET, require_reason(note), {"from": row.outcome, "to": outcome.value})
    row.outcome, row.changed_at, row.revision = outcome.value, uow.now, row.revision + 1
    return row


@dataclass(frozen=True, slots=True)
class HandOver:
    """Who leaves, who comes, and why."""

    leaving: UUID
    coming: UUID
    reason: str


def hand_over(uow: UnitOfWork, assignment: UUID, wish: HandOver) -> Assignment:
    """Give one seat to another officer.

    Raises Invalid `officer-not-assigned`, `officer-unknown`, `officer-twice`, `reason-too-short`, Refused
    `officer-unqualified`, `officer-recused`, `officer-away`, `crew-breaks-rule`, Conflict `assignment-ended`.
    """
    row = find_assignment(uow, assignment, lock=True)
    seat = next((s for s in row.officers if s.officer.uuid == wish.leaving), None)
    if seat is None:
        raise Invalid(
            "officer-not-assigned", "这项任务没有派这个人。", errors=[FieldError("/leaving", "不在这项任务里")]
        )
    coming = _coming(uow, row, wish.coming)
    _check_free(uow, row, coming)
    body = {"left": str(wish.leaving), "came": str(wish.coming)}
    take_step(uow, row, Act.HANDED_OVER, require_reason(wish.reason), body)
    crew = [coming if s is seat else s.officer for s in row.officers]
    _check_rule(uow, row, crew)
    stays = next((n for n, s in enumerate(row.officers) if s.lead and s is not seat), None)
    leading = lead_seat([_as_seat(o) for o in crew], stays)
    seat.officer_id, seat.officer = coming.id, coming
    for n, place in enumerate(row.officers):
        place.lead = n == leading
    return row


def _coming(uow: UnitOfWork, row: Assignment, officer: UUID) -> Officer:
    """The officer who is to come: in scope, fit to inspect until the task is due."""
    found = uow.session.scalar(select(Officer).where(Officer.uuid == officer, in_scope(Officer.region_code, uow.scope)))
    if found is None or found.retired_at is not None:
        raise Invalid(
            "officer-unknown", "名录里没有这个人，或已退出名录。", errors=[FieldError("/coming", "名录里没有")]
        )
    if found.id in {s.officer_id for s in row.officers}:
        raise Invalid("officer-twice", "此人已在这项任务里。", errors=[FieldError("/coming", "已在这项任务里")])
    check_may_inspect(found.organisation.kind, "/coming")
    if found.certificate_expires_on <= max(row.due_on, shanghai_day(uow.now)):
        until = found.certificate_expires_on
        raise Refused(
            "officer-unqualified",
            f"{found.name}的执法证{until.isoformat()}到期，早于任务期限。",
            facts={"until": until},
        )
    return found


def _check_free(uow: UnitOfWork, row: Assignment, officer: Officer) -> None:
    on = shanghai_day(uow.now)
    if uow.session.scalar(_recusal(row, officer, on)) is not None:
        raise Refused("officer-recused", f"{officer.name}与这个检查对象有利害关系，应当回避。")
    away = select(OfficerLeave.id).where(
        OfficerLeave.officer_id == officer.id,
        OfficerLeave.cancelled_at.is_(None),
        OfficerLeave.from_on <= on,
        OfficerLeave.to_on >= row.due_on,
    )
    if uow.session.scalar(away.limit(1)) is not None:
        raise Refused("officer-away", f"{officer.name}在任务到期之前都不在岗。")


def _recusal(row: Assignment, officer: Officer, on: date) -> Any:
    """An interest in the subject, in its owner, or in a party of it on that day."""
    parties = select(SubjectParty.organisation_id).where(
        SubjectParty.subject_id == row.subject_id, or_(SubjectParty.to_on.is_(None), SubjectParty.to_on >= on)
    )
    concerned = [OfficerInterest.subject_id == row.subject_id, OfficerInterest.organisation_id.in_(parties)]
    if row.subject.organisation_id is not None:
        concerned.append(OfficerInterest.organisation_id == row.subject.organisation_id)
    return (
        select(OfficerInterest.id)
        .where(OfficerInterest.officer_id == officer.id, OfficerInterest.cancelled_at.is_(None))
        .where(or_(OfficerInterest.to_on.is_(None), OfficerInterest.to_on >= on), or_(*concerned))
        .limit(1)
    )


def _check_rule(uow: UnitOfWork, row: Assignment, crew: Sequence[Officer]) -> None:
    """The batch's rule about leads, units and skills holds for the new crew too."""
    batch = uow.session.get(Batch, row.batch_id) if row.batch_id is not None else None
    if batch is not None:
        check_crew(batch.options["rule"], batch.options["skills"], [_as_seat(o) for o in crew])


def _as_seat(officer: Officer) -> Seat:
    unit = f"{officer.organisation_id}-{officer.unit or '未分科'}"
    return Seat(officer.may_lead, unit, tuple(officer.skills))
