"""任务：手机拉取与报告、控制台列表与办理、报表的形状。"""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from schemas.base import PageQuery, Shape, page_of
from schemas.fields import Calendar, Instant, Text
from server.domain.assignments import REPORTABLE, WITHOUT_CHECK, Act, AssignmentState, Outcome, Report

MOST_SIGNERS, MOST_REPORTED_PHOTOS = 20, 50
_ENDING = {outcome: act for act, outcome in WITHOUT_CHECK.items()}
GROUPINGS = ("officer", "region", "draw", "matter")


class PullQuery(Shape):
    """从哪里接着拉：`after` 是上次给的 `next`，第一次不给。"""

    after = fields.String(
        load_default="",
        validate=validate.Regexp(r"\A(\d{1,16}-\d{1,15})?\Z", error="应为上次回答里的 next。"),
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 200))


class CrewMemberShape(Shape):
    """任务上的一名执法人员。"""

    uuid = fields.UUID(required=True)
    name = fields.String(required=True)
    lead = fields.Boolean(required=True)


class FrozenChecklistShape(Shape):
    """派任务时定死的检查单版本。"""

    code = fields.String(required=True)
    version = fields.String(required=True)
    title = fields.String(required=True)
    digest_sha256 = fields.String(required=True)


class PartyNameShape(Shape):
    """一个责任主体。"""

    party = fields.String(required=True)
    organisation = fields.String(required=True)


class TaskSubjectShape(Shape):
    """要去查的对象；位置和边界一律 WGS-84，边界为 GeoJSON 多边形的环。"""

    uuid = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    frame = fields.String(required=True)
    kind = fields.String(required=True)
    region_code = fields.String(required=True)
    address = fields.String(required=True)
    stage = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    longitude = fields.Float(required=True, allow_none=True)
    latitude = fields.Float(required=True, allow_none=True)
    boundary = fields.List(fields.List(fields.List(fields.Float())), required=True, allow_none=True)
    parties = fields.List(fields.Nested(PartyNameShape), required=True)


class PastFindingShape(Shape):
    """上次查出的一条问题。"""

    item = fields.String(required=True)
    severity = fields.String(required=True)
    state = fields.String(required=True)
    requirement = fields.String(required=True)


class LastCheckShape(Shape):
    """对象上一次检查与当时的问题，重的在前。"""

    uuid = fields.UUID(required=True)
    ended_on = Calendar(required=True)
    checklist = fields.String(required=True)
    findings = fields.List(fields.Nested(PastFindingShape), required=True)


class JointDepartmentShape(Shape):
    """联合检查的部门。"""

    name = fields.String(required=True)
    people = fields.List(fields.String(), required=True)


class TaskShape(Shape):
    """手机带到现场的一项任务。"""

    uuid = fields.UUID(required=True)
    state = fields.String(required=True)
    outcome = fields.String(required=True, allow_none=True)
    revision = fields.Integer(required=True)
    starts_on = Calendar(required=True)
    due_on = Calendar(required=True)
    due_provisional = fields.Boolean(required=True, metadata={"description": "期限涉及尚无放假通知的年份，可能变动"})
    changed_at = Instant(required=True)
    draw = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    departments = fields.List(fields.Nested(JointDepartmentShape), required=True)
    subject = fields.Nested(TaskSubjectShape, required=True)
    checklists = fields.List(fields.Nested(FrozenChecklistShape), required=True)
    officers = fields.List(fields.Nested(CrewMemberShape), required=True)
    last_check = fields.Nested(LastCheckShape, required=True, allow_none=True)


class OpenMarkShape(Shape):
    """现在未办结的一项任务和它的版本。"""

    uuid = fields.UUID(required=True)
    revision = fields.Integer(required=True)


class TaskPullShape(Shape):
    """变动的任务，以及全部未办结任务的编号：手机上有而这里没有的，就不再是自己的了。"""

    items = fields.List(fields.Nested(TaskShape), required=True)
    open = fields.List(fields.Nested(OpenMarkShape), required=True)
    next = fields.String(required=True)
    more = fields.Boolean(required=True)
    now = Instant(required=True, metadata={"description": "服务器的钟"})


class SiteReportShape(Shape):
    """现场报来的一步：received 收到、started 开始、refused 不配合、unreachable 无法联系、stopped 停工停产。

    后三种须附至少一张照片，或由两名执法人员署名的说明。
    """

    act = fields.String(required=True, validate=validate.OneOf([act.value for act in REPORTABLE]))
    note = Text(load_default="", max_length=2000)
    signers = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, MOST_SIGNERS))
    photos = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, MOST_REPORTED_PHOTOS))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Report:
        return Report(Act(data["act"]), data["note"], tuple(data["signers"]), tuple(data["photos"]))


class SiteReportedShape(Shape):
    """报告之后的任务。"""

    uuid = fields.UUID(required=True)
    state = fields.String(required=True)
    outcome = fields.String(required=True, allow_none=True)
    revision = fields.Integer(required=True)


