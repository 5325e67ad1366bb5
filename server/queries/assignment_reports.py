"""任务报表：按人、区划、抽签、事项，一条分组语句数清；计数都是成对的整数，能与逐条列表对上。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from server.domain.assignments import OPEN, AssignmentState, Outcome
from server.domain.permissions import Scope
from server.models.assignments import Assignment, AssignmentOfficer
from server.models.draws import BatchMatter, Draw
from server.models.matters import Matter
from server.models.regions import Region
from server.models.subjects import Officer
from server.queries.assignments import Wanted, narrowed
from server.queries.local_days import shanghai_day

S = AssignmentState
_STILL = Assignment.state.in_([s.value for s in OPEN])
COUNTS = (
    "total", "done", "ended", "open", "overdue", "late", "provisional", *(o.value for o in Outcome), "pending", "replaced",
    "void",
)  # fmt: skip


def _by_officer(rows: Select[Any]) -> Select[Any]:
    rows = rows.join(AssignmentOfficer, AssignmentOfficer.assignment_id == Assignment.id)
    rows = rows.join(Officer, Officer.id == AssignmentOfficer.officer_id)
    return rows.add_columns(Officer.certificate_no.label("key"), Officer.name.label("title")).group_by(
        Officer.certificate_no, Officer.name
    )


def _by_region(rows: Select[Any]) -> Select[Any]:
    rows = rows.join(Region, Region.code == Assignment.region_code)
    return rows.add_columns(Region.code.label("key"), Region.name.label("title")).group_by(Region.code, Region.name)


def _by_draw(rows: Select[Any]) -> Select[Any]:
    rows = rows.join(Draw, Draw.id == Assignment.draw_id)
    return rows.add_columns(Draw.code.label("key"), Draw.title.label("title")).group_by(Draw.code, Draw.title)


def _by_matter(rows: Select[Any]) -> Select[Any]:
    rows = rows.join(BatchMatter, BatchMatter.batch_id == Assignment.batch_id)
    rows = rows.join(Matter, Matter.id == BatchMatter.matter_id)
    return rows.add_columns(Matter.code.label("key"), Matter.name.label("title")).group_by(Matter.code, Matter.name)


GROUPINGS: dict[str, Callable[[Select[Any]], Select[Any]]] = {
    "officer": _by_officer,
    "region": _by_region,
    "draw": _by_draw,
    "matter": _by_matter,
}


def report(session: Session, scope: Scope, by: str, wanted: Wanted) -> list[dict[str, Any]]:
    """One row per group, in order of its key; a task counts once for each officer on it and each matter of its batch."""
    rows = GROUPINGS[by](narrowed(_counted(wanted.on), scope, wanted))
    return [dict(row) for row in session.execute(rows.order_by("key")).mappings()]


def totals(session: Session, scope: Scope, wanted: Wanted) -> dict[str, int]:
    """The same counts over all tasks, each once."""
    row = session.execute(narrowed(_counted(wanted.on), scope, wanted)).mappings().one()
    return {name: int(row[name] or 0) for name in COUNTS}


def _counted(on: date) -> Select[Any]:
    """`total` leaves out what was replaced or void; `late`: finished after the due day; `pending`: done, no result said yet."""
    done, ended = _is(S.DONE), _is(S.ENDED)
    live = _STILL | done | ended
    conditions = {
        "total": live,
        "done": done,
        "ended": ended,
        "open": _STILL,
        "overdue": and_(_STILL, Assignment.due_on < on),
        "late": and_(done | ended, shanghai_day(Assignment.ended_at) > Assignment.due_on),
        "provisional": and_(_STILL, Assignment.due_provisional),
        **{o.value: and_(live, Assignment.outcome == o.value) for o in Outcome},
        "pending": and_(done, Assignment.outcome.is_(None)),
        "replaced": _is(S.REPLACED),
        "void": _is(S.VOID),
    }
    return select(*(func.sum(case((when, 1), else_=0)).label(name) for name, when in conditions.items())).select_from(
        Assignment
    )


def _is(state: AssignmentState) -> Any:
    return Assignment.state == state.value
