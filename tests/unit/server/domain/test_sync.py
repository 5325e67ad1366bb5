"""对账的规矩：什么算晚到，什么算报过，什么是旧消息。"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.sync import (
    LATE,
    MOST_PHOTOS,
    REPEATED,
    AnnouncedPhoto,
    Beat,
    extend_photos,
    is_late,
    is_late_copy,
    is_silent,
    stamp_fault,
    was_announced,
)

NOW = datetime(2026, 9, 21, 2, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def shot(number: int, digest: str = "a") -> AnnouncedPhoto:
    return AnnouncedPhoto(UUID(int=number), digest * 64, 10)


def test_photos_named_later_keep_their_own_time() -> None:
    first = extend_photos([], [shot(1)], NOW)
    both = extend_photos(first, [shot(1), shot(2), shot(1, "b")], NOW + HOUR)
    assert [(row["uuid"][-1], row["sha256"][0], row["at"][11:13]) for row in both] == [
        ("1", "a", "02"),
        ("2", "a", "03"),
        ("1", "b", "03"),
    ]
    assert extend_photos(both, [shot(1), shot(2)], NOW + 2 * HOUR) == both
    assert len(first) == 1


@given(st.lists(st.builds(shot, st.integers(0, 9), st.sampled_from("abc"))))
def test_announcing_again_adds_nothing(photos: list[AnnouncedPhoto]) -> None:
    once = extend_photos([], photos, NOW)
    assert extend_photos(once, photos, NOW + HOUR) == once
    assert len(once) == len({(p.uuid, p.sha256) for p in photos})


def test_a_list_of_photos_is_bounded() -> None:
    many = [shot(n) for n in range(MOST_PHOTOS + 5)]
    assert len(extend_photos([], many, NOW)) == MOST_PHOTOS


def test_only_these_bytes_named_in_time_count() -> None:
    named = extend_photos([], [shot(1)], NOW)
    assert was_announced(UUID(int=1), "a" * 64, NOW, named)
    assert not was_announced(UUID(int=1), "a" * 64, NOW - MINUTE, named)
    assert not was_announced(UUID(int=1), "b" * 64, NOW, named)
    assert not was_announced(UUID(int=2), "a" * 64, NOW, named)


@pytest.mark.parametrize(
    ("offset", "later", "late"),
    [(0, LATE, False), (0, LATE + MINUTE, True), (3600, LATE, True), (-3600, LATE + MINUTE, False)],
)
def test_late_is_by_a_clock_put_right(offset: int, later: timedelta, late: bool) -> None:
    # A phone that is an hour ahead ended its check an hour before it says.
    assert is_late(NOW, offset, NOW + later) is late


def test_a_record_that_ended_before_its_stamp_was_made_is_told_of() -> None:
    assert not stamp_fault(NOW, NOW, 0)
    assert not stamp_fault(NOW, NOW - 5 * MINUTE, 0)
    assert stamp_fault(NOW, NOW - 6 * MINUTE, 0)
    assert stamp_fault(NOW, NOW, 3600)
    assert not stamp_fault(NOW, NOW - HOUR, -3600)


def test_a_late_copy_is_older_and_comes_soon() -> None:
    assert is_late_copy(NOW - HOUR, NOW, NOW, NOW - MINUTE)
    assert not is_late_copy(NOW - HOUR, NOW, NOW, NOW - REPEATED)
    assert not is_late_copy(NOW, NOW, NOW, NOW)


def test_a_phone_that_has_not_been_heard_of_for_a_day_is_silent() -> None:
    assert not is_silent(NOW - 24 * HOUR, NOW)
    assert is_silent(NOW - 25 * HOUR, NOW)


def test_a_phone_holds_what_it_says() -> None:
    nothing = Beat(NOW, 0, 0, 0, 0, None, None, None, (), "")
    assert not nothing.holds
    assert Beat(NOW, 0, 0, 1, 9, None, None, None, (), "").holds
