"""Working days; day types come from the State Council notices quoted by two public data sets."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.calendar_data import (
    NOTICES,
    CalendarRow,
    HolidayBlock,
    YearNotice,
    seed_rows,
    statutory_days,
)
from server.domain.errors import Invalid
from server.domain.workdays import build_calendar

PAST = (
    YearNotice(
        2016,
        "2016年通知",
        (
            HolidayBlock("元旦", date(2016, 1, 1), date(2016, 1, 3)),
            HolidayBlock("春节", date(2016, 2, 7), date(2016, 2, 13), (date(2016, 2, 6), date(2016, 2, 14))),
        ),
    ),
    YearNotice(2018, "2018年通知", (HolidayBlock("元旦", date(2017, 12, 30), date(2018, 1, 1)),)),
    YearNotice(
        2019,
        "2019年通知",
        (HolidayBlock("春节", date(2019, 2, 4), date(2019, 2, 10), (date(2019, 2, 2), date(2019, 2, 3))),),
    ),
)
SEEDED = build_calendar(seed_rows(), [notice.year for notice in NOTICES])
OLD = build_calendar([row for notice in PAST for row in notice.rows()], [2016, 2018, 2019])


def days(text: str) -> list[date]:
    return [date.fromisoformat(day) for day in text.split()]


@pytest.mark.parametrize(
    "on",
    days(
        "2026-01-01 2026-01-02 2026-01-03 2026-02-15 2026-02-23 2026-04-04 2026-04-06 2026-05-01 2026-05-05 "
        "2026-06-19 2026-09-25 2026-10-01 2026-10-07 2025-10-08 2025-06-02"
    ),
)
def test_days_off_of_the_notices(on: date) -> None:
    assert not SEEDED.is_workday(on)


@pytest.mark.parametrize(
    "on",
    days("2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10 2026-01-05 2025-01-26 2025-10-11"),
)
def test_working_days_of_the_notices(on: date) -> None:
    assert SEEDED.is_workday(on)


def test_older_notices() -> None:
    off = days("2019-02-04 2019-02-10 2016-01-01 2016-02-07 2016-02-13")
    work = days("2019-02-02 2019-02-03 2019-02-11 2016-02-06 2016-02-14")
    assert not any(OLD.is_workday(on) for on in off)
    assert all(OLD.is_workday(on) for on in work)


def test_count_of_january_2018() -> None:
    assert OLD.count_workdays(date(2018, 1, 1), date(2018, 2, 1)) == 23


@pytest.mark.parametrize(("start", "end"), [("2026-02-09", "2026-03-13"), ("2026-09-14", "2026-10-16")])
def test_twenty_working_days(start: str, end: str) -> None:
    deadline = SEEDED.add_workdays(date.fromisoformat(start), 20)
    assert deadline.on.isoformat() == end
    assert not deadline.provisional
    assert deadline.calendar_version == SEEDED.version


def test_a_year_without_a_notice_is_never_answered_in_silence() -> None:
    assert SEEDED.is_provisional(date(2027, 1, 4))
    deadline = SEEDED.add_workdays(date(2026, 12, 20), 20)
    assert deadline.provisional
    assert deadline.unannounced_years == (2027,)


def test_a_provisional_year_still_keeps_statutory_days() -> None:
    assert not SEEDED.is_workday(date(2027, 1, 1))
    assert not SEEDED.is_workday(date(2027, 2, 8))  # 正月初三
    assert SEEDED.is_workday(date(2027, 1, 4))
    assert date(2027, 4, 5) in statutory_days(2027)
    assert date(2028, 4, 4) in statutory_days(2028)
    assert len(statutory_days(2027)) == 13
    assert len(statutory_days(2050)) == 7


def test_a_new_row_changes_the_version_and_ends_the_doubt() -> None:
    rows = [*seed_rows(), CalendarRow(date(2027, 1, 4), False, "元旦", "假设的通知")]
    later = build_calendar(rows, [2025, 2026, 2027])
    assert later.version != SEEDED.version
    assert not later.is_workday(date(2027, 1, 4))
    assert not later.add_workdays(date(2026, 12, 20), 20).provisional


def test_the_order_of_rows_does_not_change_the_version() -> None:
    assert build_calendar(reversed(seed_rows()), [2026, 2025]).version == SEEDED.version


def test_a_calendar_day_term_moves_off_a_holiday() -> None:
    assert SEEDED.add_days(date(2026, 9, 16), 15).on == date(2026, 10, 8)
    assert SEEDED.add_days(date(2026, 3, 2), 15).on == date(2026, 3, 17)


def test_contradicting_rows_are_refused() -> None:
    rows = [CalendarRow(date(2027, 1, 4), works, "x", "y") for works in (True, False)]
    with pytest.raises(Invalid) as caught:
        build_calendar(rows, [2027])
    assert caught.value.code == "calendar-contradicts-itself"


@pytest.mark.parametrize("term", [0, -1, 2001])
def test_an_impossible_term_is_refused(term: int) -> None:
    with pytest.raises(Invalid) as caught:
        SEEDED.add_workdays(date(2026, 1, 5), term)
    assert caught.value.code == "term-out-of-range"


@given(st.dates(date(2025, 1, 1), date(2026, 10, 1)), st.integers(1, 40))
def test_a_term_holds_exactly_its_working_days(start: date, term: int) -> None:
    end = SEEDED.add_workdays(start, term).on
    assert SEEDED.is_workday(end)
    assert SEEDED.count_workdays(start + timedelta(days=1), end) == term
