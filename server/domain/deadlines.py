"""法定的钟：从哪天起、几个工作日、什么时候提醒；满了算逾期。

检查结果自检查结束之日起 20 个工作日内公示；被变更、撤销的公开信息 3 个工作日内撤回并说明理由（行政处罚法第四十八条）。
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum, StrEnum

from server.domain.workdays import WorkCalendar


class DeadlineKind(StrEnum):
    """哪一口钟。"""

    DISCLOSE_CHECK = "disclose_check"
    WITHDRAW_PUBLICATION = "withdraw_publication"


TERMS = {DeadlineKind.DISCLOSE_CHECK: 20, DeadlineKind.WITHDRAW_PUBLICATION: 3}
KIND_TITLES = {
    DeadlineKind.DISCLOSE_CHECK: "公示检查结果",
    DeadlineKind.WITHDRAW_PUBLICATION: "撤回已公开的内容",
}
ASSIGNMENT_DUE = "assignment_due"


class Level(IntEnum):
    """离期限多近：还早、5 个工作日内、1 个工作日内、已逾期。"""

    CALM = 0
    SOON = 1
    NEXT = 2
    OVERDUE = 3


THRESHOLDS = ((1, Level.NEXT), (5, Level.SOON))
HORIZON_DAYS = 31  # Five working days never span more, whatever holidays fall together.


def level_on(calendar: WorkCalendar, due_on: date, on: date) -> Level:
    """How near `due_on` is on a day: working days left after `on`, the due day included; past it is overdue."""
    if on > due_on:
        return Level.OVERDUE
    if (due_on - on).days > HORIZON_DAYS:
        return Level.CALM
    left = days_left(calendar, due_on, on)
    return next((level for days, level in THRESHOLDS if left <= days), Level.CALM)


def days_left(calendar: WorkCalendar, due_on: date, on: date) -> int:
    """Working days after `on` up to and including `due_on`; 0 on the last day."""
    return calendar.count_workdays(on, due_on) - calendar.is_workday(on)


def level_began(calendar: WorkCalendar, due_on: date, on: date) -> date:
    """The first day of the level that stands on `on`: who was warned on it or since has been told already."""
    level = level_on(calendar, due_on, on)
    first = on
    while (on - first).days <= HORIZON_DAYS and level_on(calendar, due_on, first - timedelta(days=1)) is level:
        first -= timedelta(days=1)
    return first


def sentence(what: str, count: int, due_on: date, level: Level, left: int) -> str:
    """One line for the office: what is due, how many, when."""
    many = f"{what}等{count}项" if count > 1 else what
    if level is Level.OVERDUE:
        return f"{many}应于{due_on.isoformat()}前办结，已逾期。"
    if left == 0:
        return f"{many}今天到期（{due_on.isoformat()}）。"
    return f"{many}还有{left}个工作日到期（{due_on.isoformat()}）。"
