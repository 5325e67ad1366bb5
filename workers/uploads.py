"""续传的清扫：过期的登记，和不再有人要的碎片。"""

from __future__ import annotations

from celery import shared_task

from server.services import uploads
from server.uow import House
from workers.house import house
from workers.queues import Task


@shared_task(name=Task.SWEEP_UPLOADS.value)
def sweep_uploads() -> int:
    """Forget expired uploads and drop pieces that no upload waits for; returns how many uploads' pieces went."""
    return sweep(house())


def sweep(where: House) -> int:
    """The rows go first: pieces without a row are found again next time, a row without its pieces would be a lie."""
    with where.unit() as uow:
        uploads.sweep_uploads(uow)
    lying = where.storage.pieces.names()
    with where.unit(writing=False) as uow:
        gone = uploads.strays(uow, lying)
    for name in gone:
        where.storage.pieces.remove(name)
    return len(gone)
