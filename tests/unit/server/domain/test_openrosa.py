"""Collect 的记录：同一份、另一份、改过的一份；齐不齐由名字说了算。"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Conflict, Invalid, Missing
from server.domain.openrosa import (
    Claim,
    FormState,
    Held,
    SubmissionState,
    check_claim,
    check_edit,
    check_form,
    check_repeat,
    completeness,
    file_name,
    nfc,
    receipt_words,
)

CLAIM = Claim("zhijian-RMC-project", "1", "uuid:a", "", "0" * 64)


def claim(**changes: str) -> Claim:
    values = {name: getattr(CLAIM, name) for name in CLAIM.__slots__}
    return Claim(**{**values, **changes})


@pytest.mark.parametrize(
    "wrong",
    [
        {"instance_id": ""},
        {"form_id": ""},
        {"instance_id": "x" * 250},
        {"instance_id": "a\nb"},
        {"deprecated_id": "uuid:a"},
    ],
)
def test_a_record_must_say_what_it_is(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        check_claim(claim(**wrong))
    check_claim(claim(instance_id="x" * 249))


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b.jpg", "..\\a", "a\0b", "x" * 256])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        file_name(name)


def test_names_are_matched_composed() -> None:
    assert file_name(" Cafe\u0301.jpg ") == nfc("Café.jpg") == "Café.jpg"


def test_a_closing_form_still_takes_and_a_closed_one_does_not() -> None:
    check_form(FormState.OPEN)
    check_form(FormState.CLOSING)
    with pytest.raises(Conflict):
        check_form(FormState.CLOSED)
    with pytest.raises(Missing):
        check_form(None)


def test_the_same_bytes_repeat_and_others_conflict() -> None:
    check_repeat(Held("0" * 64, SubmissionState.PROCESSED), CLAIM)
    with pytest.raises(Conflict):
        check_repeat(Held("1" * 64, SubmissionState.RECEIVED), CLAIM)


def test_an_edit_replaces_the_newest_version_alone() -> None:
    old = Held("1" * 64, SubmissionState.RECEIVED)
    check_edit(old, None, CLAIM)
    check_edit(old, "uuid:a", CLAIM)
    with pytest.raises(Missing):
        check_edit(None, None, CLAIM)
    with pytest.raises(Conflict):
        check_edit(old, "uuid:other", CLAIM)


NAMES = st.lists(st.text("abc", min_size=1, max_size=2), unique=True, max_size=6)


@given(NAMES, NAMES)
def test_every_name_has_exactly_one_place(expected: list[str], names: list[str]) -> None:
    found = completeness(expected, names)
    assert set(found.held) | set(found.missing) == set(expected)
    assert set(found.held) & set(found.missing) == set()
    assert set(found.held) | set(found.orphans) == set(names)


def test_the_receipt_says_what_is_here_and_what_is_not() -> None:
    words = receipt_words(completeness(["a", "b"], ["a", "x"]), "0123456789ab" + "0" * 52, beside=["a"])
    assert "1/2" in words
    assert "还差 1 个" in words
    assert "没有提到" in words
    assert "两份都已保留" in words
    assert words.endswith("回执 0123 4567 89ab")
    assert "没有文件" in receipt_words(completeness([], []), "0" * 64)
