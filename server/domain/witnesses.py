"""证人：照片自己说的、手机说的、工地边界、钟；提示与吻合程度的写法。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """提示的轻重。"""

    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"


class Agreement(StrEnum):
    """一个证人：吻合、无从核对、不吻合。"""

    AGREES = "agrees"
    UNVERIFIED = "unverified"
    DISAGREES = "disagrees"


@dataclass(frozen=True, slots=True)
class Flag:
    """给监督人员看的一句话，和它依据的数（整数或文字）。"""

    code: str
    level: Level
    words: str
    facts: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "level": self.level.value, "words": self.words, "facts": self.facts}


@dataclass(frozen=True, slots=True)
class Reuse:
    """An earlier photo with the same bytes or nearly the same picture; `where` says in Chinese where that one belongs."""

    exact: bool
    distance: int
    where: str
    same_check: bool


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Everything known about one photo. Distances in metres (None: not measurable); instants aware.

    `clock_offset_s` is the phone's clock less the server's. `fix_…` is the phone's own position, taken when the photo was.
    """

    gps_state: str
    captured_at: datetime | None
    zone_assumed: bool
    software: str | None
    has_camera: bool
    reason: str | None
    received_at: datetime
    check_started_at: datetime | None = None
    check_ended_at: datetime | None = None
    clock_offset_s: int = 0
    gps_error_m: float | None = None
    exif_to_site_m: float | None = None
    exif_to_fix_m: float | None = None
    fix_to_site_m: float | None = None
    fix_accuracy_m: float | None = None
    fix_age_s: float | None = None
    fix_given: bool = False
    fix_mock: bool = False
    fix_datum_known: bool = True
    gps_dop: float | None = None
    gps_at: datetime | None = None
    captured_text: str | None = None
    container: str | None = None
    reuses: tuple[Reuse, ...] = ()


@dataclass(frozen=True, slots=True)
class Tolerances:
    """放宽多少：边界余量（米）、钟差（秒）、离线队列（天）。"""

    site_margin_m: int = 100
    clock_s: int = 300
    queue_days: int = 14


def spoken(span: timedelta) -> str:
    """A span in the largest fitting Chinese unit: 3 天, 5 小时, 12 分钟."""
    seconds = int(span.total_seconds())
    for size, unit in ((86_400, "天"), (3_600, "小时"), (60, "分钟")):
        if seconds >= size:
            return f" {seconds // size} {unit}"
    return f" {seconds} 秒"


def spoken_metres(metres: float) -> str:
    """320 米, 4.2 公里, 9100 公里."""
    if metres < 1000:
        return f" {round(metres)} 米"
    return f" {metres / 1000:.1f} 公里" if metres < 100_000 else f" {round(metres / 1000)} 公里"
