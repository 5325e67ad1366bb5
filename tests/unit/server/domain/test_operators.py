"""运算：缺条件时只说有把握的话；各种比较的边界。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from server.domain.answers import Answer
from server.domain.findings import Outcome
from server.domain.limits import Condition, InputSpec, LimitRow, Rule
from server.domain.operators import (
    Case,
    as_date,
    bound_text,
    judge_bands,
    judge_quota,
    judge_samples,
    judge_table,
    row_holds,
)

ON = date(2025, 6, 10)


def case(rule: Rule, **facts: object) -> Case:
    return Case(rule, Answer("X", **facts), ON, "441300")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("op", "inside", "outside"),
    [
        ("<=", "2", "2.001"),
        (">=", "2", "1.999"),
        ("<", "1.999", "2"),
        (">", "2.001", "2"),
        ("=", "2.0", "2.1"),
        ("abs<=", "-2", "-2.1"),
        ("abs<", "-1.9", "2"),
        ("abs>=", "-2", "1.9"),
    ],
)
def test_comparisons_at_their_bound(op: str, inside: str, outside: str) -> None:
    row = LimitRow(op=op, value=D(2))
    assert row_holds(row, D(inside), row.value)
    assert not row_holds(row, D(outside), row.value)


def test_between_includes_both_ends() -> None:
    row = LimitRow(op="between", minimum=D(-5), maximum=D(10))
    assert [row_holds(row, D(v), None) for v in ("-5", "10", "-5.01", "10.01")] == [True, True, False, False]


def test_bounds_in_words() -> None:
    assert bound_text(LimitRow(op="between", minimum=D(18), maximum=D(22)), None, "℃") == "18~22 ℃"
    assert bound_text(LimitRow(op="abs<="), D("5.50"), "%") == "±5.5 %"
    assert bound_text(LimitRow(op="in", values=("甲", "乙")), None, "") == "甲、乙"


def test_a_certain_failure_is_told_although_inputs_are_missing() -> None:
    rows = (LimitRow(value=D(5)), LimitRow(value=D(3), when=(Condition("special", ("抗渗",)),)))
    rule = Rule("r", "含泥量", "table", rows, "%", specs=(InputSpec("special", "特殊要求", "choice"),))
    failing, unknown = judge_table(case(rule, value=D(6))), judge_table(case(rule, value=D(4)))
    assert failing is not None
    assert unknown is not None
    assert failing.outcome is Outcome.FAILING
    assert (unknown.outcome, unknown.missing) == (Outcome.NEEDS_REVIEW, ("special",))
    assert unknown.explanation == "还缺：特殊要求"


def test_no_matching_row_is_not_conforming() -> None:
    rule = Rule("r", "坍落度", "table", (LimitRow(value=D(20), when=(Condition("t", maximum=D(40)),)),))
    said = judge_table(case(rule, value=D(1), inputs={"t": "45"}))
    assert said is not None
    assert said.outcome is Outcome.NEEDS_REVIEW


def test_no_limit_in_force_on_the_day() -> None:
    rule = Rule("r", "层高", "table", (LimitRow(value=D(3), from_on=date(2026, 1, 1)),))
    said = judge_table(case(rule, value=D(1)))
    assert said is not None
    assert (said.outcome, "2025-06-10" in said.explanation) == (Outcome.NEEDS_REVIEW, True)


def test_rows_of_another_region_leave_the_rule_silent() -> None:
    assert judge_table(case(Rule("r", "星级", "table", (LimitRow(value=D(3), region="330000"),)), value=D(1))) is None


def test_a_reference_of_zero_or_less_is_missing_not_an_error() -> None:
    rule = Rule("r", "厚度", "table", (LimitRow(op=">=", value=D(95), relative_to="design"),))
    said = judge_table(case(rule, value=D(50), inputs={"design": "0"}))
    assert said is not None
    assert said.missing == ("design",)


@pytest.mark.parametrize(("value", "word"), [("2", "满意"), ("2.0001", "可疑"), ("-3", "不满意")])
def test_bands_use_the_unrounded_value(value: str, word: str) -> None:
    rows = (
        LimitRow(op="abs<=", value=D(2), label="满意", outcome="conforming"),
        LimitRow(op="abs<", value=D(3), label="可疑", outcome="needs_review"),
        LimitRow(op="abs>=", value=D(3), label="不满意", outcome="failing"),
    )
    said = judge_bands(case(Rule("z", "Z", "bands", rows, interval=D(1)), value=D(value)))
    assert (said.facts or {})["band"] == word


def test_quota_without_a_count_asks_for_it() -> None:
    rule = Rule("q", "组数", "quota", (LimitRow(input="volume", per=D(100)),), needs=("mix",))
    assert judge_quota(case(rule)).missing == ("count", "mix", "volume")
    negative = judge_quota(case(rule, count=1, inputs={"volume": "-5", "mix": "M"}))
    assert negative.missing == ("volume",)


def test_samples_ask_for_spares_only_where_demanded() -> None:
    rows = (LimitRow(label="groups", value=D(1)), LimitRow(label="spare", value=D(0)))
    assert judge_samples(case(Rule("", "", "samples", rows))).missing == ("groups",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-01-02", date(2025, 1, 2)),
        (date(2025, 1, 2), date(2025, 1, 2)),
        ("9999-12-31", None),
        ("昨天", None),
        (True, None),
    ],
)
def test_dates_a_person_could_mean(value: str | date | bool, expected: date | None) -> None:
    assert as_date(value) == expected
