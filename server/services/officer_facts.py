"""执法人员的请假与回避关系；撤销只写日期，不删除，人员的变更记录里都有。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from server.domain.checks import shanghai_day
from server.domain.errors import Conflict, FieldError, Invalid, Missing
from server.domain.officer_facts import NewInterest, NewLeave, check_interest
from server.domain.register_changes import check_dates, overlaps
from server.domain.register_facts import RegisterAct
from server.models.matters import OfficerInterest, OfficerLeave
from server.models.subjects import Officer, Organisation, Subject
from server.services.register_history import lock_record, note_change
from server.services.subjects import find_organisation
from server.uow import UnitOfWork


def add_leave(uow: UnitOfWork, officer: Officer, command: NewLeave) -> OfficerLeave:
    """Note days off; raises Invalid `dates-reversed`, Conflict `leave-overlaps`, `record-retired`."""
    _require_registered(uow, officer)
    check_dates(command.from_on, command.to_on)
    span = (command.from_on, command.to_on)
    taken = [row for row in _leaves(uow, officer) if overlaps((row.from_on, row.to_on), span)]
    if taken:
        raise Conflict(
            "leave-overlaps",
            f"与已有的请假（{taken[0].from_on}至{taken[0].to_on}）重叠。",
            facts={"leave": str(taken[0].uuid)},
            errors=[FieldError("/from_on", "与已有的请假重叠", "leave-overlaps")],
        )
    leave = OfficerLeave(
        uuid=uow.new_id(),
        officer_id=officer.id,
        from_on=command.from_on,
        to_on=command.to_on,
        reason=command.reason,
        by=uow.actor.user_id,
        at=uow.now,
    )
    uow.session.add(leave)
    uow.session.flush()
    note_change(uow, officer, RegisterAct.EDITED, {"leave": [None, _leave_words(leave)]}, command.reason)
    return leave


def cancel_leave(uow: UnitOfWork, officer: Officer, leave: UUID, reason: str | None = None) -> OfficerLeave:
    """销假；已销的不再记一次。"""
    lock_record(uow, officer, None)
    rows = select(OfficerLeave).where(OfficerLeave.uuid == leave, OfficerLeave.officer_id == officer.id)
    found = uow.session.scalar(rows.execution_options(populate_existing=True))
    if found is None:
        raise Missing("leave-not-found", "没有这条请假记录。")
    if found.cancelled_at is None:
        found.cancelled_at = uow.now
        note_change(uow, officer, RegisterAct.EDITED, {"leave": [_leave_words(found), None]}, reason)
    return found


def declare_interest(uow: UnitOfWork, officer: Officer, command: NewInterest) -> OfficerInterest:
    """Note a relation that bars the officer; raises Invalid `interest-target-missing`, Conflict `interest-declared`.

    The target may lie outside the registrar's own regions: relatives live anywhere.
    """
    _require_registered(uow, officer)
    check_interest(command)
    organisation, subject = _targets(uow, command)
    interest = OfficerInterest(
        uuid=uow.new_id(),
        officer_id=officer.id,
        kind=command.kind.value,
        organisation_id=organisation.id if organisation else None,
        subject_id=subject.id if subject else None,
        from_on=command.from_on,
        to_on=command.to_on,
        note=command.note,
        by=uow.actor.user_id,
        at=uow.now,
    )
    _check_new(uow, interest)
    uow.session.add(interest)
    uow.session.flush()
    words = _interest_words(interest, organisation or subject)
    note_change(uow, officer, RegisterAct.EDITED, {"interest": [None, words]}, command.note)
    return interest


def cancel_interest(uow: UnitOfWork, officer: Officer, interest: UUID, reason: str) -> OfficerInterest:
    """撤销一条回避关系，写明理由；已撤的不再记一次。"""
    lock_record(uow, officer, None)
    rows = select(OfficerInterest).where(OfficerInterest.uuid == interest, OfficerInterest.officer_id == officer.id)
    found = uow.session.scalar(rows.execution_options(populate_existing=True))
    if found is None:
        raise Missing("interest-not-found", "没有这条回避关系。")
    if found.cancelled_at is None:
        found.cancelled_at = uow.now
        target: Organisation | Subject | None
        if found.organisation_id is not None:
            target = uow.session.get(Organisation, found.organisation_id)
        else:
            target = uow.session.get(Subject, found.subject_id)
        note_change(uow, officer, RegisterAct.EDITED, {"interest": [_interest_words(found, target), None]}, reason)
    return found


def _require_registered(uow: UnitOfWork, officer: Officer) -> None:
    lock_record(uow, officer, None)
    if officer.retired_at is not None:
        raise Conflict("record-retired", "这条记录已退出名录，请先恢复再修改。")


def _leaves(uow: UnitOfWork, officer: Officer) -> list[OfficerLeave]:
    rows = select(OfficerLeave).where(OfficerLeave.officer_id == officer.id, OfficerLeave.cancelled_at.is_(None))
    return list(uow.session.scalars(rows.order_by(OfficerLeave.from_on)))


def _targets(uow: UnitOfWork, command: NewInterest) -> tuple[Organisation | None, Subject | None]:
    if command.organisation is not None:
        return find_organisation(uow, command.organisation, "/organisation"), None
    subject = uow.session.scalar(select(Subject).where(Subject.uuid == command.subject))
    if subject is None:
        raise Invalid("subject-unknown", "名录库里没有这个检查对象。", errors=[FieldError("/subject", "没有这个对象")])
    return None, subject


def _check_new(uow: UnitOfWork, interest: OfficerInterest) -> None:
    """The same kind to the same target, still in force, is there once."""
    row = OfficerInterest
    same = select(row.uuid).where(
        row.officer_id == interest.officer_id,
        row.kind == interest.kind,
        row.cancelled_at.is_(None),
        or_(row.to_on.is_(None), row.to_on >= shanghai_day(uow.now)),
        row.organisation_id == interest.organisation_id
        if interest.organisation_id is not None
        else row.subject_id == interest.subject_id,
    )
    known = uow.session.scalar(same.limit(1))
    if known is not None:
        raise Conflict("interest-declared", "这条回避关系已经登记。", facts={"interest": str(known)})


def _leave_words(leave: OfficerLeave) -> dict[str, Any]:
    return {"id": str(leave.uuid), "from_on": leave.from_on.isoformat(), "to_on": leave.to_on.isoformat()}


def _interest_words(interest: OfficerInterest, target: Organisation | Subject | None) -> dict[str, Any]:
    words: dict[str, Any] = {"id": str(interest.uuid), "kind": interest.kind}
    if target is not None:
        words |= {"with": str(target.uuid), "name": target.name}
    return words
