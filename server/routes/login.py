"""登录：先看节流，再验口令；失败也要记下来，所以不在一个工作单元里。"""

from __future__ import annotations

from flask import request

from server.domain.errors import Unidentified
from server.models.users import User
from server.routes.endpoint import house
from server.services import sessions


def signed_in(login: str, password: str) -> User:
    """The person, or Unidentified after the failure was recorded; Busy when throttled.

    argon2 runs outside any write transaction: a slow hash must not hold the database.
    """
    who = sessions.Credentials(login, password, request.remote_addr or "")
    with house().unit(writing=False) as uow:
        sessions.check_throttle(uow, who)
        user = sessions.verify_password(uow, who)
    if user is None:
        with house().unit() as uow:
            sessions.record_failure(uow, who)
        raise Unidentified("login-failed", "账号或口令不对。")
    return user
