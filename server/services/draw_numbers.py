"""公开数字：一人录入，另一人独立再录一遍，一致才开始抽取。"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select

from server.domain.draw_states import DrawState, Standing, check_numbers_time, check_second_person, require_state
from server.domain.errors import FieldError, Invalid
from server.models.draws import Draw, DrawNumbers
from server.outbox import Event
from server.services.draws import entropy_of, find_draw, log_draw
from server.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the first person typed."""

    groups: list[list[int]]
    issue: str
    witnesses: list[str]
    source_note: str


def type_numbers(uow: UnitOfWork, code: str, numbers: Numbers) -> Draw:
    """Keep the first person's numbers; raises NotReady before their time, Invalid when they can't be of that game."""
    draw = find_draw(uow, code, lock=True)
    standing = Standing(DrawState(draw.state), draw.announced_at, draw.numbers_due_at)
    check_numbers_time(standing, uow.now)
    source = entropy_of(draw)
    source.check(numbers.groups)
    _check_provenance(source.kind, numbers)
    uow.session.add(
        DrawNumbers(
            draw_id=draw.id,
            groups=numbers.groups,
            issue=numbers.issue or source.issue or None,
            witnesses=numbers.witnesses,
            source_note=numbers.source_note,
            by=uow.actor.user_id,
            at=uow.now,
        )
    )
    draw.state, draw.typed_at = DrawState.TYPED.value, uow.now
    return draw


def _check_provenance(kind: str, numbers: Numbers) -> None:
    """Numbers called out on site need witnesses; a lottery's need the announcement they were read from."""
    if kind == "on_site" and len(numbers.witnesses) < 2:
        words = "现场叫号至少要有两名见证人。"
        raise Invalid("witnesses-missing", words, errors=[FieldError("/witnesses", words, "witnesses-missing")])
    if kind == "lottery" and not numbers.source_note.strip():
        words = "请写明开奖公告的出处。"
        raise Invalid("source-missing", words, errors=[FieldError("/source_note", words, "source-missing")])


def confirm_numbers(uow: UnitOfWork, code: str, groups: list[list[int]]) -> tuple[Draw, bool]:
    """The second person's typing: equal numbers start the drawing, others send it back with both versions kept."""
    draw = find_draw(uow, code, lock=True)
    require_state(DrawState(draw.state), DrawState.TYPED)
    typed = _open_typing(uow, draw)
    check_second_person(typed.by, uow.actor.user_id)
    source = entropy_of(draw)
    source.check(groups)
    typed.confirmed_by, first, second = uow.actor.user_id, source.encode(typed.groups), source.encode(groups)
    if first != second:
        typed.refused_at, draw.state, draw.typed_at = uow.now, DrawState.ANNOUNCED.value, None
        return draw, False
    typed.confirmed_at = uow.now
    draw.entropy, draw.state = first, DrawState.DRAWING.value
    log_draw(uow, draw, "draw.numbers", sha256(first.encode()).hexdigest())
    uow.promise(Event.DRAW_CONFIRMED, {"draw": draw.code})
    return draw, True


def _open_typing(uow: UnitOfWork, draw: Draw) -> DrawNumbers:
    waiting = select(DrawNumbers).where(
        DrawNumbers.draw_id == draw.id, DrawNumbers.confirmed_at.is_(None), DrawNumbers.refused_at.is_(None)
    )
    return uow.session.scalars(waiting).one()
