"""工作日历的形状：一年的放假通知、地方临时改动、工作日推算。"""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, post_load, validate

from schemas.base import Shape
from schemas.fields import Calendar, Instant, Integer, Text
from server.domain.calendar_data import CalendarRow

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


class CalendarNewDayShape(Shape):
    """通知里与平常不同的一天：放假或调休上班。"""

    on = Calendar(required=True)
    works = fields.Boolean(required=True)
    name = Text(required=True, min_length=1, max_length=60)


class CalendarLocalDayShape(CalendarNewDayShape):
    """地方临时改动的一天，写明依据。"""

    source = Text(required=True, min_length=1, max_length=200)


class CalendarYearEntryShape(Shape):
    """录入一年：放假通知的文号与日子；尚无通知而只有地方改动的，文号留空。整年替换。"""

    notice = Text(load_default="", max_length=200)
    days = fields.List(fields.Nested(CalendarNewDayShape), load_default=list, validate=validate.Length(0, 120))
    local = fields.List(fields.Nested(CalendarLocalDayShape), load_default=list, validate=validate.Length(0, 120))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        notice = data["notice"]
        days = tuple(CalendarRow(d["on"], d["works"], d["name"], notice) for d in data["days"])
        local = tuple(CalendarRow(d["on"], d["works"], d["name"], d["source"]) for d in data["local"])
        return {"notice": notice, "days": days, "local": local}


class CalendarDayShape(Shape):
    """与平常不同的一天；`entered` 为管理员录入，否则随软件带来。"""

    on = Calendar(required=True)
    works = fields.Boolean(required=True)
    name = fields.String(required=True)
    source = fields.String(required=True)
    entered = fields.Boolean(required=True)


class CalendarYearShape(Shape):
    """一年的工作日历；没有通知的年份按周末和法定节日暂定。"""

    year = fields.Integer(required=True)
    announced = fields.Boolean(required=True)
    notice = fields.String(required=True)
    entered_at = Instant(required=True, allow_none=True)
    version = fields.String(required=True)
    days = fields.List(fields.Nested(CalendarDayShape), required=True)


class CalendarSavedShape(CalendarYearShape):
    """录入之后的日历；`moved` 是重算之后动了几项期限。"""

    moved = fields.Integer(required=True)


class TermQuery(Shape):
    """从哪天起、几个工作日；当天不算。"""

    from_on = Calendar(
        required=True, data_key="from", validate=validate.Range(EARLIEST, LATEST, error="应在2000年到2099年之间。")
    )
    days = fields.Integer(required=True, validate=validate.Range(1, 2000))


class TermShape(Shape):
    """期限的最后一天。"""

    from_on = Calendar(required=True, data_key="from")
    days = Integer(1, 2000, required=True)
    on = Calendar(required=True)
    provisional = fields.Boolean(required=True)
    unannounced_years = fields.List(fields.Integer(), required=True)
    calendar_version = fields.String(required=True)
