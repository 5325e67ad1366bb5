"""批次：每层多少，剔除谁，为什么。"""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.batches import (
    EXCLUSION_REASONS,
    MOST_RECENT_DAYS,
    MOST_WORKDAYS,
    BatchOptions,
    Candidate,
    Department,
    DepartmentKind,
    Exclusions,
    StratumRule,
    check_options,
    sort_frame,
)
from server.domain.errors import Invalid
from server.domain.register_facts import RISK_TITLES, RiskClass, SubjectStatus

HIGH, LOW = StratumRule(RiskClass.HIGH, 1, 4, 2), StratumRule(RiskClass.LOW, 1, 100)
OPTIONS = BatchOptions(strata=(HIGH, LOW), checklists=("RMC",))


def frame_of(*candidates: Candidate, options: BatchOptions = OPTIONS, cap: int = 0) -> Any:
    return sort_frame(candidates, options, cap)


def some(n: int, risk: RiskClass = RiskClass.HIGH) -> list[Candidate]:
    return [Candidate(f"{risk.value}-{i:05d}", risk, SubjectStatus.ACTIVE) for i in range(n)]


@pytest.mark.parametrize(("total", "take"), [(1, 1), (2, 2), (7, 2), (8, 2), (9, 3), (100, 25), (101, 26)])
def test_take_is_the_rate_rounded_up_but_the_minimum(total: int, take: int) -> None:
    (stratum,) = frame_of(*some(total)).strata
    assert (stratum.id, stratum.take) == ("credit-high", take)
    assert stratum.more == {
        "title": RISK_TITLES[RiskClass.HIGH],
        "total": total,
        "rate": "1/4",
        "minimum": 2,
    }


def test_risk_is_written_out_in_full_never_as_a_letter() -> None:
    frame = frame_of(*some(3), *some(3, RiskClass.LOW))
    assert [s.id for s in frame.strata] == ["credit-high", "credit-low"]
    assert all(len(s.more["title"]) > 8 and "企业信用风险" in s.more["title"] for s in frame.strata)


def test_a_class_nobody_is_in_makes_no_stratum() -> None:
    assert [s.id for s in frame_of(*some(3)).strata] == ["credit-high"]
    assert frame_of().strata == ()


@pytest.mark.parametrize(
    ("change", "cap", "reason"),
    [
        ({"status": SubjectStatus.STOPPED}, 0, "stopped"),
        ({"status": SubjectStatus.FINISHED}, 0, "finished"),
        ({"recent": True}, 0, "recently-checked"),
        ({"times": 2}, 2, "cap-reached"),
        ({"times": 3}, 2, "cap-reached"),
        ({"risk": RiskClass.ORDINARY}, 0, "class-not-drawn"),
        ({"status": SubjectStatus.STOPPED, "recent": True, "times": 9}, 1, "stopped"),
        ({"times": 1}, 2, None),
        ({"times": 99}, 0, None),
    ],
)
def test_everybody_left_out_has_a_reason(change: dict[str, Any], cap: int, reason: str | None) -> None:
    one = replace(some(1)[0], **change)
    frame = frame_of(one, cap=cap)
    assert frame.excluded == (((one.code, reason),) if reason else ())
    assert len(frame.objects) == (reason is None)
    assert reason is None or EXCLUSION_REASONS[reason]


def test_exclusions_can_be_switched_off() -> None:
    none = replace(OPTIONS, exclusions=Exclusions(stopped=False, finished=False, cap=False))
    for change in ({"status": SubjectStatus.STOPPED}, {"status": SubjectStatus.FINISHED}, {"times": 9}):
        assert frame_of(replace(some(1)[0], **change), options=none, cap=1).excluded == ()


