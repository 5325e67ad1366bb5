"""工作单元：要么全部，要么没有；提交之后才摇铃。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from server.db import Database
from server.models.outbox import OutboxRow
from server.outbox import Event
from server.storage.null import NullStorage
from server.uow import House
from tests.factories.databases import migrated

NOW = datetime(2026, 9, 21, tzinfo=UTC)


@dataclass
class Bellringer:
    """Counts rings and looks whether what was promised can be seen already."""

    house: House | None = None
    seen: list[int] = field(default_factory=list)

    def __call__(self) -> None:
        assert self.house is not None
        with self.house.unit(writing=False) as uow:
            self.seen.append(uow.session.scalar(select(func.count()).select_from(OutboxRow)) or 0)


@pytest.fixture
def bell() -> Bellringer:
    return Bellringer()


@pytest.fixture
def house(tmp_path: Path, bell: Bellringer) -> Iterator[House]:
    settings = migrated("spatialite", tmp_path)
    made = House(settings, Database(settings), NullStorage(), clock=lambda: NOW, ring=bell)
    bell.house = made
    yield made
    made.database.dispose()


def promised(house: House) -> int:
    with house.unit(writing=False) as uow:
        return uow.session.scalar(select(func.count()).select_from(OutboxRow)) or 0


def test_bell_rings_once_after_the_commit(house: House, bell: Bellringer) -> None:
    with house.unit() as uow:
        uow.promise(Event.CHECK_SUBMITTED, {"check": "1"})
        uow.promise(Event.CHECK_SUBMITTED, {"check": "2"})
        assert bell.seen == []
    assert bell.seen == [2]


def test_failure_leaves_nothing_and_rings_nothing(house: House, bell: Bellringer) -> None:
    def fail() -> None:
        with house.unit() as uow:
            uow.promise(Event.CHECK_SUBMITTED, {})
            uow.session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert promised(house) == 0
    assert bell.seen == []


def test_reading_unit_commits_nothing(house: House) -> None:
    with house.unit(writing=False) as uow:
        uow.session.add(OutboxRow(event="x", payload={}, created_at=NOW, due_at=NOW, attempts=0))
    assert promised(house) == 0


def test_quiet_unit_rings_nothing(house: House, bell: Bellringer) -> None:
    with house.unit():
        pass
    assert bell.seen == []


def test_one_unit_has_one_instant(house: House) -> None:
    with house.unit() as uow:
        uow.promise(Event.CHECK_SUBMITTED, {})
        uow.promise(Event.CHECK_SUBMITTED, {}, after=timedelta(minutes=5))
        uow.session.flush()
        rows = list(uow.session.scalars(select(OutboxRow).order_by(OutboxRow.id)))
    assert {row.created_at for row in rows} == {NOW}
    assert [row.due_at - NOW for row in rows] == [timedelta(0), timedelta(minutes=5)]


def test_tokens_and_ids_are_not_guessable(house: House) -> None:
    with house.unit(writing=False) as uow:
        tokens = {uow.new_token() for _ in range(100)}
        assert len(tokens) == len({uow.new_id() for _ in range(100)}) == 100
        assert min(len(t) for t in tokens) >= 43


def test_naive_instants_are_refused(house: House) -> None:
    def store(at: datetime) -> None:
        with house.unit() as uow:
            uow.session.add(OutboxRow(event="x", payload={}, created_at=at, due_at=NOW, attempts=0))

    store(NOW)
    with pytest.raises(StatementError, match="time zone"):
        store(datetime(2026, 1, 1))
