"""Words that depend on data."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Invalid
from server.domain.wording import (
    Quantifiers,
    chinese_date,
    chinese_number,
    chinese_span,
    joined,
    money_text,
    normalise_document_number,
    points_text,
    share_text,
)


@pytest.mark.parametrize(
    ("part", "whole", "word"),
    [(1, 2, "多数"), (499, 1000, "部分"), (1, 5, "部分"), (199, 1000, "个别"), (1, 1000, "个别")],
)
def test_quantifiers_change_exactly_at_their_limits(part: int, whole: int, word: str) -> None:
    assert Quantifiers().word(part, whole) == word


def test_quantifiers_are_configuration() -> None:
    assert Quantifiers(most=60, some=30).word(1, 2) == "部分"
    with pytest.raises(Invalid) as caught:
        Quantifiers(most=20, some=20)
    assert caught.value.code == "quantifiers-invalid"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (14, "十四"),
        (20, "二十"),
        (48, "四十八"),
        (100, "一百"),
        (103, "一百零三"),
        (110, "一百一十"),
        (999, "九百九十九"),
    ],
)
def test_chinese_numerals_as_laws_write_them(number: int, text: str) -> None:
    assert chinese_number(number) == text


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_numerals_outside_the_range_are_an_error(number: int) -> None:
    with pytest.raises(ValueError, match="numeral"):
        chinese_number(number)


@given(st.integers(1, 999), st.integers(1, 999))
def test_numerals_are_distinct(one: int, other: int) -> None:
    assert (chinese_number(one) == chinese_number(other)) == (one == other)


def test_dates_and_spans() -> None:
    assert chinese_date(date(2026, 9, 4)) == "2026年9月4日"
    assert chinese_span(date(2026, 7, 1), date(2026, 9, 30)) == "2026年7月1日至9月30日"
    assert chinese_span(date(2025, 12, 1), date(2026, 1, 31)) == "2025年12月1日至2026年1月31日"
    assert chinese_span(date(2026, 7, 1), date(2026, 7, 1)) == "2026年7月1日"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("120000", "12万元"),
        ("12500", "1.25万元"),
        ("128500.00", "12.85万元"),
        ("8500", "8500元"),
        ("8500.5", "8500.50元"),
        ("10010", "10010元"),
        ("0", "0元"),
    ],
)
def test_money(amount: str, text: str) -> None:
    assert money_text(Decimal(amount)) == text


def test_points_and_shares() -> None:
    assert points_text(Decimal("1.50")) == "1.5分"
    assert points_text(Decimal("20")) == "20分"
    assert share_text(257, 440) == "58.4%"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("﹝示﹞住建罚决字﹝2026﹞第1号", "〔示〕住建罚决字〔2026〕第1号"),
        ("惠市住建函[2023]557号", "惠市住建函〔2023〕557号"),
        (" 粤建质〔2026〕 12 号", "粤建质〔2026〕12号"),
    ],
)
def test_document_numbers_get_the_right_brackets(typed: str, number: str) -> None:
    assert normalise_document_number(typed) == number


@pytest.mark.parametrize("typed", ["", "住建罚决字2026第1号", "〔示〕住建罚决字〔2026〕", "〔示〕字〔1826〕第1号"])
def test_other_forms_are_refused(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        normalise_document_number(typed)
    assert caught.value.code == "document-number-invalid"


def test_joining_leaves_out_the_empty_and_the_repeated() -> None:
    assert joined(["甲", "", "乙", "甲"]) == "甲、乙"
