"""公布的回执公钥；公钥之外什么都没有。"""

from __future__ import annotations

from marshmallow import Schema, fields


class ReceiptKeySchema(Schema):
    """One Ed25519 public key: `public_key` is 32 bytes in base64, `key_id` the start of their SHA-256."""

    key_id = fields.String(required=True)
    public_key = fields.String(required=True)
    algorithm = fields.String(required=True)


class ReceiptKeyList(Schema):
    """The present key first, then those of earlier receipts."""

    items = fields.List(fields.Nested(ReceiptKeySchema), required=True)
