"""任务、期限、提醒、工作日历的网页。"""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any
from uuid import UUID

from schemas.assignments import AssignmentQuery
from schemas.deadlines import DeadlineQuery
from server.domain.assignments import OUTCOME_TITLES, STATE_TITLES, Outcome
from server.domain.checks import shanghai_day
from server.domain.deadlines import KIND_TITLES
from server.domain.permissions import Permission
from server.queries import assignments as queries
from server.queries import deadlines as clocks
from server.queries import registers
from server.queries.assignments import Wanted
from server.queries.console_pages import region_names
from server.routes.console.page_frame import page_room, query_of, show
from server.routes.endpoint import endpoint
from server.services import calendars
from server.services.assignment_steps import find_assignment
from server.uow import UnitOfWork

pages = page_room("work-pages")
P = Permission
COLLEAGUES = 200
BY_HAND = (Outcome.REFUSED, Outcome.UNREACHABLE, Outcome.STOPPED)
PAPERS = (Outcome.ORDERED, Outcome.FILED)


@pages.get("/assignments")
@endpoint(P.CONSOLE_ASSIGNMENT_READ, door="console")
def assignment_list(uow: UnitOfWork) -> str:
    """任务列表，按状态、逾期、抽签、对象筛选。"""
    asked = query_of(AssignmentQuery)
    after, limit = asked.pop("after"), asked.pop("limit")
    page = queries.assignment_page(uow.session, uow.scope, Wanted(shanghai_day(uow.now), **asked), after, limit)
    names = region_names(uow.session, [row["region_code"] for row in page.items])
    kept = {name: value for name, value in asked.items() if value}
    return show("assignments.html", uow, "assignments", page=page, asked=kept, states=STATE_TITLES, regions=names)


@pages.get("/assignments/<uuid:assignment>")
@endpoint(P.CONSOLE_ASSIGNMENT_READ, door="console", refuses=(404,))
def assignment_page(assignment: UUID, uow: UnitOfWork) -> str:
    """一项任务：现状、历程、办理。"""
    task = queries.assignment_detail(uow.session, find_assignment(uow, assignment), shanghai_day(uow.now))
    scope = uow.actor.scope(P.CONSOLE_OFFICER_READ)
    others = registers.officers(uow.session, scope, 0, COLLEAGUES, "", retired=False).items
    on_task = {member["uuid"] for member in task["officers"]}
    by_hand = PAPERS if task["state"] == "done" else BY_HAND
    return show(
        "assignment.html",
        uow,
        "assignments",
        task=task,
        colleagues=[(o.uuid, o.name) for o in others if o.uuid not in on_task],
        outcomes=[(o.value, OUTCOME_TITLES[o]) for o in by_hand],
        region=region_names(uow.session, [task["region_code"]]).get(task["region_code"], task["region_code"]),
    )


@pages.get("/deadlines")
@endpoint(P.CONSOLE_ASSIGNMENT_READ, door="console")
def deadline_list(uow: UnitOfWork) -> str:
    """法定期限与提醒。"""
    asked = query_of(DeadlineQuery)
    page = clocks.deadline_page(uow.session, uow.scope, on=shanghai_day(uow.now), **asked)
    notices = clocks.notice_page(uow.session, uow.scope, 0, 50, unread=True)
    kinds = [(kind.value, title) for kind, title in KIND_TITLES.items()]
    year = shanghai_day(uow.now).year
    return show("deadlines.html", uow, "deadlines", page=page, asked=asked, notices=notices, kinds=kinds, year=year)


@pages.get("/calendar/<int(min=2000, max=2099):year>")
@endpoint(P.CONSOLE_SESSION_OWN, door="console")
def calendar_page(year: int, uow: UnitOfWork) -> str:
    """一年的工作日历。"""
    found = calendars.year_of(uow, year)
    return show("calendar.html", uow, "deadlines", year=found, months=_months(year, found["days"]))


def _months(year: int, days: list[dict[str, Any]]) -> list[list[list[dict[str, Any] | None]]]:
    """Twelve months of weeks of seven cells, Monday first; None outside the month."""
    special = {row["on"]: row for row in days}

    def cell(day: int, month: int) -> dict[str, Any] | None:
        if not day:
            return None
        on = date(year, month, day)
        row = special.get(on)
        look = ("works" if row["works"] else "off") if row else "rest" if on.weekday() > 4 else ""
        return {"day": day, "look": look, "name": row["name"] if row else ""}

    return [[[cell(d, m) for d in week] for week in calendar.monthcalendar(year, m)] for m in range(1, 13)]
