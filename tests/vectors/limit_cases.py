"""每一行限值：界上、界内、界外、起止日前后、条件的每个词和每个边、每个条件缺一次。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from server.domain.checklists import Check, Kind
from server.domain.limits import LimitRow, Rule
from server.domain.numbers import decimal_text
from tests.checklists.house import vocabulary
from tests.vectors.cases import Case, items
from tests.vectors.near import around, bounds_of, day_in, edge_days, edges, inputs_for, value_out
from tests.vectors.put import put

#: Row operators that compare a number.
NUMERIC = {"<=", ">=", "<", ">", "=", "between", "abs<=", "abs<", "abs>="}


def limit_cases() -> Iterator[Case]:
    """Rows of the vocabulary, put straight to their rules."""
    for rule in vocabulary().rules.values():
        if rule.operator == "table":
            for row in rule.rows:
                yield from _row_cases(rule, row)
            yield from _input_cases(rule)
        elif rule.operator == "quota":
            yield from _quota_cases(rule)
        elif rule.operator == "bands":
            yield from _band_cases(rule)
        elif rule.operator == "required_tests":
            yield from _test_cases(rule)


def _row_cases(rule: Rule, row: LimitRow) -> Iterator[Case]:
    on = day_in(row)
    inputs = inputs_for(rule, row, on)
    if row.op == "prohibited":
        yield Case({"inputs": inputs, "value": "0"}, on=on.isoformat(), rule=rule.name)
        return
    for bound in bounds_of(row, inputs):
        for value in around(rule, row, bound):
            yield Case(put(row, value, inputs), on=on.isoformat(), rule=rule.name)
    bound = bounds_of(row, inputs)[0]
    for day in edge_days(row):
        said = put(row, bound, inputs | ({rule.date_input: day.isoformat()} if rule.date_input else {}))
        yield Case(said, on=day.isoformat(), rule=rule.name)
    yield from _condition_cases(rule, row, on, bound)


def _condition_cases(rule: Rule, row: LimitRow, on: date, bound: Decimal) -> Iterator[Case]:
    """The same number under each other word, at each edge of a condition, and outside it."""
    inputs = inputs_for(rule, row, on)
    for condition in (*row.when, *row.unless):
        others = list(condition.words[1:]) if condition.words else list(edges(condition))
        for value in (*others, value_out(condition)):
            yield Case(put(row, bound, inputs | {condition.input: value}), on=on.isoformat(), rule=rule.name)


def _input_cases(rule: Rule) -> Iterator[Case]:
    """Each input left out, written otherwise, or unreadable."""
    row = rule.rows[0]
    on = day_in(row)
    full = put(row, bounds_of(row, inputs_for(rule, row, on))[0], inputs_for(rule, row, on))
    for name in sorted(full["inputs"]):
        left = {**full, "inputs": {k: v for k, v in full["inputs"].items() if k != name}}
        yield Case(left, on=on.isoformat(), rule=rule.name)
        conditional = any(name == c.input for r in rule.rows for c in (*r.when, *r.unless))
        for odd in _odd(full["inputs"][name]) if conditional else ("不明",):
            said = {**full, "inputs": full["inputs"] | {name: odd}}
            yield Case(said, on=on.isoformat(), rule=rule.name)
    bare = {"inputs": full["inputs"]}
    yield Case(bare, on=on.isoformat(), rule=rule.name)
    yield Case(bare, on=on.isoformat(), rule=rule.name, own=False)
    yield Case({}, on=on.isoformat(), rule=rule.name)
    yield Case({**bare, "readings": ["0", "1", "1000"]}, on=on.isoformat(), rule=rule.name)


def _odd(value: Any) -> Iterator[Any]:
    yield "不明"
    if isinstance(value, str) and value.strip("C").replace(".", "").isdigit():
        yield f" {''.join(chr(ord(c) + 0xFEE0) for c in value)}\u3000"


def _quota_cases(rule: Rule) -> Iterator[Case]:
    """Every row as the one that decides: one piece short, just enough, and one portion more."""
    base: dict[str, Any] = {s.name: _small(s.name, s.kind) for s in rule.specs}
    for row in rule.rows:
        for amount in _amounts(row):
            for extra in ({}, {"continuous": True}):
                inputs = base | (extra if "continuous" in base else {}) | ({row.input: amount} if row.input else {})
                for count in _counts(row, amount):
                    yield Case(_quota(count, inputs), rule=rule.name)
    for name in base:
        left = {k: v for k, v in base.items() if k != name}
        yield Case(_quota(500, left), rule=rule.name)
        yield Case(_quota(500, base | {name: "-1"}), rule=rule.name)
    yield Case({"inputs": base}, rule=rule.name)
    yield Case({}, rule=rule.name)
    yield Case({"count": 0}, rule=rule.name)


def _small(name: str, kind: str) -> Any:
    return False if kind == "boolean" else ("1" if kind == "number" else "M1")


def _quota(count: int, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"count": count, "inputs": inputs}


def _amounts(row: LimitRow) -> list[str]:
    if row.per is None:
        return ["0"]
    portions = [row.per, row.per + Decimal("0.01"), row.per * 10 + 1]
    return [decimal_text(a) for a in portions]


def _counts(row: LimitRow, amount: str) -> list[int]:
    whole = int(row.value or 0) if row.per is None else int(-(-Decimal(amount) // row.per))
    return sorted({max(0, whole - 1), whole})


def _band_cases(rule: Rule) -> Iterator[Case]:
    for row in rule.rows:
        for bound in bounds_of(row, {}):
            for value in around(rule, row, bound):
                yield Case({"value": decimal_text(value)}, rule=rule.name)
    yield Case({}, rule=rule.name)


def _test_cases(rule: Rule) -> Iterator[Case]:
    for row in rule.rows:
        inputs = {s.name: False if s.kind == "boolean" else "河砂" for s in rule.specs if s.name != "tests"}
        inputs |= {c.input: c.words[0] for c in row.when}
        done = sorted({v for r in rule.rows for v in r.values})
        yield Case({"inputs": inputs | {"tests": done}}, rule=rule.name)
        for lacking in row.values:
            kept = [v for v in done if v != lacking]
            yield Case({"inputs": inputs | {"tests": kept}}, rule=rule.name)
        for name in inputs:
            left = {k: v for k, v in inputs.items() if k != name} | {"tests": done}
            yield Case({"inputs": left}, rule=rule.name)
    yield Case({"inputs": {}}, rule=rule.name)
    yield Case({"inputs": {"tests": "含泥量"}}, rule=rule.name)


def inline_cases() -> Iterator[Case]:
    """Rows written in the items themselves, and named rules as the items narrow them."""
    for code, item in items().items():
        if code.startswith("MD-"):
            continue
        tri = {"verdict": "conforming"} if Kind.TRI in item.kinds else {}
        for check in (c for c in item.checks if c.rule.operator == "table"):
            for row in check.rule.rows:
                for answer in _inline(check, row, item.choices):
                    yield Case(tri | answer, on=day_in(row).isoformat(), item=code, region=item.region or "441300")


def _inline(check: Check, row: LimitRow, choices: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    on = day_in(row)
    inputs = inputs_for(check.rule, row, on)
    if row.op in NUMERIC:
        for bound in bounds_of(row, inputs):
            for value in around(check.rule, row, bound)[: 1 if check.rule.name else 3]:
                yield put(row, value, inputs, check.input, count=True)
    elif row.op == "in":
        for word in (*row.values[:1], *choices[-1:], "别的"):
            yield _choose(row, inputs, word)
    elif row.op in {"not_after", "within_days"}:
        last = on + timedelta(days=int(row.value or 0) if row.op == "within_days" else 0)
        for day in (last - timedelta(days=1), last, last + timedelta(days=1)):
            yield {"inputs": inputs | {row.reference: on.isoformat()}, "on": day.isoformat()}
    else:
        yield {"inputs": inputs}


def _choose(row: LimitRow, inputs: dict[str, Any], word: str) -> dict[str, Any]:
    return {"inputs": inputs | {row.input: word}} if row.input else {"inputs": inputs, "choice": word}
