"""资料包的形状：手机带到现场的全部，一次拉完。"""

from __future__ import annotations

from marshmallow import fields

from schemas.assignments import (
    CrewMemberShape,
    FrozenChecklistShape,
    LastCheckShape,
    OpenMarkShape,
    PastFindingShape,
    TaskShape,
    TaskSubjectShape,
)
from schemas.base import Shape
from schemas.fields import Instant
from schemas.merging import FieldMergeShape, FieldQuestionShape
from schemas.receipts import PublishedKeyShape


class OwnShape(Shape):
    """我是谁；`officer` 为空的账号不能交检查。"""

    user = fields.UUID(required=True)
    login = fields.String(required=True)
    name = fields.String(required=True)
    officer = fields.UUID(required=True, allow_none=True)
    certificate = fields.String(required=True, allow_none=True)
    certificate_expires_on = fields.String(required=True, allow_none=True)


class PersonShape(Shape):
    """可以一同检查的人。"""

    uuid = fields.UUID(required=True)
    name = fields.String(required=True)
    certificate_no = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)


class OutlineShape(Shape):
    """GeoJSON 多边形，WGS-84。"""

    type = fields.String(required=True)
    coordinates = fields.List(fields.List(fields.List(fields.Float())), required=True)


class PackedSubjectShape(TaskSubjectShape):
    """带到现场的对象。"""

    region = fields.String(required=True, metadata={"description": "区划名称"})
    centre = fields.List(fields.Float(), required=True, allow_none=True, metadata={"description": "经度、纬度"})
    outline = fields.Nested(OutlineShape, required=True, allow_none=True)


class PackedOfficerShape(CrewMemberShape):
    """任务上的一名执法人员，带证号。"""

    certificate_no = fields.String(required=True)


class PackedFindingShape(PastFindingShape):
    """上次查出的一条问题。"""

    item_code = fields.String(required=True)
    title = fields.String(required=True)
    outcome = fields.String(required=True)


class PackedLastCheckShape(LastCheckShape):
    """对象上一次检查与当时的问题。"""

    findings = fields.List(fields.Nested(PackedFindingShape), required=True)


class PackedTaskShape(TaskShape):
    """带到现场的一项任务；`checklist` 是 `checklists` 的第一份。"""

    subject = fields.Nested(PackedSubjectShape, required=True)
    officers = fields.List(fields.Nested(PackedOfficerShape), required=True)
    checklist = fields.Nested(FrozenChecklistShape, required=True, allow_none=True)
    last_check = fields.Nested(PackedLastCheckShape, required=True, allow_none=True)


class LimitsShape(Shape):
    """服务器的上限，手机照着做，不必试。"""

    max_photo_bytes = fields.Integer(required=True)
    max_body_bytes = fields.Integer(required=True)
    max_envelopes = fields.Integer(required=True)
    max_announcements = fields.Integer(required=True)
    max_answers = fields.Integer(required=True)
    max_photos = fields.Integer(required=True)
    heartbeat_s = fields.Integer(required=True)


class PackageShape(Shape):
    """资料包。`tasks` 是变动的任务，`open` 是全部未办结的；其余各项每次给全。"""

    now = Instant(required=True, metadata={"description": "服务器的钟"})
    next = fields.String(required=True)
    more = fields.Boolean(required=True)
    stamp = fields.String(required=True, metadata={"description": "签名的服务器时间，写进记录，证明不早于此刻"})
    me = fields.Nested(OwnShape, required=True)
    tasks = fields.List(fields.Nested(PackedTaskShape), required=True)
    open = fields.List(fields.Nested(OpenMarkShape), required=True)
    checklists = fields.List(fields.Nested(FrozenChecklistShape), required=True)
    people = fields.List(fields.Nested(PersonShape), required=True)
    questions = fields.List(fields.Nested(FieldQuestionShape), required=True)
    merges = fields.List(fields.Nested(FieldMergeShape), required=True)
    limits = fields.Nested(LimitsShape, required=True)
    receipt_keys = fields.List(fields.Nested(PublishedKeyShape), required=True)
