"""证据：照片自己说的、手机说的、工地边界、钟，四个证人对不对得上。

A flag is a sentence for a supervisor, never a refusal: evidence is a witness, not a judge. EXIF is unsigned, so a match is
consistency and not proof, and a mismatch is a reason for a person to look.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

# Programs that save pictures anew; a camera's firmware in the same tag is normal and is never flagged.
EDITORS = (
    "photoshop", "lightroom", "gimp", "paint.net", "pixelmator", "affinity", "snapseed", "meitu", "美图", "picsart",
    "acdsee", "faststone", "irfanview", "xnview", "imagemagick", "醒图", "轻颜", "camscanner", "photoscape", "水印相机",
)  # fmt: skip
DEFAULT_ERROR_M = 50.0
STALE_FIX_S = 120.0
POOR_FIX_M = 100.0


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
    """给监督人员看的一句话，和它依据的数。"""

    code: str
    level: Level
    words: str
    facts: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "level": self.level.value, "words": self.words, "facts": self.facts}


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Everything known about one photo. Distances in metres (None: not measurable); instants aware."""

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


@dataclass(frozen=True, slots=True)
class Tolerances:
    """放宽多少：边界余量（米）、钟差（秒）、离线队列（天）。"""

    site_margin_m: int = 100
    clock_s: int = 300
    queue_days: int = 14


UNREAD = {
    "too-many-pixels": "画面像素过多，未解码；原件已收存",
    "truncated": "文件不完整，画面读不全；原件已收存",
    "unreadable": "画面读不出来；原件已收存",
    "not-a-photo": "内容不是本系统接受的照片；原件已收存",
    "timed-out": "解码超过时限，已中止；原件已收存",
    "out-of-memory": "解码占用内存过多，已中止；原件已收存",
    "crashed": "解码程序异常退出；原件已收存",
}


def judge_photo(w: Witnesses, tolerances: Tolerances) -> tuple[list[Flag], dict[str, str]]:
    """Flags in a fixed order, and the agreement of each witness (time, place, originality)."""
    time_flags, time_word = _judge_time(w, tolerances)
    place_flags, place_word = _judge_place(w, tolerances)
    origin_flags, origin_word = _judge_origin(w)
    agreement = {"time": time_word.value, "place": place_word.value, "originality": origin_word.value}
    return [*origin_flags, *time_flags, *place_flags], agreement


def _judge_origin(w: Witnesses) -> tuple[list[Flag], Agreement]:
    flags = []
    if w.reason is not None:
        words = UNREAD.get(w.reason, UNREAD["unreadable"])
        flags.append(Flag(w.reason, Level.WARNING, words, {}))
    software = (w.software or "").lower()
    editor = next((name for name in EDITORS if name in software), None)
    if editor is not None:
        flags.append(Flag("edited-by", Level.WARNING, f"照片经 {w.software} 处理过", {"software": w.software}))
    if not w.has_camera and w.reason is None:
        flags.append(Flag("not-an-original", Level.NOTICE, "没有相机信息，可能不是原片（截图或经转发）", {}))
    if w.reason is not None or editor is not None:
        return flags, Agreement.DISAGREES
    return flags, Agreement.AGREES if w.has_camera else Agreement.UNVERIFIED


def _judge_time(w: Witnesses, t: Tolerances) -> tuple[list[Flag], Agreement]:
    if w.captured_at is None:
        return [Flag("time-missing", Level.INFO, "照片里没有拍摄时间", {})], Agreement.UNVERIFIED
    flags = []
    if w.zone_assumed:
        flags.append(Flag("zone-assumed", Level.INFO, "照片时间没有时区，按北京时间理解", {}))
    slack = timedelta(seconds=t.clock_s + abs(w.clock_offset_s))
    shown = {"captured_at": w.captured_at.isoformat()}
    if w.captured_at > w.received_at + slack:
        flags.append(Flag("captured-after-receipt", Level.WARNING, "拍摄时间晚于服务器收到的时间", shown))
        return flags, Agreement.DISAGREES
    if w.check_started_at is None or w.check_ended_at is None:
        return flags, Agreement.UNVERIFIED
    early = w.check_started_at - slack - w.captured_at
    late = w.captured_at - w.check_ended_at - slack
    if early > timedelta(0) or late > timedelta(0):
        gap = max(early, late) + slack
        words = f"拍摄时间比检查{'开始早' if early > late else '结束晚'}约{spoken(gap)}"
        level = Level.WARNING if gap > timedelta(hours=12) else Level.NOTICE
        flags.append(Flag("captured-outside-check", level, words, shown))
        return flags, Agreement.DISAGREES
    return flags, Agreement.AGREES


