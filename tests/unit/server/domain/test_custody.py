"""保管链：改一处、少一条、换次序，都看得出从哪一条断起。"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.custody import START, Act, Entry, first_break, next_entry

AT = datetime(2026, 9, 21, tzinfo=UTC)


def chain(length: int = 5) -> list[Entry]:
    entries: list[Entry] = []
    for n in range(length):
        last = entries[-1] if entries else None
        entries.append(next_entry(last, Act.VIEWED, f"user:{n}", AT + timedelta(minutes=n), {"n": n, "词": "照片"}))
    return entries


def test_ledger_begins_at_one_and_holds_the_one_before() -> None:
    entries = chain()
    assert [e.seq for e in entries] == [1, 2, 3, 4, 5]
    assert entries[0].prev_sha256 == START
    assert all(b.prev_sha256 == a.sha256 for a, b in zip(entries, entries[1:], strict=False))
    assert first_break(entries) is None
    assert first_break([]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"act": "received"},
        {"actor": "user:x"},
        {"at": AT},
        {"facts": {"n": 9}},
        {"sha256": "0" * 64},
        {"prev_sha256": "0" * 64},
        {"seq": 9},
    ],
)
def test_any_change_breaks_the_chain_there(change: dict[str, object]) -> None:
    entries = chain()
    entries[2] = replace(entries[2], **change)  # type: ignore[arg-type]
    assert first_break(entries) == 3


def test_missing_first_and_middle_and_swapped_lines_are_seen() -> None:
    entries = chain()
    assert first_break(entries[1:]) == 1
    assert first_break(entries[:2] + entries[3:]) == 3
    assert first_break([entries[1], entries[0], *entries[2:]]) == 1


def test_same_facts_in_another_order_are_the_same_line() -> None:
    one = next_entry(None, Act.JUDGED, "system", AT, {"a": 1, "b": 2})
    two = next_entry(None, Act.JUDGED, "system", AT, {"b": 2, "a": 1})
    assert one == two
