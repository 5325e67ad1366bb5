"""The holiday rows themselves."""

from datetime import date

from server.domain.calendar_data import LUNAR_FESTIVALS, NOTICES, seed_rows, statutory_days


def test_each_day_is_listed_once_and_in_order() -> None:
    days = [row.on for row in seed_rows()]
    assert days == sorted(set(days))


def test_swapped_working_days_are_weekends() -> None:
    assert all(row.on.weekday() >= 5 for row in seed_rows() if row.works)


def test_days_off_by_year() -> None:
    off = {notice.year: sum(not row.works for row in notice.rows()) for notice in NOTICES}
    assert off == {2025: 28, 2026: 33}


def test_every_row_names_its_notice() -> None:
    assert all(row.notice.startswith("国办发明电〔") for row in seed_rows())


def test_statutory_days_lie_inside_the_announced_holidays() -> None:
    off = {row.on for row in seed_rows() if not row.works}
    for notice in NOTICES:
        assert statutory_days(notice.year) <= off


def test_lunar_festivals_fall_in_their_seasons() -> None:
    for year, (spring, dragon_boat, mid_autumn) in LUNAR_FESTIVALS.items():
        assert date(year, 1, 21) <= spring <= date(year, 2, 20)
        assert 120 <= (dragon_boat - spring).days <= 152
        assert 218 <= (mid_autumn - spring).days <= 252
