"""A published season in a SpatiaLite database; each test works in a unit that is rolled back."""

from collections.abc import Iterator

import pytest

from server.db import Database
from server.storage.disk import DiskStorage
from server.uow import House, UnitOfWork
from tests.factories.databases import migrated
from tests.factories.published import Season, publish_season


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("publishing")
    settings = migrated("spatialite", folder)
    house = House(settings, Database(settings), DiskStorage(folder / "originals"))
    yield house
    house.database.dispose()


@pytest.fixture(scope="package")
def season(house: House) -> Season:
    return publish_season(house)


class _Undo(Exception):
    pass


@pytest.fixture
def uow(house: House, season: Season) -> Iterator[UnitOfWork]:
    try:
        with house.unit() as unit:
            yield unit
            raise _Undo
    except _Undo:
        pass
