"""工作日历：看一年、录一年、推算期限。"""

from __future__ import annotations

from typing import Any

from schemas.calendars import (
    CalendarSavedShape,
    CalendarYearEntryShape,
    CalendarYearShape,
    TermQuery,
    TermShape,
)
from server.domain.permissions import Permission
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import calendars
from server.uow import UnitOfWork

blp = Rooms("console-calendars", __name__, url_prefix="/api/v1/console/calendar", description="工作日历")
P = Permission


@blp.route("/<int(min=2000, max=2099):year>", methods=["GET"])
@endpoint(P.CONSOLE_SESSION_OWN, door="console")
@blp.response(200, CalendarYearShape)
def show_year(year: int, uow: UnitOfWork) -> Any:
    """一年的工作日历，有没有通知。"""
    return calendars.year_of(uow, year)


@blp.route("/<int(min=2000, max=2099):year>", methods=["PUT"])
@endpoint(P.CONSOLE_CALENDAR_WRITE, door="console", writes=True)
@blp.arguments(CalendarYearEntryShape)
@blp.response(200, CalendarSavedShape)
def put_year(body: dict[str, Any], year: int, uow: UnitOfWork) -> Any:
    """录入一年的放假通知或地方改动；未办结的期限当场重算，动了的写提醒。"""
    moved = calendars.announce_year(uow, year, calendars.YearEntry(**body))
    return calendars.year_of(uow, year) | {"moved": moved}


@blp.route("/term", methods=["GET"])
@endpoint(P.CONSOLE_SESSION_OWN, door="console")
@blp.arguments(TermQuery, location="query")
@blp.response(200, TermShape)
def compute_term(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """从某天起数几个工作日；涉及没有通知的年份标明暂定。"""
    term = calendars.work_calendar(uow).add_workdays(query["from_on"], query["days"])
    names = ("on", "provisional", "unannounced_years", "calendar_version")
    return query | {name: getattr(term, name) for name in names}
