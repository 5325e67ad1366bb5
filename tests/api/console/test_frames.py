"""抽样框：名录在公告那一刻的样子；剔除、人员、回避，一样一条语句。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from server.domain.batches import BatchOptions, Exclusions, StratumRule
from server.domain.checks import shanghai_day
from server.domain.register_facts import RiskClass
from server.models.draws import Batch
from server.models.subjects import Officer, Organisation, Subject
from server.services.frames import (
    FrozenFrame,
    absent_officers,
    count_frame,
    enterprises_over_cap,
    freeze,
)
from server.uow import House, UnitOfWork
from tests.factories.frames import (
    OPTIONS,
    add_batch,
    add_check,
    add_interest,
    add_leave,
    add_officers,
    add_plan,
    add_subjects,
    row_of,
    statements,
    trial,
)
from tests.factories.world import World
from tests.people import HUICHENG, NINGBO, ZHENHAI

ON, DUE = date(2026, 9, 21), date(2026, 10, 23)


@pytest.fixture
def uow(house: House) -> Iterator[UnitOfWork]:
    with trial(house) as unit:
        yield unit


def authority(world: World, region: str = ZHENHAI) -> UUID:
    return world.organisations[f"authority.{region}"]


def batch_of(uow: UnitOfWork, world: World, options: BatchOptions = OPTIONS, cap: int = 0, **changes: Any) -> Batch:
    plan = add_plan(uow, authority(world), annual_cap=cap)
    return add_batch(uow, plan, options, **changes)


def subject(uow: UnitOfWork, world: World, word: str, region: str = ZHENHAI) -> Subject:
    found: Subject = row_of(uow, Subject, world.subjects[f"{word}.{region}"])
    return found


def officer(uow: UnitOfWork, world: World, login: str) -> Officer:
    found: Officer = row_of(uow, Officer, world.officers[login])
    return found


def codes(frozen: FrozenFrame) -> list[str]:
    return sorted(code for _, code, _ in frozen.frame.objects)


def people(uow: UnitOfWork, frozen: FrozenFrame) -> list[str]:
    return [uow.session.get_one(Officer, who).certificate_no for _, who in frozen.officers]


def test_the_frame_is_the_region_and_the_kind_of_the_batch(uow: UnitOfWork, world: World) -> None:
    frozen = freeze(uow, batch_of(uow, world), ON, DUE)
    assert codes(frozen) == [f"{ZHENHAI}-yard-1", f"{ZHENHAI}-yard-2"]
    assert frozen.files.objects == frozen.frame.objects
    assert {balls for _, _, balls in frozen.frame.objects} == {1}
    assert codes(freeze(uow, batch_of(uow, world, frame="project"), ON, DUE)) == [
        f"{ZHENHAI}-site-1",
        f"{ZHENHAI}-site-2",
    ]
    assert codes(freeze(uow, batch_of(uow, world, replace(OPTIONS, kinds=("砂场",))), ON, DUE)) == []
    city = batch_of(uow, world, region_code=NINGBO)
    assert codes(freeze(uow, city, ON, DUE)) == codes(frozen)


def test_retired_subjects_are_not_in_the_register(uow: UnitOfWork, world: World) -> None:
    subject(uow, world, "yard1").retired_at = uow.now
    frozen = freeze(uow, batch_of(uow, world), ON, DUE)
    assert (codes(frozen), frozen.frame.excluded) == ([f"{ZHENHAI}-yard-2"], ())


def test_strata_hold_their_class_and_what_is_left_out_has_its_reason(uow: UnitOfWork, world: World) -> None:
    rules = (StratumRule(RiskClass.HIGH, 1, 2, 1), StratumRule(RiskClass.UNCLASSIFIED, 1, 10, balls=2))
    add_subjects(uow, 5, risk_class="credit-high")
    low, stopped, done = (
        *add_subjects(uow, 1, risk_class="credit-low"),
        *add_subjects(uow, 1, status="stopped"),
        *add_subjects(uow, 1, status="finished"),
    )
    frozen = freeze(uow, batch_of(uow, world, replace(OPTIONS, strata=rules)), ON, DUE)
    assert [(s.id, s.take, s.more["total"]) for s in frozen.frame.strata] == [
        ("credit-high", 3, 5),
        ("credit-unclassified", 1, 2),
    ]
    assert {(stratum, balls) for stratum, _, balls in frozen.frame.objects} == {
        ("credit-high", 1),
        ("credit-unclassified", 2),
    }
    expected = {(low.code, "class-not-drawn"), (stopped.code, "stopped"), (done.code, "finished")}
    assert set(frozen.frame.excluded) == set(frozen.files.excluded or ()) == expected


@pytest.mark.parametrize(
    ("days_ago", "code", "recent_days", "left_out"),
    [
        (10, "RMC", 90, True),
        (89, "RMC", 90, True),
        (90, "RMC", 90, False),
        (10, "LAB", 90, False),
        (10, "RMC", 0, False),
    ],
)
def test_recently_checked_on_the_same_matter(
    uow: UnitOfWork, world: World, days_ago: int, code: str, recent_days: int, *, left_out: bool
) -> None:
    add_check(uow, subject(uow, world, "yard1"), ON - timedelta(days=days_ago), code)
    options = replace(OPTIONS, exclusions=Exclusions(recent_days=recent_days))
    found = freeze(uow, batch_of(uow, world, options), ON, DUE).frame.excluded
    assert found == (((f"{ZHENHAI}-yard-1", "recently-checked"),) if left_out else ())


@pytest.mark.parametrize(
    ("cap", "source", "on", "reached"),
    [
        (1, "double_random", ON - timedelta(days=30), True),
        (1, "campaign", ON, True),
        (2, "double_random", ON, False),
        (0, "double_random", ON, False),
        (1, "report", ON, False),
        (1, "double_random", date(2025, 12, 31), False),
    ],
)
def test_the_annual_cap_counts_the_enterprise_not_the_site(
    uow: UnitOfWork, world: World, cap: int, source: str, on: date, *, reached: bool
) -> None:
    add_check(uow, subject(uow, world, "yard1"), on, source=source)
    (stranger,) = add_subjects(uow, 1, organisation_id=None)
    frozen = freeze(uow, batch_of(uow, world, cap=cap), ON, DUE)
    both = tuple((f"{ZHENHAI}-yard-{n}", "cap-reached") for n in (1, 2))
    assert tuple(sorted(frozen.frame.excluded)) == (both if reached else ())
    assert stranger.code in codes(frozen)


def test_the_cap_may_be_left_out_of_a_batch(uow: UnitOfWork, world: World) -> None:
    add_check(uow, subject(uow, world, "yard1"), ON)
    options = replace(OPTIONS, exclusions=Exclusions(cap=False))
    assert freeze(uow, batch_of(uow, world, options, cap=1), ON, DUE).frame.excluded == ()


def test_officers_are_those_of_the_authority_with_a_live_certificate(uow: UnitOfWork, world: World) -> None:
    frozen = freeze(uow, batch_of(uow, world), ON, DUE)
    assert people(uow, frozen) == ["3302示0000001", "3302示0000002"]
    assert [word for word, _ in frozen.officers] == ["F001", "F002"] == list(frozen.files.officers)
    assert frozen.files.leads == ("F001", "F002")


@pytest.mark.parametrize(("expires", "serves"), [(DUE, False), (DUE + timedelta(days=1), True), (ON, False)])
def test_a_certificate_must_outlast_the_last_day(uow: UnitOfWork, world: World, expires: date, *, serves: bool) -> None:
    officer(uow, world, "lin").certificate_expires_on = expires
    batch = batch_of(uow, world)
    assert ("3302示0000001" in people(uow, freeze(uow, batch, ON, DUE))) is serves
    # `expired` of the test world is of this pool too.
    assert absent_officers(uow, batch, ON, DUE) == {"certificate": 1 if serves else 2}


@pytest.mark.parametrize(
    ("from_on", "to_on", "away"),
    [
        (ON - timedelta(days=9), ON, True),
        (ON - timedelta(days=9), ON - timedelta(days=1), False),
        (DUE, DUE + timedelta(days=9), True),
        (DUE + timedelta(days=1), DUE + timedelta(days=9), False),
        (ON + timedelta(days=3), ON + timedelta(days=3), True),
    ],
)
def test_leave_on_any_day_of_the_term(uow: UnitOfWork, world: World, from_on: date, to_on: date, *, away: bool) -> None:
    add_leave(uow, officer(uow, world, "lin"), from_on, to_on)
    batch = batch_of(uow, world)
    assert ("3302示0000001" not in people(uow, freeze(uow, batch, ON, DUE))) is away
    assert absent_officers(uow, batch, ON, DUE).get("leave", 0) == int(away)


def test_cancelled_leave_and_retired_officers(uow: UnitOfWork, world: World) -> None:
    add_leave(uow, officer(uow, world, "lin"), ON, DUE, cancelled_at=uow.now)
    officer(uow, world, "zhou").retired_at = uow.now
    assert people(uow, freeze(uow, batch_of(uow, world), ON, DUE)) == ["3302示0000001"]


def test_an_invited_authority_sends_its_officers(uow: UnitOfWork, world: World) -> None:
    team = replace(OPTIONS, teams=(str(authority(world, HUICHENG)),))
    found = people(uow, freeze(uow, batch_of(uow, world, team), ON, DUE))
    assert found == ["3302示0000001", "3302示0000002", "4413示0000001", "4413示0000002"]


def test_skills_leads_and_units_are_written_when_asked_for(uow: UnitOfWork, world: World) -> None:
    officer(uow, world, "lin").skills = ["混凝土", "检测"]
    officer(uow, world, "zhou").may_lead = False
    files = freeze(uow, batch_of(uow, world, replace(OPTIONS, skills=("混凝土",))), ON, DUE).files
    assert files.leads == ("F001",)
    assert set(files.skills or ()) == {("F001", "检测"), ("F001", "混凝土")}
    assert files.needs == tuple((f"{ZHENHAI}-yard-{n}", "混凝土") for n in (1, 2))
    assert files.units is None
    officer(uow, world, "zhou").unit = "一科"
    apart = freeze(uow, batch_of(uow, world, replace(OPTIONS, rule="apart")), ON, DUE).files
    body = row_of(uow, Organisation, authority(world)).id
    assert apart.units == (("F001", f"{body}-未分科"), ("F002", f"{body}-一科"))
    assert (apart.leads, apart.skills, apart.needs) == (None, None, None)


def recusals(uow: UnitOfWork, world: World, frame: str = "enterprise_site") -> set[tuple[str, str]]:
    return set(freeze(uow, batch_of(uow, world, frame=frame), ON, DUE).files.recusals)


def test_recusal_from_a_subject_and_from_its_owner(uow: UnitOfWork, world: World) -> None:
    assert recusals(uow, world) == set()
    add_interest(uow, officer(uow, world, "lin"), subject_id=subject(uow, world, "yard1").id)
    assert recusals(uow, world) == {(f"{ZHENHAI}-yard-1", "F001")}
    owner = row_of(uow, Organisation, world.organisations[f"concrete_producer.{ZHENHAI}"])
    add_interest(uow, officer(uow, world, "zhou"), organisation_id=owner.id)
    add_interest(uow, officer(uow, world, "lin"), organisation_id=owner.id)
    assert recusals(uow, world) == {(f"{ZHENHAI}-yard-{n}", word) for n in (1, 2) for word in ("F001", "F002")}


def test_recusal_through_a_party_of_the_project(uow: UnitOfWork, world: World) -> None:
    contractor = row_of(uow, Organisation, world.organisations[f"contractor.{ZHENHAI}"])
    add_interest(uow, officer(uow, world, "zhou"), organisation_id=contractor.id)
    both = {(f"{ZHENHAI}-site-{n}", "F002") for n in (1, 2)}
    assert recusals(uow, world, "project") == both
    assert recusals(uow, world) == set()
    parties = subject(uow, world, "site1").parties
    (party,) = [p for p in parties if p.organisation_id == contractor.id]
    party.to_on = ON - timedelta(days=1)
    assert recusals(uow, world, "project") == {(f"{ZHENHAI}-site-2", "F002")}


@pytest.mark.parametrize(
    ("change", "bars"),
    [
        ({"to_on": ON - timedelta(days=1)}, False),
        ({"to_on": ON}, True),
        ({"cancelled": True}, False),
    ],
)
def test_only_live_interests_bar(uow: UnitOfWork, world: World, change: dict[str, Any], *, bars: bool) -> None:
    cancelled = uow.now if change.get("cancelled") else None
    yard = subject(uow, world, "yard1")
    add_interest(uow, officer(uow, world, "lin"), subject_id=yard.id, cancelled_at=cancelled, to_on=change.get("to_on"))
    assert bool(recusals(uow, world)) is bars


def test_ones_own_unit_never_bars(uow: UnitOfWork, world: World) -> None:
    """The authority is everybody's employer: only what was declared of an organisation bars, never the employer itself."""
    officer(uow, world, "lin").unit = officer(uow, world, "zhou").unit = "质量科"
    assert recusals(uow, world) == recusals(uow, world, "project") == set()


