"""名录库的查找、修改、退出、恢复、变更记录、附近的形状。"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from schemas.base import PageQuery, Shape, page_of
from schemas.decimals import DecimalText
from schemas.fields import Calendar, Degrees, Instant, Integer, Text
from schemas.registers import (
    NewPartyShape,
    PositionShape,
    RegionCode,
    SubjectBrief,
    boundary_field,
    check_price,
    skills_field,
)
from server.domain.checklists import Frame
from server.domain.register_facts import RegisterAct, RiskClass, SubjectStatus
from server.domain.registers import Datum, OrganisationKind

MOST_METRES = 50_000


class CursorQuery(Shape):
    """只翻页。"""

    after = fields.Integer(strict=False, load_default=0, validate=validate.Range(0, 2**53))
    limit = fields.Integer(strict=False, load_default=50, validate=validate.Range(1, 200))


class RegisterQuery(PageQuery):
    """查找：词、区划（含下辖）、在册或已退出、排序。"""

    region = Text(load_default=None, **RegionCode)
    retired = fields.Boolean(load_default=None, metadata={"description": "true 只看已退出的，false 只看在册的"})
    sort = fields.String(
        load_default="registered", validate=validate.OneOf(["registered", "-registered", "code", "name"])
    )


class OrganisationQuery(RegisterQuery):
    """查找单位。"""

    kind = fields.String(load_default=None, validate=validate.OneOf([k.value for k in OrganisationKind]))


class SubjectQuery(RegisterQuery):
    """查找检查对象；词在名称、编号、施工许可证号、单位名称和统一社会信用代码里找。"""

    frame = fields.String(load_default=None, validate=validate.OneOf([f.value for f in Frame]))
    kind = Text(load_default=None, min_length=1, max_length=32)
    status = fields.String(load_default=None, validate=validate.OneOf([s.value for s in SubjectStatus]))
    risk_class = fields.String(load_default=None, validate=validate.OneOf([r.value for r in RiskClass]))


def reason_field(**more: Any) -> Text:
    return Text(min_length=2, max_length=500, **more)


class EditShape(Shape):
    """一次修改：看到的是第几版、为什么改；没写的字段不动。"""

    revision = Integer(1, 2**31 - 1, required=True)
    reason = reason_field(required=True)

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """`changes`, `reason` and `expected_revision`, as the services take them."""
        reason, revision = data.pop("reason"), data.pop("revision")
        return {"changes": data, "reason": reason, "expected_revision": revision}


class OrganisationEdit(EditShape):
    """修改一家单位。"""

    name = Text(min_length=2, max_length=200)
    kind = fields.Enum(OrganisationKind, by_value=True)
    region_code = Text(**RegionCode)
    credit_code = Text(allow_none=True, min_length=1, max_length=40)
    legal_representative = Text(allow_none=True, min_length=1, max_length=64)
    address = Text(allow_none=True, min_length=1, max_length=300)


class SubjectEdit(EditShape):
    """修改一个检查对象；`parties` 是整份名单，没列的当日终止；改边界要连同中心点（声明坐标系）。"""

    name = Text(min_length=2, max_length=200)
    kind = Text(min_length=1, max_length=32)
    region_code = Text(**RegionCode)
    address = Text(min_length=1, max_length=300)
    centre = fields.Nested(PositionShape)
    boundary = boundary_field()
    organisation = fields.UUID(allow_none=True)
    parties = fields.List(fields.Nested(NewPartyShape), validate=validate.Length(0, 60))
    status = fields.Enum(SubjectStatus, by_value=True)
    risk_class = fields.Enum(RiskClass, by_value=True)
    stage = Text(allow_none=True, min_length=1, max_length=40)
    permit_no = Text(allow_none=True, min_length=1, max_length=40)
    contract_price = DecimalText(allow_none=True, validate=check_price)


class OfficerEdit(EditShape):
    """修改一名执法检查人员。"""

    name = Text(min_length=1, max_length=64)
    certificate_no = Text(min_length=4, max_length=40)
    certificate_expires_on = Calendar()
    organisation = fields.UUID()
    region_code = Text(**RegionCode)
    unit = Text(allow_none=True, min_length=1, max_length=80)
    issuer = Text(allow_none=True, min_length=1, max_length=120)
    skills = skills_field()
    may_lead = fields.Boolean(truthy={True}, falsy={False})


class RetireQuery(Shape):
    """退出名录的理由；给了版本号就按版本号核对。"""

    reason = reason_field(load_default=None)
    revision = fields.Integer(strict=False, load_default=None, validate=validate.Range(1, 2**31 - 1))

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"reason": data["reason"], "expected_revision": data["revision"]}


class RestoreShape(Shape):
    """恢复到名录的理由。"""

    reason = reason_field(required=True)
    revision = Integer(1, 2**31 - 1, load_default=None, allow_none=True)

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"reason": data["reason"], "expected_revision": data["revision"]}


class ChangeShape(Shape):
    """一次变更：谁、何时、改了什么（{字段: [旧, 新]}）、为什么。"""

    revision = fields.Integer(required=True)
    act = fields.String(required=True, validate=validate.OneOf([a.value for a in RegisterAct]))
    changes = fields.Dict(keys=fields.String(), required=True)
    reason = fields.String(required=True, allow_none=True)
    at = Instant(required=True)
    by = fields.UUID(required=True, allow_none=True)
    by_name = fields.String(required=True)


HistoryPage = page_of(ChangeShape, "HistoryPage")


class NearQuery(Shape):
    """我在哪里、多远之内；坐标系一定要声明。"""

    longitude = fields.Float(required=True, allow_nan=False, validate=validate.Range(-180, 180))
    latitude = fields.Float(required=True, allow_nan=False, validate=validate.Range(-90, 90))
    datum = fields.Enum(Datum, by_value=True, required=True)
    metres = fields.Float(load_default=2000, allow_nan=False, validate=validate.Range(1, MOST_METRES))
    limit = fields.Integer(strict=False, load_default=50, validate=validate.Range(1, 200))


class RingShape(Shape):
    """一圈 [经度, 纬度] 及其坐标系。"""

    ring = fields.List(
        fields.Tuple((Degrees(180), Degrees(90))),
        required=True,
        validate=validate.Length(3, 500, error="应有 {min} 到 {max} 个点。"),
    )
    datum = fields.Enum(Datum, by_value=True, required=True)


class NearShape(Shape):
    """附近的一个对象：中心点（WGS-84）与距离（米，按圈找时没有）。"""

    subject = fields.Nested(SubjectBrief, required=True)
    longitude = fields.Float(required=True)
    latitude = fields.Float(required=True)
    metres = fields.Float(required=True, allow_none=True)


class NearList(Shape):
    """附近的对象，由近到远；`more` 为真时还有没列出的。"""

    items = fields.List(fields.Nested(NearShape), required=True)
    more = fields.Boolean(required=True)
