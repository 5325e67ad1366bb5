"""用户：建、改口令、授角色、停用。"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from server.domain.errors import Conflict, FieldError, Invalid, Missing
from server.domain.permissions import Grant, Permission
from server.models.regions import ROOT, Region
from server.models.subjects import Officer
from server.models.users import ConsoleSession, Device, User, UserGrant
from server.queries.scope import covers
from server.services.sessions import hasher
from server.uow import UnitOfWork

MIN_PASSWORD = 10


@dataclass(frozen=True, slots=True)
class NewUser:
    login: str
    name: str
    password: str
    grants: tuple[Grant, ...]
    officer: UUID | None = None


def create_user(uow: UnitOfWork, command: NewUser) -> User:
    """Create a person who can sign in; raises Conflict when the login is taken, Invalid for a weak password."""
    _check_password(command.password)
    if uow.session.scalar(select(User.id).where(User.login == command.login)):
        raise Conflict("login-taken", "这个账号已被使用。", errors=[FieldError("/login", "已被使用", "login-taken")])
    user = User(
        uuid=uow.new_id(),
        login=command.login,
        name=command.name,
        password_hash=hasher(uow).hash(command.password),
        officer_id=_officer_id(uow, command.officer),
        created_at=uow.now,
        grants=[],
    )
    uow.session.add(user)
    set_grants(uow, user, command.grants)
    uow.session.flush()
    return user


def _officer_id(uow: UnitOfWork, officer: UUID | None) -> int | None:
    if officer is None:
        return None
    found = uow.session.scalar(select(Officer.id).where(Officer.uuid == officer))
    if found is None:
        raise Invalid("officer-unknown", "名录库里没有这名执法人员。", errors=[FieldError("/officer", "没有此人")])
    return found


def _check_password(password: str) -> None:
    if len(password) < MIN_PASSWORD:
        raise Invalid(
            "password-too-short",
            f"口令至少 {MIN_PASSWORD} 位。",
            errors=[FieldError("/password", f"至少 {MIN_PASSWORD} 位", "password-too-short")],
        )


def set_grants(uow: UnitOfWork, user: User, grants: tuple[Grant, ...]) -> None:
    """Replace the user's roles; a person may only hand out what lies inside the own region scope."""
    wanted = {(g.role.value, g.region_code) for g in grants}
    for n, (_, region_code) in enumerate(sorted(wanted)):
        if uow.session.get(Region, region_code) is None:
            raise Invalid(
                "region-unknown",
                f"没有区划 {region_code}。",
                errors=[FieldError(f"/grants/{n}", "没有这个区划")],
            )
        if uow.actor.user_id is not None and not covers(
            uow.session, uow.actor.scope(Permission.CONSOLE_USER_MANAGE), region_code
        ):
            raise Invalid(
                "region-out-of-scope",
                "不能授予管辖范围以外的角色。",
                errors=[FieldError(f"/grants/{n}", "不在管辖范围内")],
            )
    kept = [g for g in user.grants if (g.role, g.region_code) in wanted]
    held = {(g.role, g.region_code) for g in kept}
    new = [UserGrant(role=r, region_code=c, granted_at=uow.now) for r, c in sorted(wanted - held)]
    for gone in [g for g in user.grants if g not in kept]:
        uow.session.delete(gone)
    user.grants = kept + new


def find_user(uow: UnitOfWork, user_uuid: UUID) -> User:
    user = uow.session.scalar(select(User).where(User.uuid == user_uuid))
    if user is None or not _manageable(uow, user):
        raise Missing("user-not-found", "没有这个用户。")
    return user


def _manageable(uow: UnitOfWork, user: User) -> bool:
    """An administrator manages people all of whose roles lie inside the own subtree; those without any, the country does."""
    if uow.actor.user_id is None:
        return True
    if not user.grants:
        return ROOT in uow.scope.regions
    return all(covers(uow.session, uow.scope, g.region_code) for g in user.grants)


def change_password(uow: UnitOfWork, user: User, password: str) -> None:
    """Set a new password and end every console session of the person."""
    _check_password(password)
    user.password_hash = hasher(uow).hash(password)
    _end_sessions(uow, user)


def disable_user(uow: UnitOfWork, user: User) -> None:
    """Stop all sign-ins and revoke all phones; the person's records stay."""
    if user.disabled_at is None:
        user.disabled_at = uow.now
    _end_sessions(uow, user)
    for device in uow.session.scalars(select(Device).where(Device.user_id == user.id, Device.revoked_at.is_(None))):
        device.revoked_at = uow.now


def _end_sessions(uow: UnitOfWork, user: User) -> None:
    open_rows = select(ConsoleSession).where(ConsoleSession.user_id == user.id, ConsoleSession.ended_at.is_(None))
    for row in uow.session.scalars(open_rows):
        row.ended_at = uow.now
