"""待办：一件事只办成一次；办的人死了，租约过期后别人再办；坏了的停下等人。"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from server.models.outbox import OutboxRow
from server.outbox import Event
from server.services import outbox
from server.uow import House
from tests.factories.world import Clock


def promise(house: House, name: str) -> int:
    with house.unit() as uow:
        uow.promise(Event.EVIDENCE_EXAMINED, {"evidence": name})
        uow.session.flush()
        return max(uow.session.scalars(select(OutboxRow.id)))


def row(house: House, row_id: int) -> OutboxRow:
    with house.unit(writing=False) as uow:
        found = uow.session.get(OutboxRow, row_id)
        assert found is not None
        return found


def test_one_holder_at_a_time_and_another_after_the_lease(house: House, clock: Clock) -> None:
    row_id = promise(house, "a")
    with house.unit() as uow:
        first = outbox.claim(uow, row_id)
    with house.unit() as uow:
        assert outbox.claim(uow, row_id) is None
    clock.advance(seconds=house.settings.workers.lease_s + 1)
    with house.unit() as uow:
        second = outbox.claim(uow, row_id)
    assert first is not None
    assert second is not None
    assert (first.attempt, second.attempt) == (1, 2)


def test_only_the_first_to_finish_has_done_it(house: House) -> None:
    row_id = promise(house, "b")
    with house.unit() as uow:
        claim = outbox.claim(uow, row_id)
    assert claim is not None
    with house.unit() as uow:
        assert outbox.finish(uow, claim)
    with house.unit() as uow:
        assert not outbox.finish(uow, claim)
    with house.unit() as uow:
        assert outbox.claim(uow, row_id) is None


def test_a_lost_message_is_rung_again_after_a_while(house: House, clock: Clock) -> None:
    row_id = promise(house, "c")
    with house.unit() as uow:
        assert row_id in [r for r, _ in outbox.take_due(uow)]
    with house.unit() as uow:
        assert row_id not in [r for r, _ in outbox.take_due(uow)]
    clock.advance(seconds=house.settings.workers.ring_again_s + 1)
    with house.unit() as uow:
        assert row_id in [r for r, _ in outbox.take_due(uow)]


def test_failures_wait_longer_each_time_then_stop_for_a_person(house: House, clock: Clock) -> None:
    row_id, waits = promise(house, "d"), []
    for _ in range(house.settings.workers.max_attempts):
        with house.unit() as uow:
            claim = outbox.claim(uow, row_id)
        assert claim is not None
        with house.unit() as uow:
            outbox.record_failure(uow, claim, ValueError("坏了"))
        waits.append(row(house, row_id).due_at - clock())
        clock.advance(seconds=301)
    assert waits[:3] == [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)]
    stopped = row(house, row_id)
    assert (stopped.result, stopped.done_at) == (outbox.STUCK, None)
    assert "坏了" in (stopped.last_error or "")
    with house.unit() as uow:
        assert outbox.retry_stuck(uow) >= 1
    assert row(house, row_id).result is None
