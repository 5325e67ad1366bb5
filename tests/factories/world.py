"""测试的天地：区划、单位、检查对象、执法人员、账号、检查单；两种数据库里编号完全一样。"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from unittest.mock import patch
from uuid import NAMESPACE_URL, UUID, uuid5

from schemas.checklist_file import load_checklist, load_vocabulary
from server.domain.checklists import Checklist, Frame
from server.domain.permissions import SYSTEM, Grant, Scope
from server.domain.registers import (
    Datum,
    NewOfficer,
    NewOrganisation,
    NewParty,
    NewSubject,
    OrganisationKind,
    Position,
)
from server.formats.checklist_files import read_checklist, read_vocabulary
from server.models.regions import ROOT
from server.services import checklists, officers, regions, subjects, users
from server.uow import House, UnitOfWork
from tests.people import HUICHENG, PASSWORD, PEOPLE, ZHENHAI

HERE = Path(__file__).parents[2]
NOW = datetime(2026, 9, 21, 2, 0, tzinfo=UTC)
PUBLISHED = ("RMC", "RES", "LAB")
CENTRES = {ZHENHAI: (121.7166, 29.9489), HUICHENG: (114.3826, 23.0841)}
HALF = 0.0011


@dataclass
class Clock:
    """测试的钟：不动，除非有人拨它。"""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class World:
    """Ids by the words tests use."""

    subjects: dict[str, UUID] = field(default_factory=dict)
    officers: dict[str, UUID] = field(default_factory=dict)
    organisations: dict[str, UUID] = field(default_factory=dict)


@lru_cache(maxsize=1)
def published_checklists() -> dict[str, Checklist]:
    """The checklists of the test world by code, as they stand in `checklists/`."""
    words = load_vocabulary(read_vocabulary(HERE / "checklists"))
    paths = {code: next((HERE / "checklists" / code).glob("*/checklist.toml")) for code in PUBLISHED}
    return {code: load_checklist(read_checklist(path), words) for code, path in paths.items()}


def id_maker(words: str) -> Callable[[UnitOfWork], UUID]:
    """The same ids in the same order, whatever the database."""
    count = iter(range(10**9))
    return lambda _uow: uuid5(NAMESPACE_URL, f"zhijian-test/{words}/{next(count)}")


def build_world(house: House) -> World:
    """Fill an empty, migrated database."""
    made = World()
    with patch.object(UnitOfWork, "new_id", id_maker("world")), house.unit(SYSTEM, scope=Scope((ROOT,))) as uow:
        with (HERE / "server/data/regions.csv").open(encoding="utf-8", newline="") as file:
            regions.load_regions(uow, csv.DictReader(file))
        for checklist in published_checklists().values():
            checklists.publish_checklist(uow, checklist)
        for region in (ZHENHAI, HUICHENG):
            _organisations(uow, made, region)
            _subjects(uow, made, region)
        _officers(uow, made)
        _accounts(uow, made)
    return made


def _organisations(uow: UnitOfWork, made: World, region: str) -> None:
    kinds = ("authority", "client", "contractor", "supervisor_firm", "testing_laboratory", "concrete_producer")
    for kind in kinds:
        command = NewOrganisation(f"{region}{kind}（示例）有限公司", OrganisationKind(kind), region)
        made.organisations[f"{kind}.{region}"] = subjects.register_organisation(uow, command).uuid


def _ring(region: str, east: float) -> tuple[tuple[float, float], ...]:
    lon, lat = CENTRES[region][0] + east, CENTRES[region][1]
    return ((lon - HALF, lat - HALF), (lon + HALF, lat - HALF), (lon + HALF, lat + HALF), (lon - HALF, lat + HALF))


def centre_of(region: str, east: float = 0.0) -> tuple[float, float]:
    return CENTRES[region][0] + east, CENTRES[region][1]


def _subjects(uow: UnitOfWork, made: World, region: str) -> None:
    parties = tuple(
        NewParty(kind, made.organisations[f"{kind}.{region}"]) for kind in ("client", "contractor", "supervisor_firm")
    )
    for number in (1, 2):
        east = number * 0.02
        place = Position(*centre_of(region, east), Datum.WGS84)
        for word, frame, kind, firm in (
            ("site", Frame.PROJECT, "住宅", None),
            ("yard", Frame.ENTERPRISE_SITE, "搅拌站", "concrete_producer"),
        ):
            command = NewSubject(
                code=f"{region}-{word}-{number}",
                name=f"{region}示例{kind}{number}号",
                frame=frame,
                kind=kind,
                region_code=region,
                address="示例路1号",
                centre=place,
                boundary=_ring(region, east),
                organisation=made.organisations[f"{firm}.{region}"] if firm else None,
                parties=parties if frame is Frame.PROJECT else (),
            )
            made.subjects[f"{word}{number}.{region}"] = subjects.register_subject(uow, command).uuid


def _officers(uow: UnitOfWork, made: World) -> None:
    for person in PEOPLE:
        if person.certificate:
            made.officers[person.login] = _officer(uow, made, person.login, person.region, date(2030, 1, 1))
    made.officers["expired"] = _officer(uow, made, "expired", ZHENHAI, date(2026, 9, 18))
    made.officers["laboratory"] = _officer(uow, made, "laboratory", ZHENHAI, date(2030, 1, 1))
    # Registered while in the authority, since then moved to a laboratory: the register follows, the check must notice.
    moved = officers.find_officer(uow, made.officers["laboratory"])
    laboratory = subjects.find_organisation(uow, made.organisations[f"testing_laboratory.{ZHENHAI}"], "")
    moved.organisation = laboratory


def _officer(uow: UnitOfWork, made: World, login: str, region: str, until: date) -> UUID:
    name = next((p.name for p in PEOPLE if p.login == login), "某人")
    number = next((p.certificate for p in PEOPLE if p.login == login), f"3302示{login}")
    command = NewOfficer(name, number, until, made.organisations[f"authority.{region}"], region)
    return officers.register_officer(uow, command).uuid


def _accounts(uow: UnitOfWork, made: World) -> None:
    for person in PEOPLE:
        grants = (Grant(person.role, person.region),)
        command = users.NewUser(person.login, person.name, PASSWORD, grants, made.officers.get(person.login))
        users.create_user(uow, command)
