"""Shapes of public draws: what is not named stays inside, words cover every code."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.public.draws import (
    ENTRY_WORDS,
    STATE_WORDS,
    VOID_WORDS,
    PublicDrawLineSchema,
    PublicDrawSchema,
    PublicResultLineSchema,
)
from server.domain.draw_states import VOID_REASONS

AT = datetime(2026, 9, 7, 1, tzinfo=UTC)
INSIDE = {
    "summary": {"drawn": 7},
    "void_note": "内部",
    "failure": "SZ0001 派不出",
    "by": 3,
    "secret": "00",
    "entropy_text": "1.",
}


def test_what_is_not_named_stays_inside() -> None:
    dumped = PublicDrawSchema().dump({"code": "441300-2026-0001-1", "announced_at": AT, "opening": None, **INSIDE})
    assert dumped == {"code": "441300-2026-0001-1", "announced_at": AT.isoformat(), "opening": None}


def test_a_line_of_the_list_has_no_result() -> None:
    assert not {"opening", "sealed_sha256", "files", "log"} & set(PublicDrawLineSchema().fields)


def test_an_officer_without_a_name_is_a_pseudonym() -> None:
    officer = {"id": "F001", "name": None, "certificate_no": None, "user_id": 7}
    line = {
        "stratum": "credit-high",
        "rank": 1,
        "object": "SZ0001",
        "name": None,
        "ticket": "00",
        "officers": [officer],
    }
    assert PublicResultLineSchema().dump(line)["officers"] == [{"id": "F001", "name": None, "certificate_no": None}]


def test_words_cover_the_codes() -> None:
    assert VOID_WORDS == VOID_REASONS
    assert set(STATE_WORDS) == {"announced", "numbers", "sealed", "opened", "void"}
    assert {name.partition(".")[2] for name in ENTRY_WORDS} == {
        "announced", "numbers", "sealed", "changed", "opened", "void", "closed",
    }  # fmt: skip
