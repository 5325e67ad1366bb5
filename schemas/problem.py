"""RFC 9457 问题说明的形状。"""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields


class FieldProblem(Schema):
    """一处错误：JSON 指针与原因。"""

    pointer = fields.String(required=True)
    reason = fields.String(required=True)
    code = fields.String(required=True)


class ProblemShape(Schema):
    """Every refusal has this shape; `code` is stable, `detail` is Chinese."""

    class Meta:
        unknown = EXCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldProblem), required=True)
    instance = fields.String()
    request_id = fields.String()
    facts = fields.Dict(keys=fields.String())
