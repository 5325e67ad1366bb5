"""Inclusion probabilities: against published designs and against summing every order by hand."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.sampling import exact_inclusion, near_inclusion, target_inclusion
from tests.unit.server.domain.draw_vectors import vectors

MIXED = (1, 1, 1, 1, 1, 1, 2, 2, 2, 4)
sizes = st.lists(st.integers(1, 6), min_size=1, max_size=6)


def by_orders(balls: Sequence[int], take: int) -> tuple[Fraction, ...]:
    """The definition: every order of `take` objects with the product of its steps."""
    chance = [Fraction(0)] * len(balls)
    for order in permutations(range(len(balls)), take):
        left, p = sum(balls), Fraction(1)
        for one in order:
            p *= Fraction(balls[one], left)
            left -= balls[one]
        for one in order:
            chance[one] += p
    return tuple(chance)


@given(sizes, st.integers(0, 6))
def test_exact_is_the_sum_over_orders(balls: list[int], take: int) -> None:
    take = min(take, len(balls))
    assert exact_inclusion(balls, take) == by_orders(balls, take)


@pytest.mark.parametrize("vector", [v for v in vectors("inclusion-prob") if "expect" in v], ids=lambda v: v["id"])
def test_published_probabilities(vector: Mapping[str, Any]) -> None:
    assert [str(p) for p in target_inclusion(vector["sizes"], vector["n"])] == vector["expect"]


@pytest.mark.parametrize("vector", [v for v in vectors("inclusion-prob") if "expect" not in v], ids=lambda v: v["id"])
def test_published_design_weights(vector: Mapping[str, Any]) -> None:
    chances = target_inclusion(vector["sizes"], vector["n"])
    found = {unit: round(float(1 / chances[unit - 1]), 6) for unit in vector["design_weights"]}
    assert found == vector["design_weights"]


def test_the_worked_frame() -> None:
    """Six objects with one ball, three with two, one with four; three are drawn."""
    assert [f"{float(p):.4f}" for p in exact_inclusion(MIXED, 3)[5::2][:2]] == ["0.2060", "0.3799"]
    assert f"{float(exact_inclusion(MIXED, 3)[-1]):.4f}" == "0.6242"
    assert [f"{near_inclusion(MIXED, 3)[n]:.4f}" for n in (0, 6, 9)] == ["0.2101", "0.3761", "0.6108"]
    assert [f"{float(target_inclusion(MIXED, 3)[n]):.4f}" for n in (0, 6, 9)] == ["0.1875", "0.3750", "0.7500"]


@given(sizes, st.integers(0, 6))
def test_probabilities_add_up_to_the_size(balls: list[int], take: int) -> None:
    take = min(take, len(balls))
    assert sum(exact_inclusion(balls, take)) == sum(target_inclusion(balls, take)) == take
    assert abs(sum(near_inclusion(balls, take)) - take) < 1e-20


@given(st.integers(1, 40), st.integers(0, 40))
def test_one_ball_each_is_n_of_N(total: int, take: int) -> None:
    take = min(take, total)
    assert set(exact_inclusion([1] * total, take)) == {Fraction(take, total)}


def test_a_large_plain_frame_is_exact_and_a_various_one_is_refused() -> None:
    assert exact_inclusion([1] * 2000, 50)[0] == Fraction(50, 2000)
    with pytest.raises(ValueError, match="exact sum"):
        exact_inclusion([n % 20 + 1 for n in range(200)], 30)


@pytest.mark.parametrize(("balls", "take"), [((1, 2), 3), ((1, 0), 1), ((1,), -1)])
def test_sizes_that_do_not_fit_are_refused(balls: tuple[int, ...], take: int) -> None:
    for probability in (exact_inclusion, near_inclusion, target_inclusion):
        with pytest.raises(ValueError, match="take lies between"):
            probability(balls, take)
