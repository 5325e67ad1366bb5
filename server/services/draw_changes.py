"""抽签之后的替换：对象换成本层下一个候补，或换下一名执法人员；其余席位一概不动，理由码在计划里定好。"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from server.domain.assignments import OPEN, Act, AssignmentState
from server.domain.draw_bundle import OFFICER_REPLACED, SUBJECT_REPLACED, Change, crews_after
from server.domain.draw_states import SUBSTITUTION_REASONS, DrawState, check_reason, require_state
from server.domain.draws import Drawn, draw_key, next_reserve, order, pairing_task, split, ticket_maker
from server.domain.errors import Conflict, FieldError, Invalid, Missing
from server.domain.pairing import pair
from server.models.assignments import Assignment, AssignmentOfficer, AssignmentStep
from server.models.draws import Draw, DrawChange
from server.models.subjects import Officer
from server.queries.draws import file_contents
from server.services.assignments import make_assignments
from server.services.drawing import RESULT, Inputs, inputs_of, lead_of, leads_of, new_assignments, officers_of
from server.services.draws import find_draw, log_draw
from server.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Substitution:
    """Which task; `officer` names who leaves (None: the subject is replaced)."""

    assignment: UUID
    officer: UUID | None
    reason: str
    note: str


def substitute(uow: UnitOfWork, code: str, wish: Substitution) -> Draw:
    """Replace a drawn subject by the next reserve of its stratum, or one officer of a task.

    Raises Conflict `reserve-spent`, `assignment-ended`, Invalid `pairing-infeasible`, Missing `assignment-not-found`.
    """
    check_reason(wish.reason, wish.note, SUBSTITUTION_REASONS)
    draw = find_draw(uow, code, lock=True)
    require_state(DrawState(draw.state), DrawState.SEALED)
    task = _task(uow, draw, wish.assignment)
    if wish.officer is None:
        _replace_subject(uow, draw, task, wish)
    else:
        _replace_officer(uow, draw, task, wish)
    return draw


def _task(uow: UnitOfWork, draw: Draw, assignment: UUID) -> Assignment:
    rows = (
        select(Assignment)
        .where(Assignment.uuid == assignment, Assignment.draw_id == draw.id)
        .options(joinedload(Assignment.subject), selectinload(Assignment.officers))
    )
    found: Assignment | None = uow.session.scalar(rows)
    if found is None:
        raise Missing("assignment-not-found", "这次抽签里没有这项任务。")
    if found.state not in OPEN:
        raise Conflict("assignment-ended", "这项任务已经结束，不能再替换。", facts={"state": found.state})
    return found


def _replace_subject(uow: UnitOfWork, draw: Draw, task: Assignment, wish: Substitution) -> None:
    inputs = inputs_of(uow, draw)
    changes = changes_of(uow, draw)
    crews = _crews(uow, draw, changes)
    reserve = _reserve(inputs)
    used = frozenset(c.body["by"] for c in changes if c.kind == SUBJECT_REPLACED)
    chosen = next_reserve(reserve, task.stratum, used)
    crews.pop(task.subject.code)
    crew = _pair(inputs, changes, crews, chosen.object, ())
    body = {"object": task.subject.code, "by": chosen.object, "officers": list(crew)}
    _end(uow, task, AssignmentState.REPLACED, Act.SUBJECT_REPLACED, wish)
    rows = new_assignments(uow, draw, (chosen,), {chosen.object: crew})
    make_assignments(uow, draw, rows, draw.batch.options["due_workdays"], draw.batch.options["checklists"])
    _record(uow, draw, SUBJECT_REPLACED, body, wish)


def _replace_officer(uow: UnitOfWork, draw: Draw, task: Assignment, wish: Substitution) -> None:
    inputs = inputs_of(uow, draw)
    words = {who: word for word, who in officers_of(uow, draw).items()}
    leaving = uow.session.scalar(select(Officer.id).where(Officer.uuid == wish.officer))
    seat = next((s for s in task.officers if s.officer_id == leaving), None)
    if seat is None or seat.officer_id not in words:
        raise Invalid(
            "officer-not-assigned", "这项任务没有派这个人。", errors=[FieldError("/officer", "不在这项任务里")]
        )
    changes, name = changes_of(uow, draw), task.subject.code
    crews = _crews(uow, draw, changes)
    _check_not_handed_over(task, words, crews[name])
    kept = tuple(word for word in crews.pop(name) if word != words[seat.officer_id])
    bar = (name, words[seat.officer_id])
    crew = _pair(inputs, changes, crews, name, kept, bar)
    (coming,) = [word for word in crew if word not in kept]
    _reseat(uow, draw, task, crew)
    _step(uow, task, Act.OFFICER_REPLACED, wish, {"left": bar[1], "came": coming})
    _record(uow, draw, OFFICER_REPLACED, {"object": name, "officer": bar[1], "by": coming}, wish)


def _check_not_handed_over(task: Assignment, words: Mapping[int, str], crew: tuple[str, ...]) -> None:
    """Once a task was handed over inside the office, its people are no longer the draw's to change."""
    if {words.get(seat.officer_id) for seat in task.officers} != set(crew):
        raise Conflict("assignment-handed-over", "这项任务已在科室内移交过，请继续用移交换人，不再按抽签替换。")


