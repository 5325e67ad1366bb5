"""公示：期限、双人审核、发布、更正、撤下和到期。

A disclosure runs by the legal clock: 检查结果 20 working days (政府信息公开条例第26条), 处罚决定 7 working
days (住房和城乡建设行政处罚程序规定, 行政处罚法第48、85条), 撤回 3 working days. Going off line is not
deletion.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from server.domain.errors import Conflict, Invalid, Refused
from server.domain.violations import require_reason
from server.domain.workdays import Deadline, WorkCalendar

KEYS_NEEDED = 2


class Duty(StrEnum):
    """What must be done in time: 公开检查结果、公开处罚决定、撤回."""

    CHECK_RESULT = "check_result"
    PENALTY = "penalty"
    WITHDRAWAL = "withdrawal"


WORKING_DAYS = {Duty.CHECK_RESULT: 20, Duty.PENALTY: 7, Duty.WITHDRAWAL: 3}


class Gravity(StrEnum):
    """失信程度：轻微、一般、严重（信用修复管理办法，2026-04-01 起）."""

    SLIGHT = "slight"
    GENERAL = "general"
    SERIOUS = "serious"


DISPLAY_MONTHS = {Gravity.SLIGHT: (0, 3), Gravity.GENERAL: (3, 12), Gravity.SERIOUS: (12, 36)}


class DisclosureState(StrEnum):
    """拟公示、已发布、已更正（有新版本）、已撤下、已到期."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Display:
    """From when a publication shows, from when repair may be asked, and when it goes off line by itself."""

    from_on: date
    repair_from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One publication of one record. `keys` are the people who approved it, two of them and none the
    proposer.
    """

    id: str
    proposed_by: str
    content_sha256: str
    state: DisclosureState = DisclosureState.PROPOSED
    keys: tuple[str, ...] = ()
    published_at: datetime | None = None
    display: Display | None = None
    ended_at: datetime | None = None
    reason: str = ""
    replaced_by: str = ""


def due_on(duty: Duty, event_on: date, calendar: WorkCalendar) -> Deadline:
    """Return the last day of the legal term that starts after `event_on`."""
    return calendar.add_workdays(event_on, WORKING_DAYS[duty])


def display_span(gravity: Gravity, determined_on: date) -> Display:
    """Return when a penalty shows, counted in months from the day the document determined it."""
    shortest, longest = DISPLAY_MONTHS[gravity]
    return Display(determined_on, add_months(determined_on, shortest), add_months(determined_on, longest))


def add_months(on: date, months: int) -> date:
    """Return the same day `months` later, the last day of the month where that day does not exist."""
    years, month = divmod(on.month - 1 + months, 12)
    last = monthrange(on.year + years, month + 1)[1]
    return date(on.year + years, month + 1, min(on.day, last))


def approve_disclosure(disclosure: Disclosure, *, by: str, content_sha256: str) -> Disclosure:
    """Turn one key. Raises Refused `approver-is-proposer`, Conflict `already-approved-by-you` or
    `disclosure-changed`.
    """
    _require(disclosure, DisclosureState.PROPOSED, "审核")
    if disclosure.content_sha256 != content_sha256:
        raise Conflict("disclosure-changed", "公示内容已经改变，请重新审核。")
    if by == disclosure.proposed_by:
        raise Refused("approver-is-proposer", "提出人不能审核自己提出的公示。")
    if by in disclosure.keys:
        raise Conflict("already-approved-by-you", "您已审核，须由另一人再审。")
    return replace(disclosure, keys=(*disclosure.keys, by))


def publish_disclosure(disclosure: Disclosure, *, at: datetime, display: Display) -> Disclosure:
    """Publish after both keys. Raises Refused `disclosure-needs-two-keys`."""
    _require(disclosure, DisclosureState.PROPOSED, "发布")
    if len(disclosure.keys) < KEYS_NEEDED:
        raise Refused("disclosure-needs-two-keys", "公示须经两人审核。")
    if display.until_on < display.from_on:
        raise Invalid("display-reversed", "公示的截止日期早于开始日期。")
    return replace(disclosure, state=DisclosureState.PUBLISHED, published_at=at, display=display)


def correct_disclosure(disclosure: Disclosure, *, at: datetime, reason: str, replaced_by: str) -> Disclosure:
    """Mark as replaced by a newer publication, with a reason."""
    return replace(_ended(disclosure, DisclosureState.CORRECTED, at, reason), replaced_by=replaced_by)


def withdraw_disclosure(disclosure: Disclosure, *, at: datetime, reason: str) -> Disclosure:
    """Take down with a reason; a marker (410 and a tombstone in the feed) stays."""
    return _ended(disclosure, DisclosureState.WITHDRAWN, at, reason)


def expire_disclosure(disclosure: Disclosure, *, at: datetime, on: date) -> Disclosure:
    """Go off line after the last day of display. Raises Conflict `display-not-over` before that."""
    _require(disclosure, DisclosureState.PUBLISHED, "到期下线")
    if disclosure.display and on <= disclosure.display.until_on:
        raise Conflict("display-not-over", "公示期限未满，不能按到期下线。")
    return replace(disclosure, state=DisclosureState.EXPIRED, ended_at=at, reason="公示期满")


def _ended(disclosure: Disclosure, state: DisclosureState, at: datetime, reason: str) -> Disclosure:
    _require(disclosure, DisclosureState.PUBLISHED, "更正或撤下")
    return replace(disclosure, state=state, ended_at=at, reason=require_reason(reason))


def _require(disclosure: Disclosure, state: DisclosureState, verb: str) -> None:
    if disclosure.state is not state:
        raise Conflict("disclosure-state-forbids", f"公示当前状态不能{verb}。", facts={"state": disclosure.state.value})
