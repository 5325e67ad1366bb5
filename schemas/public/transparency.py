"""公开日志的形状：检查点、条目、证明；条目里只有机关、抽签编号、摘要、岗位和时刻。"""

from __future__ import annotations

from marshmallow import Schema, fields


class SignedLogSchema(Schema):
    """The log as last signed; before that `size` is 0 and `at` null."""

    algorithm = fields.String(required=True)
    origin = fields.String(required=True)
    size = fields.Integer(required=True)
    root_sha256 = fields.String(required=True)
    note = fields.String(required=True, metadata={"description": "签名便条全文（C2SP signed-note）"})
    at = fields.AwareDateTime(required=True, allow_none=True)


class LogEntrySchema(Schema):
    """One entry: `text` are the very bytes of the leaf, `entry` the same as an object."""

    seq = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    leaf = fields.String(required=True)
    text = fields.String(required=True)
    entry = fields.Dict(keys=fields.String(), required=True)


class LogEntryPage(Schema):
    """Newest first; `next` is the `before` of the page that follows (null at the end)."""

    items = fields.List(fields.Nested(LogEntrySchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


class InclusionSchema(Schema):
    """That leaf number `index` stands in the tree of `size` with this root; hashes are hex, from the leaf upwards."""

    algorithm = fields.String(required=True)
    index = fields.Integer(required=True)
    size = fields.Integer(required=True)
    leaf = fields.String(required=True)
    root = fields.String(required=True)
    path = fields.List(fields.String(), required=True)


class ExtensionSchema(Schema):
    """That the tree of `to` entries extends the one of `from`."""

    algorithm = fields.String(required=True)
    older = fields.Integer(required=True, data_key="from", attribute="from")
    newer = fields.Integer(required=True, data_key="to", attribute="to")
    from_root = fields.String(required=True)
    to_root = fields.String(required=True)
    path = fields.List(fields.String(), required=True)
