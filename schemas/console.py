"""控制台：问题、案件、通报的形状。"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import fields, post_load, validate

from schemas.base import Shape, page_of
from schemas.fields import Calendar, Instant, Integer, Text
from server.domain.bulletin_data import Notice
from server.domain.cases import Decision, Penalty, PenaltyKind
from server.domain.checklists import Severity
from server.domain.clauses import Clause
from server.domain.registers import OrganisationKind
from server.domain.wording import NOTICES


class ViolationQuery(Shape):
    """筛选问题。"""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**53))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    state = fields.String(
        load_default="", validate=validate.OneOf(["", "found", "confirmed", "lowered", "rejected", "withdrawn"])
    )
    severity = fields.String(load_default="", validate=validate.OneOf(["", *[s.value for s in Severity]]))
    check = fields.UUID(load_default=None)


class ViolationShape(Shape):
    """一条问题。"""

    uuid = fields.UUID(required=True)
    check = fields.UUID(required=True)
    subject = fields.UUID(required=True)
    subject_name = fields.String(required=True)
    region_code = fields.String(required=True)
    item = fields.String(required=True)
    section = fields.String(required=True)
    severity = fields.String(required=True)
    found_severity = fields.String(required=True)
    liable = fields.List(fields.String(), required=True)
    clause = fields.Dict(keys=fields.String(), required=True)
    finding = fields.Dict(keys=fields.String(), required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    found_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    case = fields.UUID(required=True, allow_none=True)
    photos = fields.List(fields.UUID(), required=True)


class VerdictShape(Shape):
    """认定：confirm 确认、lower 降级确认（写明理由）、reject 驳回（写明理由）、withdraw 撤回（写明理由）。"""

    decision = fields.String(required=True, validate=validate.OneOf(["confirm", "lower", "reject", "withdraw"]))
    severity = fields.Enum(Severity, by_value=True, load_default=None, allow_none=True)
    reason = Text(load_default="", max_length=1000)


class NoticeShape(Shape):
    """下发的文书。"""

    kind = fields.String(required=True, validate=validate.OneOf(sorted(NOTICES)))
    number = Text(required=True, min_length=4, max_length=60)
    issued_on = Calendar(required=True)
    due_on = Calendar(load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Notice:
        return Notice(**data)


class FilingShape(Shape):
    """立案。"""

    on = Calendar(required=True)
    number = Text(required=True, min_length=4, max_length=60)


class ClauseShape(Shape):
    """处罚依据的一条；核对过原文的才写条号。"""

    title = Text(required=True, max_length=120)
    number = Text(load_default="", max_length=60)
    article = Text(load_default="", max_length=80)
    verified = fields.Boolean(load_default=False)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Clause:
        return Clause(**data)


class PenaltyShape(Shape):
    """一项处罚；罚款和没收写金额（元，文字），其他不写。"""

    kind = fields.Enum(PenaltyKind, by_value=True, required=True)
    party_role = fields.Enum(OrganisationKind, by_value=True, required=True)
    party_name = Text(required=True, min_length=1, max_length=200)
    natural_person = fields.Boolean(load_default=False)
    amount = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"\A\d{1,12}(\.\d{1,2})?\Z", error="应为金额，例如 150000 或 150000.00。"),
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Penalty:
        amount = None if data["amount"] is None else Decimal(data["amount"])
        return Penalty(data["kind"], data["party_role"].value, data["party_name"], data["natural_person"], amount)


class DecisionShape(Shape):
    """处罚决定。"""

    number = Text(required=True, min_length=4, max_length=60)
    decided_on = Calendar(required=True)
    in_force_on = Calendar(load_default=None, allow_none=True)
    penalties = fields.List(fields.Nested(PenaltyShape), required=True, validate=validate.Length(1, 30))
    clauses = fields.List(fields.Nested(ClauseShape), load_default=list, validate=validate.Length(0, 30))
    points = fields.String(
        load_default="0", validate=validate.Regexp(r"\A\d{1,4}(\.\d)?\Z", error="应为分值，例如 2 或 0.5。")
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Decision:
        data["penalties"], data["clauses"] = tuple(data["penalties"]), tuple(data["clauses"])
        data["points"] = Decimal(data["points"])
        return Decision(**data)


class ReasonShape(Shape):
    """理由，不少于五个字。"""

    reason = Text(required=True, min_length=1, max_length=1000)


class CaseShape(Shape):
    """一宗案件。"""

    uuid = fields.UUID(required=True)
    check = fields.UUID(required=True)
    subject = fields.UUID(required=True)
    subject_name = fields.String(required=True)
    region_code = fields.String(required=True)
    state = fields.String(required=True)
    filed_on = Calendar(required=True, allow_none=True)
    filing_no = fields.String(required=True)
    decision = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    notices = fields.List(fields.Dict(keys=fields.String()), required=True)
    change_note = fields.String(required=True)
    violations = fields.List(fields.UUID(), required=True)


class BulletinRequestShape(Shape):
    """要起草的通报。"""

    region_code = Text(required=True, min_length=6, max_length=12)
    first_on = Calendar(required=True)
    last_on = Calendar(required=True)
    checklists = fields.List(Text(max_length=20), load_default=list, validate=validate.Length(0, 30))
    occasion = Text(required=True, min_length=2, max_length=120, metadata={"description": "关于……情况的通报里的省略号"})
    method = Text(load_default="组织开展了建设工程质量“双随机、一公开”抽查", max_length=300)
    basis = fields.List(Text(max_length=200), load_default=list, validate=validate.Length(0, 10))
    recipients = fields.List(Text(max_length=80), load_default=lambda: ["各有关单位"], validate=validate.Length(1, 30))
    issuer = Text(load_default="", max_length=80)
    report_to = Text(load_default="我单位质量安全监督科", max_length=80)
    report_by_on = Calendar(required=True)
    dated_on = Calendar(load_default=None, allow_none=True)
    publicity = Text(load_default="此件公开发布", max_length=40)
    typical_cases = Integer(0, 30, load_default=5)


class BulletinBrief(Shape):
    """列表里的一份通报。"""

    uuid = fields.UUID(required=True)
    state = fields.String(required=True)
    title = fields.String(required=True)
    region_code = fields.String(required=True)
    period_from_on = Calendar(required=True)
    period_to_on = Calendar(required=True)
    checklists = fields.List(fields.String(), required=True)
    number = fields.String(required=True, allow_none=True)
    content_sha256 = fields.String(required=True, allow_none=True)
    failure = fields.String(required=True, allow_none=True)
    requested_at = Instant(required=True)
    drafted_at = Instant(required=True, allow_none=True)


class StepShape(Shape):
    """流转的一步。"""

    act = fields.String(required=True)
    by = fields.String(required=True)
    at = Instant(required=True)
    note = fields.String(required=True, allow_none=True)


class BulletinShape(BulletinBrief):
    """一份通报的全部。"""

    content = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    steps = fields.List(fields.Nested(StepShape), required=True)


class ReleaseShape(Shape):
    """编号发布；`photos` 是看过、没有人脸车牌证件的照片。"""

    number = Text(required=True, min_length=4, max_length=60)
    photos = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, 200))


class NoteShape(Shape):
    """附一句话。"""

    note = Text(load_default="", max_length=1000)


class RecordPage(Shape):
    """一个数背后的记录。"""

    total = fields.Integer(required=True)
    items = fields.List(fields.Dict(keys=fields.String()), required=True)
    next = fields.Integer(required=True, allow_none=True)


ViolationPage = page_of(ViolationShape, "ViolationPage")
CasePage = page_of(CaseShape, "CasePage")
BulletinPage = page_of(BulletinBrief, "BulletinPage")
