"""工作日历：随软件带的放假通知，加上管理员录入的年份和地方临时改动。"""

from __future__ import annotations

from sqlalchemy import select

from server.domain.calendar_data import NOTICES, CalendarRow, seed_rows
from server.domain.workdays import WorkCalendar, build_calendar
from server.models.assignments import CalendarDay, CalendarYear
from server.uow import UnitOfWork


def work_calendar(uow: UnitOfWork) -> WorkCalendar:
    """The calendar as it stands now; a row entered here outweighs the one that came with the software."""
    days = {row.on: row for row in seed_rows()}
    for day in uow.session.scalars(select(CalendarDay)):
        days[day.on] = CalendarRow(day.on, day.works, day.name, day.source)
    years = {notice.year for notice in NOTICES} | set(uow.session.scalars(select(CalendarYear.year)))
    return build_calendar(days.values(), years)
