"""Collect 凭据的形状。"""

from __future__ import annotations

from marshmallow import fields

from schemas.base import Shape
from schemas.fields import Instant, Text


class NewKeyShape(Shape):
    """给谁的哪部手机；不写 user 就是给自己。"""

    user = fields.UUID(load_default=None, allow_none=True)
    name = Text(required=True, min_length=1, max_length=80, metadata={"description": "手机名称"})


class KeyShape(Shape):
    """一份 Collect 凭据；机密不在其中。"""

    uuid = fields.UUID(required=True)
    name = fields.String(required=True, attribute="device.name")
    username = fields.String(required=True)
    made_at = Instant(required=True)
    expires_at = Instant(required=True, attribute="device.expires_at")
    revoked_at = Instant(required=True, allow_none=True, attribute="device.revoked_at")


class KeyList(Shape):
    """一个人的 Collect 凭据，新的在前。"""

    items = fields.List(fields.Nested(KeyShape), required=True)


class KeyQuery(Shape):
    """看谁的；不写就是自己的。"""

    user = fields.UUID(load_default=None, allow_none=True)


class NewAccessShape(Shape):
    """刚发的凭据；机密只给这一次。"""

    uuid = fields.UUID(required=True)
    person = fields.String(required=True)
    server_url = fields.String(required=True, metadata={"description": "带令牌的服务器地址，等同口令"})
    plain_url = fields.String(required=True, metadata={"description": "用账号口令时的服务器地址"})
    username = fields.String(required=True)
    password = fields.String(required=True)
    qr_text = fields.String(required=True, metadata={"description": "设置二维码的内容"})
    qr_svg = fields.String(required=True)
