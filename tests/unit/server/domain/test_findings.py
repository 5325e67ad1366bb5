"""结论：句子、分歧、写成 JSON。"""

from __future__ import annotations

from decimal import Decimal as D

from server.domain.findings import OUTCOME_WORDS, Judgement, Outcome, RowCheck, shown
from server.domain.limits import LimitRow

ROW = LimitRow(value=D("0.03"), standard="GB 55008-2021", confidence="K")


def test_sentence_shows_both_values_when_rounding_changed_it() -> None:
    check = RowCheck("氯离子含量", ROW, "≤0.03 %", True, D("0.0305"), D("0.030"), "%")
    assert check.sentence() == "氯离子含量 0.030 %（修约前 0.0305），限值 ≤0.03 %（GB 55008-2021），符合"


def test_sentence_without_a_number() -> None:
    assert RowCheck("海砂", LimitRow(op="prohibited"), "禁止", False).sentence() == "海砂，限值 禁止，不符合"


def test_endless_quotients_are_cut_only_in_sentences() -> None:
    assert shown(D(1) / D(3)) == "0.3333…"
    assert shown(D("0.123456")) == "0.123456"


def test_decisive_limit_is_the_first_that_failed() -> None:
    good, bad = (RowCheck("甲", ROW, "", holds) for holds in (True, False))
    assert Judgement(Outcome.FAILING, "", (good, bad)).decisive is bad
    assert Judgement(Outcome.CONFORMING, "", (good,)).decisive is good
    assert Judgement(Outcome.CONFORMING, "").decisive is None


def test_every_outcome_has_a_word_and_only_not_applicable_leaves_the_count() -> None:
    assert set(OUTCOME_WORDS) == set(Outcome)
    assert [o for o in Outcome if not o.counts] == [Outcome.NOT_APPLICABLE]
    assert RowCheck("甲", ROW, "≤", True, D("1.0")).to_dict()["unrounded"] == "1.0"
