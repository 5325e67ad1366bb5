"""放假调休数据：国务院办公厅每年通知的日期，以及尚无通知年份的法定节日。

Rows, not rules: a new notice is a new block here or rows entered by an administrator. Days that are neither
listed as off nor as work follow the week (Monday to Friday are working days).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One exception to the ordinary week: `works` tells which way; `notice` is the document that says so."""

    on: date
    works: bool
    name: str
    notice: str


@dataclass(frozen=True, slots=True)
class HolidayBlock:
    """A run of days off from `first_on` to `last_on` (inclusive) and the swapped working days it costs."""

    name: str
    first_on: date
    last_on: date
    working: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class YearNotice:
    """The arrangement of one year as published."""

    year: int
    notice: str
    blocks: tuple[HolidayBlock, ...]

    def rows(self) -> tuple[CalendarRow, ...]:
        """Return one row a day, in order of date."""
        rows = [row for block in self.blocks for row in _block_rows(block, self.notice)]
        return tuple(sorted(rows, key=lambda row: row.on))


def _block_rows(block: HolidayBlock, notice: str) -> list[CalendarRow]:
    days = (block.last_on - block.first_on).days + 1
    rows = [CalendarRow(block.first_on + timedelta(days=step), False, block.name, notice) for step in range(days)]
    return rows + [CalendarRow(on, True, f"{block.name}调休上班", notice) for on in block.working]


NOTICES = (
    YearNotice(
        2025,
        "国办发明电〔2024〕12号",
        (
            HolidayBlock("元旦", date(2025, 1, 1), date(2025, 1, 1)),
            HolidayBlock("春节", date(2025, 1, 28), date(2025, 2, 4), (date(2025, 1, 26), date(2025, 2, 8))),
            HolidayBlock("清明节", date(2025, 4, 4), date(2025, 4, 6)),
            HolidayBlock("劳动节", date(2025, 5, 1), date(2025, 5, 5), (date(2025, 4, 27),)),
            HolidayBlock("端午节", date(2025, 5, 31), date(2025, 6, 2)),
            HolidayBlock(
                "国庆节、中秋节",
                date(2025, 10, 1),
                date(2025, 10, 8),
                (date(2025, 9, 28), date(2025, 10, 11)),
            ),
        ),
    ),
    YearNotice(
        2026,
        "国办发明电〔2025〕7号",
        (
            HolidayBlock("元旦", date(2026, 1, 1), date(2026, 1, 3), (date(2026, 1, 4),)),
            HolidayBlock("春节", date(2026, 2, 15), date(2026, 2, 23), (date(2026, 2, 14), date(2026, 2, 28))),
            HolidayBlock("清明节", date(2026, 4, 4), date(2026, 4, 6)),
            HolidayBlock("劳动节", date(2026, 5, 1), date(2026, 5, 5), (date(2026, 5, 9),)),
            HolidayBlock("端午节", date(2026, 6, 19), date(2026, 6, 21)),
            HolidayBlock("中秋节", date(2026, 9, 25), date(2026, 9, 27)),
            HolidayBlock("国庆节", date(2026, 10, 1), date(2026, 10, 7), (date(2026, 9, 20), date(2026, 10, 10))),
        ),
    ),
)

# 农历节日落在公历的哪一天（春节、端午、中秋），只用于尚无通知的年份，算出的期限一律标为暂定。
LUNAR_FESTIVALS: dict[int, tuple[date, date, date]] = {
    2027: (date(2027, 2, 6), date(2027, 6, 9), date(2027, 9, 15)),
    2028: (date(2028, 1, 26), date(2028, 5, 28), date(2028, 10, 3)),
    2029: (date(2029, 2, 13), date(2029, 6, 16), date(2029, 9, 22)),
    2030: (date(2030, 2, 3), date(2030, 6, 5), date(2030, 9, 12)),
    2031: (date(2031, 1, 23), date(2031, 6, 24), date(2031, 10, 1)),
    2032: (date(2032, 2, 11), date(2032, 6, 12), date(2032, 9, 19)),
    2033: (date(2033, 1, 31), date(2033, 6, 1), date(2033, 9, 8)),
    2034: (date(2034, 2, 19), date(2034, 6, 20), date(2034, 9, 27)),
    2035: (date(2035, 2, 8), date(2035, 6, 10), date(2035, 9, 16)),
}


def seed_rows() -> tuple[CalendarRow, ...]:
    """Return the rows of all notices kept here, in order of date."""
    return tuple(row for notice in NOTICES for row in notice.rows())


def statutory_days(year: int) -> frozenset[date]:
    """Return the statutory days off of a year without a notice (全国年节及纪念日放假办法, 2024年修订).

    Lunar festivals are included for the years of `LUNAR_FESTIVALS`; 清明 falls on 4 or 5 April in this
    century.
    """
    days = {date(year, 1, 1), date(year, 4, _qingming(year)), date(year, 5, 1), date(year, 5, 2)}
    days |= {date(year, 10, day) for day in (1, 2, 3)}
    lunar = LUNAR_FESTIVALS.get(year)
    if lunar:
        spring, dragon_boat, mid_autumn = lunar
        days |= {spring + timedelta(days=step) for step in (-1, 0, 1, 2)}
        days |= {dragon_boat, mid_autumn}
    return frozenset(days)


def _qingming(year: int) -> int:
    # 寿星公式（21世纪系数 4.81），全部用整数：(年尾两位 × 0.2422 + 4.81) 的整数部分减去闰年数。
    tail = year % 100
    return (tail * 2422 + 48100) // 10000 - tail // 4
