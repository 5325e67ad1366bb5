"""定时签名：长了就签，没长不写。"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from server.db import Database
from server.models.transparency import LogCheckpoint
from server.services.transparency import append_event
from server.storage.null import NullStorage
from server.uow import House
from tests.factories.databases import migrated
from tests.factories.world import Clock
from workers import transparency


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    settings = migrated("spatialite", tmp_path)
    made = House(settings, Database(settings), NullStorage(), clock=Clock())
    monkeypatch.setattr(transparency, "house", lambda: made)
    yield made
    made.database.dispose()


def say(house: House) -> None:
    with house.unit() as uow:
        append_event(uow, "draw.announced", agency="1", draw="d", digest="0" * 64, role="system")


def sizes(house: House) -> list[int]:
    with house.unit(writing=False) as uow:
        return list(uow.session.scalars(select(LogCheckpoint.size).order_by(LogCheckpoint.size)))


def test_what_was_added_is_signed_once(house: House) -> None:
    assert transparency.checkpoint() == 0
    say(house)
    say(house)
    assert transparency.checkpoint() == 2
    assert transparency.checkpoint() == 0
    say(house)
    assert transparency.checkpoint() == 3
    assert sizes(house) == [2, 3]
