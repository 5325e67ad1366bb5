"""The ledger shows every change, gap and swap."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.custody import START, Act, Entry, entry_digest, first_break, next_entry, verify_chain

NOON = datetime(2025, 9, 12, 4, 0, 0, tzinfo=UTC)


def ledger(length: int = 4) -> list[Entry]:
    entries: list[Entry] = []
    for n in range(length):
        last = entries[-1] if entries else None
        facts = {"n": n, "words": "收到", "inner": {"list": [1, None, True]}}
        entries.append(next_entry(last, list(Act)[n % len(Act)], f"officer:{n}", NOON + timedelta(minutes=n), facts))
    return entries


def test_a_whole_ledger() -> None:
    entries = ledger()
    assert [e.seq for e in entries] == [1, 2, 3, 4]
    assert entries[0].prev_sha256 == START
    assert [e.prev_sha256 for e in entries[1:]] == [e.sha256 for e in entries[:-1]]
    assert first_break(entries) is None
    assert verify_chain(entries, head=entries[-1].sha256)
    assert verify_chain([], head=START)


def test_the_digest_is_of_this_canonical_text() -> None:
    """Worked by hand, so that another program can check our ledgers."""
    line = (
        '{"act":"received","actor":"user:1","at":"2025-09-12T04:00:00.000000+00:00","facts":{"a":1,"b":"收"},'
        f'"prev":"{START}","seq":1}}'
    )
    assert entry_digest(START, 1, "received", "user:1", NOON, {"b": "收", "a": 1}) == sha256(line.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody"},
        {"act": Act.VIEWED.value + "x"},
        {"at": NOON + timedelta(microseconds=1)},
        {"facts": {"n": 9}},
        {"facts": {"n": 1.5}},
        {"seq": 7},
        {"prev_sha256": START[:-1] + "1"},
        {"sha256": "0" * 64},
    ],
)
@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_change_anywhere_shows_where(at: int, change: dict[str, Any]) -> None:
    entries = ledger()
    entries[at] = replace(entries[at], **change)
    assert first_break(entries) == at + 1
    assert not verify_chain(entries)


@given(st.permutations(range(4)))
def test_any_other_order_shows(order: list[int]) -> None:
    entries = ledger()
    assert verify_chain([entries[n] for n in order]) is (list(order) == [0, 1, 2, 3])


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_gap_shows(gone: int) -> None:
    entries = ledger()
    del entries[gone]
    assert first_break(entries) == gone + 1


def test_a_cut_tail_shows_only_against_a_kept_head() -> None:
    entries = ledger()
    head = entries[-1].sha256
    assert verify_chain(entries[:-1])
    assert not verify_chain(entries[:-1], head=head)
    assert not verify_chain([], head=head)


def test_a_rewritten_line_breaks_the_next_one() -> None:
    entries = ledger()
    entries[1] = next_entry(entries[0], Act.VIEWED, "forger", NOON, {})
    assert first_break(entries) == 3


def test_the_zone_a_database_answers_in_changes_nothing() -> None:
    entries = ledger()
    east = [replace(e, at=e.at.astimezone(timezone(timedelta(hours=8)))) for e in entries]
    assert verify_chain(east, head=entries[-1].sha256)


@pytest.mark.parametrize(
    "facts", [{"x": 1.0}, {"x": [float("nan")]}, {"x": b"y"}, {1: "x"}, {"x": {2: 3}}, {"x": {1, 2}}]
)
def test_facts_without_one_canonical_form_are_refused(facts: dict[Any, Any]) -> None:
    with pytest.raises(ValueError, match="custody facts"):
        next_entry(None, Act.RECEIVED, "user:1", NOON, facts)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        next_entry(None, Act.RECEIVED, "user:1", NOON.replace(tzinfo=None), {})
