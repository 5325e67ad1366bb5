"""登录、用户、手机的形状。"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from schemas.base import Shape, page_of
from schemas.fields import Instant, Text
from server.domain.permissions import Grant, Role


class LoginShape(Shape):
    """账号与口令。"""

    login = Text(required=True, min_length=1, max_length=64)
    password = fields.String(required=True, load_only=True, validate=validate.Length(1, 200))


class DeviceLoginShape(LoginShape):
    """手机登录：多一个手机名称。"""

    device = Text(required=True, min_length=1, max_length=80)


class GrantShape(Shape):
    """一个角色在一片区划内。"""

    role = fields.String(required=True, validate=validate.OneOf([r.value for r in Role], error="没有这个角色。"))
    region_code = Text(required=True, min_length=6, max_length=12)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Grant:
        return Grant(Role(data["role"]), data["region_code"])


class SessionShape(Shape):
    """打开的控制台会话；`csrf` 在写操作时放进 X-CSRF-Token。"""

    csrf = fields.String()
    expires_at = Instant()
    name = fields.String(required=True)
    login = fields.String(required=True)
    grants = fields.List(fields.Nested(GrantShape), required=True)


class DeviceShape(Shape):
    """一部手机的登记。"""

    uuid = fields.UUID(required=True)
    name = fields.String(required=True)
    created_at = Instant(required=True)
    expires_at = Instant(required=True)
    revoked_at = Instant(required=True, allow_none=True)


class DeviceTokenShape(DeviceShape):
    """新令牌只给这一次。"""

    token = fields.String(required=True)
    server_time = Instant(required=True)


class NewUserShape(Shape):
    """新用户。"""

    login = Text(
        required=True,
        min_length=2,
        max_length=64,
        validate=[validate.Regexp(r"\A[a-z0-9._-]+\Z", error="只用小写字母、数字和 . _ -。")],
    )
    name = Text(required=True, min_length=1, max_length=64)
    password = fields.String(required=True, load_only=True, validate=validate.Length(1, 200))
    officer = fields.UUID(load_default=None, allow_none=True)
    grants = fields.List(fields.Nested(GrantShape), required=True, validate=validate.Length(1, 30))


class GrantsShape(Shape):
    """整组替换某人的角色。"""

    grants = fields.List(fields.Nested(GrantShape), required=True, validate=validate.Length(0, 30))


class PasswordShape(Shape):
    """新口令。"""

    password = fields.String(required=True, load_only=True, validate=validate.Length(1, 200))


class UserShape(Shape):
    """一个用户。"""

    uuid = fields.UUID(required=True)
    login = fields.String(required=True)
    name = fields.String(required=True)
    grants = fields.List(fields.Nested(GrantShape), required=True)
    created_at = Instant(required=True)
    disabled_at = Instant(required=True, allow_none=True)


UserPage = page_of(UserShape, "UserPage")
DevicePage = page_of(DeviceShape, "DevicePage")
