"""画好的边界：各种文件读出来都是同样的几块，只收单独一块、没有洞的面。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from server.domain.boundaries import MAX_POINTS
from server.domain.errors import FieldError, Invalid
from server.domain.registers import Datum, Ring


@dataclass(frozen=True, slots=True)
class Outline:
    """One ring as drawn (degrees), the datum it is in, and the kind of file it came from."""

    ring: Ring
    datum: Datum
    source: str


@dataclass(frozen=True, slots=True)
class Part:
    """One polygon of a file: what it is called there, its outer ring, and how many holes it has."""

    name: str
    ring: Ring
    holes: int = 0


def unreadable(reason: str) -> Invalid:
    return Invalid("boundary-file-unreadable", f"边界文件读不出来：{reason}。")


def corner(numbers: Sequence[object], where: str) -> tuple[float, float]:
    """The first two numbers as degrees; a height is left out. Raises Invalid `boundary-file-unreadable` or `position-invalid`."""
    try:
        lon, lat = (float(n) for n in numbers[:2])  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise unreadable(f"{where}不是经度和纬度") from None
    if not (isfinite(lon) and isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise Invalid(
            "position-invalid",
            f"{where}超出经纬度范围；投影坐标（米）请先换算成经纬度。",
            facts={"longitude": repr(lon), "latitude": repr(lat)},
        )
    return lon, lat


def single_ring(parts: Sequence[Part]) -> Ring:
    """The one ring of a file.

    Raises Invalid `boundary-no-polygon`, `boundary-several-parts` (naming them), `boundary-has-holes`,
    `boundary-too-many-points`.
    """
    if not parts:
        raise Invalid("boundary-no-polygon", "文件里没有面，请画成闭合的面再导出。")
    if len(parts) > 1:
        names = "、".join(part.name for part in parts[:10]) + ("等" if len(parts) > 10 else "")
        raise Invalid(
            "boundary-several-parts",
            f"文件里有 {len(parts)} 块：{names}。一个对象只收一块，请分开导出。",
            facts={"parts": [part.name for part in parts[:100]]},
            errors=[FieldError("/boundary", f"共 {len(parts)} 块", "boundary-several-parts")],
        )
    part = parts[0]
    if part.holes:
        raise Invalid(
            "boundary-has-holes",
            f"“{part.name}”里有 {part.holes} 个洞，请去掉洞再导出。",
            facts={"part": part.name, "holes": part.holes},
        )
    if len(part.ring) > MAX_POINTS + 1:
        raise Invalid("boundary-too-many-points", f"边界有 {len(part.ring)} 个点，最多 {MAX_POINTS} 个，请先简化。")
    return part.ring


def agreed_datum(declared: Datum | None, told: Datum | None) -> Datum:
    """The declared datum, or the file's own; WGS-84 and CGCS2000 agree to centimetres, nothing else may differ.

    Raises Invalid `datum-unknown` when neither says, `boundary-datum-conflict` when they contradict each other.
    """
    if declared is Datum.UNKNOWN:
        declared = None
    chosen = declared or told
    if chosen is None:
        raise Invalid(
            "datum-unknown", "文件没有写明坐标系，请选定坐标系。", errors=[FieldError("/datum", "未声明坐标系")]
        )
    geodetic = {Datum.WGS84, Datum.CGCS2000}
    if told is not None and told is not chosen and not {told, chosen} <= geodetic:
        raise Invalid(
            "boundary-datum-conflict",
            f"文件写明的坐标系是 {told.value}，声明的却是 {chosen.value}，请核对。",
            facts={"file": told.value, "declared": chosen.value},
        )
    return chosen
