"""现场检查：手机送来的一次检查，和它的规矩。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any
from uuid import UUID

from server.domain.answers import Answer
from server.domain.errors import FieldError, Invalid
from server.domain.registers import Position

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
LEAST_OFFICERS = 2  # 行政处罚法第四十二条：执法人员不得少于两人


def shanghai_day(at: datetime) -> date:
    """The day of an instant in Asia/Shanghai, on which every term and every deadline is counted."""
    return at.astimezone(SHANGHAI).date()


class Source(StrEnum):
    """检查来源。"""

    DOUBLE_RANDOM = "double_random"
    CAMPAIGN = "campaign"
    INDIVIDUAL = "individual"
    REINSPECTION = "reinspection"
    UNANNOUNCED = "unannounced"


class Attitude(StrEnum):
    """被检单位代表的态度：签字、签字并写不同意见、拒签。"""

    SIGNS = "signs"
    DISAGREES = "disagrees"
    REFUSES = "refuses"


class CheckState(StrEnum):
    """已收待判定；已判定。"""

    SUBMITTED = "submitted"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class Representative:
    """被检单位代表；拒签须注明情况。"""

    name: str
    attitude: Attitude
    opinion: str = ""
    witness: str = ""


@dataclass(frozen=True, slots=True)
class ExpectedPhoto:
    """记录里提到的一张照片：成为一个应有的位置，收到并核验后填上。"""

    uuid: UUID
    item: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """One sealed check as the phone means it; `raw` is the JSON as sent."""

    uuid: UUID
    subject: UUID
    checklist_code: str
    checklist_version: str
    source: Source
    officers: tuple[UUID, ...]
    started_at: datetime
    ended_at: datetime
    device_at: datetime
    fix: Position | None
    fix_error: str
    answers: tuple[Answer, ...]
    photos: tuple[ExpectedPhoto, ...]
    representative: Representative
    remarks: str
    raw: dict[str, Any]
    assignment: UUID | None = None

    @property
    def ended_on(self) -> date:
        """The day of the fact in Asia/Shanghai: limits and certificates are judged by it."""
        return self.ended_at.astimezone(SHANGHAI).date()


def check_form(record: CheckRecord) -> None:
    """Raise Invalid with every fault that can be seen without the registers."""
    faults = [*_officer_faults(record), *_time_faults(record), *_answer_faults(record), *_signature_faults(record)]
    if faults:
        raise Invalid("check-invalid", f"检查记录有 {len(faults)} 处错误。", errors=faults)


def _officer_faults(record: CheckRecord) -> list[FieldError]:
    if len(set(record.officers)) != len(record.officers):
        return [FieldError("/officers", "同一人不能占两个席位", "officer-twice")]
    if len(record.officers) < LEAST_OFFICERS:
        return [FieldError("/officers", f"现场检查至少 {LEAST_OFFICERS} 名执法人员", "officers-too-few")]
    return []


def _time_faults(record: CheckRecord) -> list[FieldError]:
    if record.ended_at < record.started_at:
        return [FieldError("/ended_at", "结束早于开始", "times-reversed")]
    if record.ended_at - record.started_at > timedelta(days=7):
        return [FieldError("/ended_at", "一次检查不超过七天", "check-too-long")]
    return []


def _answer_faults(record: CheckRecord) -> list[FieldError]:
    seen: set[str] = set()
    faults = []
    for n, answer in enumerate(record.answers):
        if answer.item_code in seen:
            faults.append(FieldError(f"/answers/{n}/item_code", f"{answer.item_code} 作答了两次", "item-twice"))
        seen.add(answer.item_code)
    return faults


def _signature_faults(record: CheckRecord) -> list[FieldError]:
    who = record.representative
    if who.attitude is Attitude.DISAGREES and not who.opinion:
        return [FieldError("/representative/opinion", "有不同意见的请写明", "opinion-missing")]
    if who.attitude is Attitude.REFUSES and not who.opinion:
        return [FieldError("/representative/opinion", "拒签的请注明情况", "opinion-missing")]
    return []


def expected_photos(record: CheckRecord) -> tuple[ExpectedPhoto, ...]:
    """Every photo the record mentions, once, in order of first mention; answers' photos carry their item."""
    found: dict[UUID, ExpectedPhoto] = {p.uuid: p for p in record.photos}
    for answer in record.answers:
        for photo in answer.photos:
            known = found.get(photo)
            if known is None or known.item is None:
                found[photo] = ExpectedPhoto(photo, answer.item_code, known.sha256 if known else None)
    return tuple(found.values())
