"""检查记录归到任务：收下一次检查就办结对应的任务；结果口径随认定、文书、立案而定。"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import selectinload

from server.domain.assignments import OPEN, Act, Outcome, covers_crew, outcome_of_check
from server.domain.cases import CaseState
from server.domain.checks import shanghai_day
from server.domain.deadlines import DeadlineKind
from server.domain.findings import Outcome as Finding
from server.domain.violations import ViolationState
from server.models.assignments import Assignment
from server.models.bulletins import Publication
from server.models.checks import Answer, Check, ChecklistVersion, CheckNote
from server.models.violations import Case, Violation
from server.services.assignment_steps import take_step
from server.services.deadlines import About, begin_clock, start_clock
from server.uow import UnitOfWork

UNMATCHED = "assignment-unmatched"
_FILED = (CaseState.FILED.value, CaseState.DECIDED.value, CaseState.REVIEWED_CHANGED.value)
_GONE = (ViolationState.REJECTED.value, ViolationState.WITHDRAWN.value)
_IS_OPEN = Assignment.state.in_([s.value for s in OPEN])
_ANY_OPEN = select(Assignment.id).where(Assignment.subject_id == bindparam("subject"), _IS_OPEN).limit(1)


def take_check(uow: UnitOfWork, check: Check, subject: str, present: Collection[int], named: UUID | None) -> None:
    """A check has just been stored: its clock starts and its task is done. Nothing here refuses a check.

    `subject` is the subject's name, `present` the officers' numbers.
    """
    title = f"{subject}（{check.ended_on.isoformat()}检查）"
    about = About(check.id, check.uuid, title, check.region_code)
    begin_clock(uow, DeadlineKind.DISCLOSE_CHECK, about, check.ended_on)
    candidates = _matching(uow, check, set(present))
    if named is not None:
        candidates = [row for row in candidates if row.uuid == named]
    if len(candidates) == 1:
        _attach(uow, candidates[0], check)
    elif named is not None or candidates:
        _note(uow, check, named, candidates)


def _matching(uow: UnitOfWork, check: Check, present: set[int]) -> list[Assignment]:
    """Open tasks of this subject that ask for this checklist and whose officers were all on site."""
    if uow.run(_ANY_OPEN, {"subject": check.subject_id}).first() is None:
        return []
    code = uow.session.scalar(select(ChecklistVersion.code).where(ChecklistVersion.id == check.checklist_version_id))
    versions = set(uow.session.scalars(select(ChecklistVersion.id).where(ChecklistVersion.code == code)))
    rows = (
        select(Assignment)
        .where(Assignment.subject_id == check.subject_id, _IS_OPEN)
        .options(selectinload(Assignment.officers))
        .order_by(Assignment.id)
        .with_for_update()
    )
    return [
        row
        for row in uow.session.scalars(rows)
        if versions & set(row.checklist_version_ids) and covers_crew({s.officer_id for s in row.officers}, present)
    ]


def _attach(uow: UnitOfWork, row: Assignment, check: Check) -> None:
    take_step(uow, row, Act.DONE, "", {"check": str(check.uuid)})
    row.check_id = check.id
    row.outcome = _value(_outcome(uow, check.id))


def _note(uow: UnitOfWork, check: Check, named: UUID | None, candidates: Iterable[Assignment]) -> None:
    """Left for a person: the phone named a task that does not fit, or several fit."""
    body = {"named": str(named) if named else None, "fitting": [str(row.uuid) for row in candidates]}
    uow.session.add(
        CheckNote(check_id=check.id, kind=UNMATCHED, body=body, at=uow.now, by=uow.actor.user_id, shown=True)
    )


def settle_outcome(uow: UnitOfWork, check_id: int) -> None:
    """What the records now say of the task this check finished; a result is never taken back to nothing."""
    row = uow.session.scalar(select(Assignment).where(Assignment.check_id == check_id))
    if row is None:
        return
    uow.session.flush()
    outcome = _value(_outcome(uow, check_id))
    if outcome is not None and outcome != row.outcome:
        row.outcome, row.changed_at, row.revision = outcome, uow.now, row.revision + 1


def _value(outcome: Outcome | None) -> str | None:
    return None if outcome is None else outcome.value


def _outcome(uow: UnitOfWork, check_id: int) -> Outcome | None:
    failing = select(func.count()).where(Answer.check_id == check_id, Answer.outcome == Finding.FAILING.value)
    gone = select(func.count()).where(Violation.check_id == check_id, Violation.state.in_(_GONE))
    case = uow.session.scalar(select(Case).where(Case.check_id == check_id))
    standing = (uow.session.scalar(failing) or 0) - (uow.session.scalar(gone) or 0)
    return outcome_of_check(standing, bool(case and case.notices), bool(case and case.state in _FILED))


def watch_case(uow: UnitOfWork, case: Case) -> None:
    """A case has moved: its task's result follows; what is public of a changed or dropped case must be taken down in time."""
    settle_outcome(uow, case.check_id)
    if case.state not in (CaseState.REVIEWED_CHANGED.value, CaseState.DROPPED.value):
        return
    public = select(Publication).where(
        Publication.kind == "case", Publication.source_uuid == case.uuid, Publication.withdrawn_at.is_(None)
    )
    for row in uow.session.scalars(public):
        about = About(row.id, row.uuid, row.title, row.region_code)
        start_clock(uow, DeadlineKind.WITHDRAW_PUBLICATION, about, shanghai_day(uow.now))
