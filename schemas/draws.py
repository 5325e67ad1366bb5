"""抽签：公告、数字、确认、作废、替换、开封的形状。"""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from schemas.base import Shape, page_of
from schemas.fields import Calendar, Instant, Integer, Text
from server.domain.draw_states import SUBSTITUTION_REASONS, VOID_REASONS, DrawState

MOST_NUMBERS = 200


class NumberGroupShape(Shape):
    """一组公开数字的规格：几个、最小、最大、是否互不相同。"""

    count = Integer(1, MOST_NUMBERS, required=True)
    low = Integer(0, 10**6, required=True)
    high = Integer(1, 10**9, required=True)
    distinct = fields.Boolean(load_default=True)


class EntropyShape(Shape):
    """公开数字从哪里来：彩票某一期（lottery），或现场当众叫出的数字（on_site）。"""

    kind = fields.String(required=True, validate=validate.OneOf(["lottery", "on_site"]))
    at = Instant(required=True, metadata={"description": "开奖或叫号的时间"})
    game = Text(load_default="", max_length=20)
    issue = Text(load_default="", max_length=30)
    fallback = Text(load_default="", max_length=200)
    ask = Text(load_default="", max_length=200)
    groups = fields.List(fields.Nested(NumberGroupShape), load_default=list, validate=validate.Length(0, 6))

    @validates_schema
    def complete(self, data: dict[str, Any], **_: Any) -> None:
        needs = ("game", "issue", "fallback") if data["kind"] == "lottery" else ("ask", "groups")
        missing = {name: ["必填。"] for name in needs if not data[name]}
        if missing:
            raise ValidationError(missing)


class AnnounceShape(Shape):
    """公告一次抽签；重抽时写明替换哪一次已作废的。"""

    batch = fields.UUID(required=True)
    entropy = fields.Nested(EntropyShape, required=True)
    replaces = Text(load_default="", max_length=48)


class Groups(fields.List[Any]):
    """几组整数，照公告的次序或升序都可以。"""

    def __init__(self, **kwargs: Any) -> None:
        number = Integer(0, 10**9)
        inner: fields.List[Any] = fields.List(number, validate=validate.Length(1, MOST_NUMBERS))
        super().__init__(inner, validate=validate.Length(1, 6), **kwargs)


class NumbersShape(Shape):
    """录入公开数字；现场叫号写明见证人，彩票写明公告出处。"""

    groups = Groups(required=True)
    issue = Text(load_default="", max_length=30, metadata={"description": "实际开奖的期号，用了备用期时必填"})
    witnesses = fields.List(Text(min_length=1, max_length=40), load_default=list, validate=validate.Length(0, 20))
    source_note = Text(load_default="", max_length=500)


class ConfirmShape(Shape):
    """另一人独立再录一遍。"""

    groups = Groups(required=True)


class VoidShape(Shape):
    """作废：理由码与说明。"""

    reason = fields.String(required=True, validate=validate.OneOf(sorted(VOID_REASONS)))
    note = Text(load_default="", max_length=1000)


class SubstituteShape(Shape):
    """替换：对象换成下一个候补，或把一名执法人员换下。"""

    assignment = fields.UUID(required=True)
    officer = fields.UUID(load_default=None, allow_none=True, metadata={"description": "换下的人；不给则换对象"})
    reason = fields.String(required=True, validate=validate.OneOf(sorted(SUBSTITUTION_REASONS)))
    note = Text(load_default="", max_length=1000)


class DrawQuery(Shape):
    """筛选抽签。"""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**53))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    state = fields.String(load_default="", validate=validate.OneOf(["", *[s.value for s in DrawState]]))
    batch = fields.UUID(load_default=None)

    @post_load
    def words(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data


class TypedShape(Shape):
    """一次录入：谁录的、谁确认的、是否一致。"""

    groups = fields.List(fields.List(fields.Integer()), required=True)
    issue = fields.String(required=True, allow_none=True)
    witnesses = fields.List(fields.String(), required=True)
    source_note = fields.String(required=True)
    by = fields.String(required=True)
    at = Instant(required=True)
    confirmed_by = fields.String(required=True, allow_none=True)
    confirmed_at = Instant(required=True, allow_none=True)
    refused_at = Instant(required=True, allow_none=True)


class DrawnShape(Shape):
    """抽中的一个对象与派定的执法人员。"""

    assignment = fields.UUID(required=True)
    subject = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    stratum = fields.String(required=True)
    rank = fields.Integer(required=True)
    state = fields.String(required=True)
    officers = fields.List(fields.String(), required=True)


class DrawShape(Shape):
    """一次抽签。"""

    uuid = fields.UUID(required=True)
    code = fields.String(required=True)
    series = fields.String(required=True)
    round = fields.Integer(required=True)
    replaces = fields.String(required=True, allow_none=True)
    batch = fields.UUID(required=True)
    title = fields.String(required=True)
    region_code = fields.String(required=True)
    state = fields.String(required=True)
    state_title = fields.String(required=True)
    plan_sha256 = fields.String(required=True)
    result_sha256 = fields.String(required=True, allow_none=True)
    entropy = fields.String(required=True, allow_none=True)
    entropy_plan = fields.Dict(keys=fields.String(), required=True)
    strata = fields.List(fields.Dict(keys=fields.String()), required=True)
    summary = fields.Dict(keys=fields.String(), required=True)
    failure = fields.String(required=True, allow_none=True)
    void_reason = fields.String(required=True, allow_none=True)
    void_note = fields.String(required=True, allow_none=True)
    due_on = Calendar(required=True, allow_none=True)
    announced_at = Instant(required=True)
    numbers_due_at = Instant(required=True)
    typed_at = Instant(required=True, allow_none=True)
    sealed_at = Instant(required=True, allow_none=True)
    opened_at = Instant(required=True, allow_none=True)
    voided_at = Instant(required=True, allow_none=True)


class DrawDetailShape(DrawShape):
    """一次抽签的全部：录入的数字、冻结的文件。"""

    numbers = fields.List(fields.Nested(TypedShape), required=True)
    files = fields.List(fields.Dict(keys=fields.String()), required=True)
    voids = fields.Integer(required=True, metadata={"description": "这个机关累计作废几次"})


class ConfirmedShape(Shape):
    """确认的结果：一致则开始抽取，不一致则两次录入都保留，重新录入。"""

    agreed = fields.Boolean(required=True)
    message = fields.String(required=True)
    draw = fields.Nested(DrawShape, required=True)


DrawPage = page_of(DrawShape, "DrawPage")
DrawnPage = page_of(DrawnShape, "DrawnPage")
