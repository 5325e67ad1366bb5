"""手机与服务器对账的形状：信封、先报的摘要、心跳。"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from schemas.assignments import SiteReportShape
from schemas.base import Shape
from schemas.fields import Instant, Integer, Sha256, Text
from schemas.problem import ProblemShape
from schemas.receipts import SignedReceiptShape
from server.domain.sync import MOST_PHOTOS, Announced, AnnouncedPhoto, Beat

MOST_ENVELOPES = 50
MOST_ANNOUNCEMENTS = 50
MOST_HELD = 500
MOST_BYTES = 2**50
KINDS = ("check", "part", "report", "question_answer", "signature")


class EnvelopeShape(Shape):
    """一个信封。`digest` 是 `body` 的规范 JSON（RFC 8785）的 SHA-256。"""

    id = fields.UUID(required=True, metadata={"description": "手机起的编号；kind 为 check 时就是检查的编号"})
    kind = fields.String(required=True, validate=validate.OneOf(KINDS, error="不认识的种类。"))
    digest = Sha256(required=True)
    body = fields.Dict(required=True)


class EnvelopesShape(Shape):
    """一批信封，各记各的账；`sent_at` 是发送时手机的钟。"""

    sent_at = Instant(load_default=None, allow_none=True)
    envelopes = fields.List(
        fields.Raw(allow_none=True, metadata={"description": "一个信封 {id, kind, digest, body}；写错的只退它自己"}),
        required=True,
        validate=validate.Length(1, MOST_ENVELOPES, error="一次 {min} 到 {max} 个。"),
    )


class EnvelopeAnswerShape(Shape):
    """对一个信封的回答：`status` 与单独发送时的 HTTP 状态相同，200 为收下（再发一次也是）；其他附 `problem`。"""

    id = fields.String(required=True, allow_none=True)
    status = fields.Integer(required=True)
    code = fields.String()
    problem = fields.Nested(ProblemShape)
    receipt = fields.Nested(SignedReceiptShape)


class EnvelopeAnswersShape(Shape):
    """按原来的次序，一个信封一个回答。"""

    now = Instant(required=True)
    answers = fields.List(fields.Nested(EnvelopeAnswerShape), required=True)


class EnvelopeReportShape(SiteReportShape):
    """装在信封里的任务报告：另写明是哪项任务。"""

    assignment = fields.UUID(required=True)

    @post_load
    def make(self, data: dict[str, Any], **more: Any) -> Any:
        assignment = data.pop("assignment")
        return {"assignment": assignment, "report": super().make(data, **more)}


class AnnouncedPhotoShape(Shape):
    """先报的一张照片。"""

    uuid = fields.UUID(required=True)
    sha256 = Sha256(required=True)
    size = Integer(0, MOST_BYTES, required=True)
    item = Text(load_default=None, allow_none=True, max_length=24)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> AnnouncedPhoto:
        return AnnouncedPhoto(**data)


class AnnouncementShape(Shape):
    """一次封存的检查：记录摘要和每张照片的摘要。"""

    check = fields.UUID(required=True)
    record_sha256 = Sha256(required=True)
    sealed_at = Instant(required=True)
    photos = fields.List(
        fields.Nested(AnnouncedPhotoShape), load_default=list, validate=validate.Length(0, MOST_PHOTOS)
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Announced:
        return Announced(**{**data, "photos": tuple(data["photos"])})


class AnnouncementsShape(Shape):
    """几次封存的检查。"""

    announcements = fields.List(
        fields.Nested(AnnouncementShape), required=True, validate=validate.Length(1, MOST_ANNOUNCEMENTS)
    )


class AnnouncementStampShape(Shape):
    """服务器盖的时间：`stamp` 是签名的凭据。再报一次，得第一次的时间。"""

    check = fields.UUID(required=True)
    record_sha256 = fields.String(required=True)
    arrived_at = Instant(required=True)
    stamp = fields.String(required=True)


class AnnouncementStampsShape(Shape):
    """每次封存一个时间，次序与送来的相同。"""

    now = Instant(required=True)
    stamps = fields.List(fields.Nested(AnnouncementStampShape), required=True)


class HeartbeatShape(Shape):
    """手机上还有什么；每部手机只留最近一次。"""

    at = Instant(required=True, metadata={"description": "手机的钟"})
    drafts = Integer(0, 10**4, required=True)
    sealed = Integer(0, 10**4, required=True)
    photos = Integer(0, 10**6, required=True)
    bytes = Integer(0, MOST_BYTES, required=True)
    oldest_at = Instant(load_default=None, allow_none=True)
    battery = Integer(0, 100, load_default=None, allow_none=True)
    persisted = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "存储受保护，不会被系统清掉"}
    )
    checks = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, MOST_HELD))
    app = Text(load_default="", max_length=80)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Beat:
        return Beat(**{**data, "checks": tuple(data["checks"])})


class HeartbeatReplyShape(Shape):
    """`complete`：问到的检查里，服务器已收齐的。"""

    now = Instant(required=True)
    complete = fields.List(fields.UUID(), required=True)


class HolderShape(Shape):
    """一部手机和它还没交的东西。"""

    device = fields.UUID(required=True)
    device_name = fields.String(required=True)
    officer = fields.String(required=True)
    certificate_no = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    region_code = fields.String(required=True)
    drafts = fields.Integer(required=True)
    sealed = fields.Integer(required=True)
    photos = fields.Integer(required=True)
    bytes = fields.Integer(required=True)
    checks = fields.List(fields.UUID(), required=True)
    oldest_at = Instant(required=True, allow_none=True)
    seen_at = Instant(required=True)
    silent = fields.Boolean(required=True, metadata={"description": "有没交的，而一天没有消息"})
    battery = fields.Integer(required=True, allow_none=True)
    persisted = fields.Boolean(required=True, allow_none=True)
    revoked = fields.Boolean(required=True, metadata={"description": "这部手机的令牌已吊销或到期，要重新登录才能交"})
    app = fields.String(required=True)


class OutstandingShape(Shape):
    """还没交的合计。`announced` 是报过摘要、记录还没有到的检查；`incomplete` 是记录已到、照片未齐的检查。"""

    phones = fields.Integer(required=True)
    drafts = fields.Integer(required=True)
    sealed = fields.Integer(required=True)
    photos = fields.Integer(required=True)
    bytes = fields.Integer(required=True)
    announced = fields.Integer(required=True)
    parts = fields.Integer(required=True, metadata={"description": "已到、但所属检查的记录还没有到的部分"})
    incomplete = fields.Integer(required=True)


class UnsentQuery(Shape):
    """看谁：`all=true` 连什么都不欠的手机也列出。"""

    all = fields.Boolean(load_default=False)
    after = fields.Integer(load_default=0, validate=validate.Range(0, 10**6))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 200))


class UnsentShape(Shape):
    """“还在手机上”：欠得最久的在前。"""

    now = Instant(required=True)
    totals = fields.Nested(OutstandingShape, required=True)
    items = fields.List(fields.Nested(HolderShape), required=True)
    next = fields.Integer(required=True, allow_none=True)
