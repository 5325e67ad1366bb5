"""证据保管链：每一条都扣住前一条的摘要，改一处、少一处都看得出来。"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

START = "0" * 64


class Act(StrEnum):
    """对一张照片做的事。"""

    RECEIVED = "received"
    EXAMINED = "examined"
    JUDGED = "judged"
    LINKED = "linked"
    VIEWED = "viewed"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger line; `at` in UTC, `facts` plain JSON values."""

    seq: int
    act: str
    actor: str
    at: datetime
    facts: dict[str, Any]
    prev_sha256: str
    sha256: str


def entry_digest(prev: str, seq: int, act: str, actor: str, at: datetime, facts: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of the line, with the digest of the line before it inside."""
    line = {"prev": prev, "seq": seq, "act": act, "actor": actor, "at": at.isoformat(), "facts": facts}
    return sha256(json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def next_entry(last: Entry | None, act: Act, actor: str, at: datetime, facts: dict[str, Any]) -> Entry:
    """The line that follows `last` (None starts the ledger)."""
    seq, prev = (last.seq + 1, last.sha256) if last else (1, START)
    return Entry(seq, act.value, actor, at, facts, prev, entry_digest(prev, seq, act.value, actor, at, facts))


def first_break(entries: Iterable[Entry]) -> int | None:
    """The seq at which the ledger stops being whole, or None when every line holds the one before it."""
    prev, expected = START, 1
    for e in entries:
        whole = entry_digest(e.prev_sha256, e.seq, e.act, e.actor, e.at, e.facts)
        if e.seq != expected or e.prev_sha256 != prev or e.sha256 != whole:
            return expected
        prev, expected = e.sha256, expected + 1
    return None
