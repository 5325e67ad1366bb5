"""控制台网页的框：没登录的人领去登录，拒绝写成一页，每页带自己会话的 CSRF 令牌，谁也不缓存。"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request
from marshmallow import EXCLUDE, Schema, ValidationError
from werkzeug.wrappers import Response as Reply

from server.domain.checks import SHANGHAI
from server.domain.errors import FieldError, Invalid, Unidentified, ZhijianError
from server.domain.permissions import ROLE_NAMES, Permission
from server.domain.wording import PARTIES
from server.routes.identity import COOKIE
from server.routes.problems import from_error
from server.services.sessions import csrf_of
from server.uow import UnitOfWork

P = Permission
SIGN_IN = "/console/sign-in"
PLACES = (
    ("home", "工作台", "/console", P.CONSOLE_SESSION_OWN),
    ("draws", "抽签", "/console/draws", P.CONSOLE_DRAW_READ),
    ("plans", "计划", "/console/plans", P.CONSOLE_PLAN_READ),
    ("assignments", "任务", "/console/assignments", P.CONSOLE_ASSIGNMENT_READ),
    ("unsent", "未交", "/console/unsent", P.CONSOLE_CHECK_READ),
    ("registers", "名录", "/console/registers/subjects", P.CONSOLE_SUBJECT_READ),
    ("deadlines", "期限", "/console/deadlines", P.CONSOLE_ASSIGNMENT_READ),
    ("phones", "手机", "/console/phones", P.CONSOLE_SESSION_OWN),
)
FRAME_TITLES = {"project": "工程项目", "enterprise_site": "企业站点"}


def page_room(name: str) -> Blueprint:
    """A blueprint of console pages."""
    room = Blueprint(f"console-{name}", __name__, url_prefix="/console")
    room.register_error_handler(Unidentified, lead_to_sign_in)
    room.register_error_handler(ZhijianError, tell)
    room.after_request(keep_out_of_caches)
    return room


def _reads_pages() -> bool:
    return any(kind == "text/html" for kind, _ in request.accept_mimetypes)


def lead_to_sign_in(error: Unidentified) -> Reply:
    """A person is led to the door and back to this page; a program gets the problem."""
    if not _reads_pages():
        return from_error(error).response()
    wanted = request.full_path.rstrip("?")
    return redirect(f"{SIGN_IN}?next={quote(wanted, safe='')}", 303)


def tell(error: ZhijianError) -> Response:
    """A refusal as a page of the console."""
    problem = from_error(error)
    if not _reads_pages():
        return problem.response()
    return Response(render_template("console/problem.html", **problem.body()), problem.status, mimetype="text/html")


def keep_out_of_caches(reply: Response) -> Response:
    reply.headers["Cache-Control"] = "no-store"
    return reply


def way_back(wanted: str) -> str:
    """A path of this console to go on to after signing in; anything else is the first page."""
    inside = wanted == "/console" or wanted.startswith(("/console/", "/console?"))
    return wanted if inside and "\\" not in wanted and not wanted.startswith(SIGN_IN) else "/console"


def show(template: str, uow: UnitOfWork, place: str, **values: Any) -> str:
    """Render a page for the person of this unit."""
    actor = uow.actor

    def may(word: str) -> bool:
        return actor.may(Permission(f"console:{word}"))

    return render_template(
        f"console/{template}",
        me=actor,
        role="、".join(dict.fromkeys(ROLE_NAMES[grant.role] for grant in actor.grants)),
        csrf=csrf_of(request.cookies.get(COOKIE, "")),
        may=may,
        place=place,
        places=[row for row in PLACES if actor.may(row[3])],
        parties=PARTIES,
        frames=FRAME_TITLES,
        now=uow.now,
        **values,
    )


def brief(at: datetime | None) -> str:
    """11-21 10:26, in Shanghai; a dash for nothing."""
    return f"{at.astimezone(SHANGHAI):%m-%d %H:%M}" if at else "—"


def day(at: datetime) -> str:
    """2027-05-20, in Shanghai: for what may lie in another year."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d}"


def stamp(at: datetime) -> str:
    """2026-11-21T10:26, in Shanghai, as a field of day and time wants it."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def query_of(shape: type[Schema]) -> dict[str, Any]:
    """The query of a page by this shape; empty fields of a form count as not given. Raises Invalid `validation-failed`."""
    given = {name: value for name, value in request.args.items() if value != ""}
    try:
        loaded: dict[str, Any] = shape(unknown=EXCLUDE).load(given)
    except ValidationError as error:
        told: dict[str, Any] = error.normalized_messages()
        errors = [FieldError(f"/{name}", str(reasons[0])) for name, reasons in sorted(told.items())]
        raise Invalid("validation-failed", "查询参数有误。", errors=errors) from None
    return loaded
