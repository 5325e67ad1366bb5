"""数值：GB/T 8170 公布算例、读数边界、均值与标准差。"""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Invalid
from server.domain.numbers import (
    canonical_text,
    ceil_div,
    decimal_text,
    mean,
    parse_decimal,
    round_to,
    sample_deviation,
)

# GB/T 8170 worked examples as reprinted in a metrology textbook, and GB 8170-87 clause 1.3.
ROUNDING = [
    ("12.1498", "1", "12"),
    ("12.1498", "0.1", "12.1"),
    ("1268", "100", "1300"),
    ("1.050", "0.1", "1.0"),
    ("2500", "1000", "2000"),
    ("60.28", "0.5", "60.5"),
    ("-12.15", "0.1", "-12.2"),
    ("0.35", "0.1", "0.4"),
    ("0.25", "0.1", "0.2"),
    ("8.53459", "0.01", "8.53"),
    ("-0.04", "0.1", "0.0"),
]


@pytest.mark.parametrize(("value", "interval", "expected"), ROUNDING)
def test_rounding_follows_the_standard(value: str, interval: str, expected: str) -> None:
    assert decimal_text(round_to(D(value), D(interval))) == expected


@given(
    st.decimals(min_value=-10_000, max_value=10_000, places=6),
    st.sampled_from([D("0.001"), D("0.05"), D("0.5"), D(1), D(100)]),
)
def test_rounding_is_symmetric_near_and_idempotent(value: D, interval: D) -> None:
    rounded = round_to(value, interval)
    assert abs(rounded - value) <= interval / 2
    assert rounded % interval == 0
    assert round_to(rounded, interval) == rounded
    assert round_to(-value, interval) == -rounded


def test_rounding_refuses_an_interval_that_is_not_positive() -> None:
    with pytest.raises(Invalid, match="number-invalid"):
        round_to(D(1), D(0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("１２．５", "12.5"),
        (" －3 ", "-3"),
        ("−0.5", "-0.5"),
        ("1e3", "1000"),
        (".5", "0.5"),
        ("0.030", "0.030"),
        ("-0", "0"),
        (7, "7"),
        (D("2.50"), "2.50"),
    ],
)
def test_numbers_are_read_as_people_type_them(text: str | int | D, expected: str) -> None:
    assert decimal_text(parse_decimal(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["NaN", "Infinity", "-inf", "1e99", "1e-99", "9" * 16, "1" * 41, "", "  ", "1_000", "0x10", "1,5", "一"],
)
def test_numbers_that_are_not_plain_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match="number-invalid"):
        parse_decimal(text)


@pytest.mark.parametrize("value", [True, D("NaN"), D("Infinity"), D("1e-20"), D("1e16"), 10**15])
def test_values_out_of_bounds_are_refused(value: D | int) -> None:
    with pytest.raises(Invalid):
        parse_decimal(value)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=8))
def test_canonical_text_is_one_text_per_number(value: D) -> None:
    text = canonical_text(value)
    assert D(text) == value
    assert canonical_text(D(text + ("0" if "." in text else ".0"))) == text


def test_mean_and_deviation() -> None:
    values = [D(v) for v in ("2", "4", "4", "4", "5", "5", "7", "9")]
    assert mean(values) == D(5)
    assert round_to(sample_deviation(values), D("0.0001")) == D("2.1381")
    assert sample_deviation([D(3)]) == 0


@pytest.mark.parametrize(
    ("value", "per", "expected"),
    [("1000", "100", 10), ("1000.01", "100", 11), ("0", "100", 0), ("0.3", "0.1", 3)],
)
def test_portions_are_counted_exactly(value: str, per: str, expected: int) -> None:
    assert ceil_div(D(value), D(per)) == expected
