"""控制台登录与退出。"""

from __future__ import annotations

from typing import Any

from flask import current_app, jsonify

from schemas.people import LoginShape, SessionShape
from server.domain.permissions import Permission
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint, house, unguarded
from server.routes.identity import COOKIE
from server.routes.login import signed_in
from server.services import sessions
from server.uow import UnitOfWork

blp = Rooms("console-session", __name__, url_prefix="/api/v1/console/session", description="控制台登录")


@blp.route("", methods=["POST"])
@unguarded("登录本身：口令就是凭据，失败计数节流")
@blp.arguments(LoginShape)
@blp.response(201, SessionShape)
@blp.alt_response(401, "Problem401")
@blp.alt_response(429, "Problem429")
def open_session(body: dict[str, str]) -> Any:
    """登录，得到会话 cookie 和 CSRF 令牌。"""
    user = signed_in(body["login"], body["password"])
    with house().unit() as uow:
        opened = sessions.open_session(uow, user)
    reply = jsonify(
        SessionShape().dump(
            {
                "csrf": opened.csrf,
                "expires_at": opened.expires_at,
                "name": user.name,
                "login": user.login,
                "grants": user.grants,
            }
        )
    )
    reply.status_code = 201
    secure = house().settings.production or current_app.config["COOKIE_SECURE"]
    reply.set_cookie(COOKIE, opened.token, httponly=True, samesite="Strict", secure=secure, path="/")
    return reply


@blp.route("", methods=["GET"])
@endpoint(Permission.CONSOLE_SESSION_OWN, door="console")
@blp.response(200, SessionShape)
def show_session(uow: UnitOfWork) -> Any:
    """我是谁，有哪些角色。"""
    return sessions.own_user(uow)


@blp.route("", methods=["DELETE"])
@endpoint(Permission.CONSOLE_SESSION_OWN, door="console", writes=True)
@blp.response(204)
def close_session(uow: UnitOfWork) -> None:
    """退出登录。"""
    sessions.close_session(uow)
