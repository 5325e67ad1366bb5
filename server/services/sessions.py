"""登录、手机令牌、控制台会话。"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, delete, func, select

from server.domain.errors import Busy, Missing, Unidentified
from server.domain.permissions import Actor, Grant, Role
from server.models.users import ConsoleSession, Device, LoginAttempt, User, UserGrant
from server.prepared import Prepared
from server.uow import UnitOfWork


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


@lru_cache(maxsize=4)
def _hasher(time_cost: int, memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)


def hasher(uow: UnitOfWork) -> PasswordHasher:
    security = uow.settings.security
    return _hasher(security.argon2_time, security.argon2_memory_kib)


def actor_from(user: User, *, device_id: int | None = None, session_id: int | None = None) -> Actor:
    grants = _grants((g.role, g.region_code) for g in user.grants)
    return Actor(user.id, user.uuid, user.name, grants, device_id, session_id)


def _grants(pairs: Iterable[tuple[str, str]]) -> tuple[Grant, ...]:
    return tuple(Grant(Role(role), region) for role, region in sorted(pairs))


class _Shown(NamedTuple):
    """What somebody shows (a phone's token, a console's cookie), its person, one grant of theirs (none at all: both None)."""

    id: int
    gone_at: datetime | None
    expires_at: datetime
    user_id: int
    uuid: UUID
    name: str
    disabled_at: datetime | None
    role: str | None
    region_code: str
    csrf_sha256: str = ""


def _prepared(shown: type[Device] | type[ConsoleSession], gone_at: Any, *more: Any) -> Prepared:
    """Every request asks this, so it is one statement of plain columns: what is shown, its person, a row per grant."""
    person = (User.id, User.uuid, User.name, User.disabled_at, UserGrant.role, UserGrant.region_code)
    return Prepared(
        select(shown.id, gone_at, shown.expires_at, *person, *more)
        .join(User, User.id == shown.user_id)
        .outerjoin(UserGrant, UserGrant.user_id == User.id)
        .where(shown.token_sha256 == bindparam("token"))
    )


_PHONE = _prepared(Device, Device.revoked_at)
_SESSION = _prepared(ConsoleSession, ConsoleSession.ended_at, ConsoleSession.csrf_sha256)


def _look_up(uow: UnitOfWork, statement: Prepared, token: str) -> list[_Shown]:
    return [_Shown(*row) for row in statement.run(uow.line, {"token": digest(token)}).rows]


def _grants_of(rows: Sequence[_Shown]) -> tuple[Grant, ...]:
    return _grants((row.role, row.region_code) for row in rows if row.role is not None)


def actor_of_device(uow: UnitOfWork, token: str) -> Actor:
    """The person behind a phone token; raises Unidentified with the reason."""
    rows = _look_up(uow, _PHONE, token)
    if not rows:
        raise Unidentified("token-unknown", "手机令牌无效，请重新登录。")
    phone = rows[0]
    if phone.gone_at is not None:
        raise Unidentified("token-revoked", "这部手机的令牌已被吊销，请联系管理员。")
    if phone.expires_at <= uow.now:
        raise Unidentified("token-expired", "手机令牌已到期，请重新登录；未上传的记录不受影响。")
    if phone.disabled_at is not None:
        raise _disabled()
    return Actor(phone.user_id, phone.uuid, phone.name, _grants_of(rows), phone.id)


def actor_of_session(uow: UnitOfWork, token: str, csrf: str) -> tuple[Actor, bool]:
    """The person behind a console cookie, and whether the CSRF token fits it; raises Unidentified with the reason."""
    rows = _look_up(uow, _SESSION, token)
    if not rows or rows[0].gone_at is not None:
        raise Unidentified("session-unknown", "登录已失效，请重新登录。")
    session = rows[0]
    if session.expires_at <= uow.now:
        raise Unidentified("session-expired", "登录已到期，请重新登录。")
    if session.disabled_at is not None:
        raise _disabled()
    fits = hmac.compare_digest(session.csrf_sha256, digest(csrf))
    return Actor(session.user_id, session.uuid, session.name, _grants_of(rows), session_id=session.id), fits


def _enabled(uow: UnitOfWork, user_id: int) -> User:
    user = uow.session.get(User, user_id)
    if user is None or user.disabled_at is not None:
        raise _disabled()
    return user


def _disabled() -> Unidentified:
    return Unidentified("user-disabled", "这个账号已停用。")


@dataclass(frozen=True, slots=True)
class Credentials:
    """账号、口令和来源地址（只用于节流）。"""

    login: str
    password: str
    address: str


def _throttle_keys(who: Credentials) -> tuple[str, str]:
    return digest(f"login:{who.login}"), digest(f"address:{who.address}")


def check_throttle(uow: UnitOfWork, who: Credentials) -> None:
    """Raise Busy when either the account or the address failed too often within the window."""
    security = uow.settings.security
    since = uow.now - timedelta(seconds=security.login_window_s)
    keys = _throttle_keys(who)
    counts = dict(
        uow.session.execute(
            select(LoginAttempt.key_sha256, func.count())
            .where(LoginAttempt.key_sha256.in_(keys), LoginAttempt.at > since)
            .group_by(LoginAttempt.key_sha256)
        )
        .tuples()
        .all()
    )
    if counts.get(keys[0], 0) >= security.login_attempts or counts.get(keys[1], 0) >= security.login_attempts * 5:
        raise Busy("login-throttled", "登录失败次数过多，请稍后再试。", retry_after=security.login_window_s)


def verify_password(uow: UnitOfWork, who: Credentials) -> User | None:
    """The user if the password fits; costs the same time when the account does not exist."""
    user = uow.session.scalar(select(User).where(User.login == who.login))
    hasher_ = hasher(uow)
    stored = user.password_hash if user else _decoy(uow)
    try:
        hasher_.verify(stored, who.password)
    except (VerificationError, InvalidHashError):
        return None
    return user if user and user.disabled_at is None else None


@lru_cache(maxsize=4)
def _decoy_hash(time_cost: int, memory_kib: int) -> str:
    return _hasher(time_cost, memory_kib).hash("nobody has this password")


def _decoy(uow: UnitOfWork) -> str:
    security = uow.settings.security
    return _decoy_hash(security.argon2_time, security.argon2_memory_kib)


def record_failure(uow: UnitOfWork, who: Credentials) -> None:
    for key in _throttle_keys(who):
        uow.session.add(LoginAttempt(key_sha256=key, at=uow.now))
    stale = uow.now - timedelta(seconds=uow.settings.security.login_window_s * 10)
    uow.session.execute(delete(LoginAttempt).where(LoginAttempt.at < stale))


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """令牌原文只在这一刻存在。"""

    token: str
    csrf: str
    expires_at: datetime


def csrf_of(token: str) -> str:
    """The CSRF token of a session: one way from its cookie, so that a page can be given it again and nothing more is kept."""
    return hmac.new(token.encode(), b"zhijian/console/csrf", sha256).hexdigest()


def open_session(uow: UnitOfWork, user: User) -> OpenedSession:
    token = uow.new_token()
    opened = OpenedSession(token, csrf_of(token), uow.now + timedelta(hours=uow.settings.security.session_hours))
    uow.session.add(
        ConsoleSession(
            user_id=user.id,
            token_sha256=digest(opened.token),
            csrf_sha256=digest(opened.csrf),
            created_at=uow.now,
            expires_at=opened.expires_at,
        )
    )
    return opened


def close_session(uow: UnitOfWork) -> None:
    row = uow.session.get(ConsoleSession, uow.actor.session_id)
    if row is not None:
        row.ended_at = uow.now


def issue_device_token(uow: UnitOfWork, user: User, name: str) -> tuple[Device, str]:
    """A new phone token; only its digest is kept."""
    token = uow.new_token()
    device = Device(
        uuid=uow.new_id(),
        user_id=user.id,
        name=name,
        token_sha256=digest(token),
        created_at=uow.now,
        expires_at=uow.now + timedelta(days=uow.settings.security.device_token_days),
    )
    uow.session.add(device)
    return device, token


def revoke_device(uow: UnitOfWork, device: Device) -> None:
    if device.revoked_at is None:
        device.revoked_at = uow.now


def devices_of(uow: UnitOfWork, user: User) -> Sequence[Device]:
    return uow.session.scalars(
        select(Device).where(Device.user_id == user.id).order_by(Device.created_at, Device.id)
    ).all()


def device_of(uow: UnitOfWork, user_id: int, device_uuid: UUID) -> Device:
    device = uow.session.scalar(select(Device).where(Device.uuid == device_uuid, Device.user_id == user_id))
    if device is None:
        raise Missing("device-not-found", "没有这部手机的登记。")
    return device


def own_user(uow: UnitOfWork) -> User:
    return _enabled(uow, uow.actor.user_id or 0)
