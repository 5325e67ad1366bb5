"""照片的形状。"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from schemas.base import Shape, page_of
from schemas.fields import Degrees, Instant, Sha256, Text
from server.domain.registers import Datum, Position


class PhotoQuery(Shape):
    """随照片说明的事，都是手机的说法，不作为凭据。"""

    check = fields.UUID(load_default=None, allow_none=True, metadata={"description": "属于哪次检查"})
    item = Text(load_default=None, allow_none=True, max_length=24, metadata={"description": "属于哪个检查项"})
    name = Text(load_default="", max_length=255, metadata={"description": "手机上的文件名"})
    sha256 = Sha256(load_default=None, allow_none=True)
    taken_at = Instant(load_default=None, allow_none=True)
    longitude = fields.Float(load_default=None, allow_none=True, allow_nan=False, validate=validate.Range(-180, 180))
    latitude = fields.Float(load_default=None, allow_none=True, allow_nan=False, validate=validate.Range(-90, 90))
    datum = fields.Enum(Datum, by_value=True, load_default=Datum.WGS84)
    accuracy_m = fields.Float(load_default=None, allow_none=True, allow_nan=False, validate=validate.Range(0, 10**6))
    age_s = fields.Float(load_default=None, allow_none=True, allow_nan=False, validate=validate.Range(0, 10**7))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        lon, lat = data.pop("longitude"), data.pop("latitude")
        datum, accuracy, age = data.pop("datum"), data.pop("accuracy_m"), data.pop("age_s")
        data["fix"] = None if lon is None or lat is None else Position(lon, lat, datum, accuracy, age)
        return data


class PhotoReceiptShape(Shape):
    """照片已收存；`state`: received（待核验）、examined（已核验）、unreadable（收存但读不出画面）。"""

    uuid = fields.UUID(required=True)
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    received_at = Instant(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)


class FlagShape(Shape):
    """给监督人员看的一句话。"""

    code = fields.String(required=True)
    level = fields.String(required=True)
    words = fields.String(required=True)
    facts = fields.Dict(keys=fields.String(), required=True)


class CustodyShape(Shape):
    """保管链的一条。"""

    seq = fields.Integer(required=True)
    act = fields.String(required=True)
    actor = fields.String(required=True)
    at = Instant(required=True)
    facts = fields.Dict(keys=fields.String(), required=True)
    prev_sha256 = fields.String(required=True)
    sha256 = fields.String(required=True)


class EvidenceBrief(PhotoReceiptShape):
    """列表里的一张照片。"""

    file_name = fields.String(required=True)
    check = fields.UUID(required=True, allow_none=True)
    item = fields.String(required=True, allow_none=True)
    matched = fields.Boolean(required=True, metadata={"description": "是否有检查记录认领"})
    captured_at = Instant(required=True, allow_none=True)
    longitude = Degrees(180, required=True, allow_none=True)
    latitude = Degrees(90, required=True, allow_none=True)
    flags = fields.List(fields.Nested(FlagShape), required=True)
    agreement = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class EvidenceShape(EvidenceBrief):
    """一张照片的全部：手机的说法、读数、提示、保管链。"""

    media_type = fields.String(required=True)
    announced = fields.Dict(keys=fields.String(), required=True)
    facts = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    custody = fields.List(fields.Nested(CustodyShape), required=True)
    custody_whole = fields.Boolean(required=True)


EvidencePage = page_of(EvidenceBrief, "EvidencePage")
