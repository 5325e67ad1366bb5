"""抽签测试的家当：够抽的名录、已公布的年度计划、一个批次。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import select

from server.domain.batches import BatchOptions, StratumRule
from server.domain.checklists import Frame
from server.domain.permissions import SYSTEM, Scope
from server.domain.register_facts import RiskClass
from server.domain.registers import Datum, NewOfficer, NewSubject, Position
from server.models.draws import AnnualPlan, Batch
from server.models.regions import ROOT
from server.models.subjects import Organisation, Subject
from server.models.users import User
from server.services import officers, subjects
from server.uow import House, UnitOfWork
from tests.factories.world import World, centre_of, id_maker
from tests.people import NINGBO, ZHENHAI

RISKS = (RiskClass.LOW, RiskClass.ORDINARY, RiskClass.HIGH)
OPTIONS = BatchOptions(
    strata=(
        StratumRule(RiskClass.LOW, 1, 4),
        StratumRule(RiskClass.ORDINARY, 1, 2),
        StratumRule(RiskClass.HIGH, 1, 1),
    ),
    checklists=("RES",),
)


@dataclass
class Season:
    """What a draw needs, by the words tests use."""

    plan: UUID
    batch: UUID
    subjects: dict[str, UUID]
    officers: list[UUID]


def build_season(house: House, world: World, *, sites: int = 24, crew: int = 6, word: str = "draw") -> Season:
    """Sites of three risk classes in 镇海, officers of its authority, a published plan and one batch."""
    with patch.object(UnitOfWork, "new_id", id_maker(word)), house.unit(SYSTEM, scope=Scope((ROOT,))) as uow:
        found = {f"{word}-{n:03d}": _site(uow, f"{word}-{n:03d}", n) for n in range(sites)}
        people = [_officer(uow, world, word, n) for n in range(crew)]
        plan, batch = _plan(uow, world, OPTIONS)
        return Season(plan.uuid, batch.uuid, found, people)


def _site(uow: UnitOfWork, code: str, n: int) -> UUID:
    lon, lat = centre_of(ZHENHAI, 0.001 * n)
    subject = subjects.register_subject(
        uow,
        NewSubject(
            code,
            f"镇海示例住宅{code}",
            Frame.PROJECT,
            "抽签住宅",
            ZHENHAI,
            "示例路2号",
            Position(lon, lat, Datum.WGS84),
        ),
    )
    subject.risk_class = RISKS[n % len(RISKS)].value
    return subject.uuid


def _officer(uow: UnitOfWork, world: World, word: str, n: int) -> UUID:
    authority = world.organisations[f"authority.{ZHENHAI}"]
    command = NewOfficer(f"示例执法{n}", f"3302{word}{n:04d}", date(2030, 1, 1), authority, ZHENHAI)
    return officers.register_officer(uow, command).uuid


def _plan(uow: UnitOfWork, world: World, options: BatchOptions) -> tuple[AnnualPlan, Batch]:
    authority = uow.session.scalars(
        select(Organisation).where(Organisation.uuid == world.organisations[f"authority.{ZHENHAI}"])
    ).one()
    author = uow.session.scalars(select(User.id).where(User.login == "chen")).one()
    plan = AnnualPlan(
        uuid=uow.new_id(), year=2026, title="镇海2026年度抽查计划（示例）", region_code=NINGBO, organisation_id=authority.id,
        annual_cap=4, state="published", options={}, by=author, created_at=uow.now, published_at=uow.now,
    )  # fmt: skip
    batch = Batch(
        uuid=uow.new_id(), plan=plan, title="住宅工程抽查（示例）", region_code=ZHENHAI, frame="project", campaign=None,
        options=options.to_dict() | {"kinds": ["抽签住宅"]}, revision=1, by=author, created_at=uow.now, updated_at=uow.now,
    )  # fmt: skip
    uow.session.add_all([plan, batch])
    uow.session.flush()
    return plan, batch


def add_batch(house: House, season: Season, **changes: Any) -> UUID:
    """Another batch of the same plan with some options changed."""
    with house.unit(SYSTEM) as uow:
        first = uow.session.scalars(select(Batch).where(Batch.uuid == season.batch)).one()
        options = dict(first.options) | changes
        batch = Batch(
            uuid=uow.new_id(), plan_id=first.plan_id, title=first.title, region_code=first.region_code, frame=first.frame,
            campaign=None, options=options, revision=1, by=first.by, created_at=uow.now, updated_at=uow.now,
        )  # fmt: skip
        uow.session.add(batch)
        return batch.uuid


def subject_row(uow: UnitOfWork, uuid: UUID) -> Subject:
    return uow.session.scalars(select(Subject).where(Subject.uuid == uuid)).one()
