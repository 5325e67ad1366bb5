"""控制台网页：登录、工作台。"""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from server.domain.checks import shanghai_day
from server.domain.draw_states import STATE_TITLES, DrawState
from server.domain.permissions import Permission
from server.queries import console_pages as waiting
from server.queries import deadlines, draws, unsent
from server.routes.console.page_frame import brief, day, page_room, show, stamp, way_back
from server.routes.endpoint import endpoint, unguarded
from server.uow import UnitOfWork

pages = page_room("pages")
P = Permission
LATEST = 200
STILL = (DrawState.ANNOUNCED, DrawState.TYPED, DrawState.DRAWING, DrawState.SEALED)
pages.add_app_template_filter(brief, "brief")
pages.add_app_template_filter(day, "day")
pages.add_app_template_filter(stamp, "stamp")


@pages.get("/sign-in")
@unguarded("登录页：还不知道是谁")
def sign_in() -> str:
    """登录。"""
    return render_template("console/sign_in.html", next=way_back(request.args.get("next", "")))


@pages.get("")
@endpoint(P.CONSOLE_SESSION_OWN, door="console")
def home(uow: UnitOfWork) -> str:
    """工作台：什么在等我。"""
    return show("home.html", uow, "home", on=shanghai_day(uow.now), **_draws(uow), **_work(uow), held=_held(uow))


def _draws(uow: UnitOfWork) -> dict[str, Any]:
    if not uow.actor.may(P.CONSOLE_DRAW_READ):
        return {"counts": None, "running": []}
    scope = uow.actor.scope(P.CONSOLE_DRAW_READ)
    found = waiting.draws_by_state(uow.session, scope)
    running = [
        row for state in STILL for row in draws.draw_page(uow.session, scope, 0, LATEST, state.value, None).items
    ]
    return {"counts": [(s, STATE_TITLES[s], found.get(s.value, 0)) for s in DrawState], "running": running}


def _held(uow: UnitOfWork) -> dict[str, int] | None:
    """What was sealed and has not come yet, by the phones' own account; None for who may not see checks."""
    if not uow.actor.may(P.CONSOLE_CHECK_READ):
        return None
    return unsent.outstanding(uow.session, uow.actor.scope(P.CONSOLE_CHECK_READ))


def _work(uow: UnitOfWork) -> dict[str, Any]:
    if not uow.actor.may(P.CONSOLE_ASSIGNMENT_READ):
        return {"tasks": None, "clocks": None, "unread": 0, "notices": []}
    scope, on = uow.actor.scope(P.CONSOLE_ASSIGNMENT_READ), shanghai_day(uow.now)
    return {
        "tasks": waiting.tasks_waiting(uow.session, scope, on),
        "clocks": waiting.deadlines_waiting(uow.session, scope, on),
        "unread": waiting.unread_notices(uow.session, scope),
        "notices": deadlines.notice_page(uow.session, scope, 0, 8, unread=True).items,
    }
