"""XForm 里的限值：准确，或者不说。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.checklists import Frame
from server.domain.limits import Formula, LimitRow
from server.domain.numbers import round_to
from server.formats.xform_limits import (
    Unsayable,
    applies,
    bounded,
    compare,
    in_force,
    in_region,
    own_quantity,
    pairs,
    rounded_bound,
    whole,
)
from server.formats.xform_names import MOST, SCALE, Place, places
from tests.checklists.house import checklists

TESTS = {"<=": Decimal.__le__, "<": Decimal.__lt__, ">=": Decimal.__ge__, ">": Decimal.__gt__}


def place(code: str) -> Place:
    return next(p for f in Frame for c in checklists().values() for p in places(c, f) if p.item.code == code)


@settings(max_examples=200, deadline=None)
@given(
    op=st.sampled_from(sorted(TESTS)),
    bound=st.decimals("-2", "2", places=3),
    interval=st.sampled_from([Decimal("0.001"), Decimal("0.01"), Decimal("0.5"), Decimal(1)]),
    steps=st.integers(-30, 30),
)
def test_comparing_unrounded_with_the_edge_is_comparing_rounded_with_the_bound(
    op: str, bound: Decimal, interval: Decimal, steps: int
) -> None:
    """GB/T 8170 once and for all: the rounding is moved from the reading to the bound."""
    edge_op, edge = rounded_bound(op, bound, interval)
    for value in (bound + steps * interval / 10, edge, edge + Decimal("0.0001"), edge - Decimal("0.0001")):
        assert TESTS[op](round_to(value, interval), bound) == TESTS[edge_op](value, edge), (value, edge_op, edge)


@given(st.integers(-(MOST * SCALE) + 1, MOST * SCALE - 1))
def test_a_typed_number_becomes_a_whole_number_without_loss(units: int) -> None:
    """What `scale` leans on: with at most four decimals, a double times 10000 rounds to the very number meant."""
    typed = float(Decimal(units) / SCALE)
    assert round(typed * SCALE) == units
    assert units / SCALE == typed


def test_regions_cover_what_lies_below_them() -> None:
    assert in_region("") == ""
    assert in_region("440000") == "starts-with(/data/who/region, '44')"
    assert in_region("441322") == "starts-with(/data/who/region, '441322')"


def test_a_row_holds_from_its_first_day_until_the_day_it_ends() -> None:
    row = LimitRow(from_on=date(2022, 4, 1), until_on=date(2025, 1, 1), region="330000")
    assert in_force(row, "D") == "D >= 20220401 and D < 20250101 and starts-with(/data/who/region, '33')"
    assert in_force(LimitRow(), "D") == "true()"


def test_a_row_without_conditions_always_applies() -> None:
    assert applies(place("RMC-04-02"), LimitRow()) == ("true()", "false()")


def test_ranges_and_tolerances_are_two_comparisons() -> None:
    both = LimitRow(op="between", minimum=Decimal(18), maximum=Decimal(22))
    assert pairs(both) == [(">=", Decimal(18), 1), ("<=", Decimal(22), 1)]
    assert pairs(LimitRow(op="abs<=", value=Decimal(2))) == [("<=", Decimal(2), 1), (">=", Decimal(2), -1)]
    with pytest.raises(Unsayable):
        pairs(LimitRow(op="within_days"))


def test_a_difference_is_taken_over_whole_numbers() -> None:
    found = place("RMC-06-03")
    row = LimitRow(op="<=", value=Decimal("0.5"), reference="target")
    said = compare(found, row, own_quantity(found), None)
    assert said == f"round({found.ask('highest')} * 10000) - round({found.input('target')} * 10000) <= 5000"


def test_a_bound_that_follows_an_input_keeps_within_its_own_bounds() -> None:
    found = place("RES-05-10")
    rule = Formula("working_pressure", Decimal("1.5"), at_least=Decimal("0.6"))
    said = compare(found, LimitRow(op=">=", formula=rule), own_quantity(found), None)
    low, base = found.ask("lowest"), found.input("working_pressure")
    assert said == f"round({low} * 10000) * 10 >= round({base} * 10000) * 15 and {low} >= 0.6"


@pytest.mark.parametrize("value", ["0.00001", "1e20"])
def test_what_is_not_a_whole_number_in_reach_is_left_to_the_server(value: str) -> None:
    with pytest.raises(Unsayable):
        whole(Decimal(value) * SCALE if value != "1e20" else Decimal(value))


def test_products_beyond_a_double_are_left_to_the_server() -> None:
    bounded(2**53 - 10**14)
    with pytest.raises(Unsayable):
        bounded(1, 2**53)
    rule = Formula("working_pressure", Decimal(10**6))
    found = place("RES-05-10")
    with pytest.raises(Unsayable):
        compare(found, LimitRow(op=">=", formula=rule), own_quantity(found), None)


def test_rounding_a_difference_is_left_to_the_server() -> None:
    found = place("RMC-06-03")
    with pytest.raises(Unsayable):
        compare(found, LimitRow(value=Decimal(1), reference="target"), own_quantity(found), Decimal("0.1"))
