"""待办：租约、只办一次、越等越久、停下等人；消息丢光也会再摇。"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from server.db import Database
from server.models.outbox import OutboxRow
from server.outbox import Event
from server.services import outbox
from server.services.outbox import Claim
from server.storage.null import NullStorage
from server.uow import House
from tests.factories.databases import migrated
from tests.factories.world import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    settings = migrated("spatialite", tmp_path)
    made = House(settings, Database(settings), NullStorage(), clock=clock)
    yield made
    made.database.dispose()


def promise(house: House, event: Event = Event.CHECK_SUBMITTED) -> None:
    with house.unit() as uow:
        uow.promise(event, {"check": "x"})


def due(house: House) -> list[int]:
    with house.unit() as uow:
        return [row_id for row_id, _ in outbox.take_due(uow)]


def claim(house: House, row_id: int) -> Claim | None:
    with house.unit() as uow:
        return outbox.claim(uow, row_id)


def row(house: House) -> OutboxRow:
    with house.unit(writing=False) as uow:
        return uow.session.scalars(select(OutboxRow)).one()


def test_rung_row_is_rung_again_only_after_a_while(house: House, clock: Clock) -> None:
    promise(house)
    assert due(house) == [1]
    assert due(house) == []
    clock.advance(seconds=house.settings.workers.ring_again_s)
    assert due(house) == [1]


def test_one_worker_holds_a_row(house: House, clock: Clock) -> None:
    promise(house)
    assert claim(house, 1) == Claim(1, "check.submitted", {"check": "x"}, 1)
    assert claim(house, 1) is None
    clock.advance(seconds=house.settings.workers.lease_s)
    again = claim(house, 1)
    assert again is not None
    assert again.attempt == 2


def test_papers_are_held_longer(house: House, clock: Clock) -> None:
    promise(house, Event.BULLETIN_REQUESTED)
    assert claim(house, 1)
    clock.advance(seconds=house.settings.workers.lease_s + 1)
    assert claim(house, 1) is None
    assert due(house) == []


def test_effect_is_done_once_however_many_workers_try(house: House, clock: Clock) -> None:
    promise(house)
    first = claim(house, 1)
    clock.advance(hours=1)
    second = claim(house, 1)
    assert first is not None
    assert second is not None
    done = []
    for held in (second, first):
        with house.unit() as uow:
            done.append(outbox.finish(uow, held))
    assert done == [True, False]
    assert claim(house, 1) is None


def test_failures_wait_ever_longer_then_stop_for_a_person(house: House, clock: Clock) -> None:
    promise(house)
    waits = []
    for _ in range(house.settings.workers.max_attempts):
        held = claim(house, 1)
        assert held is not None
        with house.unit() as uow:
            outbox.record_failure(uow, held, ValueError("坏了"))
        waits.append((row(house).due_at - clock.at).total_seconds())
        clock.at = row(house).due_at if waits[-1] < 1000 else clock.at
    assert waits[:5] == [2, 4, 8, 16, 32]
    assert row(house).result == outbox.STUCK
    assert row(house).last_error == "ValueError: 坏了"
    assert due(house) == []
    with house.unit() as uow:
        assert outbox.retry_stuck(uow) == 1
    assert due(house) == [1]


def test_failure_of_a_finished_row_changes_nothing(house: House) -> None:
    promise(house)
    held = claim(house, 1)
    assert held is not None
    with house.unit() as uow:
        outbox.finish(uow, held)
    with house.unit() as uow:
        outbox.record_failure(uow, held, ValueError("late"))
    assert row(house).last_error is None
    assert row(house).result == outbox.DONE


def test_idle_look_is_cheap_and_true(house: House) -> None:
    with house.unit(writing=False) as uow:
        assert not outbox.any_due(uow)
    promise(house)
    with house.unit(writing=False) as uow:
        assert outbox.any_due(uow)
