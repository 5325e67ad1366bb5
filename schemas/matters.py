"""随机抽查事项清单的形状。"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from schemas.base import PageQuery, Shape, page_of
from schemas.fields import Instant, Integer, Text
from schemas.register_edits import EditShape
from schemas.registers import RegionCode
from server.domain.checklists import Frame
from server.domain.matters import MatterBasis, NewMatter


class BasisShape(Shape):
    """一条依据：依据库代码（可加条款），或名称、条款、来源三样；都要有可信记号（K 或 V:S01）。"""

    code = Text(load_default=None, allow_none=True, min_length=1, max_length=60)
    title = Text(load_default=None, allow_none=True, min_length=2, max_length=160)
    clause = Text(load_default=None, allow_none=True, min_length=1, max_length=80)
    source = Text(load_default=None, allow_none=True, min_length=2, max_length=200)
    confidence = Text(required=True, min_length=1, max_length=60)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> MatterBasis:
        return MatterBasis(**data)


def bases_field(**more: Any) -> fields.List[Any]:
    return fields.List(fields.Nested(BasisShape), validate=validate.Length(0, 40), **more)


def codes_field(**more: Any) -> fields.List[Any]:
    return fields.List(Text(min_length=1, max_length=32), validate=validate.Length(0, 40), **more)


class NewMatterShape(Shape):
    """列入一条抽查事项。"""

    code = Text(required=True, min_length=1, max_length=32)
    name = Text(required=True, min_length=2, max_length=120)
    frame = fields.Enum(Frame, by_value=True, required=True)
    kinds = codes_field(load_default=list)
    region_code = Text(required=True, **RegionCode)
    organisation = fields.UUID(required=True, metadata={"description": "抽查主体"})
    legal_bases = bases_field(required=True)
    checklists = codes_field(required=True)
    share_num = Integer(1, 10_000, required=True)
    share_den = Integer(1, 10_000, required=True)
    times_a_year = Integer(1, 366, required=True)
    method = Text(load_default="", max_length=1000)
    content = Text(load_default="", max_length=4000)
    note = Text(load_default="", max_length=1000)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewMatter:
        data |= {name: tuple(data[name]) for name in ("kinds", "legal_bases", "checklists")}
        return NewMatter(**data)


class MatterEdit(EditShape):
    """修改一条抽查事项；编号和抽样框不能改。"""

    name = Text(min_length=2, max_length=120)
    kinds = codes_field()
    region_code = Text(**RegionCode)
    organisation = fields.UUID()
    legal_bases = bases_field()
    checklists = codes_field()
    share_num = Integer(1, 10_000)
    share_den = Integer(1, 10_000)
    times_a_year = Integer(1, 366)
    method = Text(max_length=1000)
    content = Text(max_length=4000)
    note = Text(max_length=1000)


class MatterQuery(PageQuery):
    """查找抽查事项。"""

    frame = fields.String(load_default=None, validate=validate.OneOf([f.value for f in Frame]))
    region = Text(load_default=None, **RegionCode)
    retired = fields.Boolean(load_default=None)


class MatterBasisShape(Shape):
    """一条依据；`law` 是法规全称，`verified` 为假的不进正式文书。"""

    code = fields.String(required=True, allow_none=True)
    law = fields.String(required=True)
    clause = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    confidence = fields.String(required=True)
    verified = fields.Boolean(required=True)


class MatterShape(Shape):
    """一条抽查事项；年度比例是 share_num/share_den。"""

    uuid = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    frame = fields.String(required=True)
    kinds = fields.List(fields.String(), required=True)
    region_code = fields.String(required=True)
    organisation = fields.UUID(required=True)
    organisation_name = fields.String(required=True)
    legal_bases = fields.List(fields.Nested(MatterBasisShape), required=True)
    checklists = fields.List(fields.String(), required=True)
    share_num = fields.Integer(required=True)
    share_den = fields.Integer(required=True)
    times_a_year = fields.Integer(required=True)
    method = fields.String(required=True)
    content = fields.String(required=True)
    note = fields.String(required=True)
    revision = fields.Integer(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)
    retired_at = Instant(required=True, allow_none=True)


MatterPage = page_of(MatterShape, "MatterPage")
