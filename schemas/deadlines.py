"""期限与提醒的形状。"""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Shape, page_of
from schemas.fields import Calendar, Instant
from server.domain.deadlines import DeadlineKind


class DeadlineQuery(Shape):
    """筛选期限：种类、状态（open、overdue、met）、最晚哪天到期。"""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**53))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    kind = fields.String(load_default="", validate=validate.OneOf(["", *[k.value for k in DeadlineKind]]))
    state = fields.String(load_default="", validate=validate.OneOf(["", "open", "overdue", "met"]))
    until = Calendar(load_default=None)


class DeadlineShape(Shape):
    """一口法定的钟；`about` 是检查或公开快照的编号。"""

    uuid = fields.UUID(required=True)
    kind = fields.String(required=True)
    kind_title = fields.String(required=True)
    about = fields.UUID(required=True)
    title = fields.String(required=True)
    region_code = fields.String(required=True)
    starts_on = Calendar(required=True)
    days = fields.Integer(required=True, metadata={"description": "几个工作日"})
    due_on = Calendar(required=True)
    provisional = fields.Boolean(required=True, metadata={"description": "涉及尚无放假通知的年份，可能变动"})
    calendar_version = fields.String(required=True)
    overdue = fields.Boolean(required=True)
    met_at = Instant(required=True, allow_none=True)
    warned_at = Instant(required=True, allow_none=True)
    overdue_at = Instant(required=True, allow_none=True)


class NoticeQuery(Shape):
    """筛选提醒。"""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**53))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    unread = fields.Boolean(load_default=False)


class ReminderShape(Shape):
    """一条提醒。"""

    uuid = fields.UUID(required=True)
    kind = fields.String(required=True)
    region_code = fields.String(required=True)
    text = fields.String(required=True)
    about = fields.Dict(keys=fields.String(), required=True)
    at = Instant(required=True)
    read_at = Instant(required=True, allow_none=True)


DeadlinePage = page_of(DeadlineShape, "DeadlinePage")
ReminderPage = page_of(ReminderShape, "ReminderPage")
