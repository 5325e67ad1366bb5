"""判定的共用例子：服务器照算一遍，逐例相同；每个运算、每一行限值都有例子看着。

The phone app runs the same files (web/tests/rules/rules.test.ts).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import zip_longest
from typing import Any

import pytest

from server.domain.checklists import Checklist, Item
from server.domain.limits import OPERATORS, ROW_OPS, STATISTICS, LimitRow, Rule
from tests.checklists.house import checklists, vocabulary
from tests.vectors.cases import HERE, Case, apply_case, items, judge_case, rules
from tests.vectors.limit_cases import NUMERIC
from tests.vectors.make import CASES, made, texts
from tests.vectors.number_cases import number_rows

MOST_BYTES = 1_600_000


@cache
def cases() -> list[tuple[Case, dict[str, Any] | None]]:
    """Every case with what the evaluator says to it today."""
    return [(case, row["found"]) for name in CASES for case, row in made(name)]


@cache
def by_rule() -> dict[str, list[Case]]:
    found_by: dict[str, list[Case]] = defaultdict(list)
    for case, _ in cases():
        found_by[case.rule or case.item].append(case)
    return found_by


# ------------------------------------------------------------------------------------------- the same


def test_every_case_is_judged_as_it_stands() -> None:
    """Computed again, every line of every file is as it stands; `python -m tests.vectors.make` writes them anew."""
    for name, text in texts().items():
        stands = (HERE / name).read_text(encoding="utf-8").splitlines()
        differs = [(a, b) for a, b in zip_longest(stands, text.splitlines()) if a != b]
        assert differs[:3] == [], f"{name}：{len(differs)} 行不同"
    assert len(cases()) > 4000


def test_files_are_few_and_small() -> None:
    assert {path.name for path in HERE.iterdir()} == set(texts())
    assert sum(path.stat().st_size for path in HERE.iterdir()) < MOST_BYTES


def test_worked_examples_keep_what_a_person_wrote() -> None:
    told = [(case, dict(case.expect)) for case, _ in cases() if case.expect]
    assert len(told) == len(made("examples.json")) > 600
    for case, expect in told:
        said = judge_case(case, items()[case.item]) if case.item else apply_case(case, rules()[case.rule])
        assert said is not None
        assert said.outcome.value == expect["outcome"], case
        assert expect.get("missing", list(said.missing)) == list(said.missing), case
        assert expect.get("passed", list(said.passed or ())) == list(said.passed or ()), case
        assert expect.get("explanation", "") in said.explanation, case


def test_the_phone_gets_the_checklists_of_the_house() -> None:
    told = json.loads((HERE / "checklists.json").read_text(encoding="utf-8"))
    assert {n: Checklist.from_dict(c).digest for n, c in told.items()} == {n: c.digest for n, c in checklists().items()}


def test_numbers_are_asked_in_every_way() -> None:
    asked = Counter(row["do"] for row in number_rows())
    assert set(asked) == {"parse", "round", "mean", "deviation", "portions", "canonical", "shown"}
    assert asked["round"] > 200


# ------------------------------------------------------------------------------------------- coverage


def test_every_operator_has_cases_of_each_outcome() -> None:
    outcomes: dict[str, set[str]] = defaultdict(set)
    for case, told in cases():
        if case.rule and told:
            outcomes[rules()[case.rule].operator].add(told.get("outcome", "conforming"))
    wanted = set(vocabulary().terms["operators"])
    assert wanted == set(OPERATORS) == set(outcomes)
    lacking = {o for o in wanted - {"samples"} if not {"conforming", "failing", "needs_review"} <= outcomes[o]}
    assert lacking == set()


def test_every_row_operator_and_statistic_is_met() -> None:
    rows = [r for name in by_rule() for rule in _rules_of(name) for r in rule.rows if not r.label or r.outcome]
    assert {r.op for r in rows} >= ROW_OPS
    assert {r.of for r in rows} == STATISTICS


def _rules_of(name: str) -> tuple[Rule, ...]:
    item = items().get(name)
    return tuple(c.rule for c in item.checks) if item else (rules()[name],)


@pytest.mark.parametrize("name", sorted(rules()))
def test_no_row_of_a_rule_can_be_lost_unseen(name: str) -> None:
    """Without any one row (limits, bands, constants of a calculation) some case is judged otherwise."""
    rule = rules()[name]
    asked = by_rule()[name]
    whole = [_safe(case, rule) for case in asked]
    for row in rule.rows:
        bare = replace(rule, rows=tuple(r for r in rule.rows if r is not row))
        asks_less = bare.inputs_needed() != rule.inputs_needed()  # a row that is there to ask for a number
        differs = any(_safe(case, bare) != said for case, said in zip(asked, whole, strict=True))
        assert differs or (asks_less and row.label), (name, row)


def _safe(case: Case, rule: Rule) -> object:
    try:
        return apply_case(case, rule)
    except LookupError as lost:  # a constant that a published rule always has
        return str(lost)


def test_no_row_of_an_item_can_be_lost_unseen() -> None:
    lost = []
    for code, item in items().items():
        whole = [judge_case(case, item) for case in by_rule()[code]]
        for at, check in enumerate(item.checks):
            for row in check.rule.rows if check.rule.operator == "table" else ():
                bare = _without(item, at, row)
                if all(judge_case(c, bare) == said for c, said in zip(by_rule()[code], whole, strict=True)):
                    lost.append((code, row))
    assert lost == []


def _without(item: Item, at: int, row: LimitRow) -> Item:
    rule = item.checks[at].rule
    bare = replace(item.checks[at], rule=replace(rule, rows=tuple(r for r in rule.rows if r is not row)))
    return replace(item, checks=(*item.checks[:at], bare, *item.checks[at + 1 :]))


def test_every_limit_is_asked_at_its_bound_and_on_both_sides() -> None:
    seen: dict[tuple[str, int], set[str]] = defaultdict(set)
    for case, told in cases():
        for check in (told or {}).get("checks", ()) if case.rule else ():
            rule = rules()[case.rule]
            seen[case.rule, check[1]] |= _side(rule.rows[check[1]], check)
    lacking = []
    for name, rule in vocabulary().rules.items():
        for number, row in enumerate(rule.rows):
            if rule.operator == "table" and row.op in NUMERIC:
                wanted = {"inside", "outside", "at"}
                if not wanted <= seen[name, number]:
                    lacking.append((name, number, seen[name, number]))
    assert lacking == []


def _side(row: LimitRow, check: list[Any]) -> set[str]:
    """inside or outside; `at` when the compared quantity is the bound itself."""
    if len(check) < 7 or check[6] is None:
        return set()
    bounds = {b for b in (row.value, row.minimum, row.maximum) if b is not None}
    value = Decimal(check[-1])
    at = abs(value) in {abs(b) for b in bounds} or (
        row.formula is not None and check[3].split(" ")[0][1:] == str(value)
    )
    return {"inside" if check[4] else "outside"} | ({"at"} if at else set())


def test_a_row_nobody_asked_about_would_be_found() -> None:
    """The proof above is worth something: a rule with one more row fails it."""
    rule = rules()["sand_mud"]
    more = replace(rule, rows=(*rule.rows, replace(rule.rows[0], region="110000", value=Decimal(1))))
    asked = by_rule()["sand_mud"]
    assert all(apply_case(case, more) == apply_case(case, rule) for case in asked)
