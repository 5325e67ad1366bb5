"""用户与角色管理。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from schemas.base import PageQuery
from schemas.people import DevicePage, GrantsShape, NewUserShape, PasswordShape, UserPage, UserShape
from server.domain.permissions import Permission
from server.queries import registers
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import sessions, users
from server.uow import UnitOfWork

blp = Rooms("console-users", __name__, url_prefix="/api/v1/console/users", description="用户与角色")
MANAGE = Permission.CONSOLE_USER_MANAGE


@blp.route("", methods=["GET"])
@endpoint(MANAGE, door="console")
@blp.arguments(PageQuery, location="query")
@blp.response(200, UserPage)
def list_users(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """列出管辖范围内的用户。"""
    return registers.users(uow.session, uow.scope, **query)


@blp.route("", methods=["POST"])
@endpoint(MANAGE, door="console", writes=True, refuses=(409,))
@blp.arguments(NewUserShape)
@blp.response(201, UserShape)
def create_user(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """新建用户并授予角色。"""
    body["grants"] = tuple(body["grants"])
    return users.create_user(uow, users.NewUser(**body))


@blp.route("/<uuid:user>", methods=["GET"])
@endpoint(MANAGE, door="console", refuses=(404,))
@blp.response(200, UserShape)
def show_user(user: UUID, uow: UnitOfWork) -> Any:
    """一个用户。"""
    return users.find_user(uow, user)


@blp.route("/<uuid:user>/grants", methods=["PUT"])
@endpoint(MANAGE, door="console", writes=True, refuses=(404,))
@blp.arguments(GrantsShape)
@blp.response(200, UserShape)
def set_grants(body: dict[str, Any], user: UUID, uow: UnitOfWork) -> Any:
    """整组替换角色。"""
    found = users.find_user(uow, user)
    users.set_grants(uow, found, tuple(body["grants"]))
    return found


@blp.route("/<uuid:user>/password", methods=["PUT"])
@endpoint(MANAGE, door="console", writes=True, refuses=(404,))
@blp.arguments(PasswordShape)
@blp.response(204)
def set_password(body: dict[str, str], user: UUID, uow: UnitOfWork) -> None:
    """重设口令；此人的控制台会话全部结束。"""
    users.change_password(uow, users.find_user(uow, user), body["password"])


@blp.route("/<uuid:user>", methods=["DELETE"])
@endpoint(MANAGE, door="console", writes=True, refuses=(404,))
@blp.response(204)
def disable_user(user: UUID, uow: UnitOfWork) -> None:
    """停用：不再能登录，手机令牌全部吊销；记录保留。"""
    users.disable_user(uow, users.find_user(uow, user))


@blp.route("/<uuid:user>/devices", methods=["GET"])
@endpoint(MANAGE, door="console", refuses=(404,))
@blp.response(200, DevicePage)
def list_devices(user: UUID, uow: UnitOfWork) -> Any:
    """此人登记的手机。"""
    return {"items": sessions.devices_of(uow, users.find_user(uow, user)), "next": None}


@blp.route("/<uuid:user>/devices/<uuid:device>", methods=["DELETE"])
@endpoint(MANAGE, door="console", writes=True, refuses=(404,))
@blp.response(204)
def revoke_device(user: UUID, device: UUID, uow: UnitOfWork) -> None:
    """吊销一部手机的令牌。"""
    sessions.revoke_device(uow, sessions.device_of(uow, users.find_user(uow, user).id, device))
