"""证据：照片自己说的、手机说的、工地边界、钟，几个证人对不对得上。

A flag is a sentence for a supervisor, never a refusal: evidence is a witness, not a judge. EXIF is unsigned, so a match is
consistency and not proof, and a mismatch is a reason for a person to look.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from server.domain.positions import judge_place
from server.domain.witnesses import Agreement, Flag, Level, Reuse, Tolerances, Witnesses, spoken

__all__ = ["Agreement", "Flag", "Level", "Reuse", "Tolerances", "Witnesses", "judge_photo", "reuse_flag"]

# Programs that save pictures anew; a camera's firmware in the same tag is normal (113 of 215 untouched photos) and never flagged.
EDITORS = (
    "photoshop", "lightroom", "gimp", "paint.net", "paint shop", "pixelmator", "affinity photo", "snapseed", "meitu",
    "美图", "picsart", "acdsee", "faststone", "irfanview", "xnview", "imagemagick", "醒图", "轻颜", "camscanner", "photoscape",
    "capture one", "darktable", "rawtherapee", "corel", "pixlr", "canva", "vsco", "facetune", "polarr", "picasa",
    "windows photo editor", "microsoft paint", "acorn", "inkscape", "krita", "美颜", "天天p图", "黄油相机", "b612", "faceu",
    "无他相机", "beautycam",
)  # fmt: skip
STAMPERS = ("水印相机", "马克相机", "元道经纬", "timemark", "timestamp camera")
WIDEST_ZONE_GAP = timedelta(hours=14)
ZONE_STEP_S = 900
GPS_TIME_SLACK_S = 150
GRAVE_GAP = timedelta(hours=12)
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
    """Flags in a fixed order, and the agreement of each witness: time, place, originality."""
    time_flags, time_word = _judge_time(w, tolerances)
    place_flags, place_word = judge_place(w, tolerances)
    origin_flags, origin_word = _judge_origin(w)
    agreement = {"time": time_word.value, "place": place_word.value, "originality": origin_word.value}
    return [*origin_flags, *time_flags, *place_flags], agreement


def reuse_flag(*, exact: bool, distance: int, where: str, same_check: bool) -> Flag:
    """照片与更早收到的一张相同或近似；`where` 说明那一张在哪里。"""
    level = Level.INFO if same_check else Level.WARNING
    if exact:
        return Flag("reused-exact", level, f"与{where}的照片完全相同", {"distance": 0})
    return Flag("reused-similar", level, f"与{where}的照片高度相似", {"distance": distance})


def _judge_origin(w: Witnesses) -> tuple[list[Flag], Agreement]:
    flags = []
    if w.reason is not None:
        flags.append(Flag(w.reason, Level.WARNING, UNREAD.get(w.reason, UNREAD["unreadable"]), {}))
    edited = _edited_flag(w.software)
    if edited is not None:
        flags.append(edited)
    if not w.has_camera and w.reason is None:
        kind = "截图或经转发" if w.container == "png" else "经转发、压缩或另存"
        flags.append(Flag("not-an-original", Level.NOTICE, f"没有相机信息，可能不是原片（{kind}）", {}))
    flags += [_as_flag(reuse) for reuse in w.reuses]
    if edited is not None or any(not reuse.same_check for reuse in w.reuses):
        return flags, Agreement.DISAGREES
    return flags, Agreement.AGREES if w.has_camera and w.reason is None else Agreement.UNVERIFIED


def _as_flag(reuse: Reuse) -> Flag:
    return reuse_flag(exact=reuse.exact, distance=reuse.distance, where=reuse.where, same_check=reuse.same_check)


def _edited_flag(software: str | None) -> Flag | None:
    if software is None:
        return None
    if _names(software, EDITORS):
        return Flag("edited-by", Level.WARNING, f"照片经 {software} 处理过", {"software": software})
    if _names(software, STAMPERS):
        return Flag("edited-by", Level.NOTICE, f"照片由 {software} 拍摄或加盖文字", {"software": software})
    return None


def _names(software: str, programs: Iterable[str]) -> bool:
    lower = software.lower()
    return any(program in lower for program in programs)


def _judge_time(w: Witnesses, t: Tolerances) -> tuple[list[Flag], Agreement]:
    flags = _clock_flags(w, t)
    if w.captured_at is None:
        words = "照片里的拍摄时间无效" if w.captured_text else "照片里没有拍摄时间"
        facts = {"written": w.captured_text} if w.captured_text else {}
        return [*flags, Flag("time-missing", Level.INFO, words, facts)], Agreement.UNVERIFIED
    if w.zone_assumed:
        flags.append(Flag("zone-assumed", Level.INFO, "照片时间没有时区，按北京时间理解", {}))
    flags += _gps_time_flags(w)
    slack = timedelta(seconds=t.clock_s + abs(w.clock_offset_s))
    after = _after_receipt(w, slack)
    if after is not None:
        return [*flags, after], Agreement.DISAGREES if after.level is Level.WARNING else Agreement.UNVERIFIED
    flags += _age_flags(w, t)
    outside = _outside_check(w, slack)
    if outside is not None:
        return [*flags, outside], Agreement.DISAGREES
    known = w.check_started_at is not None and w.check_ended_at is not None
    return flags, Agreement.AGREES if known else Agreement.UNVERIFIED


def _clock_flags(w: Witnesses, t: Tolerances) -> list[Flag]:
    if abs(w.clock_offset_s) <= t.clock_s:
        return []
    side = "快" if w.clock_offset_s > 0 else "慢"
    words = f"手机的钟比服务器{side}约{spoken(timedelta(seconds=abs(w.clock_offset_s)))}"
    return [Flag("clock-skew", Level.NOTICE, words, {"seconds": w.clock_offset_s})]


def _gps_time_flags(w: Witnesses) -> list[Flag]:
    """A weak hint: satellite time against the camera's, whole zones aside; dates of receivers without a fix are often wrong."""
    if w.gps_at is None or w.captured_at is None or abs(w.captured_at - w.gps_at) > WIDEST_ZONE_GAP:
        return []
    rest = int((w.captured_at - w.gps_at).total_seconds()) % ZONE_STEP_S
    gap = min(rest, ZONE_STEP_S - rest)
    if gap <= GPS_TIME_SLACK_S:
        return []
    words = f"拍摄时间与照片里的卫星时间相差约{spoken(timedelta(seconds=gap))}"
    return [Flag("gps-time-differs", Level.INFO, words, {"seconds": gap})]


