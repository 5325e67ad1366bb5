"""待办的事件词。一个词只有一个家：workers/handlers.py 里每个词恰有一个处理者。"""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """Past tense: what has happened and still owes an effect."""

    BULLETIN_REQUESTED = "bulletin.requested"
    BULLETIN_RELEASED = "bulletin.released"
    BULLETIN_WITHDRAWN = "bulletin.withdrawn"
    CHECK_SUBMITTED = "check.submitted"
    CHECK_SUPPLEMENTED = "check.supplemented"
    DRAW_CONFIRMED = "draw.confirmed"
    EVIDENCE_EXAMINED = "evidence.examined"
    EVIDENCE_RECEIVED = "evidence.received"
    SUBMISSION_RECEIVED = "submission.received"
