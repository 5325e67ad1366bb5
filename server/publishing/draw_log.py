"""一次抽签在公开日志里的那几条。"""

from __future__ import annotations

import json
from typing import Any

from server.publishing.transparency import signed_log
from server.queries import transparency as queries
from server.uow import UnitOfWork

#: More than any draw has: announced, numbers, sealed, opened or void, closed, and its substitutions.
MOST_ENTRIES = 1000


def draw_log(uow: UnitOfWork, code: str) -> dict[str, Any]:
    """The draw's entries in order, each with its place, and the last checkpoint; `signed` once that covers the entry."""
    signed = signed_log(uow)
    rows = queries.entries_found(uow.session, code, queries.size_of_log(uow.session), MOST_ENTRIES)
    entries = [_entry(row.seq, row.entry, row.leaf_sha256, signed.size) for row in reversed(rows) if row.draw == code]
    return {"size": signed.size, "root": signed.root_sha256 or None, "entries": entries}


def _entry(seq: int, text: str, leaf: str, size: int) -> dict[str, Any]:
    told = json.loads(text)
    return {**{name: told[name] for name in ("type", "at", "digest")}, "index": seq, "leaf": leaf, "signed": seq < size}
