"""Collect 凭据：给自己的手机发，管理员给别人发，随时收回。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request

from schemas.odk import KeyList, KeyQuery, NewAccessShape, NewKeyShape
from server.domain.errors import Refused
from server.domain.permissions import Permission
from server.formats.qr import qr_svg
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import odk_keys, sessions, users
from server.uow import UnitOfWork

blp = Rooms("console-odk-keys", __name__, url_prefix="/api/v1/console/odk-keys", description="Collect 凭据")
OWN = Permission.CONSOLE_SESSION_OWN


def _whose(uow: UnitOfWork, user: UUID | None) -> Any:
    """Oneself, or somebody whom one may manage."""
    if user is None or user == uow.actor.uuid:
        return sessions.own_user(uow)
    if not uow.actor.may(Permission.CONSOLE_USER_MANAGE):
        raise Refused("permission-denied", "只能管自己的凭据。")
    return users.find_user(uow, user)


def site(uow: UnitOfWork) -> str:
    """The address phones reach us at."""
    return (uow.settings.web.public_url or request.host_url).rstrip("/")


@blp.route("", methods=["GET"])
@endpoint(OWN, door="console", refuses=(404,))
@blp.arguments(KeyQuery, location="query")
@blp.response(200, KeyList)
def list_keys(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """一个人的 Collect 凭据。"""
    return {"items": odk_keys.keys_of(uow, _whose(uow, query["user"]))}


@blp.route("", methods=["POST"])
@endpoint(OWN, door="console", writes=True, refuses=(404,))
@blp.arguments(NewKeyShape)
@blp.response(201, NewAccessShape)
def make_key(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """发一份凭据：地址、账号口令和设置二维码，只给这一次。"""
    made, base = odk_keys.make_key(uow, _whose(uow, body["user"]), body["name"]), site(uow)
    text = made.qr_text(base)
    return {
        "uuid": made.key.uuid,
        "person": made.person,
        "server_url": made.url(base),
        "plain_url": made.plain_url(base),
        "username": made.username,
        "password": made.password,
        "qr_text": text,
        "qr_svg": qr_svg(text, "Collect 设置二维码"),
    }


@blp.route("/<uuid:key>", methods=["DELETE"])
@endpoint(OWN, door="console", writes=True, refuses=(404,))
@blp.arguments(KeyQuery, location="query")
@blp.response(204)
def revoke_key(query: dict[str, Any], key: UUID, uow: UnitOfWork) -> None:
    """收回一份凭据：这部手机不能再取、再交；手机上的记录还在。"""
    odk_keys.revoke_key(uow, _whose(uow, query["user"]), key)
