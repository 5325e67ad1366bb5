"""单位、检查对象、执法人员、区划的形状。"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from schemas.base import Shape, page_of
from schemas.fields import Calendar, Degrees, Instant, Text
from server.domain.checklists import Frame
from server.domain.registers import (
    Datum,
    NewOfficer,
    NewOrganisation,
    NewParty,
    NewSubject,
    OrganisationKind,
    Position,
)

RegionCode = {"min_length": 6, "max_length": 12}


class PositionShape(Shape):
    """一个位置：经度、纬度、坐标系；精度 0 表示模拟或手工放置。"""

    longitude = Degrees(180, required=True)
    latitude = Degrees(90, required=True)
    datum = fields.Enum(Datum, by_value=True, required=True)
    accuracy_m = Degrees(1_000_000, load_default=None, allow_none=True)
    age_s = Degrees(10_000_000, load_default=None, allow_none=True)
    provider = Text(load_default="", max_length=40)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Position:
        return Position(**data)


class NewOrganisationShape(Shape):
    """登记一家单位。"""

    name = Text(required=True, min_length=2, max_length=200)
    kind = fields.Enum(OrganisationKind, by_value=True, required=True)
    region_code = Text(required=True, **RegionCode)
    credit_code = Text(load_default=None, allow_none=True, max_length=40)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewOrganisation:
        return NewOrganisation(**data)


class OrganisationShape(Shape):
    """一家单位。"""

    uuid = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    region_code = fields.String(required=True)
    credit_code = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    retired_at = Instant(required=True, allow_none=True)


class NewPartyShape(Shape):
    """一个责任主体。"""

    party = fields.Enum(OrganisationKind, by_value=True, required=True)
    organisation = fields.UUID(required=True)
    from_on = Calendar(load_default=None, allow_none=True)
    to_on = Calendar(load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewParty:
        return NewParty(data["party"].value, data["organisation"], data["from_on"], data["to_on"])


class NewSubjectShape(Shape):
    """登记一个检查对象；边界是一圈 [经度, 纬度]，坐标系同 centre。"""

    code = Text(
        required=True,
        min_length=1,
        max_length=64,
        validate=[validate.Regexp(r"\A[^|\t\n]+\Z", error="不能含有 | 或制表符。")],
    )
    name = Text(required=True, min_length=2, max_length=200)
    frame = fields.Enum(Frame, by_value=True, required=True)
    kind = Text(required=True, min_length=1, max_length=32)
    region_code = Text(required=True, **RegionCode)
    address = Text(required=True, min_length=1, max_length=300)
    centre = fields.Nested(PositionShape, required=True)
    boundary = fields.List(
        fields.Tuple((Degrees(180), Degrees(90))),
        load_default=None,
        allow_none=True,
        validate=validate.Length(3, 500, error="边界应有 {min} 到 {max} 个点。"),
    )
    organisation = fields.UUID(load_default=None, allow_none=True)
    parties = fields.List(fields.Nested(NewPartyShape), load_default=list, validate=validate.Length(0, 30))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewSubject:
        data["parties"] = tuple(data["parties"])
        data["boundary"] = None if data["boundary"] is None else tuple(data["boundary"])
        return NewSubject(**data)


class PartyShape(Shape):
    """一个责任主体及其单位。"""

    party = fields.String(required=True)
    organisation = fields.Nested(OrganisationShape, required=True)
    from_on = Calendar(required=True, allow_none=True)
    to_on = Calendar(required=True, allow_none=True)


class SubjectBrief(Shape):
    """列表里的一个对象。"""

    uuid = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    frame = fields.String(required=True)
    kind = fields.String(required=True)
    region_code = fields.String(required=True)
    address = fields.String(required=True)
    retired_at = Instant(required=True, allow_none=True)


class SubjectShape(SubjectBrief):
    """一个对象的全部登记。"""

    organisation = fields.Nested(OrganisationShape, required=True, allow_none=True)
    parties = fields.List(fields.Nested(PartyShape), required=True)
    created_at = Instant(required=True)


class NewOfficerShape(Shape):
    """登记一名执法检查人员。"""

    name = Text(required=True, min_length=1, max_length=64)
    certificate_no = Text(required=True, min_length=4, max_length=40)
    certificate_expires_on = Calendar(required=True)
    organisation = fields.UUID(required=True)
    region_code = Text(required=True, **RegionCode)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewOfficer:
        return NewOfficer(**data)


class OfficerShape(Shape):
    """一名执法检查人员。"""

    uuid = fields.UUID(required=True)
    name = fields.String(required=True)
    certificate_no = fields.String(required=True)
    certificate_expires_on = Calendar(required=True)
    organisation = fields.Nested(OrganisationShape, required=True)
    region_code = fields.String(required=True)
    retired_at = Instant(required=True, allow_none=True)


class RegionShape(Shape):
    """一个区划单元。"""

    code = fields.String(required=True)
    name = fields.String(required=True)
    level = fields.String(required=True)
    parent_code = fields.String(required=True, allow_none=True)


OrganisationPage = page_of(OrganisationShape, "OrganisationPage")
SubjectPage = page_of(SubjectBrief, "SubjectPage")
OfficerPage = page_of(OfficerShape, "OfficerPage")
