"""保护层、试件、检验批：次序与边界。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from server.domain.answers import Answer, SampleGroup
from server.domain.findings import Judgement, Outcome
from server.domain.rules import apply_rule
from tests.checklists.house import vocabulary


def put(rule: str, **facts: Any) -> Judgement:
    said = apply_rule(vocabulary().rules[rule], Answer("X", **facts), fact_on=date(2025, 6, 10), region_code="441300")
    assert said is not None
    return said


def points(good: int, bad: int) -> tuple[D, ...]:
    return (D(3),) * good + (D(9),) * bad


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (points(9, 1), None, Outcome.CONFORMING),
        (points(8, 2), None, Outcome.NEEDS_REVIEW),
        (points(8, 2), points(9, 0), Outcome.NEEDS_REVIEW),
        (points(8, 2), points(10, 0), Outcome.CONFORMING),
        (points(8, 2), points(9, 1), Outcome.FAILING),
        (points(7, 3), points(10, 0), Outcome.FAILING),
        ((*points(9, 0), D("-7.5")), None, Outcome.CONFORMING),
        ((*points(9, 0), D("-7.6")), None, Outcome.FAILING),
    ],
)
def test_cover_of_slabs(first: tuple[D, ...], second: tuple[D, ...] | None, outcome: Outcome) -> None:
    groups = (SampleGroup("再抽", values=second),) if second else ()
    assert put("cover_slab", readings=first, groups=groups, inputs={"member": "板类"}).outcome is outcome


def test_cover_asks_for_member_and_readings() -> None:
    assert put("cover_slab", readings=points(5, 0)).missing == ("member",)
    assert put("cover_slab", inputs={"member": "梁类"}).missing == ("readings",)


def test_an_invalid_group_is_no_basis_but_a_certain_failure_stands() -> None:
    inputs = {"cube_size": "150", "grade": "C30"}
    good = SampleGroup("A", values=(D(31), D(32), D(33)))
    invalid = SampleGroup("B", values=(D(20), D(30), D(40)))
    weak = SampleGroup("C", values=(D(24), D(25), D(25)))
    assert put("cube_group_value", groups=(good, good, invalid), inputs=inputs).outcome is Outcome.NEEDS_REVIEW
    assert put("cube_group_value", groups=(good, invalid, weak), inputs=inputs).outcome is Outcome.FAILING


def test_a_group_of_two_cubes_is_not_a_group() -> None:
    two = SampleGroup("A", values=(D(31), D(32)))
    said = put("cube_group_value", groups=(two,) * 3, inputs={"cube_size": "150", "grade": "C30"})
    assert said.missing == ("groups",)


def test_known_sigma_below_the_floor_uses_the_floor() -> None:
    inputs = {"grade": "C30", "assessment": "标准差已知", "curing": "标准养护", "sigma0": "1.0"}
    said = put("cube_acceptance", readings=(D("31.7"),) * 3, inputs=inputs)
    assert said.outcome is Outcome.FAILING
    assert said.checks[0].bound == "≥31.75 MPa"


def test_known_sigma_needs_three_groups_and_its_sigma() -> None:
    inputs = {"grade": "C30", "assessment": "标准差已知", "curing": "标准养护"}
    assert put("cube_acceptance", readings=(D(40),) * 3, inputs=inputs).missing == ("sigma0",)
    four = put("cube_acceptance", readings=(D(40),) * 4, inputs={**inputs, "sigma0": "3"})
    assert four.outcome is Outcome.NEEDS_REVIEW


def test_a_grade_that_is_no_number_is_asked_again() -> None:
    inputs = {"grade": "高强", "assessment": "按组数", "curing": "标准养护"}
    assert put("cube_acceptance", readings=(D(40),), inputs=inputs).missing == ("grade",)
