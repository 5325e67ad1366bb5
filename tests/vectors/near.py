"""题面怎么来：让一行限值适用的条件，和它的界上、界内、界外的数。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from server.domain.limits import Condition, LimitRow, Rule
from server.domain.numbers import canonical_text

TODAY = date(2025, 6, 10)
Inputs = dict[str, Any]


def step_of(rule: Rule, row: LimitRow, bound: Decimal) -> Decimal:
    """The smallest difference worth asking about: the interval of the method, or one more decimal than the bound has."""
    exponent = bound.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    finer = Decimal(1).scaleb(min(exponent, 0) - 1)
    return rule.interval if rule.interval and not row.input else finer


def day_in(row: LimitRow) -> date:
    """A day on which the row holds: today when it does."""
    if row.from_on and row.from_on > TODAY:
        return row.from_on
    return row.until_on - timedelta(days=1) if row.until_on and row.until_on <= TODAY else TODAY


def edge_days(row: LimitRow) -> Iterator[date]:
    """The days around the beginning and the end of a row."""
    for edge in (row.from_on, row.until_on):
        if edge:
            yield from (edge - timedelta(days=1), edge)


def value_in(condition: Condition) -> str:
    """A value that meets the condition."""
    if condition.words:
        return condition.words[0]
    low, high = condition.minimum, condition.maximum
    if low is not None or high is not None:
        return canonical_text(low if low is not None else high or Decimal(0))
    edge = condition.above if condition.above is not None else condition.below
    return canonical_text((edge or Decimal(0)) + (1 if condition.above is not None else -1))


def value_out(condition: Condition) -> str:
    """A value that does not."""
    if condition.words:
        return "别的"
    for edge, far in ((condition.minimum, -1), (condition.above, -1), (condition.maximum, 1), (condition.below, 1)):
        if edge is not None:
            return canonical_text(edge + far)
    raise AssertionError(condition)


def edges(condition: Condition) -> Iterator[str]:
    """Values at, just under and just over each edge of a numeric condition."""
    for edge in (condition.minimum, condition.maximum, condition.above, condition.below):
        if edge is not None:
            tenth = Decimal("0.1")
            yield from (canonical_text(edge - tenth), canonical_text(edge), canonical_text(edge + tenth))


def filler(rule: Rule, name: str) -> Any:
    """Something to say to a question that does not matter here."""
    spec = next((s for s in rule.specs if s.name == name), None)
    if spec is None or spec.kind in {"number", "grade"}:
        return {"grade": "C30", "cube_size": "150", "target": "180", "working_pressure": "0.5"}.get(name, "50")
    if spec.kind == "date":
        return TODAY.isoformat()
    if spec.kind == "list":
        return list(spec.options)
    return spec.options[0] if spec.options else "M1"


def inputs_for(rule: Rule, row: LimitRow, on: date) -> Inputs:
    """Inputs under which the row applies; other quantities are given at their own bound, so that only the row decides."""
    given = {name: filler(rule, name) for name in rule.inputs_needed()}
    for other in rule.rows:
        if other.input and other.value is not None and not other.formula and other.per is None:
            given[other.input] = canonical_text(other.value)
    given |= {c.input: value_in(c) for c in row.when}
    if row.unless:
        given[row.unless[0].input] = value_out(row.unless[0])
    if rule.date_input:
        given[rule.date_input] = on.isoformat()
    for other in rule.rows:
        bound = other.formula.bound(given) if other.formula else None
        if other.formula and other.input and bound is not None:
            given[other.input] = canonical_text(bound)
    return {k: v for k, v in given.items() if k != "n"}


def bounds_of(row: LimitRow, inputs: Inputs) -> list[Decimal]:
    """The numbers at which the row turns."""
    if row.op == "between":
        return [b for b in (row.minimum, row.maximum) if b is not None]
    bound = row.formula.bound(inputs) if row.formula else row.value
    assert bound is not None
    return [bound, -bound] if row.op.startswith("abs") else [bound]


def around(rule: Rule, row: LimitRow, bound: Decimal) -> list[Decimal]:
    """At the bound, one step to either side, and with a rounding interval the ties and what is just beyond them."""
    step = step_of(rule, row, bound)
    near = [bound, bound - step, bound + step]
    if rule.interval and not row.input:
        near += [bound + step / 2, bound + step * 3 / 2, bound - step / 2, bound + step * Decimal("0.51")]
    return near
