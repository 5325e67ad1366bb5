"""判定：结论怎样由作答、规则、日期、地区得出；谁也不能让它出错。"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal as D
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.answers import Answer, SampleGroup, Verdict
from server.domain.checklists import Frame, Item, Severity
from server.domain.errors import Invalid
from server.domain.findings import Finding, Outcome
from server.domain.rules import apply_rule, judge, judge_checklist, required_inputs, unanswered
from tests.checklists.house import checklists, vocabulary

ON = date(2025, 6, 10)
HUIZHOU, ZHENHAI = "441300", "330211"
RMC = checklists()["RMC/2025.1"]


def item(code: str) -> Item:
    return checklists()[f"{code[:3]}/2025.1"].item(code)


def found(code: str, *, on: date = ON, region: str = HUIZHOU, **facts: Any) -> Finding:
    return judge(item(code), Answer(code, **facts), fact_on=on, region_code=region)


def test_limits_follow_the_date_of_the_fact() -> None:
    facts = {"value": D("0.040"), "inputs": {"use": "钢筋混凝土", "sand_kind": "河砂", "method": "标准方法"}}
    before, after = found("RMC-02-06", on=date(2022, 3, 31), **facts), found("RMC-02-06", on=ON, **facts)
    assert (before.outcome, after.outcome) == (Outcome.CONFORMING, Outcome.FAILING)
    assert after.limit is not None
    assert (after.limit.row.standard, after.limit.row.from_on) == ("GB 55008-2021", date(2022, 4, 1))
    assert (after.limit.row.confidence, after.limit.bound) == ("K", "≤0.03 %")


def test_strictest_of_the_applicable_rows_is_named() -> None:
    finding = found(
        "RMC-02-06",
        value=D("0.030"),
        inputs={"use": "钢筋混凝土", "sand_kind": "净化海砂", "method": "标准方法"},
    )
    assert finding.outcome is Outcome.CONFORMING
    assert [c.row.value for c in finding.checks] == [D("0.03"), D("0.03"), D("0.06")]


def test_rounded_and_unrounded_values_are_both_kept() -> None:
    finding = found(
        "RMC-02-06",
        value=D("0.0305"),
        inputs={"use": "钢筋混凝土", "sand_kind": "河砂", "method": "标准方法"},
    )
    assert finding.limit is not None
    assert (finding.limit.unrounded, finding.limit.rounded) == (D("0.0305"), D("0.030"))


@pytest.mark.parametrize(
    ("volume", "continuous", "needed"),
    [("1000", True, 10), ("1050", True, 6), ("1850", True, 10), ("95", False, 1), ("1000.01", True, 6)],
)
def test_cube_groups_are_not_monotonic(volume: str, continuous: bool, needed: int) -> None:
    inputs = {
        "volume_m3": volume, "continuous": continuous, "mix_id": "M1",
        "batches": "1", "shifts": "1", "floors": "1",
    }  # fmt: skip
    enough, short = (found("RMC-08-01", count=n, inputs=inputs) for n in (needed, needed - 1))
    assert (enough.outcome, short.outcome) == (Outcome.CONFORMING, Outcome.FAILING)
    assert (enough.facts or {})["required"] == str(needed)


def test_too_few_is_certain_even_when_inputs_are_missing() -> None:
    known = {"floors": "12", "volume_m3": "200"}
    assert found("RMC-08-01", count=3, inputs=known).outcome is Outcome.FAILING
    enough = found("RMC-08-01", count=30, inputs=known)
    assert enough.outcome is Outcome.NEEDS_REVIEW
    assert set(enough.missing) == {"mix_id", "batches", "shifts"}


def test_two_chloride_tables_are_never_merged() -> None:
    inputs = {"use": "钢筋混凝土", "env": "潮湿且含氯离子"}
    unknown = found("RMC-04-05", value=D("0.12"), inputs=inputs)
    binder = found("RMC-04-05", value=D("0.12"), inputs={**inputs, "denominator": "胶凝材料用量"})
    cement = found("RMC-04-05", value=D("0.12"), inputs={**inputs, "denominator": "水泥用量"})
    assert (unknown.outcome, unknown.missing) == (Outcome.NEEDS_REVIEW, ("denominator",))
    assert (binder.outcome, cement.outcome) == (Outcome.CONFORMING, Outcome.FAILING)
    assert {len(binder.checks), len(cement.checks)} == {1}


def test_sea_sand_is_barred_from_prestressed_concrete() -> None:
    inputs = {"use": "预应力混凝土", "sand_kind": "净化海砂", "method": "标准方法"}
    assert found("RMC-02-06", value=D("0"), inputs=inputs).outcome is Outcome.FAILING
    ban = found("SND-04-04", verdict=Verdict.CONFORMING, inputs=inputs)
    assert (ban.outcome, ban.disagreement) == (Outcome.FAILING, True)


def test_not_applicable_needs_a_reason_and_leaves_the_denominator() -> None:
    bare = found("RMC-01-02", verdict=Verdict.NOT_APPLICABLE, reason="  ")
    reasoned = found("RMC-01-02", verdict=Verdict.NOT_APPLICABLE, reason="无对外销售")
    assert (bare.outcome, bare.missing) == (Outcome.NEEDS_REVIEW, ("reason",))
    assert (reasoned.outcome, reasoned.outcome.counts) == (Outcome.NOT_APPLICABLE, False)
    assert "无对外销售" in reasoned.explanation


def test_numbers_overrule_a_kind_verdict_and_the_disagreement_is_kept() -> None:
    finding = found("RMC-03-01", verdict=Verdict.CONFORMING, value=D(25))
    assert (finding.outcome, finding.judged, finding.stated) == (
        Outcome.FAILING,
        Outcome.FAILING,
        Verdict.CONFORMING,
    )
    assert finding.disagreement


def test_officer_says_failing_where_numbers_conform() -> None:
    pure = found("CQI-02-01", verdict=Verdict.FAILING, value=D("0.2"))
    mixed = found("RMC-03-01", verdict=Verdict.FAILING, value=D(20))
    assert (pure.outcome, pure.disagreement) == (Outcome.NEEDS_REVIEW, True)
    assert (mixed.outcome, mixed.stated) == (Outcome.FAILING, Verdict.FAILING)


def test_severity_is_raised_at_once_and_lowered_only_as_a_proposal() -> None:
    raised = found("RMC-01-03", verdict=Verdict.FAILING, text="缺", severity=Severity.CRITICAL)
    lowered = found("RMC-01-02", verdict=Verdict.FAILING, severity=Severity.MINOR, severity_reason="仅一份合同抬头有误")
    assert (raised.severity, raised.severity_proposed) == (Severity.CRITICAL, None)
    assert (lowered.severity, lowered.severity_proposed) == (Severity.CRITICAL, Severity.MINOR)
    assert lowered.severity_reason == "仅一份合同抬头有误"


def test_clauses_of_another_region_are_not_cited() -> None:
    here = found("RMC-06-01", verdict=Verdict.FAILING)
    there = found("RMC-06-01", verdict=Verdict.FAILING, region=ZHENHAI)
    assert [c.law for c in here.clauses] == ["gd_quality", "construction_quality"]
    assert [c.law for c in there.clauses] == ["construction_quality"]
    assert "处罚1万~3万元" not in found("LAB-07-02", value=D(1), region=ZHENHAI).dispositions


def test_an_item_of_another_region_is_out_of_place() -> None:
    assert found("GRN-01-09", verdict=Verdict.FAILING).outcome is Outcome.NOT_APPLICABLE
    assert found("GRN-01-09", verdict=Verdict.FAILING, region=ZHENHAI).outcome is Outcome.FAILING


def test_photographs_are_counted_against_the_demand() -> None:
    photos = tuple(UUID(int=n) for n in range(2))
    finding = found("RMC-07-05", count=3, photos=photos)
    assert (finding.photos_required, finding.photos_given, finding.photos_missing) == (3, 2, 1)
    assert found("RMC-01-02", verdict=Verdict.NOT_APPLICABLE, reason="无").photos_required == 0


def test_points_are_a_pair_never_a_percentage() -> None:
    finding = found("CQI-04-04", readings=tuple(D(v) for v in ("3", "5", "8", "9", "2", "1")))
    assert (finding.outcome, finding.passed) == (Outcome.FAILING, (5, 6))


def test_samples_wait_for_the_laboratory() -> None:
    group = SampleGroup("S1", "B1", "F1")
    assert found("SND-03-04", groups=(group,)).outcome is Outcome.NEEDS_REVIEW
    assert found("SND-03-04", groups=(group,), verdict=Verdict.CONFORMING).outcome is Outcome.CONFORMING
    assert found("SND-03-04").missing == ("groups",)


def test_an_answer_to_another_item_is_refused() -> None:
    with pytest.raises(Invalid, match="answer-item-mismatch"):
        judge(item("RMC-01-02"), Answer("RMC-01-03"), fact_on=ON, region_code=HUIZHOU)


def test_checklist_is_judged_in_its_own_order_and_frame() -> None:
    answers = [Answer("RMC-06-06", value=D(20)), Answer("RMC-06-02", count=0)]
    judged = judge_checklist(RMC, answers, fact_on=ON, region_code=HUIZHOU, frame=Frame.PROJECT)
    assert [f.item_code for f in judged] == ["RMC-06-02", "RMC-06-06"]
    with pytest.raises(Invalid, match="answer-outside-frame"):
        judge_checklist(RMC, answers, fact_on=ON, region_code=HUIZHOU, frame=Frame.ENTERPRISE_SITE)
    with pytest.raises(Invalid, match="answer-duplicate"):
        judge_checklist(RMC, answers * 2, fact_on=ON, region_code=HUIZHOU, frame=Frame.PROJECT)


def test_own_dates_of_facts_are_used() -> None:
    answers = [Answer("DSN-03-07", value=D("2.90"))]
    checklist = checklists()["DSN/2025.1"]
    kwargs: dict[str, Any] = {"fact_on": ON, "region_code": HUIZHOU, "frame": Frame.PROJECT}
    late = judge_checklist(checklist, answers, **kwargs)
    early = judge_checklist(checklist, answers, **kwargs, fact_dates={"DSN-03-07": date(2025, 4, 30)})
    assert (late[0].outcome, early[0].outcome) == (Outcome.FAILING, Outcome.NEEDS_REVIEW)
    assert early[0].fact_on == date(2025, 4, 30)


def test_unanswered_items_are_named() -> None:
    answers = [Answer("RMC-06-02", count=0), Answer("RMC-06-06")]
    left = unanswered(RMC, answers, Frame.PROJECT)
    assert len(left) == 26
    assert "RMC-06-02" not in left
    assert "RMC-06-06" in left


def test_the_phone_knows_what_to_ask() -> None:
    asked = {s.name: s for s in required_inputs(item("RMC-02-06"))}
    assert list(asked) == ["method", "use", "sand_kind"]
    assert asked["sand_kind"].options == ("河砂", "机制砂", "混合砂", "净化海砂")
    assert [s.name for s in required_inputs(item("MAT-01-02"))] == ["produced_on", "diameter"]
    assert asked["use"].title == "用途"
    assert required_inputs(item("RMC-01-02")) == ()


def test_a_rule_can_be_applied_by_itself() -> None:
    rule = vocabulary().rules["dim_tolerance"]
    answer = Answer("X", value=D(9), inputs={"dimension": "轴线-柱墙梁"})
    said = apply_rule(rule, answer, fact_on=ON, region_code=HUIZHOU)
    assert said is not None
    assert said.outcome is Outcome.FAILING


ITEMS = [i for c in checklists().values() for i in c.items]
NUMBERS = st.decimals(min_value=-(10**6), max_value=10**6, places=3)
WORDS = st.sampled_from(
    [
        "是",
        "钢筋混凝土",
        "预应力混凝土",
        "C30",
        "C60",
        "0",
        "-1",
        "板类",
        "水泥",
        "2025-01-01",
        "9999-12-31",
        "",
        "Ⅰ类",
    ]
)
VALUES = st.one_of(WORDS, NUMBERS, st.booleans(), st.tuples(WORDS))


@st.composite
def answers(draw: st.DrawFn) -> tuple[Item, Answer]:
    chosen = draw(st.sampled_from(ITEMS))
    names = [s.name for s in chosen.required_inputs()]
    inputs = draw(st.dictionaries(st.sampled_from(names), VALUES)) if names else {}
    for spec in chosen.required_inputs():
        if spec.options and draw(st.booleans()):
            inputs[spec.name] = draw(st.sampled_from(spec.options))
    groups = draw(st.lists(st.builds(SampleGroup, st.text(max_size=3), st.text(max_size=2), st.just(""),
        st.lists(NUMBERS, max_size=4).map(tuple)), max_size=4))  # fmt: skip
    answer = Answer(
        chosen.code,
        verdict=draw(st.none() | st.sampled_from(Verdict)),
        value=draw(st.none() | NUMBERS),
        inputs=inputs,
        count=draw(st.none() | st.integers(0, 10**6)),
        on=draw(st.none() | st.dates()),
        choice=draw(st.sampled_from(["", "一星", "河砂", "没有"])),
        readings=tuple(draw(st.lists(NUMBERS, max_size=25))),
        groups=tuple(groups),
        severity=draw(st.none() | st.sampled_from(Severity)),
    )
    return chosen, answer


@settings(max_examples=600, deadline=None)
@given(case=answers(), on=st.dates(), region=st.sampled_from(["441300", "330211", "460100", "110000"]))
def test_judging_is_total_and_reasoned(case: tuple[Item, Answer], on: date, region: str) -> None:
    chosen, answer = case
    finding = judge(chosen, answer, fact_on=on, region_code=region)
    assert finding.explanation
    assert json.loads(json.dumps(finding.to_dict(), ensure_ascii=False))["outcome"] == finding.outcome.value
    assert all(c.holds_in(region) for c in finding.clauses)
    if finding.outcome is Outcome.CONFORMING:
        assert finding.missing == ()
        assert all(c.holds for c in finding.checks)
    if finding.judged is Outcome.FAILING:
        assert finding.outcome is Outcome.FAILING
