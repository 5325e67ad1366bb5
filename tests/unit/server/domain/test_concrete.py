"""混凝土与钢筋：公布的算例，逐位相符。"""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from server.domain.concrete import (
    batch_known_sigma,
    batch_non_statistical,
    batch_statistical,
    core_check,
    cube_representative,
    mass_deviation,
    rebound_mean,
)
from server.domain.numbers import mean, round_to

SPREAD = D("0.15")


def d(*texts: str) -> list[D]:
    return [D(t) for t in texts]


@pytest.mark.parametrize(
    ("strengths", "factor", "expected"),
    [
        (("18.6", "18.5", "22.8"), "0.95", "17.7"),  # one extreme beyond 15 %: middle value
        (("48.6", "47.2", "45.7"), "0.95", "44.8"),  # mean
        (("20", "23", "20"), "1", "21.0"),  # exactly 15 % is inside
        (("20", "23.01", "20"), "1", "20.0"),
    ],
)
def test_representative_value(strengths: tuple[str, ...], factor: str, expected: str) -> None:
    assert cube_representative(d(*strengths), SPREAD, D(factor)) == D(expected)


def test_group_with_both_extremes_beyond_is_invalid() -> None:
    assert cube_representative(d("42", "50", "61"), SPREAD, D(1)) is None


def test_statistical_batch_with_unknown_sigma() -> None:
    values = d("23.5", "20.6", "25.4", "26.5", "23.8", "25.3", "24.5", "27.1", "23.2", "22.3")
    batch = batch_statistical(values, D(25), D("1.15"), D("0.90"), D("2.5"))
    average, lowest = batch.requirements
    assert average.unrounded == D("24.22")
    assert (batch.deviation, batch.deviation_used) == (D("1.96"), D("2.5"))
    assert (average.bound, lowest.bound) == (D("27.875"), D("22.500"))
    assert not batch.accepted


def test_non_statistical_batch() -> None:
    values = d("30.8", "33.1", "32.3", "30.8", "36.7", "30.8", "31.7")
    batch = batch_non_statistical(values, D(30), D("1.15"), D("0.95"))
    average, lowest = batch.requirements
    assert round_to(average.unrounded, D("0.01")) == D("32.31")
    assert (average.bound, lowest.bound, lowest.value) == (D("34.50"), D("28.50"), D("30.8"))
    assert (average.holds, lowest.holds, batch.accepted) == (False, True, False)


@pytest.mark.parametrize(
    ("values", "accepted"),
    [(("32.1", "32.1", "32.1"), True), (("32.0", "32.0", "32.0"), False), (("27.8", "40", "40"), False)],
)
def test_known_sigma_around_each_limit(values: tuple[str, ...], accepted: bool) -> None:
    assert batch_known_sigma(d(*values), D(30), D(3), D("0.7"), D("0.90")).accepted is accepted


def test_cores_of_an_examination_answer() -> None:
    batch = core_check(d("28.5", "31.0", "32.0"), D(35), D("0.88"), D("0.80"))
    average, lowest = batch.requirements
    assert (average.value, average.bound, lowest.bound) == (D("30.5"), D("30.80"), D("28.00"))
    assert (average.holds, lowest.holds) == (False, True)


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ("35 28 37 28 46 27 31 27 27 30 37 29 34 28 26 27", "29.7"),
        ("28 27 27 28 31 28 31 29 28 34 26 30 29 27 32 31", "28.9"),
        ("31 29 26 27 33 29 47 27 28 30 28 28 30 28 27 27", "28.4"),
    ],
)
def test_rebound_drops_three_at_each_end(readings: str, expected: str) -> None:
    assert rebound_mean(d(*readings.split())) == D(expected)


@pytest.mark.parametrize(
    ("mass", "length", "unit", "expected"),
    [("0.94", "0.5", "2.0", "-6.00"), ("960", "600", "1.58", "1.27")],
)
def test_mass_deviation_of_bars(mass: str, length: str, unit: str, expected: str) -> None:
    assert round_to(mass_deviation(D(mass), D(length), D(unit)), D("0.01")) == D(expected)


def test_mean_is_not_rounded_twice() -> None:
    assert round_to(mean(d("8.5", "8.56918")), D("0.01")) == D("8.53")
