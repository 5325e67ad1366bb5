"""法定的钟：自己开始、自己提醒、日历一变自己重算；每件事可以重复做。"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, or_, select, update

from server.domain.assignments import OPEN, Act
from server.domain.checks import SHANGHAI, shanghai_day
from server.domain.deadlines import (
    ASSIGNMENT_DUE,
    HORIZON_DAYS,
    KIND_TITLES,
    TERMS,
    DeadlineKind,
    Level,
    days_left,
    level_began,
    level_on,
    sentence,
)
from server.domain.workdays import WorkCalendar
from server.models.assignments import Assignment, AssignmentStep, Deadline, Notice
from server.models.draws import Draw
from server.services.calendars import work_calendar
from server.services.terms import recompute, terms_are_stale
from server.uow import UnitOfWork

AT_ONCE = 500
MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class About:
    """What a clock runs for."""

    id: int
    uuid: UUID
    title: str
    region_code: str


def start_clock(uow: UnitOfWork, kind: DeadlineKind, about: About, starts_on: date) -> None:
    """Start a statutory clock; one that runs already (or was met) stays as it is."""
    known = select(Deadline.id).where(Deadline.kind == kind.value, Deadline.about_id == about.id)
    if uow.session.scalar(known) is None:
        begin_clock(uow, kind, about, starts_on)


def begin_clock(uow: UnitOfWork, kind: DeadlineKind, about: About, starts_on: date) -> None:
    """As `start_clock` for something stored in this very unit, which cannot have a clock yet."""
    term = work_calendar(uow).add_workdays(starts_on, TERMS[kind])
    uow.run(
        insert(Deadline.__table__).values(  # type: ignore[arg-type]
            uuid=uow.new_id(),
            kind=kind.value,
            about_id=about.id,
            about_uuid=about.uuid,
            title=about.title[:240],
            region_code=about.region_code,
            starts_on=starts_on,
            days=TERMS[kind],
            due_on=term.on,
            provisional=term.provisional,
            calendar_version=term.calendar_version,
            created_at=uow.now,
        )
    )


def meet_clock(uow: UnitOfWork, kind: DeadlineKind, about_id: int) -> None:
    """The thing was done; a clock met before keeps its first date."""
    uow.session.execute(
        update(Deadline)
        .where(Deadline.kind == kind.value, Deadline.about_id == about_id, Deadline.met_at.is_(None))
        .values(met_at=uow.now)
    )


@dataclass
class _Pile:
    """Things due on one day for one reason in one region: they make one notice."""

    what: str
    uuids: list[str] = field(default_factory=list)


_Key = tuple[str, str, str, date, Level]
_Piles = dict[_Key, _Pile]


def warn_due(uow: UnitOfWork) -> int:
    """Write what must be told now: five and one working days ahead, and once overdue; returns how many notices.

    Running again tells nothing twice. Terms computed with another calendar (a new release brings a year) are redone first.
    """
    calendar, on = work_calendar(uow), shanghai_day(uow.now)
    if terms_are_stale(uow, calendar):
        recompute(uow, calendar, "工作日历更新")
    piles: _Piles = {}
    _pile_deadlines(uow, calendar, on, piles)
    _pile_assignments(uow, calendar, on, piles)
    _write(uow, calendar, on, piles)
    return len(piles)


def _pile_deadlines(uow: UnitOfWork, calendar: WorkCalendar, on: date, piles: _Piles) -> None:
    """Due days are few: each is judged once, and only clocks not yet told of that level are read."""
    near = (
        Deadline.met_at.is_(None),
        Deadline.overdue_at.is_(None),
        Deadline.due_on <= on + timedelta(days=HORIZON_DAYS),
    )
    for due_on in uow.session.scalars(select(Deadline.due_on).where(*near).distinct().order_by(Deadline.due_on)).all():
        level = level_on(calendar, due_on, on)
        if level is Level.CALM:
            continue
        untold = [*near, Deadline.due_on == due_on]
        if level is not Level.OVERDUE:
            began = datetime.combine(level_began(calendar, due_on, on), time(), SHANGHAI)
            untold.append(or_(Deadline.warned_at.is_(None), Deadline.warned_at < began))
        _tell_deadlines(uow, untold, level, piles)


def _tell_deadlines(uow: UnitOfWork, untold: list[Any], level: Level, piles: _Piles) -> None:
    plain = (Deadline.id, Deadline.uuid, Deadline.region_code, Deadline.kind, Deadline.title, Deadline.due_on)
    rows = uow.session.execute(
        select(*plain).where(*untold).order_by(Deadline.id).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        what = f"{KIND_TITLES[DeadlineKind(row.kind)]}：{row.title}"
        _add(piles, (row.region_code, row.kind, "", row.due_on, level), what, row.uuid)
    told = {"overdue_at" if level is Level.OVERDUE else "warned_at": uow.now}
    for start in range(0, len(rows), AT_ONCE):
        these = [row.id for row in rows[start : start + AT_ONCE]]
        uow.session.execute(update(Deadline).where(Deadline.id.in_(these)).values(**told))


def _pile_assignments(uow: UnitOfWork, calendar: WorkCalendar, on: date, piles: _Piles) -> None:
    """A step under a key that follows from task, day and level remembers what was told: the key can stand only once."""
    levels: dict[date, Level] = {}
    waiting: dict[UUID, tuple[Any, Level]] = {}
    for row in uow.session.execute(_tasks_near(on)):
        level = levels.setdefault(row.due_on, level_on(calendar, row.due_on, on))
        if level is not Level.CALM:
            waiting[uuid5(row.uuid, f"{Act.WARNED.value}/{level.value}/{row.due_on.isoformat()}")] = (row, level)
    for key in _told(uow, list(waiting)):
        del waiting[key]
    if waiting:
        uow.session.execute(insert(AssignmentStep), [_warned(uow, k, *v) for k, v in waiting.items()])
    for row, level in waiting.values():
        title = row.title or "检查任务"
        _add(piles, (row.region_code, ASSIGNMENT_DUE, title, row.due_on, level), f"检查任务：{title}", row.uuid)


def _tasks_near(on: date) -> Any:
    return (
        select(Assignment.id, Assignment.uuid, Assignment.region_code, Assignment.due_on, Draw.title)
        .outerjoin(Draw, Draw.id == Assignment.draw_id)
        .where(Assignment.state.in_([s.value for s in OPEN]))
        .where(Assignment.due_on <= on + timedelta(days=HORIZON_DAYS))
        .order_by(Assignment.id)
    )


def _told(uow: UnitOfWork, keys: Sequence[UUID]) -> Iterable[UUID]:
    for start in range(0, len(keys), AT_ONCE):
        rows = select(AssignmentStep.key).where(AssignmentStep.key.in_(keys[start : start + AT_ONCE]))
        yield from uow.session.scalars(rows).all()


def _warned(uow: UnitOfWork, key: UUID, row: Any, level: Level) -> dict[str, Any]:
    return {
        "key": key,
        "assignment_id": row.id,
        "act": Act.WARNED.value,
        "reason": "",
        "body": {"level": level.name.lower(), "due_on": row.due_on.isoformat()},
        "evidence": [],
        "by": None,
        "at": uow.now,
    }


def _add(piles: _Piles, key: _Key, what: str, uuid: UUID) -> None:
    piles.setdefault(key, _Pile(what)).uuids.append(str(uuid))


def _write(uow: UnitOfWork, calendar: WorkCalendar, on: date, piles: _Piles) -> None:
    for (region, kind, _, due_on, level), pile in piles.items():
        left = 0 if level is Level.OVERDUE else days_left(calendar, due_on, on)
        uow.session.add(
            Notice(
                uuid=uow.new_id(),
                kind=f"{kind}_{'overdue' if level is Level.OVERDUE else 'soon'}",
                region_code=region,
                text=sentence(pile.what, len(pile.uuids), due_on, level, left),
                about={"due_on": due_on.isoformat(), "count": len(pile.uuids), "items": pile.uuids[:MOST_NAMED]},
                at=uow.now,
            )
        )


def mark_read(uow: UnitOfWork, notice: Notice) -> Notice:
    """The first reader's name stays."""
    if notice.read_at is None:
        notice.read_at, notice.read_by = uow.now, uow.actor.user_id
    return notice
