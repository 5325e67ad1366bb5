"""年度计划：事项表、公布即定、基数、批次取自事项的类别与检查单。"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.batches import BatchOptions, StratumRule
from server.domain.errors import Conflict, Invalid
from server.domain.plans import (
    MatterFacts,
    NewPlan,
    PlanBase,
    PlanItem,
    PlanOptions,
    PlanState,
    Settled,
    check_plan,
    check_publishable,
    matter_faults,
    planned_checks,
    require_draft,
    settle,
    settled_faults,
)
from server.domain.register_facts import RiskClass

A, B = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
ITEM = PlanItem(A, date(2026, 3, 1), date(2026, 11, 30), ("消防救援",))
PLAN = NewPlan(2026, "年度计划", "330211", UUID(A), 2, PlanOptions((ITEM,)))
BATCH = BatchOptions((StratumRule(RiskClass.HIGH, 1, 2),), ())
YARDS = MatterFacts(A, "enterprise_site", ("搅拌站",), ("RMC",), retired=False)
LABS = MatterFacts(B, "enterprise_site", ("检测机构",), ("LAB", "RMC"), retired=False)


@pytest.mark.parametrize(
    ("items", "pointers"),
    [
        ((ITEM, replace(ITEM, departments=())), ["/items/1/matter"]),
        ((replace(ITEM, to_on=date(2026, 2, 1)),), ["/items/0/to_on"]),
        ((replace(ITEM, from_on=date(2025, 12, 31)),), ["/items/0/from_on"]),
        ((ITEM, replace(ITEM, matter=B, to_on=date(2027, 1, 1))), ["/items/1/to_on"]),
        ((replace(ITEM, from_on=date(2027, 5, 1)),), ["/items/0/to_on", "/items/0/from_on"]),
    ],
)
def test_wrong_items_are_named(items: tuple[PlanItem, ...], pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        check_plan(replace(PLAN, options=PlanOptions(items)))
    assert refusal.value.code == "annual-plan-invalid"
    assert [fault.pointer for fault in refusal.value.errors] == pointers


def test_a_sound_plan_passes() -> None:
    check_plan(PLAN)
    check_publishable(PLAN.options)
    require_draft(PlanState.DRAFT)


def test_published_plans_and_empty_plans_are_refused() -> None:
    with pytest.raises(Conflict, match="annual-plan-published"):
        require_draft(PlanState.PUBLISHED)
    with pytest.raises(Invalid, match="annual-plan-empty"):
        check_publishable(PlanOptions())


def test_options_survive_their_document() -> None:
    full = PlanOptions((ITEM, replace(ITEM, matter=B)), "内容", "结果运用", (PlanBase(A, "330211", 9, 1, 4, 2),))
    assert PlanOptions.from_dict({}) == PlanOptions()
    for options in (PlanOptions(), full):
        assert PlanOptions.from_dict(json.loads(json.dumps(options.to_dict()))) == options


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"items": [{"matter": A, "from_on": "2026-01-01", "to_on": "2026-02-30", "departments": []}]},
        {"items": [ITEM.to_dict() | {"colour": "red"}]},
        {"bases": [{"matter": A}]},
    ],
)
def test_strange_documents_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        PlanOptions.from_dict(PlanOptions().to_dict() | change)


def test_planned_checks_round_up_once() -> None:
    bases = [PlanBase(A, region, 3, 1, 10, 2) for region in ("330211", "330212", "330213")]
    assert [planned_checks([b]) for b in bases] == [2, 2, 2]
    assert planned_checks(bases) == 2
    assert planned_checks([]) == 0


@given(st.lists(st.integers(0, 400), min_size=1, max_size=20), st.integers(1, 50), st.integers(1, 4))
def test_the_whole_is_never_planned_above_the_sum_of_its_parts(totals: list[int], den: int, times: int) -> None:
    bases = [PlanBase(A, f"{n:06d}", total, 1, den, times) for n, total in enumerate(totals)]
    whole, parts = planned_checks(bases), sum(planned_checks([b]) for b in bases)
    assert sum(totals) * times <= whole * den
    assert whole <= parts < whole + len(bases) * times


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (None, "事项清单里没有"),
        (replace(YARDS, retired=True), "停用"),
        (replace(YARDS, covers=False), "不适用于所选区划"),
        (replace(YARDS, planned=False), "不在年度计划"),
        (replace(YARDS, frame="project"), "另一抽样框"),
    ],
)
def test_unsuitable_matters_are_named(one: MatterFacts | None, words: str) -> None:
    (fault,) = matter_faults((YARDS, one), "enterprise_site", "/matters/{n}")
    assert fault.pointer == "/matters/1"
    assert words in fault.reason


def test_any_frame_will_do_for_a_plan() -> None:
    assert not list(matter_faults((YARDS, replace(YARDS, frame="project")), None, "/items/{n}/matter"))


def test_a_batch_takes_kinds_and_checklists_from_its_matters() -> None:
    assert settle(BATCH, (YARDS, LABS)) == Settled(("搅拌站", "检测机构"), ("LAB", "RMC"))
    asked = replace(BATCH, kinds=("检测机构",), checklists=("LAB",))
    assert settle(asked, (YARDS, LABS)) == Settled(("检测机构",), ("LAB",))
    assert settle(BATCH, (YARDS, replace(LABS, kinds=()))).kinds == ()


def test_kinds_and_checklists_no_matter_names_are_refused() -> None:
    strange = Settled(("搅拌站", "砂场"), ("RMC", "SND"))
    assert [f.pointer for f in settled_faults(strange, (YARDS,))] == ["/kinds/1", "/checklists/1"]
    assert [f.pointer for f in settled_faults(strange, (replace(YARDS, kinds=()),))] == ["/checklists/1"]
    assert not list(settled_faults(settle(BATCH, (YARDS, LABS)), (YARDS, LABS)))
