"""期限重算：放假通知一录入，还没办结的期限全部重算，动了的写明从哪天到哪天。

Every term is known by its first day and its length, so rows with the same pair move together: the number of statements
grows with the distinct terms, not with the rows.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import exists, insert, or_, select, update

from server.domain.assignments import OPEN, Act
from server.domain.deadlines import ASSIGNMENT_DUE, KIND_TITLES
from server.domain.workdays import Deadline as Term
from server.domain.workdays import WorkCalendar
from server.models.assignments import Assignment, AssignmentStep, Deadline, Notice
from server.models.draws import Batch
from server.uow import UnitOfWork

BY_HAND = "by-hand"  # in place of a calendar's version: a postponed day was chosen by a person and stays
TITLES = {kind.value: title for kind, title in KIND_TITLES.items()} | {ASSIGNMENT_DUE: "检查任务"}
_Moves = Counter[tuple[str, str, date, date]]


def _open_deadlines(calendar: WorkCalendar) -> Any:
    return (Deadline.met_at.is_(None), Deadline.calendar_version != calendar.version)


def _open_tasks(calendar: WorkCalendar) -> Any:
    return (
        Assignment.state.in_([s.value for s in OPEN]),
        Assignment.calendar_version.not_in([calendar.version, BY_HAND]),
        Assignment.batch_id.is_not(None),
    )


def terms_are_stale(uow: UnitOfWork, calendar: WorkCalendar) -> bool:
    """Does any open term stand on another calendar than today's?"""
    old = or_(
        exists(select(Deadline.id).where(*_open_deadlines(calendar))),
        exists(select(Assignment.id).where(*_open_tasks(calendar))),
    )
    return bool(uow.session.scalar(select(old)))


def recompute(uow: UnitOfWork, calendar: WorkCalendar, why: str) -> int:
    """Compute every open term again and announce those that moved; returns how many moved. `why` goes into the notices."""
    uow.session.flush()
    moves: _Moves = Counter()
    _recompute_deadlines(uow, calendar, moves)
    _recompute_tasks(uow, calendar, why, moves)
    for (region, kind, was, now), count in sorted(moves.items()):
        uow.session.add(_notice(uow, region, kind, was, now, count, why))
    return sum(moves.values())


def _recompute_deadlines(uow: UnitOfWork, calendar: WorkCalendar, moves: _Moves) -> None:
    same = (Deadline.starts_on, Deadline.days, Deadline.due_on)
    for starts_on, days, due_on in uow.session.execute(
        select(*same).where(*_open_deadlines(calendar)).distinct()
    ).all():
        term = calendar.add_workdays(starts_on, days)
        these = (
            *_open_deadlines(calendar),
            Deadline.starts_on == starts_on,
            Deadline.days == days,
            Deadline.due_on == due_on,
        )
        values: dict[str, Any] = _values(term, "provisional")
        if term.on != due_on:
            for region, kind in uow.session.execute(select(Deadline.region_code, Deadline.kind).where(*these)):
                moves[region, kind, due_on, term.on] += 1
            values["overdue_at"] = None
        uow.session.execute(update(Deadline).where(*these).values(**values))


def _recompute_tasks(uow: UnitOfWork, calendar: WorkCalendar, why: str, moves: _Moves) -> None:
    same = (Assignment.batch_id, Assignment.starts_on, Assignment.due_on, Assignment.due_provisional)
    found = uow.session.execute(select(*same).where(*_open_tasks(calendar)).distinct()).all()
    for batch_id, starts_on, due_on, provisional in found:
        term = calendar.add_workdays(starts_on, _days(uow, batch_id))
        wanted = zip(same, (batch_id, starts_on, due_on, provisional), strict=True)
        these = [*_open_tasks(calendar), *(column == value for column, value in wanted)]
        values: dict[str, Any] = _values(term, "due_provisional")
        if term.on != due_on:
            _tell_tasks(uow, these, due_on, term.on, why, moves)
        if (term.on, term.provisional) != (due_on, provisional):
            values |= {"revision": Assignment.revision + 1, "changed_at": uow.now}
        uow.session.execute(update(Assignment).where(*these).values(**values))


def _days(uow: UnitOfWork, batch_id: int) -> int:
    batch = uow.session.get_one(Batch, batch_id)
    return int(batch.options["due_workdays"])


def _values(term: Term, provisional: str) -> dict[str, Any]:
    return {"due_on": term.on, provisional: term.provisional, "calendar_version": term.calendar_version}


def _tell_tasks(uow: UnitOfWork, these: Any, was: date, now: date, why: str, moves: _Moves) -> None:
    rows = uow.session.execute(select(Assignment.id, Assignment.region_code).where(*these)).all()
    for _, region in rows:
        moves[region, ASSIGNMENT_DUE, was, now] += 1
    step: dict[str, Any] = {
        "act": Act.RECALCULATED.value,
        "reason": why,
        "body": {"from": was.isoformat(), "to": now.isoformat()},
        "evidence": [],
        "by": uow.actor.user_id,
        "at": uow.now,
    }
    uow.session.execute(insert(AssignmentStep), [step | {"key": uow.new_id(), "assignment_id": r.id} for r in rows])


def _notice(uow: UnitOfWork, region: str, kind: str, was: date, now: date, count: int, why: str) -> Notice:
    text = f"{TITLES[kind]}：{count}项的期限因{why}由{was.isoformat()}改为{now.isoformat()}。"
    about = {"kind": kind, "from": was.isoformat(), "to": now.isoformat(), "count": count}
    return Notice(uuid=uow.new_id(), kind="term_moved", region_code=region, text=text, about=about, at=uow.now)
