"""所有形状的共同基础：不认识的字段一律报错，文字去两端空白。"""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from schemas.fields import Text


class Shape(Schema):
    """Unknown members are errors: a phone that misspells a field must hear of it."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "不认识的字段。", "type": "应为对象。"}


class PageQuery(Shape):
    """分页：`after` 是上一页给的 `next`。"""

    class Meta:
        unknown = RAISE

    after = fields.Integer(
        strict=False,
        load_default=0,
        validate=validate.Range(0, 2**53),
        metadata={"description": "上一页的 next"},
    )
    limit = fields.Integer(strict=False, load_default=50, validate=validate.Range(1, 200))
    q = Text(load_default="", max_length=80, metadata={"description": "按名称或编号查找"})


def page_of(item: type[Schema], name: str) -> type[Schema]:
    """The shape of one page: `items` and the cursor of the next page (null at the end)."""
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.Integer(
            required=True, allow_none=True, metadata={"description": "下一页的 after；没有了为 null"}
        ),
    }
    return type(name, (Shape,), members)