def _pair(
    inputs: Inputs,
    changes: tuple[Change, ...],
    crews: dict[str, tuple[str, ...]],
    name: str,
    kept: tuple[str, ...],
    *bars: tuple[str, str],
) -> tuple[str, ...]:
    """The pairing rule for one object with every other seat locked; whoever was taken off an object stays off it."""
    ticket = ticket_maker(draw_key(inputs.code, inputs.plan.digest, inputs.entropy))
    off = {(c.body["object"], c.body["officer"]) for c in changes if c.kind == OFFICER_REPLACED}
    locked: Mapping[str, tuple[str, ...]] = {**crews, name: kept} if kept else crews
    names = (*crews, name)
    return pair(pairing_task(inputs.plan, inputs.files, ticket, names, frozenset(off | set(bars)), locked)).roster[name]


def _reserve(inputs: Inputs) -> tuple[Drawn, ...]:
    ticket = ticket_maker(draw_key(inputs.code, inputs.plan.digest, inputs.entropy))
    return split(inputs.plan.strata, order(inputs.files.objects, ticket))[1]


def changes_of(uow: UnitOfWork, draw: Draw) -> tuple[Change, ...]:
    """Every substitution of a draw so far, in order."""
    rows = uow.session.scalars(select(DrawChange).where(DrawChange.draw_id == draw.id).order_by(DrawChange.n))
    return tuple(Change(row.n, row.kind, row.reason, row.body, row.salt) for row in rows)


def _crews(uow: UnitOfWork, draw: Draw, changes: Iterable[Change]) -> dict[str, tuple[str, ...]]:
    """The seats as the draw gave them; a task handed over inside an office does not move the draw's own seats."""
    return crews_after(file_contents(uow.session, draw.id)[RESULT], changes)


def _reseat(uow: UnitOfWork, draw: Draw, task: Assignment, crew: tuple[str, ...]) -> None:
    people, lead = officers_of(uow, draw), lead_of(crew, leads_of(uow, draw))
    for seat in list(task.officers):
        uow.session.delete(seat)
    uow.session.flush()
    uow.session.add_all(
        AssignmentOfficer(assignment_id=task.id, seat=n, officer_id=people[word], lead=word == lead)
        for n, word in enumerate(crew)
    )
    task.revision, task.changed_at = task.revision + 1, uow.now


def _end(uow: UnitOfWork, task: Assignment, state: AssignmentState, act: Act, wish: Substitution) -> None:
    task.state, task.ended_at, task.changed_at = state.value, uow.now, uow.now
    task.revision += 1
    _step(uow, task, act, wish, {})


def _step(uow: UnitOfWork, task: Assignment, act: Act, wish: Substitution, body: dict[str, Any]) -> None:
    reason = SUBSTITUTION_REASONS[wish.reason] + (f"：{wish.note}" if wish.note else "")
    uow.session.add(
        AssignmentStep(
            key=uow.new_id(), assignment_id=task.id, act=act.value, reason=reason, body=body, evidence=[],
            by=uow.actor.user_id, at=uow.now,
        )
    )  # fmt: skip


def _record(uow: UnitOfWork, draw: Draw, kind: str, body: dict[str, Any], wish: Substitution) -> None:
    """Keep the change; the public log gets only its salted digest, so that nobody can tell who was drawn."""
    last = uow.session.scalar(select(func.max(DrawChange.n)).where(DrawChange.draw_id == draw.id)) or 0
    change = Change(last + 1, kind, wish.reason, body, secrets.token_hex(32))
    uow.session.add(
        DrawChange(
            draw_id=draw.id, n=change.n, kind=kind, reason=wish.reason, note=wish.note, body=body, salt=change.salt,
            by=uow.actor.user_id, at=uow.now,
        )
    )  # fmt: skip
    log_draw(uow, draw, "draw.changed", change.digest)