def spoken(span: timedelta) -> str:
    """A span in the largest fitting Chinese unit: 3 天, 5 小时, 12 分钟."""
    seconds = int(span.total_seconds())
    for size, unit in ((86_400, "天"), (3_600, "小时"), (60, "分钟")):
        if seconds >= size:
            return f" {seconds // size} {unit}"
    return f" {seconds} 秒"


def spoken_metres(metres: float) -> str:
    """约 120 米 under ten kilometres, 约 12 公里 above."""
    return f"约 {round(metres)} 米" if metres < 10_000 else f"约 {round(metres / 1000)} 公里"


_NO_POSITION = {
    "absent": ("no-position", "照片里没有位置（手机未允许或已被去除）"),
    "no_position": ("no-position", "照片里有定位标记，但没有经纬度"),
    "undefined": ("position-undefined", "照片里的经纬度无效（0/0）"),
    "zero": ("position-zero", "照片里的经纬度为 0, 0，是没有定到位"),
}


def _judge_place(w: Witnesses, t: Tolerances) -> tuple[list[Flag], Agreement]:
    flags = _judge_fix(w, t)
    if w.gps_state != "ok":
        code, words = _NO_POSITION.get(w.gps_state, _NO_POSITION["absent"])
        flags.append(Flag(code, Level.INFO, words, {}))
        return flags, _place_from_fix(w, t)
    error = w.gps_error_m if w.gps_error_m is not None else DEFAULT_ERROR_M
    far = False
    if w.exif_to_site_m is not None and w.exif_to_site_m > t.site_margin_m + error:
        metres = round(w.exif_to_site_m)
        flags.append(
            Flag(
                "position-far-from-site",
                Level.WARNING,
                f"照片位置离工地边界{spoken_metres(w.exif_to_site_m)}",
                {"metres": metres},
            )
        )
        far = True
    if w.exif_to_fix_m is not None and w.exif_to_fix_m > t.site_margin_m + error + (w.fix_accuracy_m or 0):
        metres = round(w.exif_to_fix_m)
        flags.append(
            Flag(
                "position-far-from-fix",
                Level.NOTICE,
                f"照片位置离手机定位{spoken_metres(w.exif_to_fix_m)}",
                {"metres": metres},
            )
        )
        far = True
    if far:
        return flags, Agreement.DISAGREES
    return flags, Agreement.AGREES if w.exif_to_site_m is not None else Agreement.UNVERIFIED


def _judge_fix(w: Witnesses, t: Tolerances) -> list[Flag]:
    flags: list[Flag] = []
    if not w.fix_given:
        return flags
    if w.fix_accuracy_m == 0:
        flags.append(Flag("fix-mock", Level.NOTICE, "手机定位精度为 0，可能是模拟位置，按未核实处理", {}))
    elif w.fix_accuracy_m is not None and w.fix_accuracy_m > POOR_FIX_M:
        metres = round(w.fix_accuracy_m)
        flags.append(Flag("fix-inaccurate", Level.INFO, f"手机定位误差约 {metres} 米", {"metres": metres}))
    if w.fix_age_s is not None and w.fix_age_s > STALE_FIX_S:
        seconds = round(w.fix_age_s)
        words = f"手机定位是{spoken(timedelta(seconds=seconds))}前的"
        flags.append(Flag("fix-stale", Level.INFO, words, {"seconds": seconds}))
    if w.fix_to_site_m is not None and w.fix_to_site_m > t.site_margin_m + (w.fix_accuracy_m or DEFAULT_ERROR_M):
        metres = round(w.fix_to_site_m)
        flags.append(
            Flag(
                "fix-far-from-site",
                Level.WARNING,
                f"手机定位离工地边界{spoken_metres(w.fix_to_site_m)}",
                {"metres": metres},
            )
        )
    return flags


def _place_from_fix(w: Witnesses, t: Tolerances) -> Agreement:
    """Without a position in the photo the phone's own fix is the only witness of the place."""
    if not w.fix_given or w.fix_to_site_m is None or w.fix_accuracy_m in (None, 0):
        return Agreement.UNVERIFIED
    near = w.fix_to_site_m <= t.site_margin_m + float(w.fix_accuracy_m or 0)
    return Agreement.AGREES if near else Agreement.DISAGREES


def reuse_flag(*, exact: bool, distance: int, where: str, same_check: bool) -> Flag:
    """照片与更早收到的一张相同或近似；`where` 说明那一张在哪里。"""
    if exact:
        level = Level.INFO if same_check else Level.WARNING
        return Flag("reused-exact", level, f"与{where}的照片完全相同", {"distance": 0})
    level = Level.INFO if same_check else Level.WARNING
    return Flag("reused-similar", level, f"与{where}的照片高度相似", {"distance": distance})
