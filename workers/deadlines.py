"""期限的提醒：每小时看一遍，将到的、已过的各说一次。"""

from __future__ import annotations

from celery import shared_task

from server.services import deadlines
from workers.house import house
from workers.queues import Task


@shared_task(name=Task.WARN_DUE.value)
def warn_due() -> int:
    """Write the notices that are due; returns how many. Running twice writes nothing twice."""
    with house().unit() as uow:
        return deadlines.warn_due(uow)