def test_an_officer_who_is_not_at_hand_is_in_no_recusal(uow: UnitOfWork, world: World) -> None:
    add_interest(uow, officer(uow, world, "expired"), subject_id=subject(uow, world, "yard1").id)
    assert recusals(uow, world) == set()


def test_kinds_are_counted_inside_the_frame(uow: UnitOfWork, world: World) -> None:
    add_subjects(uow, 3, kind="砂场")
    add_subjects(uow, 1, kind="砂场", status="stopped")
    batch = batch_of(uow, world)
    frame = freeze(uow, batch, ON, DUE).frame
    counts = count_frame(uow, batch, frame)
    assert counts.kinds == {("credit-unclassified", "搅拌站"): 2, ("credit-unclassified", "砂场"): 3}
    owner = row_of(uow, Organisation, world.organisations[f"concrete_producer.{ZHENHAI}"])
    assert counts.owners == {("credit-unclassified", owner.id): 2}


@pytest.mark.parametrize(
    ("cap", "before", "num", "over"),
    [(1, 0, 1, 1), (2, 0, 1, 0), (2, 1, 1, 1), (1, 0, 0, 0), (0, 5, 1, 0), (1, 1, 1, 0)],
)
def test_one_draw_can_pass_the_cap(uow: UnitOfWork, world: World, cap: int, before: int, num: int, over: int) -> None:
    """Two sites of one enterprise; whoever reached the cap before is left out and can't pass it."""
    for n in range(before):
        add_check(uow, subject(uow, world, "yard1"), ON - timedelta(days=n))
    options = replace(OPTIONS, strata=(StratumRule(RiskClass.UNCLASSIFIED, num, 1),))
    batch = batch_of(uow, world, options, cap=cap)
    frame = freeze(uow, batch, ON, DUE).frame
    assert enterprises_over_cap(uow, batch, frame, count_frame(uow, batch, frame), ON) == over


def test_statements_do_not_grow_with_the_register(uow: UnitOfWork, world: World, house: House) -> None:
    options = replace(OPTIONS, skills=("混凝土",), exclusions=Exclusions(recent_days=30))
    batch = batch_of(uow, world, options, cap=3)
    uow.session.flush()
    with statements(house) as few:
        freeze(uow, batch, ON, DUE)
    crew = add_officers(uow, 30, authority(world), skills=["混凝土"])
    for n, yard in enumerate(add_subjects(uow, 60)):
        add_check(uow, yard, ON - timedelta(days=n))
        add_interest(uow, crew[n % 30], subject_id=yard.id)
    uow.session.expire_all()
    batch.plan.annual_cap  # noqa: B018 - read back before counting
    with statements(house) as many:
        frozen = freeze(uow, batch, ON, DUE)
    assert len(frozen.frame.objects) == 32
    assert len(frozen.officers) == 32
    assert len(frozen.files.recusals) == 30
    assert len(many) == len(few)
    assert len(many) <= 8


def test_today_is_the_day_in_shanghai(uow: UnitOfWork) -> None:
    assert shanghai_day(uow.now) == ON
    assert shanghai_day(uow.now.replace(hour=16, minute=0)) == ON + timedelta(days=1)
