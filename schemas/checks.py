"""现场检查的形状。"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from schemas.base import Shape, page_of
from schemas.fields import Instant, Integer, Sha256, Text
from schemas.quick_answers import AnswersField
from schemas.registers import PositionShape
from server.domain.checks import Attitude, ExpectedPhoto, Representative, Source

MAX_ANSWERS = 400
MAX_PHOTOS = 600
MAX_MARKS = 50
MARKS = ("circle", "arrow", "line")


class RepresentativeShape(Shape):
    """被检单位代表及其态度。"""

    name = Text(required=True, min_length=0, max_length=64)
    attitude = fields.Enum(Attitude, by_value=True, required=True)
    opinion = Text(load_default="", max_length=1000)
    witness = Text(load_default="", max_length=64)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Representative:
        return Representative(**data)


class MarkShape(Shape):
    """照片上的一笔标注：画在原件之外，随记录封存。"""

    shape = fields.String(required=True, validate=validate.OneOf(MARKS, error="应为 circle、arrow 或 line。"))
    points = fields.List(
        fields.List(fields.Float(validate=validate.Range(0, 1)), validate=validate.Length(equal=2)),
        required=True,
        validate=validate.Length(equal=2),
        metadata={"description": "起点和终点，横、纵各占画面的几分之几，左上角为 0"},
    )


class ExpectedPhotoShape(Shape):
    """记录里提到的一张照片。"""

    uuid = fields.UUID(required=True)
    item = Text(load_default=None, allow_none=True, max_length=24)
    sha256 = Sha256(load_default=None, allow_none=True)
    marks = fields.List(fields.Nested(MarkShape), load_default=list, validate=validate.Length(0, MAX_MARKS))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ExpectedPhoto:
        data.pop("marks")  # they stay in the record as sent
        return ExpectedPhoto(**data)


class ChecklistRef(Shape):
    """检查单的代码与版本。"""

    code = Text(required=True, min_length=1, max_length=20)
    version = Text(required=True, min_length=1, max_length=20)


class CheckRecordShape(Shape):
    """一次封存的现场检查。"""

    subject = fields.UUID(required=True)
    checklist = fields.Nested(ChecklistRef, required=True)
    source = fields.Enum(Source, by_value=True, load_default=Source.DOUBLE_RANDOM)
    assignment = fields.UUID(load_default=None, allow_none=True, metadata={"description": "完成的是哪项任务"})
    officers = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 20))
    started_at = Instant(required=True)
    ended_at = Instant(required=True)
    device_at = Instant(required=True, metadata={"description": "封存时手机的钟"})
    fix = fields.Nested(PositionShape, load_default=None, allow_none=True)
    fix_error = Text(load_default="", max_length=80, metadata={"description": "没有定位时的原因"})
    answers = AnswersField(required=True, validate=validate.Length(1, MAX_ANSWERS))
    photos = fields.List(fields.Nested(ExpectedPhotoShape), load_default=list, validate=validate.Length(0, MAX_PHOTOS))
    representative = fields.Nested(RepresentativeShape, required=True)
    remarks = Text(load_default="", max_length=4000)
    stamp = Text(load_default="", max_length=2000, metadata={"description": "资料包里的时间戳：证明不早于那一刻"})

    @post_load
    def flatten(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data.pop("stamp")  # stays in the record as sent; compared in the background
        checklist = data.pop("checklist")
        data["checklist_code"], data["checklist_version"] = checklist["code"], checklist["version"]
        for name in ("officers", "answers", "photos"):
            data[name] = tuple(data[name])
        return data


class SlotShape(Shape):
    """一个应有照片的位置。`state`: expected（未到）、received（已到，未核验）、verified（已核验）、mismatch（与预报摘要不符）。"""

    photo = fields.UUID(required=True)
    item = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)


class ReceiptShape(Shape):
    """收讫：服务器确已提交的内容。"""

    uuid = fields.UUID(required=True)
    digest_sha256 = fields.String(required=True)
    received_at = Instant(required=True)
    state = fields.String(required=True)
    complete = fields.Boolean(required=True)
    slots = fields.List(fields.Nested(SlotShape), required=True)


class CheckBrief(Shape):
    """列表里的一次检查。"""

    uuid = fields.UUID(required=True)
    subject = fields.UUID(required=True)
    subject_name = fields.String(required=True)
    checklist = fields.String(required=True)
    version = fields.String(required=True)
    region_code = fields.String(required=True)
    state = fields.String(required=True)
    attitude = fields.String(required=True)
    ended_at = Instant(required=True)
    received_at = Instant(required=True)
    slots = Integer(0, 10**6, required=True)
    verified = Integer(0, 10**6, required=True)
    failing = Integer(0, 10**6, required=True)


class FindingShape(Shape):
    """一项作答及其判定。"""

    item = fields.String(required=True)
    section = fields.String(required=True)
    outcome = fields.String(required=True)
    stated = fields.String(required=True, allow_none=True)
    severity = fields.String(required=True)
    value = fields.String(required=True, allow_none=True)
    finding = fields.Dict(keys=fields.String(), required=True)


class CheckShape(CheckBrief):
    """一次检查的全部内容。"""

    digest_sha256 = fields.String(required=True)
    record = fields.Dict(keys=fields.String(), required=True)
    clock_offset_s = fields.Integer(required=True)
    findings = fields.List(fields.Nested(FindingShape), required=True)
    photo_slots = fields.List(fields.Nested(SlotShape), required=True)
    notes = fields.List(fields.Dict(keys=fields.String()), required=True)


CheckPage = page_of(CheckBrief, "CheckPage")
