"""限值行的形状。"""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from marshmallow import ValidationError

from schemas.checklist_rows import RowShape, RuleShape, narrow_rule, read_condition, with_specs
from server.domain.limits import Condition, InputSpec, LimitRow, Rule


def test_a_row_is_read() -> None:
    row = RowShape().load(
        {"op": "<=", "value": D("0.03"), "when": {"use": "甲", "env": ["乙", "丙"], "grade": {"min": 30}}}
    )
    assert row == LimitRow(
        value=D("0.03"),
        when=(Condition("use", ("甲",)), Condition("env", ("乙", "丙")), Condition("grade", minimum=D(30))),
    )


@pytest.mark.parametrize(
    "row",
    [
        {"op": "~", "value": 1},
        {"op": "<="},
        {"op": "between", "min": 1},
        {"op": "in"},
        {"value": 1, "per": 0},
        {"value": 1, "from": "2025"},
        {"value": 1, "region": "44"},
        {"value": 1, "when": {"a": 3}},
        {"value": 1, "when": {"a": []}},
        {"value": 1, "when": {"a": {"least": 3}}},
        {"value": 1, "when": []},
        {"value": 1, "formula": {"input": "a", "divide": 0}},
        {"value": 1, "extra": 1},
        {"value": 1.5e300},
    ],
)
def test_wrong_rows_are_refused(row: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RowShape().load(row)


def test_unknown_operator_is_refused() -> None:
    with pytest.raises(ValidationError, match="没有这种运算"):
        RuleShape().load({"name": "a_rule", "title": "甲", "operator": "guess", "rows": [{"value": 1}]})


RULE = Rule(
    "r",
    "规则",
    "table",
    (
        LimitRow(value=D(1), when=(read_condition("kind", "甲"),)),
        LimitRow(value=D(2), when=(read_condition("kind", ["乙", "丙"]),)),
        LimitRow(value=D(3), input="mud"),
    ),
)


def test_narrowing_keeps_only_what_the_item_can_meet() -> None:
    one = narrow_rule(RULE, {"kind": ["甲"]})
    assert [(r.value, r.when) for r in one.rows] == [(D(1), ()), (D(3), ())]
    two = narrow_rule(RULE, {"kind": ["甲", "乙"]})
    assert [r.when for r in two.rows] == [(Condition("kind", ("甲",)),), (Condition("kind", ("乙",)),), ()]
    assert [r.value for r in narrow_rule(RULE, {"input": ["mud"]}).rows] == [D(3)]


def test_questions_come_from_the_vocabulary() -> None:
    inputs = {"kind": InputSpec("kind", "类别", "choice"), "mud": InputSpec("mud", "含泥量", "number", "%")}
    specs = with_specs(RULE, inputs).specs
    assert [(s.name, s.options) for s in specs] == [("kind", ("甲", "乙", "丙")), ("mud", ())]
    with pytest.raises(ValidationError, match="mud"):
        with_specs(RULE, {"kind": inputs["kind"]})
