"""待办的领取、完成与失败。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import case, or_, select, update

from server.models.outbox import OutboxRow
from server.outbox import Event
from server.uow import UnitOfWork

BATCH = 500
SLOW = (Event.BULLETIN_REQUESTED.value, Event.BULLETIN_RELEASED.value)
STUCK = "stuck"
DONE = "done"


@dataclass(frozen=True, slots=True)
class Claim:
    """A row held under a lease by this worker; `attempt` counts from one."""

    row_id: int
    event: str
    payload: dict[str, Any]
    attempt: int


def any_due(uow: UnitOfWork) -> bool:
    """A cheap look, so that an idle drain never takes the write lock."""
    due = select(OutboxRow.id).where(OutboxRow.done_at.is_(None), OutboxRow.due_at <= uow.now)
    return uow.session.scalar(due.limit(1)) is not None


def take_due(uow: UnitOfWork) -> list[tuple[int, str]]:
    """Rows to publish now; each is put off by `ring_again_s`, so a lost message costs that delay and no more."""
    due = (
        select(OutboxRow)
        .where(OutboxRow.done_at.is_(None), OutboxRow.due_at <= uow.now)
        .order_by(OutboxRow.due_at, OutboxRow.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = list(uow.session.scalars(due))
    for row in rows:
        row.due_at = uow.now + timedelta(seconds=uow.settings.workers.ring_again_s)
    return [(row.id, row.event) for row in rows]


def claim(uow: UnitOfWork, row_id: int) -> Claim | None:
    """Take the lease in one UPDATE; None when the row is done or another worker holds it."""
    workers = uow.settings.workers
    short, long = (uow.now + timedelta(seconds=s) for s in (workers.lease_s, workers.paper_lease_s))
    until = case((OutboxRow.event.in_(SLOW), long), else_=short)
    free = or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until <= uow.now)
    row = uow.session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.done_at.is_(None), free)
        .values(leased_until=until, due_at=until, attempts=OutboxRow.attempts + 1)
        .returning(OutboxRow.event, OutboxRow.payload, OutboxRow.attempts)
    ).one_or_none()
    return None if row is None else Claim(row_id, row.event, row.payload, row.attempts)


def finish(uow: UnitOfWork, claim: Claim, result: str = DONE) -> bool:
    """Mark the row done inside the effect's own commit; False (do nothing) when another worker finished it first."""
    finished = uow.session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == claim.row_id, OutboxRow.done_at.is_(None))
        .values(done_at=uow.now, leased_until=None, result=result, last_error=None)
        .returning(OutboxRow.id)
    ).one_or_none()
    return finished is not None


def record_failure(uow: UnitOfWork, claim: Claim, error: Exception) -> None:
    """Keep the reason and try again later, ever more slowly; after `max_attempts` the row is parked for a person."""
    parked = claim.attempt >= uow.settings.workers.max_attempts
    wait = timedelta(seconds=min(2**claim.attempt, 300))
    uow.session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == claim.row_id, OutboxRow.done_at.is_(None))
        .values(
            leased_until=None,
            due_at=uow.now + (timedelta(days=3650) if parked else wait),
            result=STUCK if parked else None,
            last_error=f"{type(error).__name__}: {error}"[:2000],
        )
    )


def retry_stuck(uow: UnitOfWork) -> int:
    """Give every parked row a fresh start (operators); returns how many."""
    rows = uow.session.execute(
        update(OutboxRow)
        .where(OutboxRow.done_at.is_(None), OutboxRow.result == STUCK)
        .values(due_at=uow.now, attempts=0, result=None)
        .returning(OutboxRow.id)
    ).all()
    return len(rows)
