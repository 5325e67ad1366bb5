"""认人：手机令牌、控制台会话、CSRF。"""

from __future__ import annotations

from collections.abc import Hashable

from flask import request

from server.domain.errors import Refused, Unidentified
from server.domain.permissions import Actor
from server.routes.openrosa import identity as openrosa
from server.services import sessions
from server.uow import UnitOfWork

COOKIE = "zhijian_session"
CSRF_HEADER = "X-CSRF-Token"


def _bearer() -> str:
    """The phone's token, empty without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def shown(door: str) -> Hashable:
    """What the caller shows at a door that remembers whom it let in; None for what must be asked anew each time."""
    if door == "odk":
        return openrosa.shown()
    token = _bearer() if door == "field" else ""
    return ("field", sessions.digest(token)) if token else None


def identify(uow: UnitOfWork, door: str, *, changes: bool) -> Actor:
    """Who is asking? Raises Unidentified, or Refused when a console write lacks its CSRF token."""
    if door == "field":
        token = _bearer()
        if not token:
            raise Unidentified("token-missing", "缺少手机令牌，请先登录。")
        return sessions.actor_of_device(uow, token)
    if door == "odk":
        return openrosa.identify(uow)
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise Unidentified("session-missing", "请先登录控制台。")
    actor, csrf_ok = sessions.actor_of_session(uow, cookie, request.headers.get(CSRF_HEADER, ""))
    if changes and not csrf_ok:
        raise Refused("csrf-failed", "页面已过期，请刷新后重试。")
    return actor
