"""执法人员请假与回避关系的形状。"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load

from schemas.base import Shape
from schemas.fields import Calendar, Instant, Text
from server.domain.officer_facts import NewInterest, NewLeave
from server.domain.register_facts import InterestKind


class NewLeaveShape(Shape):
    """请假、培训、借调；首尾两天都算。"""

    from_on = Calendar(required=True)
    to_on = Calendar(required=True)
    reason = Text(required=True, min_length=2, max_length=120)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewLeave:
        return NewLeave(**data)


class LeaveShape(Shape):
    """一段不在岗的日子。"""

    uuid = fields.UUID(required=True)
    from_on = Calendar(required=True)
    to_on = Calendar(required=True)
    reason = fields.String(required=True)
    at = Instant(required=True)
    cancelled_at = Instant(required=True, allow_none=True)


class LeaveList(Shape):
    """一个人的请假。"""

    items = fields.List(fields.Nested(LeaveShape), required=True)


class NewInterestShape(Shape):
    """登记回避关系：与一家单位或一个对象，二者选一；当事人申请也在这里登记。"""

    kind = fields.Enum(InterestKind, by_value=True, required=True)
    organisation = fields.UUID(load_default=None, allow_none=True)
    subject = fields.UUID(load_default=None, allow_none=True)
    from_on = Calendar(load_default=None, allow_none=True)
    to_on = Calendar(load_default=None, allow_none=True)
    note = Text(required=True, min_length=2, max_length=500)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewInterest:
        return NewInterest(**data)


class InterestShape(Shape):
    """一条回避关系；`name` 是单位或对象的名称。"""

    uuid = fields.UUID(required=True)
    kind = fields.String(required=True)
    organisation = fields.UUID(required=True, allow_none=True)
    subject = fields.UUID(required=True, allow_none=True)
    name = fields.String(required=True)
    from_on = Calendar(required=True, allow_none=True)
    to_on = Calendar(required=True, allow_none=True)
    note = fields.String(required=True)
    at = Instant(required=True)
    cancelled_at = Instant(required=True, allow_none=True)


class InterestList(Shape):
    """一个人的回避关系。"""

    items = fields.List(fields.Nested(InterestShape), required=True)
