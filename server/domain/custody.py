"""证据保管链：每一条都扣住前一条的摘要，改一处、少一处都看得出来。

The digest is over one canonical text of the line, so that it comes out the same from every database: instants in UTC to the
microsecond, keys in order, and no fractions among the facts (databases write 1.0 and 1 as they please; give decimals as text).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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


def entry_digest(prev: str, seq: int, act: str, actor: str, at: datetime, facts: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of the line, with the digest of the line before it inside.

    Raises ValueError for an instant without a zone and for facts that have no single canonical form.
    """
    if at.tzinfo is None:
        raise ValueError("a custody instant must carry its zone")
    _refuse_ambiguous(facts)
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    line = {"prev": prev, "seq": seq, "act": act, "actor": actor, "at": moment, "facts": facts}
    return sha256(json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def _refuse_ambiguous(value: Any) -> None:
    if value is None or isinstance(value, str | bool | int):
        return
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("custody facts have text for keys")
        value = list(value.values())
    if not isinstance(value, list | tuple):
        raise ValueError(f"custody facts cannot hold {type(value).__name__}")
    for item in value:
        _refuse_ambiguous(item)


def next_entry(last: Entry | None, act: Act, actor: str, at: datetime, facts: dict[str, Any]) -> Entry:
    """The line that follows `last` (None starts the ledger). Raises ValueError as `entry_digest` does."""
    seq, prev = (last.seq + 1, last.sha256) if last else (1, START)
    return Entry(seq, act.value, actor, at, facts, prev, entry_digest(prev, seq, act.value, actor, at, facts))


def first_break(entries: Iterable[Entry]) -> int | None:
    """The seq at which the ledger stops being whole, or None when every line holds the one before it."""
    prev, expected = START, 1
    for e in entries:
        if e.seq != expected or e.prev_sha256 != prev or not _holds(e):
            return expected
        prev, expected = e.sha256, expected + 1
    return None


def verify_chain(entries: Iterable[Entry], head: str | None = None) -> bool:
    """Whether the ledger is whole and, when `head` is given, ends with that digest (a cut tail shows in nothing else)."""
    kept = list(entries)
    if first_break(kept) is not None:
        return False
    return head is None or head == (kept[-1].sha256 if kept else START)


def _holds(entry: Entry) -> bool:
    try:
        made = entry_digest(entry.prev_sha256, entry.seq, entry.act, entry.actor, entry.at, entry.facts)
    except ValueError:
        return False
    return made == entry.sha256
