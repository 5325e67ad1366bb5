"""两种数据库各一份：SpatiaLite 一个文件，PostGIS 一个库，结构和种子由产品自己的代码写入。"""

from __future__ import annotations

import csv
import shutil
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from bench.cluster import create_database
from server import migrate
from server.cli.operations import read_folder
from server.config import Settings, load_settings
from server.db import Database
from server.domain.permissions import Scope
from server.models.regions import ROOT as COUNTRY
from server.services import checklists, regions
from server.storage.disk import DiskStorage
from server.uow import House

ROOT = Path(__file__).resolve().parents[1]
SPATIALITE, POSTGIS = "SpatiaLite", "PostGIS"
DATABASE = "zhijian.db"


@dataclass(frozen=True, slots=True)
class Place:
    """A migrated database with its data folder; `environment` starts processes on it."""

    name: str
    folder: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return {"ZHIJIAN_ENV": "development", "ZHIJIAN_DATA": str(self.folder), "ZHIJIAN_DATABASE__URL": self.url}

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment)

    def house(self) -> House:
        """Units of work without a bell: nobody listens while measuring in-process."""
        settings = self.settings
        return House(settings, Database(settings), DiskStorage(settings.storage.root))


def everywhere() -> Scope:
    return Scope((COUNTRY,))


@dataclass(frozen=True, slots=True)
class Grounds:
    """Where databases are made: a scratch folder and a cluster. The first of each kind is prepared, the rest copied."""

    folder: Path
    server: str

    def pair(self, label: str) -> list[Place]:
        """A SpatiaLite and a PostGIS database under this label, migrated, with regions and checklists."""
        return [self.place(name, label) for name in (SPATIALITE, POSTGIS)]

    def place(self, name: str, label: str) -> Place:
        """One of the two."""
        origin = self.folder / f"origin-{name}"
        if not origin.exists():
            origin.mkdir()
            url = _file(origin) if name == SPATIALITE else create_database(self.server, "bench_origin")
            _prepare(Place(name, origin, url))
        folder = self.folder / f"{label}-{name}"
        folder.mkdir()
        if name == SPATIALITE:
            shutil.copyfile(origin / DATABASE, folder / DATABASE)
            return Place(name, folder, _file(folder))
        return Place(name, folder, create_database(self.server, f"bench_{label}", "bench_origin"))


def _file(folder: Path) -> str:
    return f"sqlite:///{folder / DATABASE}"


def _prepare(place: Place) -> None:
    migrate.upgrade(place.settings)
    house = place.house()
    try:
        with house.unit(scope=everywhere()) as uow:
            with (ROOT / "server" / "data" / "regions.csv").open(encoding="utf-8", newline="") as file:
                regions.load_regions(uow, csv.DictReader(file))
            for checklist in read_folder(Namespace(folder=ROOT / "checklists")):
                checklists.publish_checklist(uow, checklist)
    finally:
        house.database.dispose()