def _after_receipt(w: Witnesses, slack: timedelta) -> Flag | None:
    """Later than receipt is impossible, unless the camera was set to a zone further east and did not say so."""
    if w.captured_at is None or w.captured_at <= w.received_at + slack:
        return None
    shown = {"captured_at": w.captured_at.isoformat()}
    gap = w.captured_at - w.received_at
    if w.zone_assumed and gap <= WIDEST_ZONE_GAP:
        words = f"拍摄时间比收到时间晚约{spoken(gap)}，可能是相机时区不同"
        return Flag("captured-after-receipt", Level.NOTICE, words, shown)
    return Flag("captured-after-receipt", Level.WARNING, f"拍摄时间比服务器收到的时间晚约{spoken(gap)}", shown)


def _age_flags(w: Witnesses, t: Tolerances) -> list[Flag]:
    if w.captured_at is None or w.received_at - w.captured_at <= timedelta(days=t.queue_days):
        return []
    age = w.received_at - w.captured_at
    words = f"拍摄后约{spoken(age)}才收到，超过离线保存的 {t.queue_days} 天"
    return [Flag("captured-long-ago", Level.NOTICE, words, {"days": age.days})]


def _outside_check(w: Witnesses, slack: timedelta) -> Flag | None:
    if w.captured_at is None or w.check_started_at is None or w.check_ended_at is None:
        return None
    early, late = w.check_started_at - w.captured_at, w.captured_at - w.check_ended_at
    gap = max(early, late)
    if gap <= slack:
        return None
    words = f"拍摄时间比检查{'开始早' if early > late else '结束晚'}约{spoken(gap)}"
    level = Level.WARNING if gap > GRAVE_GAP else Level.NOTICE
    return Flag("captured-outside-check", level, words, {"captured_at": w.captured_at.isoformat()})
