"""队列与任务的名字；字符串只在这里写一次。"""

from __future__ import annotations

from enum import StrEnum


class Queue(StrEnum):
    OUTBOX = "outbox"
    EVIDENCE = "evidence"
    RECORDS = "records"
    PAPERS = "papers"


class Task(StrEnum):
    CHECKPOINT = "log.checkpoint"
    DRAIN = "outbox.drain"
    HANDLE = "outbox.handle"
    SWEEP = "storage.sweep"
    SWEEP_UPLOADS = "uploads.sweep"
    WARN_DUE = "deadlines.warn"
