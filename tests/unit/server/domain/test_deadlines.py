"""When a clock is told of."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.calendar_data import NOTICES, seed_rows
from server.domain.deadlines import (
    HORIZON_DAYS,
    KIND_TITLES,
    TERMS,
    THRESHOLDS,
    DeadlineKind,
    Level,
    days_left,
    level_began,
    level_on,
    sentence,
)
from server.domain.workdays import build_calendar

CALENDAR = build_calendar(seed_rows(), [notice.year for notice in NOTICES])
DUE = date(2026, 10, 16)


def test_the_terms_are_those_of_the_law() -> None:
    assert TERMS == {DeadlineKind.DISCLOSE_CHECK: 20, DeadlineKind.WITHDRAW_PUBLICATION: 3}
    assert set(KIND_TITLES) == set(DeadlineKind)


@pytest.mark.parametrize(
    ("on", "left", "level"),
    [
        ("2026-10-01", 8, Level.CALM),
        ("2026-10-09", 6, Level.CALM),
        ("2026-10-10", 5, Level.SOON),
        ("2026-10-11", 5, Level.SOON),
        ("2026-10-14", 2, Level.SOON),
        ("2026-10-15", 1, Level.NEXT),
        ("2026-10-16", 0, Level.NEXT),
        ("2026-10-17", 0, Level.OVERDUE),
    ],
)
def test_how_near_a_day_is(on: str, left: int, level: Level) -> None:
    day = date.fromisoformat(on)
    assert level_on(CALENDAR, DUE, day) is level
    if level is not Level.OVERDUE:
        assert days_left(CALENDAR, DUE, day) == left


def told_over(due: date, days: range) -> list[tuple[int, Level]]:
    """What is told when somebody looks three times on each of these days before `due`."""
    warned: date | None = None
    told = []
    for before in days:
        on = due - timedelta(days=before)
        for _ in range(3):
            level = level_on(CALENDAR, due, on)
            if level is not Level.CALM and (warned is None or warned < level_began(CALENDAR, due, on)):
                told.append((before, level))
                warned = on
    return told


def test_each_level_is_told_once() -> None:
    assert told_over(DUE, range(20, -5, -1)) == [(6, Level.SOON), (1, Level.NEXT), (-1, Level.OVERDUE)]


def test_who_looks_late_is_told_the_nearest_level_alone() -> None:
    assert told_over(DUE, range(0, -3, -1)) == [(0, Level.NEXT), (-1, Level.OVERDUE)]
    assert told_over(DUE, range(-9, -12, -1)) == [(-9, Level.OVERDUE)]


@given(st.dates(date(2025, 2, 1), date(2026, 12, 31)), st.integers(0, 20))
def test_a_level_began_where_the_day_before_was_another(due: date, before: int) -> None:
    on = due - timedelta(days=before)
    began, level = level_began(CALENDAR, due, on), level_on(CALENDAR, due, on)
    if level is not Level.CALM:
        assert {level_on(CALENDAR, due, began + timedelta(days=n)) for n in range((on - began).days + 1)} == {level}
        assert level_on(CALENDAR, due, began - timedelta(days=1)) < level


@given(st.dates(date(2025, 2, 1), date(2026, 12, 31)))
def test_the_horizon_is_never_too_near(due: date) -> None:
    beyond = due - timedelta(days=HORIZON_DAYS + 1)
    assert days_left(CALENDAR, due, beyond) > max(days for days, _ in THRESHOLDS)
    assert level_on(CALENDAR, due, beyond) is Level.CALM


def test_sentences() -> None:
    assert (
        sentence("公示检查结果：示例", 1, DUE, Level.SOON, 5) == "公示检查结果：示例还有5个工作日到期（2026-10-16）。"
    )
    assert sentence("检查任务：示例", 3, DUE, Level.NEXT, 0) == "检查任务：示例等3项今天到期（2026-10-16）。"
    assert sentence("检查任务：示例", 1, DUE, Level.OVERDUE, 0) == "检查任务：示例应于2026-10-16前办结，已逾期。"
