"""EXIF 里的 GPS：位置、高度、时刻、精度；没有定到位的写法有很多种，都不是位置。"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from server.formats.exif_tags import Tags, exact_list, number, text, values_of

_DATE = re.compile(r"\A(\d{4}):(\d{2}):(\d{2})\b", re.ASCII)
BELOW_SEA_LEVEL = ([1], b"\x01", "\x01", "1")


@dataclass(frozen=True, slots=True)
class Gps:
    """GPS as read, WGS-84 degrees (see `map_datum`).

    `state`: ok; zero (0, 0 is no fix); undefined (a zero denominator); no_position (GPS tags without a usable latitude and
    longitude); absent. A position is given for ok alone. `date` is text as written, `time` HH:MM:SS in UTC, `at` both as an
    instant when they are sound; `error_m` is the horizontal positioning error the phone states, `direction` degrees.
    """

    state: str = "absent"
    latitude: float | None = None
    longitude: float | None = None
    altitude_m: float | None = None
    date: str | None = None
    time: str | None = None
    at: str | None = None
    dop: float | None = None
    error_m: float | None = None
    direction: float | None = None
    map_datum: str | None = None


def read_gps(tags: Tags) -> Gps:
    """The GPS facts among exifread's tags."""
    if not any(name.startswith("GPS ") for name in tags):
        return Gps()
    state, lat, lon = _position(tags)
    clock, date = _clock(tags), text(tags, "GPS GPSDate")
    return Gps(
        state=state,
        latitude=lat,
        longitude=lon,
        altitude_m=_altitude(tags),
        date=date,
        time=None if clock is None else _spoken(clock),
        at=_instant(date, clock),
        dop=number(tags, "GPS GPSDOP"),
        error_m=number(tags, "GPS Tag 0x001F"),  # exifread has no name for GPSHPositioningError
        direction=number(tags, "GPS GPSImgDirection"),
        map_datum=text(tags, "GPS GPSMapDatum"),
    )


def _angle(tags: Tags, name: str, limit: int) -> tuple[str, Fraction | None]:
    """(state, degrees) of one coordinate; state is ok, undefined or no_position. Writers do round minutes up to 60."""
    parts = exact_list(tags, name, 3)
    if parts is None:
        return "no_position", None
    known = [p for p in parts if p is not None]
    if len(known) < 3:
        return "undefined", None
    degrees, minutes, seconds = known
    total = degrees + minutes / 60 + seconds / 3600
    sound = degrees >= 0 and 0 <= minutes <= 60 and 0 <= seconds <= 60 and total <= limit
    return ("ok", total) if sound else ("no_position", None)


def _position(tags: Tags) -> tuple[str, float | None, float | None]:
    lat_state, lat = _angle(tags, "GPS GPSLatitude", 90)
    lon_state, lon = _angle(tags, "GPS GPSLongitude", 180)
    if "undefined" in (lat_state, lon_state):
        return "undefined", None, None
    north, east = text(tags, "GPS GPSLatitudeRef"), text(tags, "GPS GPSLongitudeRef")
    if lat is None or lon is None or north not in ("N", "S") or east not in ("E", "W"):
        return "no_position", None, None
    if lat == 0 and lon == 0:
        return "zero", None, None
    return "ok", float(-lat if north == "S" else lat), float(-lon if east == "W" else lon)


def _altitude(tags: Tags) -> float | None:
    metres = number(tags, "GPS GPSAltitude")
    if metres is None:
        return None
    return -metres if values_of(tags, "GPS GPSAltitudeRef") in BELOW_SEA_LEVEL else metres


def _clock(tags: Tags) -> timedelta | None:
    """Time of day in UTC; None unless hours, minutes and seconds are all given and in range."""
    parts = exact_list(tags, "GPS GPSTimeStamp", 3)
    known = [p for p in parts or [] if p is not None]
    if len(known) < 3:
        return None
    hours, minutes, seconds = known
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 61):
        return None
    return timedelta(milliseconds=round((hours * 3600 + minutes * 60 + seconds) * 1000))


def _spoken(clock: timedelta) -> str:
    """HH:MM:SS with up to three decimals, as other readers print it."""
    whole, milliseconds = divmod(round(clock.total_seconds() * 1000), 1000)
    shown = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{shown}.{milliseconds:03}".rstrip("0") if milliseconds else shown


def _instant(date: str | None, clock: timedelta | None) -> str | None:
    """ISO 8601 in UTC. Cameras also write full date-times and impossible days here; the latter give None."""
    found = _DATE.match(date or "")
    if found is None or clock is None:
        return None
    try:
        return (datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC) + clock).isoformat()
    except (ValueError, OverflowError):
        return None
