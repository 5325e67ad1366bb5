"""One house with a published season for each test file, and an empty one, on both databases."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.db import Database
from server.storage.disk import DiskStorage
from server.uow import House
from tests.api.desk import make_app
from tests.factories.databases import Template, drop_postgres, kept_folder, migrated, settings_for
from tests.factories.published import Season, publish_season

ADDRESS = "https://zhijian.example"


@contextmanager
def open_house(kind: str, folder: Path) -> Iterator[House]:
    """A migrated house on a database of its own; nobody rings a broker."""
    url = migrated(kind, folder).database.url
    house = portal_of(url, folder)
    yield house
    house.database.dispose()
    if kind == "postgis":
        drop_postgres(url)


def portal_of(url: str, folder: Path) -> House:
    settings = settings_for(url, folder, ZHIJIAN_WEB__PUBLIC_URL=ADDRESS)
    return House(settings, Database(settings), DiskStorage(folder / "originals"))


@cache
def published(kind: str) -> tuple[Template, Path, Season]:
    """A published season, made once in this process: its database, the folder of its originals, what is in it."""
    folder = kept_folder()
    house = portal_of(migrated(kind, folder).database.url, folder)
    season = publish_season(house)
    house.database.dispose()
    return Template(kind, house.settings.database.url), folder / "originals", season


@pytest.fixture(scope="module")
def portal_house(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The module's own copy of the published season."""
    folder = tmp_path_factory.mktemp("published")
    template, originals, _ = published(kind)
    shutil.copytree(originals, folder / "originals")
    with template.copy(folder) as url:
        house = portal_of(url, folder)
        yield house
        house.database.dispose()


@pytest.fixture(scope="module")
def season(kind: str) -> Season:
    return published(kind)[2]


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
