"""批次模拟：公告之前看数目；缺什么说得出来，抽中谁说不出来。"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from schemas.plans import SimulationShape
from server.domain.batches import Exclusions, StratumRule
from server.domain.register_facts import RiskClass
from server.models.draws import Draw
from server.models.subjects import Officer, Organisation
from server.services.simulation import simulate
from server.uow import House, UnitOfWork
from tests.api.desk import Desk, ok
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
from tests.people import ZHENHAI

ON = date(2026, 9, 21)


@pytest.fixture
def uow(house: House) -> Iterator[UnitOfWork]:
    with trial(house) as unit:
        yield unit


def batch(uow: UnitOfWork, world: World, cap: int = 0, **changes: Any) -> Any:
    plan = add_plan(uow, world.organisations[f"authority.{ZHENHAI}"], annual_cap=cap)
    return add_batch(uow, plan, replace(OPTIONS, **changes))


def test_a_simulation_through_the_door(desk: Desk, world: World) -> None:
    with desk.house.unit() as uow:
        made = batch(uow, world, due_workdays=5).uuid
        draws = uow.session.scalar(select(func.count()).select_from(Draw))
    first = desk.console("chen").get(f"/batches/{made}/simulation")
    shown = ok(first)
    assert (shown["on"], shown["due_on"], shown["total"], shown["take"]) == ("2026-09-21", "2026-09-29", 2, 2)
    assert shown["strata"] == [
        {"id": "credit-unclassified", "title": "企业信用风险未分类", "total": 2, "take": 2, "rate": "1/1", "minimum": 0}
    ]
    assert shown["crew"] == {
        "seats": 4,
        "available": 2,
        "able": 2,
        "leads": 2,
        "units": None,
        "max_load": 2,
        "officers_at_max": 2,
    }
    assert shown["absent"] == [{"code": "certificate", "text": "执法证在期限内到期", "count": 1}]
    assert (shown["shortages"], shown["warnings"]) == ([], [])
    assert "与将来的抽签无关" in shown["note"]
    assert ok(desk.console("chen").get(f"/batches/{made}/simulation")) == shown
    with desk.house.unit(writing=False) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Draw)) == draws


def test_no_object_and_no_officer_is_named(uow: UnitOfWork, world: World) -> None:
    made = batch(uow, world)
    add_leave(uow, row_of(uow, Officer, world.officers["zhou"]), ON, ON)
    text = json.dumps(SimulationShape().dump(simulate(uow, made)), ensure_ascii=False)
    assert '"word": "pairing"' in text
    for word in ("yard-1", "yard-2", "搅拌站1号", "搅拌站2号", "F001", "林检", "周检", "3302示"):
        assert word not in text


def test_sizes_by_stratum_and_kind_and_everybody_left_out(uow: UnitOfWork, world: World) -> None:
    add_subjects(uow, 6, kind="砂场", risk_class="credit-high")
    add_subjects(uow, 2, kind="检测机构", risk_class="credit-high")
    add_subjects(uow, 3, status="stopped")
    (seen, *_) = add_subjects(uow, 2)
    add_check(uow, seen, date(2026, 9, 1))
    rules = (StratumRule(RiskClass.HIGH, 1, 4, 3), StratumRule(RiskClass.UNCLASSIFIED, 1, 1))
    found = simulate(uow, batch(uow, world, strata=rules, exclusions=Exclusions(recent_days=60)))
    assert [(s["id"], s["total"], s["take"]) for s in found.strata] == [
        ("credit-high", 8, 3),
        ("credit-unclassified", 3, 3),
    ]
    assert {c.code: c.count for c in found.excluded} == {"stopped": 3, "recently-checked": 1}
    assert (found.total, found.take) == (11, 6)
    kinds = {k.kind: (k.total, k.expected_num, k.expected_den, k.least, k.most) for k in found.kinds}
    assert kinds == {"搅拌站": (3, 3, 1, 3, 3), "检测机构": (2, 3, 4, 0, 2), "砂场": (6, 9, 4, 1, 3)}


def test_cap_is_seen_before_anything_is_announced(uow: UnitOfWork, world: World) -> None:
    made = batch(uow, world, cap=1)
    (owned, _) = add_subjects(uow, 2)
    add_check(uow, owned, date(2026, 1, 5))
    before = simulate(uow, made)
    assert before.excluded == ()
    assert before.warnings == ("有1家单位列入的对象较多，一次抽中几个就会超过年度上限；请合并检查，或调整批次。",)
    owned.organisation_id = row_of(uow, Organisation, world.organisations[f"concrete_producer.{ZHENHAI}"]).id
    uow.session.flush()
    assert [(c.code, c.count) for c in simulate(uow, made).excluded] == [("cap-reached", 3)]


def words(uow: UnitOfWork, made: Any) -> list[tuple[str, int, int]]:
    return [(s.word, s.have, s.need) for s in simulate(uow, made).shortages]


def test_shortages_are_named(uow: UnitOfWork, world: World) -> None:
    made = batch(uow, world, skills=("混凝土",))
    assert words(uow, made) == [("skill", 0, 2), ("leads", 0, 1), ("pairing", 0, 2)]
    lin, zhou = (row_of(uow, Officer, world.officers[login]) for login in ("lin", "zhou"))
    lin.skills = zhou.skills = ["混凝土"]
    uow.session.flush()
    assert words(uow, made) == []
    lin.may_lead = zhou.may_lead = False
    uow.session.flush()
    assert [w for w, _, _ in words(uow, made)] == ["leads", "pairing"]


def test_leave_makes_a_shortage_and_is_told(uow: UnitOfWork, world: World) -> None:
    made = batch(uow, world)
    add_leave(uow, row_of(uow, Officer, world.officers["lin"]), ON, date(2026, 9, 30))
    found = simulate(uow, made)
    assert [(s.word, s.have, s.need) for s in found.shortages] == [("officers", 1, 2), ("pairing", 1, 2)]
    assert {c.code: c.count for c in found.absent} == {"certificate": 1, "leave": 1}


def test_recusals_that_leave_nobody_are_counted(uow: UnitOfWork, world: World) -> None:
    (yard, *_) = add_subjects(uow, 3)
    add_interest(uow, row_of(uow, Officer, world.officers["lin"]), subject_id=yard.id)
    assert [w for w, _, _ in words(uow, batch(uow, world))] == ["recusals", "pairing"]


def test_a_large_frame_asks_no_more_statements(uow: UnitOfWork, world: World, house: House) -> None:
    made = batch(uow, world)
    with statements(house) as few:
        simulate(uow, made)
    add_subjects(uow, 300)
    add_officers(uow, 40, world.organisations[f"authority.{ZHENHAI}"])
    with statements(house) as many:
        found = simulate(uow, made)
    assert (found.take, found.crew.available) == (302, 42)
    assert found.crew.max_load == 15
    assert found.crew.officers_at_max == 16
    assert len(many) <= len(few)