def test_heavy_objects_are_warned_of() -> None:
    heavy = replace(OPTIONS, strata=(StratumRule(RiskClass.HIGH, 1, 2, balls=3),))
    (warning,) = frame_of(*some(3), options=heavy).warnings
    assert RISK_TITLES[RiskClass.HIGH] in warning
    assert (
        frame_of(*some(30), options=replace(OPTIONS, strata=(StratumRule(RiskClass.HIGH, 1, 10, balls=3),))).warnings
        == ()
    )
    assert frame_of(*some(3)).warnings == ()


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        code=st.integers(0, 10**6).map("C{:07d}".format),
        risk=st.sampled_from(RiskClass),
        status=st.sampled_from(SubjectStatus),
        recent=st.booleans(),
        times=st.integers(0, 4),
    ),
    unique_by=lambda c: c.code,
    max_size=60,
)
RULES = st.lists(
    st.builds(
        lambda risk, den, part, minimum, balls: StratumRule(risk, den * part // 10, den, minimum, balls),
        st.sampled_from(RiskClass),
        st.integers(1, 50),
        st.integers(0, 10),
        st.integers(0, 5),
        st.integers(1, 20),
    ),
    min_size=1,
    unique_by=lambda rule: rule.risk,
)


@given(CANDIDATES, RULES, st.integers(0, 3))
def test_frame_and_exclusions_part_the_candidates(found: list[Candidate], rules: list[StratumRule], cap: int) -> None:
    options = replace(OPTIONS, strata=tuple(rules))
    check_options(options)
    frame = sort_frame(found, options, cap)
    kept, left = [code for _, code, _ in frame.objects], [code for code, _ in frame.excluded]
    assert sorted(kept + left) == sorted(c.code for c in found)
    assert {reason for _, reason in frame.excluded} <= set(EXCLUSION_REASONS)
    by_code = {c.code: c for c in found}
    assert all(by_code[code].risk.value == stratum for stratum, code, _ in frame.objects)
    assert sum(s.more["total"] for s in frame.strata) == len(kept)


@given(CANDIDATES, RULES)
def test_takes_are_exact(found: list[Candidate], rules: list[StratumRule]) -> None:
    frame = sort_frame(found, replace(OPTIONS, strata=tuple(rules)), 0)
    by_id = {rule.risk.value: rule for rule in rules}
    for stratum in frame.strata:
        rule, total = by_id[stratum.id], stratum.more["total"]
        share = Fraction(total * rule.num, rule.den)
        assert stratum.take <= total
        assert stratum.take >= min(total, rule.minimum)
        assert stratum.take >= share
        assert stratum.take < share + 1 or stratum.take == min(total, rule.minimum)


def pointers(options: BatchOptions) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        check_options(options)
    assert refusal.value.code == "batch-invalid"
    return [fault.pointer for fault in refusal.value.errors]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"strata": ()}, "/strata"),
        ({"strata": (HIGH, LOW, HIGH)}, "/strata/2/risk"),
        ({"strata": (StratumRule(RiskClass.LOW, 3, 2),)}, "/strata/0/num"),
        ({"strata": (StratumRule(RiskClass.LOW, 0, 0),)}, "/strata/0/num"),
        ({"strata": (HIGH, StratumRule(RiskClass.LOW, -1, 2))}, "/strata/1/num"),
        ({"strata": (StratumRule(RiskClass.LOW, 1, 2, -1),)}, "/strata/0/minimum"),
        ({"strata": (StratumRule(RiskClass.LOW, 1, 2, balls=21),)}, "/strata/0/balls"),
        ({"strata": (StratumRule(RiskClass.LOW, 1, 2, balls=0),)}, "/strata/0/balls"),
        ({"checklists": ()}, "/checklists"),
        ({"seats": 1}, "/seats"),
        ({"seats": 7}, "/seats"),
        ({"rule": "both"}, "/rule"),
        ({"due_workdays": 0}, "/due_workdays"),
        ({"due_workdays": MOST_WORKDAYS + 1}, "/due_workdays"),
        ({"exclusions": Exclusions(recent_days=-1)}, "/exclusions/recent_days"),
        ({"exclusions": Exclusions(recent_days=MOST_RECENT_DAYS + 1)}, "/exclusions/recent_days"),
    ],
)
def test_wrong_settings_are_named(change: dict[str, Any], pointer: str) -> None:
    assert pointers(replace(OPTIONS, **change)) == [pointer]


def test_all_faults_are_named_at_once() -> None:
    assert pointers(replace(OPTIONS, strata=(), seats=1, checklists=())) == ["/strata", "/seats", "/checklists"]


def test_options_survive_their_document() -> None:
    full = BatchOptions(
        strata=(HIGH, LOW),
        checklists=("RMC", "SND"),
        kinds=("搅拌站",),
        seats=3,
        rule="apart",
        skills=("混凝土",),
        exclusions=Exclusions(False, True, 90, False),
        departments=(Department("示例区消防救援大队", ("甲", "乙"), DepartmentKind.FIRE),),
        teams=("7d444840-9dc0-11d1-b245-5ffdce74fad2",),
        due_workdays=15,
    )
    for options in (OPTIONS, full):
        assert BatchOptions.from_dict(json.loads(json.dumps(options.to_dict()))) == options


@pytest.mark.parametrize("change", [{"strata": [{"risk": "A", "num": 1, "den": 2}]}, {"colour": "red"}])
def test_documents_with_strange_members_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        BatchOptions.from_dict(OPTIONS.to_dict() | change)
