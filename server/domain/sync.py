"""对账：手机先报的摘要、心跳；晚到而没有报过的照片，和与先报不符的记录。

Nothing here refuses anything: what does not fit becomes a note that the supervisor sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

LATE = timedelta(hours=24)
"""A photo that comes this long after its check ended should have been announced before."""
REPEATED = timedelta(minutes=10)
"""A heartbeat that is older than the last one by the phone's clock, yet comes within this time, is a late copy."""
CLOCK_SLACK = timedelta(minutes=5)
MOST_PHOTOS = 600
SILENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class AnnouncedPhoto:
    """先报的一张照片：编号、原件摘要、字节数、检查项。"""

    uuid: UUID
    sha256: str
    size: int
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """封存后先报的摘要；`sealed_at` 是手机的钟。"""

    check: UUID
    record_sha256: str
    sealed_at: datetime
    photos: tuple[AnnouncedPhoto, ...] = ()


@dataclass(frozen=True, slots=True)
class Beat:
    """一次心跳：手机上还有什么。字节数为照片原件之和，`battery` 为 0 到 100，`persisted` 为浏览器是否答应不清存储。"""

    at: datetime
    drafts: int
    sealed: int
    photos: int
    bytes: int
    oldest_at: datetime | None
    battery: int | None
    persisted: bool | None
    checks: tuple[UUID, ...]
    app: str

    @property
    def holds(self) -> bool:
        return bool(self.drafts or self.sealed or self.photos)


def is_late_copy(beat_at: datetime, arrived_at: datetime, last_at: datetime, last_arrived_at: datetime) -> bool:
    """Whether a heartbeat is an earlier one that was held up on its way.

    A phone whose clock was set back says earlier times too, but goes on doing so: after `REPEATED` it is believed.
    """
    return beat_at < last_at and arrived_at - last_arrived_at < REPEATED


def extend_photos(
    known: Sequence[Mapping[str, Any]], told: Iterable[AnnouncedPhoto], at: datetime
) -> list[dict[str, Any]]:
    """The announced photos with those added that are new, each with the time at which it was first announced."""
    seen = {(row["uuid"], row["sha256"]) for row in known}
    rows = [dict(row) for row in known]
    for photo in told:
        key = (str(photo.uuid), photo.sha256)
        if key not in seen and len(rows) < MOST_PHOTOS:
            seen.add(key)
            named = {"uuid": key[0], "sha256": key[1], "size": photo.size, "item": photo.item}
            rows.append({**named, "at": at.isoformat()})
    return rows


def was_announced(photo: UUID, sha256: str, before: datetime, announced: Iterable[Mapping[str, Any]]) -> bool:
    """Whether these very bytes were announced under this id, no later than `before`."""
    return any(
        row["uuid"] == str(photo) and row["sha256"] == sha256 and datetime.fromisoformat(row["at"]) <= before
        for row in announced
    )


def is_late(ended_at: datetime, clock_offset_s: int, received_at: datetime) -> bool:
    """Whether a photo came long after the check it belongs to, the phone's clock put right."""
    return received_at - ended_at + timedelta(seconds=clock_offset_s) > LATE


def stamp_fault(stamp_at: datetime, ended_at: datetime, clock_offset_s: int) -> bool:
    """Whether a record claims to have ended before the server stamped what the phone carries in it."""
    return ended_at - timedelta(seconds=clock_offset_s) + CLOCK_SLACK < stamp_at


def is_silent(last_at: datetime, now: datetime) -> bool:
    """Whether a phone with unsent things has not been heard of for a day."""
    return now - last_at > SILENT
