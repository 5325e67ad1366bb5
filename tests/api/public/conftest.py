"""One house with a published season for the whole module, and an empty one; both made by the real migrations."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.app import build_house, create_app
from server.config import load_settings
from server.migrate import upgrade
from server.uow import House
from tests.factories.published import Season, publish_season

ADDRESS = "https://zhijian.example"


def open_house(folder: Path) -> House:
    """A migrated house that rings nobody."""
    settings = load_settings({"ZHIJIAN_ENV": "test", "ZHIJIAN_DATA": str(folder), "ZHIJIAN_WEB__PUBLIC_URL": ADDRESS})
    upgrade(settings)
    house = build_house(settings)
    house.ring = lambda: None
    return house


@pytest.fixture(scope="module")
def portal_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = open_house(tmp_path_factory.mktemp("published"))
    yield house
    house.database.dispose()


@pytest.fixture(scope="module")
def season(portal_house: House) -> Season:
    return publish_season(portal_house)


@pytest.fixture(scope="module")
def portal_app(portal_house: House, season: Season) -> Flask:
    return create_app(portal_house.settings, portal_house)


@pytest.fixture
def portal(portal_app: Flask) -> FlaskClient:
    return portal_app.test_client()


@pytest.fixture(scope="module")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = open_house(tmp_path_factory.mktemp("empty"))
    yield house
    house.database.dispose()


@pytest.fixture
def empty_portal(empty_house: House) -> FlaskClient:
    return create_app(empty_house.settings, empty_house).test_client()
