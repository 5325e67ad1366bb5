"""公开日志的定时签名：有新条目才签。"""

from __future__ import annotations

from celery import shared_task

from server.services import transparency
from workers.house import house
from workers.queues import Task


@shared_task(name=Task.CHECKPOINT.value, soft_time_limit=30, time_limit=60)
def checkpoint() -> int:
    """Sign what was added since the last checkpoint; returns the size signed, 0 when nothing was added."""
    with house().unit(writing=False) as uow:
        if not transparency.has_grown(uow):
            return 0
    with house().unit() as uow:
        point = transparency.sign_checkpoint(uow)
    return point.size if point else 0