class _Filters(Shape):
    """列表与报表共有的筛选。"""

    state = fields.String(load_default="", validate=validate.OneOf(["", *[s.value for s in AssignmentState]]))
    overdue = fields.Boolean(load_default=False)
    officer = fields.UUID(load_default=None)
    region = Text(load_default="", max_length=12)
    draw = Text(load_default="", max_length=48)
    campaign = Text(load_default="", max_length=60)


class AssignmentQuery(_Filters, PageQuery):
    """筛选任务；`q` 按对象名称。"""


class AssignmentShape(Shape):
    """列表里的一项任务。"""

    uuid = fields.UUID(required=True)
    region_code = fields.String(required=True)
    stratum = fields.String(required=True)
    rank = fields.Integer(required=True)
    state = fields.String(required=True)
    state_title = fields.String(required=True)
    outcome = fields.String(required=True, allow_none=True)
    outcome_title = fields.String(required=True)
    starts_on = Calendar(required=True)
    due_on = Calendar(required=True)
    due_provisional = fields.Boolean(required=True)
    overdue = fields.Boolean(required=True)
    revision = fields.Integer(required=True)
    created_at = Instant(required=True)
    changed_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)
    subject = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    draw = fields.String(required=True, allow_none=True)
    officers = fields.List(fields.Nested(CrewMemberShape), required=True)


class AssignmentStepPhotoShape(Shape):
    """一步所附的照片，到了没有。"""

    photo = fields.UUID(required=True)
    received = fields.Boolean(required=True)


class AssignmentStepShape(Shape):
    """任务历程里的一步。"""

    act = fields.String(required=True)
    title = fields.String(required=True)
    reason = fields.String(required=True)
    body = fields.Dict(keys=fields.String(), required=True)
    photos = fields.List(fields.Nested(AssignmentStepPhotoShape), required=True)
    by = fields.String(required=True)
    at = Instant(required=True)


class AssignmentDetailShape(AssignmentShape):
    """一项任务的全部。"""

    checklists = fields.List(fields.Nested(FrozenChecklistShape), required=True)
    check = fields.UUID(required=True, allow_none=True)
    steps = fields.List(fields.Nested(AssignmentStepShape), required=True)


class NewDueDayShape(Shape):
    """改期或重新打开：新的期限与理由。"""

    due_on = Calendar(required=True)
    reason = Text(required=True, min_length=1, max_length=1000)


class HandOverShape(Shape):
    """移交：谁离开、谁接手、为什么。"""

    leaving = fields.UUID(required=True)
    coming = fields.UUID(required=True)
    reason = Text(required=True, min_length=1, max_length=1000)


class TaskOutcomeShape(Shape):
    """登记结果：refused、unreachable、stopped 结束任务并附证据；ordered、filed 为已检查的任务补记纸质文书。"""

    outcome = fields.Enum(Outcome, by_value=True, required=True)
    note = Text(load_default="", max_length=2000)
    signers = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, MOST_SIGNERS))
    photos = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, MOST_REPORTED_PHOTOS))

    @validates_schema
    def explained(self, data: dict[str, Any], **_: Any) -> None:
        if data["outcome"] not in _ENDING and (data["signers"] or data["photos"]):
            raise ValidationError({"outcome": ["补记文书不附照片和署名，请在说明里写明文号。"]})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        act = _ENDING.get(data["outcome"])
        told = Report(act, data["note"], tuple(data["signers"]), tuple(data["photos"])) if act else None
        return {"outcome": data["outcome"], "told": told, "note": data["note"]}


class ReportQuery(_Filters):
    """报表：按人、区划、抽签或事项分组，筛选同列表。"""

    by = fields.String(required=True, validate=validate.OneOf(GROUPINGS))


class AssignmentCountsShape(Shape):
    """一组计数。`total` 不含已换下和已作废的；`late` 逾期办结；`pending` 已检查、结果未定。"""

    total = fields.Integer(required=True)
    done = fields.Integer(required=True)
    ended = fields.Integer(required=True)
    open = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    late = fields.Integer(required=True)
    provisional = fields.Integer(required=True)
    no_problem = fields.Integer(required=True)
    ordered = fields.Integer(required=True)
    filed = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    unreachable = fields.Integer(required=True)
    stopped = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    replaced = fields.Integer(required=True)
    void = fields.Integer(required=True)


class AssignmentReportRowShape(AssignmentCountsShape):
    """报表的一行；`done_pair` 是（已检查，应检查）。"""

    key = fields.String(required=True)
    title = fields.String(required=True)
    done_pair = fields.List(fields.Integer(), required=True, validate=validate.Length(2, 2))


class AssignmentReportShape(Shape):
    """报表：各组与合计；按人、按事项时一项任务可在几组里，合计只数一次。"""

    by = fields.String(required=True)
    on = Calendar(required=True)
    rows = fields.List(fields.Nested(AssignmentReportRowShape), required=True)
    totals = fields.Nested(AssignmentCountsShape, required=True)


AssignmentPage = page_of(AssignmentShape, "AssignmentPage")
