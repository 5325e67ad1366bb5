"""Time and originality, in words for a supervisor; never a refusal."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.evidence import UNREAD, Flag, Reuse, Tolerances, Witnesses, judge_photo, reuse_flag

START = datetime(2025, 9, 12, 1, 0, tzinfo=UTC)
END = START + timedelta(hours=2)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HONEST: dict[str, Any] = {
    "gps_state": "ok",
    "captured_at": START + HOUR,
    "zone_assumed": False,
    "software": "HDR+ 1.0.570503588zd",
    "has_camera": True,
    "reason": None,
    "received_at": END + HOUR,
    "check_started_at": START,
    "check_ended_at": END,
    "exif_to_site_m": 0.0,
}


def judged(**more: Any) -> tuple[dict[str, Flag], dict[str, str]]:
    flags, agreement = judge_photo(Witnesses(**(HONEST | more)), Tolerances())
    assert len({flag.code for flag in flags}) == len(flags) or more.get("reuses")
    return {flag.code: flag for flag in flags}, agreement


def test_an_honest_photo_has_no_flag() -> None:
    assert judged() == ({}, {"time": "agrees", "place": "agrees", "originality": "agrees"})


def test_nothing_known_is_unverified_and_not_false() -> None:
    flags, agreement = judged(captured_at=None, gps_state="absent", has_camera=False, software=None)
    assert set(agreement.values()) == {"unverified"}
    assert {flag.level for flag in flags.values()} <= {"info", "notice"}


@pytest.mark.parametrize(
    ("gap", "level"), [(5 * MINUTE, None), (6 * MINUTE, "notice"), (12 * HOUR, "notice"), (13 * HOUR, "warning")]
)
def test_before_and_after_the_check(gap: timedelta, level: str | None) -> None:
    for moment, side in ((START - gap, "开始早"), (END + gap, "结束晚")):
        flags, agreement = judged(captured_at=moment, received_at=END + 2 * DAY)
        found = flags.get("captured-outside-check")
        assert (found.level if found else None) == level
        assert agreement["time"] == ("disagrees" if level else "agrees")
        assert found is None or side in found.words


def test_later_than_receipt() -> None:
    flags, agreement = judged(captured_at=END + 2 * HOUR)
    assert flags["captured-after-receipt"].level == "warning"
    assert agreement["time"] == "disagrees"


def test_later_than_receipt_without_a_zone_may_be_the_zone() -> None:
    flags, agreement = judged(captured_at=END + 2 * HOUR, zone_assumed=True)
    assert flags["captured-after-receipt"].level == "notice"
    assert "时区" in flags["captured-after-receipt"].words
    assert agreement["time"] == "unverified"
    flags, agreement = judged(captured_at=END + 2 * DAY, zone_assumed=True)
    assert (flags["captured-after-receipt"].level, agreement["time"]) == ("warning", "disagrees")


def test_a_wrong_phone_clock_is_said_and_allowed_for() -> None:
    flags, agreement = judged(clock_offset_s=720)
    assert flags["clock-skew"].words == "手机的钟比服务器快约 12 分钟"
    assert judged(clock_offset_s=-7200)[0]["clock-skew"].words == "手机的钟比服务器慢约 2 小时"
    assert agreement["time"] == "agrees"
    assert set(judged(captured_at=START - 16 * MINUTE, clock_offset_s=720)[0]) == {"clock-skew"}
    assert "clock-skew" not in judged(clock_offset_s=-300)[0]


def test_longer_ago_than_a_phone_queues() -> None:
    old = {"received_at": END + 20 * DAY}
    assert judged(**old)[0]["captured-long-ago"].words == "拍摄后约 20 天才收到，超过离线保存的 14 天"
    assert judged(received_at=END + 13 * DAY)[0] == {}


def test_time_missing_and_time_invalid() -> None:
    assert judged(captured_at=None)[0]["time-missing"].words == "照片里没有拍摄时间"
    found = judged(captured_at=None, captured_text="0000:00:00 00:00:00")[0]["time-missing"]
    assert (found.words, found.facts) == ("照片里的拍摄时间无效", {"written": "0000:00:00 00:00:00"})


def test_an_assumed_zone_is_said() -> None:
    flags, agreement = judged(zone_assumed=True)
    assert (set(flags), agreement["time"]) == ({"zone-assumed"}, "agrees")


def test_without_a_check_the_time_is_unverified() -> None:
    assert judged(check_started_at=None, check_ended_at=None)[1]["time"] == "unverified"


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (timedelta(0), False),
        (2 * MINUTE, False),
        (8 * HOUR, False),
        (6 * MINUTE, True),
        (8 * HOUR + 6 * MINUTE, True),
        (-6 * MINUTE, True),
        (40 * DAY, False),
    ],
)
def test_satellite_time_counts_only_within_a_zone(gap: timedelta, said: bool) -> None:
    flags, agreement = judged(gps_at=START + HOUR + gap)
    assert ("gps-time-differs" in flags) is said
    assert agreement["time"] == "agrees"


@pytest.mark.parametrize(
    "software",
    [
        "Adobe Photoshop Elements 12.0 Macintosh",
        "GIMP 2.4.5",
        "Adobe Lightroom 5.3 (Macintosh)",
        "美图秀秀",
        "Snapseed 2.0",
    ],
)
def test_editors_are_named(software: str) -> None:
    flags, agreement = judged(software=software)
    assert (flags["edited-by"].level, flags["edited-by"].words) == ("warning", f"照片经 {software} 处理过")
    assert agreement["originality"] == "disagrees"


@pytest.mark.parametrize(
    "software",
    [
        "8.3",
        "HDR+ 1.0.570503588zd",
        "00WW_3_380_SP02",
        "Ver.1.00",
        "OnePlus3-user 6.0.1 MMB29M 26 dev-keys",
        "ILCE-1 v1.00",
        None,
    ],
)
def test_firmware_is_no_editor(software: str | None) -> None:
    assert judged(software=software)[0] == {}


def test_a_stamping_camera_is_a_notice() -> None:
    assert judged(software="今日水印相机 3.0")[0]["edited-by"].level == "notice"


@pytest.mark.parametrize("reason", UNREAD)
def test_every_reason_has_its_own_words(reason: str) -> None:
    flags, agreement = judged(reason=reason, has_camera=False)
    assert set(flags) == {reason}
    assert flags[reason].words == UNREAD[reason]
    assert flags[reason].words.endswith("原件已收存")
    assert agreement["originality"] == "unverified"
    assert len(set(UNREAD.values())) == len(UNREAD)


def test_no_camera_means_no_original() -> None:
    assert "截图" in judged(has_camera=False, container="png")[0]["not-an-original"].words
    assert "转发" in judged(has_camera=False, container="jpeg")[0]["not-an-original"].words


@pytest.mark.parametrize(
    ("reuse", "code", "level", "word"),
    [
        (Reuse(True, 0, "2025-09-01 收到的另一次检查", False), "reused-exact", "warning", "disagrees"),
        (Reuse(False, 16, "2025-09-01 收到的另一次检查", False), "reused-similar", "warning", "disagrees"),
        (Reuse(True, 0, "本次检查", True), "reused-exact", "info", "agrees"),
        (Reuse(False, 16, "本次检查", True), "reused-similar", "info", "agrees"),
    ],
)
def test_reuse(reuse: Reuse, code: str, level: str, word: str) -> None:
    flags, agreement = judged(reuses=(reuse,))
    assert (flags[code].level, agreement["originality"]) == (level, word)
    assert reuse.where in flags[code].words
    same = reuse_flag(exact=reuse.exact, distance=reuse.distance, where=reuse.where, same_check=reuse.same_check)
    assert same == flags[code]


moments = st.none() | st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))


@given(
    captured=moments,
    gps_at=moments,
    zone=st.booleans(),
    software=st.none() | st.text(max_size=30),
    camera=st.booleans(),
    reason=st.none() | st.sampled_from(sorted(UNREAD)) | st.just("something-new"),
    offset=st.integers(-(10**7), 10**7),
    started=moments,
    ended=moments,
)
def test_any_witnesses_are_judged_in_words(
    captured: Any,
    gps_at: Any,
    zone: bool,
    software: Any,
    camera: bool,
    reason: Any,
    offset: int,
    started: Any,
    ended: Any,
) -> None:
    more = {"captured_at": captured, "gps_at": gps_at, "zone_assumed": zone, "software": software, "has_camera": camera}
    more |= {"reason": reason, "clock_offset_s": offset, "check_started_at": started, "check_ended_at": ended}
    flags, agreement = judged(**more)
    assert set(agreement) == {"time", "place", "originality"}
    assert set(agreement.values()) <= {"agrees", "unverified", "disagrees"}
    for flag in flags.values():
        assert flag.words
        assert not flag.words.endswith(("！", "!"))
        assert flag.as_dict()["code"] == flag.code
        assert all(type(value) in (int, str) for value in flag.facts.values())
