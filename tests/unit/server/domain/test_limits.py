"""限值行：三值条件、生效日期、地区、公式，写出再读回。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.limits import Condition, Formula, InputSpec, LimitRow, Rule, as_number, as_text


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, None),
        ({"use": "甲"}, None),
        ({"use": "乙"}, False),
        ({"grade": "C20"}, False),
        ({"use": "甲", "grade": "C35"}, True),
        ({"use": "甲", "grade": D(35)}, True),
        ({"use": "甲", "grade": "很高"}, None),
    ],
)
def test_conditions_are_three_valued(inputs: dict[str, str | D], expected: bool | None) -> None:
    row = LimitRow(when=(Condition("use", ("甲",)), Condition("grade", minimum=D(30))))
    assert row.applies(inputs) is expected


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"volume_m3": "1001", "continuous": True}, False),
        ({"volume_m3": "1000", "continuous": True}, True),
        ({"volume_m3": "5000", "continuous": False}, True),
        ({"volume_m3": "900"}, True),
        ({"volume_m3": "1001"}, None),
        ({}, None),
    ],
)
def test_unless_bars_only_when_all_of_it_holds(inputs: dict[str, str | bool], expected: bool | None) -> None:
    row = LimitRow(unless=(Condition("continuous", ("是",)), Condition("volume_m3", above=D(1000))))
    assert row.applies(inputs) is expected
    assert row.exempted(inputs) is (expected is False)


def test_unknown_names_only_what_is_missing() -> None:
    row = LimitRow(when=(Condition("use", ("甲",)), Condition("grade", minimum=D(30))))
    assert row.unknown({"use": "甲"}) == ("grade",)


def test_bounds_of_conditions() -> None:
    inside = Condition("span", above=D(2), maximum=D(8))
    assert [inside.test({"span": v}) for v in ("2", "2.01", "8", "8.01")] == [False, True, True, False]
    assert Condition("mb", below=D("1.4")).test({"mb": "1.4"}) is False


def test_words_compare_numbers_by_value() -> None:
    size = Condition("cube_size", ("100",))
    assert size.test({"cube_size": D("100.0")}) is True
    assert size.test({"cube_size": "１００"}) is True
    assert size.test({"cube_size": "150"}) is False


def test_rows_hold_between_their_dates_and_in_their_region() -> None:
    row = LimitRow(from_on=date(2022, 4, 1), until_on=date(2024, 9, 25), region="440000")
    assert [row.in_force(date.fromisoformat(t), "441300") for t in ("2022-03-31", "2022-04-01")] == [
        False,
        True,
    ]
    assert [row.in_force(date.fromisoformat(t), "441300") for t in ("2024-09-24", "2024-09-25")] == [
        True,
        False,
    ]
    assert not row.in_force(date(2023, 1, 1), "330211")


@pytest.mark.parametrize(("height", "bound"), [("90", "23"), ("300", "30"), ("0", "20")])
def test_formula_of_whole_height(height: str, bound: str) -> None:
    formula = Formula("whole_height", times=D(1000), divide=D(30000), plus=D(20))
    assert formula.bound({"whole_height": height}) == D(bound)


def test_formula_is_kept_within_its_ends() -> None:
    formula = Formula("p", times=D("1.5"), at_least=D("0.6"), at_most=D(1))
    assert [formula.bound({"p": v}) for v in ("0.3", "0.5", "9")] == [D("0.6"), D("0.75"), D(1)]
    assert formula.bound({}) is None


def test_inputs_as_words_and_numbers() -> None:
    assert [as_text(v) for v in (True, False, D("2.50"), date(2025, 1, 2), ("甲", "乙"))] == [
        "是", "否", "2.5", "2025-01-02", "甲、乙",
    ]  # fmt: skip
    assert [as_number(v) for v in ("C35", "c60", "12.5", "一", True, None)] == [
        D(35),
        D(60),
        D("12.5"),
        None,
        None,
        None,
    ]


numbers = st.decimals(min_value=-1000, max_value=1000, places=3)


@given(value=numbers, low=numbers, high=numbers, on=st.dates(min_value=date(2000, 1, 1)))
def test_row_and_rule_survive_writing_and_reading(value: D, low: D, high: D, on: date) -> None:
    row = LimitRow(
        op="between", value=value, minimum=low, maximum=high, values=("甲",), unit="mm", input="a", of="mean",
        than=low, reference="b", relative_to="c", formula=Formula("d", plus=high), per=D(2),
        when=(Condition("e", ("乙",)),), unless=(Condition("f", above=low),), standard="GB", from_on=on,
        region="440000", confidence="K", label="x", outcome="failing", title="丙",
    )  # fmt: skip
    rule = Rule("r", "规则", "table", (row,), "mm", D("0.1"), "day", "快速", D(3), ("n1",), "注")
    assert Rule.from_dict(rule.to_dict()) == rule


def test_rule_lists_its_questions_once() -> None:
    rows = (
        LimitRow(input="drop", when=(Condition("pipe", ("塑料管",)),), formula=Formula("working")),
        LimitRow(when=(Condition("pipe", ("金属",)), Condition("n", minimum=D(3))), reference="target"),
    )
    rule = Rule("r", "规则", "table", rows, date_input="made_on", needs=("mix",))
    assert rule.inputs_needed() == ("made_on", "mix", "pipe", "drop", "working", "target")
    spec = InputSpec("pipe", "管材", "choice", "", ("甲",))
    assert InputSpec.from_dict(spec.to_dict()) == spec
