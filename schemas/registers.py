"""单位、检查对象、执法人员、区划的形状。"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from schemas.base import Shape, page_of
from schemas.decimals import DecimalText
from schemas.fields import Calendar, Degrees, Instant, Text
from server.domain.checklists import Frame
from server.domain.register_facts import RiskClass, SubjectStatus
from server.domain.registers import (
    Datum,
    NewOfficer,
    NewOrganisation,
    NewParty,
    NewSubject,
    OrganisationKind,
    Position,
    subject_code_fault,
)

RegionCode = {"min_length": 6, "max_length": 12}
MOST_YUAN = Decimal("9999999999999.99")


def check_price(value: Decimal) -> None:
    """Yuan to the fen, so much that every database keeps it exactly."""
    if not 0 <= value <= MOST_YUAN or value != round(value, 2):
        raise ValidationError("应为不小于零、少于十万亿的金额，精确到分。")


def _check_code(value: str) -> None:
    if fault := subject_code_fault(value):
        raise ValidationError(f"{fault}。")


def boundary_field(**more: Any) -> fields.List[Any]:
    """One ring of [longitude, latitude] in the datum of the centre beside it."""
    return fields.List(
        fields.Tuple((Degrees(180), Degrees(90))),
        allow_none=True,
        validate=validate.Length(3, 500, error="边界应有 {min} 到 {max} 个点。"),
        **more,
    )


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
    legal_representative = Text(load_default=None, allow_none=True, min_length=1, max_length=64)
    address = Text(load_default=None, allow_none=True, min_length=1, max_length=300)

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
    legal_representative = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    revision = fields.Integer(required=True)
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

    code = Text(required=True, min_length=1, max_length=64, validate=[_check_code])
    name = Text(required=True, min_length=2, max_length=200)
    frame = fields.Enum(Frame, by_value=True, required=True)
    kind = Text(required=True, min_length=1, max_length=32)
    region_code = Text(required=True, **RegionCode)
    address = Text(required=True, min_length=1, max_length=300)
    centre = fields.Nested(PositionShape, required=True)
    boundary = boundary_field(load_default=None)
    organisation = fields.UUID(load_default=None, allow_none=True)
    parties = fields.List(fields.Nested(NewPartyShape), load_default=list, validate=validate.Length(0, 30))
    status = fields.Enum(SubjectStatus, by_value=True, load_default=SubjectStatus.ACTIVE)
    risk_class = fields.Enum(RiskClass, by_value=True, load_default=RiskClass.UNCLASSIFIED)
    stage = Text(load_default=None, allow_none=True, min_length=1, max_length=40)
    permit_no = Text(load_default=None, allow_none=True, min_length=1, max_length=40)
    contract_price = DecimalText(load_default=None, allow_none=True, validate=check_price)

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
    status = fields.String(required=True)
    risk_class = fields.String(required=True)
    retired_at = Instant(required=True, allow_none=True)


class GivenPlaceShape(Shape):
    """登记时给的原读数和坐标系。"""

    centre = fields.List(fields.Float(), required=True)
    boundary = fields.List(fields.List(fields.Float()), required=True, allow_none=True)


class PlaceShape(Shape):
    """位置。"""

    datum = fields.String(required=True)
    given = fields.Nested(GivenPlaceShape, required=True)


class SubjectShape(SubjectBrief):
    """一个对象的登记；合同价不在其中。"""

    organisation = fields.Nested(OrganisationShape, required=True, allow_none=True)
    parties = fields.List(fields.Nested(PartyShape), required=True)
    place = fields.Nested(PlaceShape, required=True, allow_none=True)
    stage = fields.String(required=True, allow_none=True)
    permit_no = fields.String(required=True, allow_none=True)
    revision = fields.Integer(required=True)
    created_at = Instant(required=True)


class SubjectFile(SubjectShape):
    """监督台看的一个对象：多一个合同价（罚款基数，元），只在案卷，从不公开。"""

    contract_price = DecimalText(required=True, allow_none=True)
    updated_at = Instant(required=True, allow_none=True)


def skills_field(**more: Any) -> fields.List[Any]:
    """执法专业，例如 混凝土、检测机构。"""
    return fields.List(Text(min_length=1, max_length=40), validate=validate.Length(0, 20), **more)


class NewOfficerShape(Shape):
    """登记一名执法检查人员。"""

    name = Text(required=True, min_length=1, max_length=64)
    certificate_no = Text(required=True, min_length=4, max_length=40)
    certificate_expires_on = Calendar(required=True)
    organisation = fields.UUID(required=True)
    region_code = Text(required=True, **RegionCode)
    unit = Text(load_default=None, allow_none=True, min_length=1, max_length=80)
    issuer = Text(load_default=None, allow_none=True, min_length=1, max_length=120)
    skills = skills_field(load_default=list)
    may_lead = fields.Boolean(truthy={True}, falsy={False}, load_default=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewOfficer:
        data["skills"] = tuple(dict.fromkeys(data["skills"]))
        return NewOfficer(**data)


class OfficerShape(Shape):
    """一名执法检查人员。"""

    uuid = fields.UUID(required=True)
    name = fields.String(required=True)
    certificate_no = fields.String(required=True)
    certificate_expires_on = Calendar(required=True)
    organisation = fields.Nested(OrganisationShape, required=True)
    region_code = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    issuer = fields.String(required=True, allow_none=True)
    skills = fields.List(fields.String(), required=True)
    may_lead = fields.Boolean(required=True)
    revision = fields.Integer(required=True)
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
