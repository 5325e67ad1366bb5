"""位置：照片里的位置、手机的定位和工地边界是否在一处。

Each distance is allowed the site's margin and the stated error of what was measured. A stated error is itself only a claim, so a
very large one does not make a far position near: it makes the position prove nothing.
"""

from __future__ import annotations

from datetime import timedelta

from server.domain.witnesses import Agreement, Flag, Level, Tolerances, Witnesses, spoken, spoken_metres

DEFAULT_ERROR_M = 50.0
METRES_PER_DOP = 10.0
STALE_FIX_S = 120.0
POOR_M = 100.0
_NO_POSITION = {
    "absent": ("no-position", "照片里没有位置（手机未允许或已被去除）"),
    "no_position": ("no-position", "照片里有定位标记，但没有经纬度"),
    "undefined": ("position-undefined", "照片里的经纬度无效（0/0）"),
    "zero": ("position-zero", "照片里的经纬度为 0, 0，是没有定到位"),
}


def judge_place(w: Witnesses, t: Tolerances) -> tuple[list[Flag], Agreement]:
    """Flags about the place, and whether the witnesses of the place agree. Never a refusal."""
    flags = _judge_fix(w, t)
    if w.gps_state != "ok":
        code, words = _NO_POSITION.get(w.gps_state, _NO_POSITION["absent"])
        return [*flags, Flag(code, Level.INFO, words, {})], _place_from_fix(w, t)
    error = exif_error_m(w)
    if error > POOR_M:
        words = f"照片位置的误差约{spoken_metres(error)}，不足以核对"
        flags.append(Flag("position-inaccurate", Level.INFO, words, {"metres": round(error)}))
    far = _far_flags(w, t, min(error, POOR_M))
    if far:
        return [*flags, *far], Agreement.DISAGREES
    if w.exif_to_site_m is None or error > POOR_M:
        return flags, _place_from_fix(w, t)
    return flags, Agreement.AGREES


def exif_error_m(w: Witnesses) -> float:
    """The error to allow a position in EXIF: what the phone states, else ten metres a unit of DOP, never under 50 m unless stated."""
    if w.gps_error_m is not None and w.gps_error_m > 0:
        return w.gps_error_m
    return max(DEFAULT_ERROR_M, METRES_PER_DOP * (w.gps_dop or 0.0))


def _far_flags(w: Witnesses, t: Tolerances, error: float) -> list[Flag]:
    flags = []
    if w.exif_to_site_m is not None and w.exif_to_site_m > t.site_margin_m + error:
        words = f"照片位置离工地边界约{spoken_metres(w.exif_to_site_m)}"
        flags.append(Flag("position-far-from-site", Level.WARNING, words, {"metres": round(w.exif_to_site_m)}))
    allowed = t.site_margin_m + error + min(w.fix_accuracy_m or DEFAULT_ERROR_M, POOR_M)
    if w.exif_to_fix_m is not None and w.exif_to_fix_m > allowed and not _is_mock(w):
        words = f"照片位置离手机定位约{spoken_metres(w.exif_to_fix_m)}"
        flags.append(Flag("position-far-from-fix", Level.NOTICE, words, {"metres": round(w.exif_to_fix_m)}))
    return flags


def _is_mock(w: Witnesses) -> bool:
    """Mock positions come with accuracy 0, which would pass every test of the form "better than 10 m"."""
    return w.fix_mock or w.fix_accuracy_m == 0


def _judge_fix(w: Witnesses, t: Tolerances) -> list[Flag]:
    if not w.fix_given:
        return []
    flags = [flag for flag in (_quality_flag(w), _age_flag(w)) if flag is not None]
    if not w.fix_datum_known:
        flags.append(Flag("fix-datum-unknown", Level.INFO, "手机定位没有说明坐标系，未作比较", {}))
    allowed = t.site_margin_m + min(w.fix_accuracy_m or DEFAULT_ERROR_M, POOR_M)
    if w.fix_to_site_m is not None and w.fix_to_site_m > allowed:
        words = f"手机定位离工地边界约{spoken_metres(w.fix_to_site_m)}"
        flags.append(Flag("fix-far-from-site", Level.WARNING, words, {"metres": round(w.fix_to_site_m)}))
    return flags


def _quality_flag(w: Witnesses) -> Flag | None:
    if w.fix_mock:
        return Flag("fix-mock", Level.NOTICE, "手机报告这是模拟位置，按未核实处理", {})
    if w.fix_accuracy_m == 0:
        return Flag("fix-mock", Level.NOTICE, "手机定位精度为 0，可能是模拟位置，按未核实处理", {})
    if w.fix_accuracy_m is None or w.fix_accuracy_m <= POOR_M:
        return None
    words = f"手机定位误差约{spoken_metres(w.fix_accuracy_m)}"
    return Flag("fix-inaccurate", Level.INFO, words, {"metres": round(w.fix_accuracy_m)})


def _age_flag(w: Witnesses) -> Flag | None:
    if w.fix_age_s is None or w.fix_age_s <= STALE_FIX_S:
        return None
    seconds = round(w.fix_age_s)
    return Flag("fix-stale", Level.INFO, f"手机定位是{spoken(timedelta(seconds=seconds))}前的", {"seconds": seconds})


def _place_from_fix(w: Witnesses, t: Tolerances) -> Agreement:
    """Without a usable position in the photo the phone's own fix is the only witness of the place."""
    accuracy = w.fix_accuracy_m
    if w.fix_to_site_m is None or accuracy is None or _is_mock(w):
        return Agreement.UNVERIFIED
    if w.fix_to_site_m > t.site_margin_m + min(accuracy, POOR_M):
        return Agreement.DISAGREES
    weak = accuracy > POOR_M or (w.fix_age_s or 0) > STALE_FIX_S
    return Agreement.UNVERIFIED if weak else Agreement.AGREES
