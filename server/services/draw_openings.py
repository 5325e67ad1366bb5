"""开封、作废、办结：把一次性码和全部替换写成开封书，摘要记入公开日志。"""

from __future__ import annotations

from hashlib import sha256

from server.domain.checks import shanghai_day
from server.domain.draw_bundle import Opening, closing_bytes
from server.domain.draw_states import VOID_REASONS, DrawState, check_reason, require_state
from server.domain.draws import canonical
from server.domain.errors import Conflict
from server.models.draws import Draw
from server.queries.draws import open_assignments
from server.services.assignments import void_assignments
from server.services.draw_changes import changes_of
from server.services.draw_secrets import chain_of, code_of, commitment_of, secret_of
from server.services.draws import find_draw, keep_files, log_draw
from server.uow import UnitOfWork

ANY_BUT_VOID = tuple(state for state in DrawState if state is not DrawState.VOID)


def open_draw(uow: UnitOfWork, code: str) -> Draw:
    """Publish the one-time code, the numbers and the result.

    Raises Conflict `draw-still-running` while tasks are open and their term has not ended: opening would tell who is
    going to be visited.
    """
    draw = find_draw(uow, code, lock=True)
    require_state(DrawState(draw.state), DrawState.SEALED)
    still = open_assignments(uow.session, draw.id)
    if still and draw.due_on and shanghai_day(uow.now) <= draw.due_on:
        raise Conflict(
            "draw-still-running",
            f"还有{still}项任务没有结束，现在开封会泄露名单；全部结束或过了{draw.due_on.isoformat()}再开封。",
            facts={"open": still, "due_on": draw.due_on.isoformat()},
        )
    _write_opening(uow, draw, None)
    draw.state, draw.opened_at = DrawState.OPENED.value, uow.now
    return draw


def void_draw(uow: UnitOfWork, code: str, reason: str, note: str) -> Draw:
    """Void a draw for a listed reason; whatever it had come to is opened with it, so a void can't hide a result."""
    check_reason(reason, note, VOID_REASONS)
    draw = find_draw(uow, code, lock=True)
    require_state(DrawState(draw.state), *ANY_BUT_VOID)
    void_assignments(uow, draw, VOID_REASONS[reason])
    draw.state, draw.voided_at = DrawState.VOID.value, uow.now
    draw.void_reason, draw.void_note = reason, note
    digest = sha256(canonical({"draw": draw.code, "reason": reason})).hexdigest()
    log_draw(uow, draw, "draw.void", digest, reason=reason)
    _write_opening(uow, draw, reason)
    return draw


def close_series(uow: UnitOfWork, code: str) -> Draw:
    """Publish c0 of the series; after that it has no secrets left and can't be drawn again."""
    draw = find_draw(uow, code, lock=True)
    require_state(DrawState(draw.state), DrawState.OPENED)
    chain = chain_of(uow, draw.series)
    if chain.closed_at is None:
        chain.closed_at = uow.now
        keep_files(uow, draw, {"closing.json": closing_bytes(draw.code, secret_of(uow, chain))})
        log_draw(uow, draw, "draw.closed", commitment_of(uow, chain).hex())
    return draw


def _write_opening(uow: UnitOfWork, draw: Draw, void: str | None) -> None:
    """The opening statement, once: a draw opened before keeps the statement it was opened with."""
    if draw.opened_at is not None:
        return
    opening = Opening(
        draw_id=draw.code,
        round=draw.round,
        one_time_code=code_of(uow, chain_of(uow, draw.series), draw.round).hex(),
        entropy=draw.entropy or "",
        result_sha256=draw.result_sha256 or "",
        changes=changes_of(uow, draw),
        void=void or "",
    )
    draw.opening = opening.to_bytes().decode()
    log_draw(uow, draw, "draw.opened", sha256(opening.to_bytes()).hexdigest())
