"""One house with a published season for each test file, and an empty one, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.db import Database
from server.migrate import upgrade
from server.storage.disk import DiskStorage
from server.uow import House
from tests.api.desk import make_app
from tests.factories.databases import create_empty, drop_postgres, settings_for
from tests.factories.published import Season, publish_season

ADDRESS = "https://zhijian.example"


@contextmanager
def open_house(kind: str, folder: Path) -> Iterator[House]:
    """A migrated house on a database of its own; nobody rings a broker."""
    url = create_empty(kind, folder)
    settings = settings_for(url, folder, ZHIJIAN_WEB__PUBLIC_URL=ADDRESS)
    upgrade(settings)
    house = House(settings, Database(settings), DiskStorage(folder / "originals"))
    yield house
    house.database.dispose()
    if kind == "postgis":
        drop_postgres(url)


@pytest.fixture(scope="module")
def portal_house(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(kind, tmp_path_factory.mktemp("published")) as house:
        yield house


@pytest.fixture(scope="module")
def season(portal_house: House) -> Season:
    return publish_season(portal_house)


@pytest.fixture(scope="module")
def portal_app(portal_house: House, season: Season) -> Flask:
    return make_app(portal_house)


@pytest.fixture
def portal(portal_app: Flask) -> FlaskClient:
    return portal_app.test_client()


@pytest.fixture(scope="module")
def empty_house(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(kind, tmp_path_factory.mktemp("empty")) as house:
        yield house


@pytest.fixture
def empty_portal(empty_house: House) -> FlaskClient:
    return make_app(empty_house).test_client()
