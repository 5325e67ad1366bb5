"""工作示例：每例都跑，并证明每一行限值至少有一例符合、一例不符合。"""

from __future__ import annotations

from collections import defaultdict

import pytest

from server.domain.limits import LimitRow, Rule
from tests.checklists.house import Example, checklists, examples, run, vocabulary

ALL = list(examples())
#: Operators whose rows are compared one by one; the others are proved by their outcomes.
ROW_BY_ROW = {"table", "quota", "required_tests", "bands"}


@pytest.mark.parametrize("example", ALL, ids=[e.place for e in ALL])
def test_example_gives_its_finding(example: Example) -> None:
    result = run(example)
    expected = example.expected
    assert result.outcome == expected["outcome"], result.explanation
    if "standard" in expected:
        assert result.standard == expected["standard"]
    if "missing" in expected:
        assert list(result.missing) == expected["missing"]
    if "passed" in expected:
        assert list(result.passed or ()) == expected["passed"]
    if "explanation" in expected:
        assert expected["explanation"] in result.explanation
    for name, value in expected.get("facts", {}).items():
        assert result.facts[name] == value


def _identity(rule: Rule, row: LimitRow) -> LimitRow:
    """A narrowed row counts for the row of the vocabulary it came from."""
    for known in vocabulary().rules.get(rule.name, rule).rows:
        same = (
            known.op,
            known.value,
            known.values,
            known.input,
            known.of,
            known.standard,
            known.from_on,
            known.until_on,
        )
        mine = (row.op, row.value, row.values, row.input, row.of, row.standard, row.from_on, row.until_on)
        left = {c.input for c in known.when} - {c.input for c in row.when}
        kept = {c.input: set(c.words) for c in known.when}
        inside = all(set(c.words) <= kept.get(c.input, set()) or not c.words for c in row.when)
        if same == mine and left <= {"parameter"} and inside and _bounds(known) == _bounds(row):
            return known
    return row


def _bounds(row: LimitRow) -> list[object]:
    return [(c.input, c.minimum, c.maximum, c.above, c.below) for c in row.when if not c.words] + [row.per]


def _seen() -> dict[str, dict[LimitRow, set[bool]]]:
    seen: dict[str, dict[LimitRow, set[bool]]] = defaultdict(lambda: defaultdict(set))
    for example in ALL:
        for check in run(example).checks:
            for key, rule in _rules_of(example).items():
                seen[key][_identity(rule, check.row)].add(check.holds)
    return seen


def _rules_of(example: Example) -> dict[str, Rule]:
    if not example.item:
        return {example.rule: vocabulary().rules[example.rule]}
    item = checklists()[example.checklist].item(example.item)
    return {c.rule.name or item.code: c.rule for c in item.checks}


def test_every_row_of_every_rule_has_a_passing_and_a_failing_example() -> None:
    seen = _seen()
    lacking = []
    for name, rule in vocabulary().rules.items():
        if rule.operator not in ROW_BY_ROW:
            continue
        for number, row in enumerate(rule.rows):
            wanted = {False} if row.op == "prohibited" else {True, False}
            wanted = {row.outcome != "failing"} if rule.operator == "bands" else wanted
            if not wanted <= seen[name][row]:
                lacking.append((name, number, row.value, seen[name][row]))
    assert lacking == []


def test_every_inline_limit_has_a_passing_and_a_failing_example() -> None:
    seen = _seen()
    lacking = []
    for checklist in checklists().values():
        for item in checklist.items:
            for check in (c for c in item.checks if not c.rule.name and c.rule.operator == "table"):
                for number, row in enumerate(check.rule.rows):
                    wanted = {False} if row.op == "prohibited" else {True, False}
                    wanted = {True} if row.op == "in" and set(row.values) == set(item.choices) else wanted
                    if not wanted <= seen[item.code][row]:
                        lacking.append((item.code, number, seen[item.code][row]))
    assert lacking == []


def test_every_named_rule_has_both_outcomes() -> None:
    outcomes: dict[str, set[str]] = defaultdict(set)
    for example in ALL:
        outcomes[example.rule].add(example.expected["outcome"])
    lacking = [n for n in vocabulary().rules if not {"conforming", "failing"} <= outcomes[n]]
    assert lacking == []


def test_every_calculation_constant_is_used_by_some_example() -> None:
    """Each conditional λ, size factor and share must be reachable: changing any of them changes an
    outcome.
    """
    for name in ("cube_acceptance", "cube_group_value", "cover_slab"):
        used = [e for e in ALL if e.rule == name]
        assert {"conforming", "failing", "needs_review"} <= {e.expected["outcome"] for e in used}
        assert len(used) >= 9
