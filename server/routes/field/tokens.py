"""手机登录：令牌按部发放，可单独吊销。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from schemas.people import DeviceLoginShape, DevicePage, DeviceTokenShape
from server.domain.errors import Refused
from server.domain.permissions import Permission
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint, house, unguarded
from server.routes.login import signed_in
from server.services import sessions
from server.uow import UnitOfWork

blp = Rooms("field-tokens", __name__, url_prefix="/api/v1/field/tokens", description="手机登录")


@blp.route("", methods=["POST"])
@unguarded("登录本身：口令就是凭据，失败计数节流")
@blp.arguments(DeviceLoginShape)
@blp.response(201, DeviceTokenShape)
@blp.alt_response(401, "Problem401")
@blp.alt_response(403, "Problem403")
@blp.alt_response(429, "Problem429")
def issue_token(body: dict[str, str]) -> Any:
    """登录一部手机，得到令牌（只给这一次）和服务器时间。"""
    user = signed_in(body["login"], body["password"])
    if not sessions.actor_from(user).may(Permission.FIELD_DEVICE_OWN):
        raise Refused("permission-denied", "您的角色不能在手机上登录。")
    with house().unit() as uow:
        device, token = sessions.issue_device_token(uow, user, body["device"])
        return {
            "uuid": device.uuid,
            "name": device.name,
            "created_at": device.created_at,
            "expires_at": device.expires_at,
            "revoked_at": None,
            "token": token,
            "server_time": uow.now,
        }


@blp.route("", methods=["GET"])
@endpoint(Permission.FIELD_DEVICE_OWN, door="field")
@blp.response(200, DevicePage)
def list_own(uow: UnitOfWork) -> Any:
    """我登记的手机。"""
    return {"items": sessions.devices_of(uow, sessions.own_user(uow)), "next": None}


@blp.route("/<uuid:device>", methods=["DELETE"])
@endpoint(Permission.FIELD_DEVICE_OWN, door="field", writes=True, refuses=(404,))
@blp.response(204)
def revoke_own(device: UUID, uow: UnitOfWork) -> None:
    """吊销我的一部手机（丢失时）。"""
    sessions.revoke_device(uow, sessions.device_of(uow, uow.actor.user_id or 0, device))
