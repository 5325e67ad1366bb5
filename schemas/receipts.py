"""签名回执的形状。"""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Shape
from schemas.fields import Instant

MOST_CHECKS = 50


class SignedReceiptShape(Shape):
    """一份签名的回执：`receipt` 是被签的原文（规范 JSON），`signature` 是它的 Ed25519 签名（base64）。"""

    check = fields.UUID(required=True)
    receipt = fields.String(required=True)
    signature = fields.String(required=True)
    key_id = fields.String(required=True)
    complete = fields.Boolean(required=True, metadata={"description": "记录已到，且提到的照片都已收存"})


class PublishedKeyShape(Shape):
    """一把公布的公钥。"""

    key_id = fields.String(required=True)
    public_key = fields.String(required=True)
    algorithm = fields.String(required=True)


class ReceiptsQuery(Shape):
    """要哪几次检查的回执：`check` 可以给多次。"""

    check = fields.List(fields.UUID(), required=True, validate=validate.Length(1, MOST_CHECKS))


class ReceiptListShape(Shape):
    """几份回执；`absent` 是服务器没有、或不在范围内的。"""

    now = Instant(required=True)
    receipts = fields.List(fields.Nested(SignedReceiptShape), required=True)
    absent = fields.List(fields.UUID(), required=True)
