"""什么时候跑什么。"""

from __future__ import annotations

from typing import Any

from server.config import Settings
from workers.queues import Queue, Task


def beat_schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """The scheduler's table; a drain message that waited longer than a minute is of no use."""
    return {
        "checkpoint": {
            "task": Task.CHECKPOINT.value,
            "schedule": 60.0,
            "options": {"queue": Queue.OUTBOX.value, "expires": 50},
        },
        "drain": {
            "task": Task.DRAIN.value,
            "schedule": settings.workers.drain_every_s,
            "options": {"queue": Queue.OUTBOX.value, "expires": 60},
        },
        "sweep": {
            "task": Task.SWEEP.value,
            "schedule": 3600.0,
            "options": {"queue": Queue.OUTBOX.value, "expires": 3000},
        },
        "sweep-uploads": {
            "task": Task.SWEEP_UPLOADS.value,
            "schedule": 3600.0,
            "options": {"queue": Queue.OUTBOX.value, "expires": 3000},
        },
        "warn-due": {
            "task": Task.WARN_DUE.value,
            "schedule": 3600.0,
            "options": {"queue": Queue.OUTBOX.value, "expires": 3000},
        },
    }
