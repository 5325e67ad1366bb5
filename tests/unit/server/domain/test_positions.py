"""Place: the photo, the phone and the site, with their errors."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.positions import exif_error_m, judge_place
from server.domain.witnesses import Agreement, Flag, Tolerances, Witnesses

NOON = datetime(2025, 9, 12, 4, 0, tzinfo=UTC)


def seen(**more: Any) -> Witnesses:
    base = {"gps_state": "ok", "captured_at": NOON, "zone_assumed": False, "software": None, "has_camera": True}
    return Witnesses(**(base | {"reason": None, "received_at": NOON} | more))


def judged(**more: Any) -> tuple[dict[str, Flag], Agreement]:
    flags, word = judge_place(seen(**more), Tolerances())
    return {flag.code: flag for flag in flags}, word


FIX = {"fix_given": True, "fix_accuracy_m": 12.0, "fix_age_s": 3.0, "fix_to_site_m": 0.0}


def test_a_photo_on_the_site_agrees() -> None:
    assert judged(exif_to_site_m=0.0, exif_to_fix_m=8.0, **FIX) == ({}, Agreement.AGREES)


@pytest.mark.parametrize(("metres", "far"), [(150.0, False), (150.1, True)])
def test_the_edge_is_margin_plus_assumed_error(metres: float, far: bool) -> None:
    flags, word = judged(exif_to_site_m=metres)
    assert ("position-far-from-site" in flags) is far
    assert word is (Agreement.DISAGREES if far else Agreement.AGREES)


def test_the_words_name_the_distance() -> None:
    flags, _ = judged(exif_to_site_m=4210.0)
    flag = flags["position-far-from-site"]
    assert (flag.words, flag.level, flag.facts) == ("照片位置离工地边界约 4.2 公里", "warning", {"metres": 4210})


def test_a_stated_error_is_used_and_a_huge_one_proves_nothing() -> None:
    assert judged(exif_to_site_m=105.0, gps_error_m=4.0)[1] is Agreement.DISAGREES
    flags, word = judged(exif_to_site_m=120.0, gps_error_m=5000.0)
    assert (set(flags), word) == ({"position-inaccurate"}, Agreement.UNVERIFIED)
    flags, word = judged(exif_to_site_m=3000.0, gps_error_m=5000.0)
    assert "position-far-from-site" in flags
    assert word is Agreement.DISAGREES


@pytest.mark.parametrize(
    ("more", "metres"),
    [
        ({}, 50),
        ({"gps_dop": 2.6}, 50),
        ({"gps_dop": 9.0}, 90),
        ({"gps_error_m": 6.5, "gps_dop": 9.0}, 6.5),
        ({"gps_error_m": 0.0}, 50),
    ],
)
def test_the_error_allowed(more: dict[str, float], metres: float) -> None:
    assert exif_error_m(seen(**more)) == metres


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("absent", "no-position"),
        ("no_position", "no-position"),
        ("undefined", "position-undefined"),
        ("zero", "position-zero"),
    ],
)
def test_without_a_position_the_phone_speaks(state: str, code: str) -> None:
    flags, word = judged(gps_state=state)
    assert (set(flags), word) == ({code}, Agreement.UNVERIFIED)
    assert flags[code].level == "info"
    assert judged(gps_state=state, **FIX) == (flags, Agreement.AGREES)
    assert judged(gps_state=state, **FIX | {"fix_to_site_m": 900.0})[1] is Agreement.DISAGREES


@pytest.mark.parametrize(
    "weakness",
    [
        {"fix_accuracy_m": 0.0},
        {"fix_mock": True},
        {"fix_accuracy_m": 3000.0},
        {"fix_age_s": 121.0},
        {"fix_accuracy_m": None},
    ],
)
def test_a_weak_fix_verifies_nothing(weakness: dict[str, Any]) -> None:
    assert judged(gps_state="absent", **FIX | weakness)[1] is Agreement.UNVERIFIED


def test_what_is_said_about_a_fix() -> None:
    assert judged(gps_state="absent", **FIX | {"fix_accuracy_m": 0.0})[0]["fix-mock"].words.startswith(
        "手机定位精度为 0"
    )
    assert "模拟位置" in judged(gps_state="absent", **FIX | {"fix_mock": True})[0]["fix-mock"].words
    assert judged(gps_state="absent", **FIX | {"fix_accuracy_m": 3000.0})[0]["fix-inaccurate"].facts == {"metres": 3000}
    assert judged(gps_state="absent", **FIX | {"fix_age_s": 121.0})[0]["fix-stale"].words == "手机定位是 2 分钟前的"
    assert "fix-datum-unknown" in judged(gps_state="absent", fix_given=True, fix_datum_known=False)[0]
    assert judged(gps_state="absent", **FIX | {"fix_to_site_m": 900.0})[0]["fix-far-from-site"].level == "warning"


def test_an_accuracy_of_three_kilometres_does_not_make_a_far_fix_near() -> None:
    flags, word = judged(gps_state="absent", **FIX | {"fix_accuracy_m": 3000.0, "fix_to_site_m": 2900.0})
    assert "fix-far-from-site" in flags
    assert word is Agreement.DISAGREES


def test_photo_and_phone_in_two_places() -> None:
    flags, word = judged(exif_to_site_m=0.0, exif_to_fix_m=700.0, **FIX)
    assert (set(flags), word) == ({"position-far-from-fix"}, Agreement.DISAGREES)
    flags, word = judged(exif_to_site_m=0.0, exif_to_fix_m=700.0, **FIX | {"fix_accuracy_m": 0.0})
    assert (set(flags), word) == ({"fix-mock"}, Agreement.AGREES)


def test_a_position_without_a_site_to_compare() -> None:
    assert judged() == ({}, Agreement.UNVERIFIED)


metres = st.none() | st.floats(0, 2e7)


@given(
    state=st.sampled_from(["ok", "zero", "undefined", "no_position", "absent"]),
    site=metres,
    fix=metres,
    phone=metres,
    accuracy=metres,
    age=metres,
    error=metres,
)
def test_any_witnesses_are_judged(
    state: str, site: Any, fix: Any, phone: Any, accuracy: Any, age: Any, error: Any
) -> None:
    flags, word = judged(
        gps_state=state,
        exif_to_site_m=site,
        exif_to_fix_m=fix,
        fix_to_site_m=phone,
        fix_accuracy_m=accuracy,
        fix_age_s=age,
        gps_error_m=error,
        fix_given=True,
    )
    grave = {"position-far-from-site", "position-far-from-fix"} & set(flags)
    assert not grave or word is Agreement.DISAGREES
    assert all(type(value) in (int, str) for flag in flags.values() for value in flag.facts.values())
