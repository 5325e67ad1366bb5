"""接口测试的家当：两种数据库各跑一遍，每个测试文件一份库，有名有姓的人。"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from server.db import Database
from server.storage.disk import DiskStorage
from server.uow import House
from tests.api.contract import CheckedClient
from tests.api.desk import Desk, moved_app
from tests.factories.databases import KINDS, settings_for
from tests.factories.filled import filled
from tests.factories.world import Clock, World


def make_house(url: str, folder: Path, clock: Clock, **more: str) -> House:
    """A house on this database with its own storage; nobody rings a broker."""
    settings = settings_for(url, folder, **more)
    return House(settings, Database(settings), DiskStorage(folder / "originals"), clock=clock)


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """spatialite, then postgis."""
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def house(
    kind: str,
    clock: Clock,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """The module's own copy of the filled database."""
    folder = tmp_path_factory.mktemp("house")
    template, _ = filled(kind)
    with template.copy(folder) as url:
        made = make_house(url, folder, clock)
        yield made
        made.database.dispose()


@pytest.fixture(scope="module")
def world(kind: str) -> World:
    return filled(kind)[1]


@pytest.fixture(scope="module")
def app(house: House) -> Flask:
    return moved_app(house)


@pytest.fixture(scope="module")
def desk(app: Flask, house: House, world: World) -> Desk:
    """Everybody's phones and consoles, and the outbox."""
    return Desk(app, house, world)


@pytest.fixture
def anonymous(app: Flask) -> CheckedClient:
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    return client
