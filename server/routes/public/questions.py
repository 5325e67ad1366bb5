"""公众可以问的：分页、案例和记录的筛选条件。"""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from schemas.base import Shape
from schemas.fields import Calendar, Text
from server.domain.errors import FieldError, Invalid
from server.publishing.cases import CaseQuestion
from server.publishing.draws import DrawQuestion


class CursorQuery(Shape):
    """分页：`after` 是上一页给的 `next`。"""

    after = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 2**53),
        metadata={"description": "上一页的 next"},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class NarrowingQuery(Shape):
    """筛选条件：几个值用逗号隔开；给了但为空，就是要恰好为空的。"""

    region = Text(max_length=400, metadata={"description": "区划代码"})
    frame = Text(max_length=60, metadata={"description": "project、enterprise_site"})
    checklist = Text(max_length=200, metadata={"description": "检查表代码"})
    section = Text(max_length=400, metadata={"description": "检查内容代码，例如 RMC-02"})
    item = Text(max_length=400, metadata={"description": "检查项代码，例如 RMC-02-01"})
    link = Text(max_length=60, metadata={"description": "production、use，或空"})
    outcome = Text(max_length=80, metadata={"description": "conforming、failing、not_applicable、needs_review"})
    liable = Text(max_length=200, metadata={"description": "恰好由这些单位共同负责"})
    party = Text(max_length=40, metadata={"description": "由这类单位负责，不论有没有别人"})
    subject = Text(max_length=36, metadata={"description": "受检对象"})
    checked_on = Calendar(metadata={"description": "检查日期"})


class RecordQuery(NarrowingQuery, CursorQuery):
    """一页记录。"""


class RecordPageQuery(RecordQuery):
    """一页记录，另指明来自通报里的哪个数。"""

    figure = Text(max_length=200, load_default="")


class CaseQuery(CursorQuery):
    """一页案例：`q` 查编号、对象、单位、问题；`region` 含下级；几个值用逗号隔开。"""

    q = Text(load_default="", max_length=80)
    region = Text(load_default="", max_length=400)
    stage = Text(load_default="", max_length=60, metadata={"description": "检查发现、立案查处、已作处罚决定"})
    bulletin = Text(load_default="", max_length=80, metadata={"description": "通报的地址段"})

    @post_load
    def as_question(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        question = CaseQuestion(
            data.pop("q"), listed(data.pop("region")), listed(data.pop("stage")), data.pop("bulletin")
        )
        return {**data, "question": question}


class CasePageQuery(Shape):
    """一页案例，按页数翻。"""

    q = Text(load_default="", max_length=80)
    region = Text(load_default="", max_length=400)
    stage = Text(load_default="", max_length=60)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))


_YEAR = validate.Range(0, 9998)


class DrawQuery(CursorQuery):
    """一页抽签：`region` 含下级，`year` 是公告的年份。"""

    region = Text(load_default="", max_length=12, metadata={"description": "区划代码"})
    agency = Text(load_default="", max_length=40, metadata={"description": "机关代码"})
    year = fields.Integer(load_default=0, validate=_YEAR, metadata={"description": "公告的年份，0 为不限"})

    @post_load
    def as_question(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        question = DrawQuestion(data.pop("region"), data.pop("agency"), data.pop("year"))
        return {**data, "question": question}


class DrawPageQuery(Shape):
    """一页抽签，按页数翻。"""

    region = Text(load_default="", max_length=12)
    agency = Text(load_default="", max_length=40)
    year = fields.Integer(load_default=0, validate=_YEAR)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))


class DrawListQuery(Shape):
    """一次抽签的网页上翻到哪里：结果从哪个字节起，看哪份名单、从哪个字节起。"""

    result = fields.Integer(load_default=0, validate=validate.Range(0, 2**40))
    list = Text(load_default="", max_length=20)
    at = fields.Integer(load_default=0, validate=validate.Range(0, 2**40))


def query_of(shape: type[Schema]) -> dict[str, Any]:
    """The query as `shape` reads it; words it does not know are ignored on pages. Raises Invalid `validation-failed`."""
    try:
        loaded: dict[str, Any] = shape(unknown=EXCLUDE).load(request.args.to_dict())
    except ValidationError as error:
        told: dict[str, Any] = error.normalized_messages()
        errors = [FieldError(f"/{name}", str(reasons[0])) for name, reasons in sorted(told.items())]
        raise Invalid("validation-failed", "查询参数有误。", errors=errors) from None
    return loaded


def listed(text: str) -> tuple[str, ...]:
    """Values parted by commas; none for an empty text."""
    return tuple(part for part in text.split(",") if part)


def narrowing_of(query: dict[str, Any]) -> dict[str, str]:
    """The words that narrow a record list, as text, taken out of a loaded query."""
    given = {name: query[name] for name in NarrowingQuery().fields if name in query}
    return {name: value if isinstance(value, str) else value.isoformat() for name, value in given.items()}
