"""任务的派出与替换：抽签封存时一次派齐；期限按工作日，检查单版本当场定死。"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from server.domain.assignments import OPEN, Act, AssignmentState
from server.domain.checks import shanghai_day
from server.domain.errors import Invalid
from server.models.assignments import Assignment, AssignmentOfficer, AssignmentStep
from server.models.checks import ChecklistVersion
from server.models.draws import Draw
from server.models.subjects import Subject
from server.services.calendars import work_calendar
from server.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """One task to hand out; `lead_officer_id` is one of `officer_ids`."""

    subject_id: int
    stratum: str
    rank: int
    officer_ids: tuple[int, ...]
    lead_officer_id: int


def make_assignments(
    uow: UnitOfWork, draw: Draw, rows: Sequence[NewAssignment], due_workdays: int, checklists: Sequence[str]
) -> None:
    """Hand out the tasks of a sealed draw in its own commit, in three bulk statements whatever the number."""
    start = shanghai_day(uow.now)
    term = work_calendar(uow).add_workdays(start, due_workdays)
    regions = _regions(uow, [row.subject_id for row in rows])
    versions = _newest_versions(uow, checklists)
    common = {
        "draw_id": draw.id,
        "batch_id": draw.batch_id,
        "state": AssignmentState.ASSIGNED.value,
        "checklist_version_ids": versions,
        "starts_on": start,
        "due_on": term.on,
        "due_provisional": term.provisional,
        "calendar_version": term.calendar_version,
        "revision": 1,
        "created_at": uow.now,
        "changed_at": uow.now,
    }
    values = [
        common
        | {
            "uuid": uow.new_id(),
            "subject_id": row.subject_id,
            "region_code": regions[row.subject_id],
            "stratum": row.stratum,
            "rank": row.rank,
        }
        for row in rows
    ]
    if not values:
        return
    uow.session.execute(insert(Assignment), values)
    ids = _ids(uow, draw.id)
    uow.session.execute(insert(AssignmentOfficer), list(_seats(rows, ids)))
    uow.session.execute(insert(AssignmentStep), [_first_step(uow, ids[row.subject_id]) for row in rows])


def _seats(rows: Iterable[NewAssignment], ids: dict[int, int]) -> Iterable[dict[str, object]]:
    for row in rows:
        for seat, officer in enumerate(row.officer_ids):
            lead = officer == row.lead_officer_id
            yield {"assignment_id": ids[row.subject_id], "seat": seat, "officer_id": officer, "lead": lead}


def _first_step(uow: UnitOfWork, assignment_id: int) -> dict[str, object]:
    return {
        "key": uow.new_id(),
        "assignment_id": assignment_id,
        "act": Act.ASSIGNED.value,
        "reason": "",
        "body": {},
        "evidence": [],
        "by": uow.actor.user_id,
        "at": uow.now,
    }


def _ids(uow: UnitOfWork, draw_id: int) -> dict[int, int]:
    rows = select(Assignment.subject_id, Assignment.id).where(Assignment.draw_id == draw_id)
    return dict(uow.session.execute(rows).tuples().all())


def _regions(uow: UnitOfWork, subjects: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(subjects), 500):
        rows = select(Subject.id, Subject.region_code).where(Subject.id.in_(subjects[start : start + 500]))
        found.update(uow.session.execute(rows).tuples().all())
    return found


def _newest_versions(uow: UnitOfWork, codes: Sequence[str]) -> list[int]:
    """The newest published version of each checklist; raises Invalid `checklist-unknown`."""
    rows = (
        select(ChecklistVersion.code, func.max(ChecklistVersion.id))
        .where(ChecklistVersion.code.in_(codes), ChecklistVersion.retired_at.is_(None))
        .group_by(ChecklistVersion.code)
    )
    newest = dict(uow.session.execute(rows).tuples().all())
    if missing := [code for code in codes if code not in newest]:
        raise Invalid("checklist-unknown", f"检查单 {'、'.join(missing)} 没有已发布的版本。", facts={"codes": missing})
    return [newest[code] for code in codes]


def void_assignments(uow: UnitOfWork, draw: Draw, reason: str) -> None:
    """A void draw takes back the tasks that are still open; those already checked stay as they are."""
    still = [s.value for s in OPEN]
    rows = select(Assignment.id).where(Assignment.draw_id == draw.id, Assignment.state.in_(still))
    ids = list(uow.session.scalars(rows))
    if not ids:
        return
    uow.session.execute(
        update(Assignment)
        .where(Assignment.draw_id == draw.id, Assignment.state.in_(still))
        .values(
            state=AssignmentState.VOID.value,
            ended_at=uow.now,
            changed_at=uow.now,
            revision=Assignment.revision + 1,
        )
    )
    steps = [_first_step(uow, one) | {"act": Act.VOIDED.value, "reason": reason} for one in ids]
    uow.session.execute(insert(AssignmentStep), steps)
