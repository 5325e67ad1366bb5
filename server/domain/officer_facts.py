"""执法人员的请假和回避关系：写法与规矩。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from server.domain.errors import FieldError, Invalid
from server.domain.register_changes import check_dates
from server.domain.register_facts import InterestKind

MIN_NOTE = 2


@dataclass(frozen=True, slots=True)
class NewLeave:
    """不在岗的日子，首尾两天都算。"""

    from_on: date
    to_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class NewInterest:
    """与一家单位或一个对象的利害关系；日期不写就是一直有。"""

    kind: InterestKind
    note: str
    organisation: UUID | None = None
    subject: UUID | None = None
    from_on: date | None = None
    to_on: date | None = None


def check_interest(command: NewInterest) -> None:
    """Raise Invalid `interest-target-missing` unless exactly one target is named, `reason-too-short` without words.

    A party's own request (行政处罚法第四十三条) must say what it rests on, like every other kind.
    """
    if (command.organisation is None) == (command.subject is None):
        raise Invalid(
            "interest-target-missing",
            "请写明与哪一家单位或哪一个检查对象有利害关系，二者选一。",
            errors=[FieldError("/organisation", "单位和对象二者选一", "interest-target-missing")],
        )
    if len(command.note.strip()) < MIN_NOTE:
        raise Invalid("reason-too-short", "请写明事由。", errors=[FieldError("/note", "请写明事由")])
    check_dates(command.from_on, command.to_on)
