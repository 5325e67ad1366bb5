"""存储的清扫：上传到一半被丢下的临时文件。"""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from workers.house import house
from workers.queues import Task


@shared_task(name=Task.SWEEP.value)
def sweep() -> int:
    """Remove temporary files older than a day; returns how many."""
    return house().storage.sweep(timedelta(days=1))
