"""待办的取与办：底账在数据库，经纪只是门铃。"""

from __future__ import annotations

import structlog
from celery import shared_task

from server.outbox import Event
from server.services import outbox
from workers.handlers import HANDLERS
from workers.house import house
from workers.queues import Queue, Task

QUEUE_OF: dict[Event, Queue] = {
    Event.BULLETIN_REQUESTED: Queue.PAPERS,
    Event.BULLETIN_RELEASED: Queue.PAPERS,
    Event.BULLETIN_WITHDRAWN: Queue.PAPERS,
    Event.CHECK_SUBMITTED: Queue.RECORDS,
    Event.CHECK_SUPPLEMENTED: Queue.RECORDS,
    Event.DRAW_CONFIRMED: Queue.PAPERS,
    Event.EVIDENCE_EXAMINED: Queue.RECORDS,
    Event.EVIDENCE_RECEIVED: Queue.EVIDENCE,
    Event.SUBMISSION_RECEIVED: Queue.RECORDS,
}
log = structlog.get_logger(room="outbox")


@shared_task(name=Task.DRAIN.value, soft_time_limit=30, time_limit=60)
def drain() -> int:
    """Publish one message per due row; a row already published is published again only after `ring_again_s`."""
    with house().unit(writing=False) as uow:
        if not outbox.any_due(uow):
            return 0
    with house().unit() as uow:
        rows = outbox.take_due(uow)
    for row_id, event in rows:
        handle.apply_async((row_id,), queue=QUEUE_OF[Event(event)].value)
    return len(rows)


@shared_task(name=Task.HANDLE.value)
def handle(row_id: int) -> str:
    """Claim the row, do its effect and mark it done in one commit; an error is kept on the row and tried again."""
    with house().unit() as uow:
        claim = outbox.claim(uow, row_id)
    if claim is None:
        return "not-mine"
    try:
        HANDLERS[Event(claim.event)](house(), claim)
    except Exception as error:
        log.warning("effect-failed", row=row_id, effect=claim.event, exc_info=error)
        with house().unit() as uow:
            outbox.record_failure(uow, claim, error)
        return "failed"
    return "done"
