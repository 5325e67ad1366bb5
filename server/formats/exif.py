"""EXIF 读数：用 exifread，按安全的读法。

The phone decides every byte, so: only the EXIF block is read, with a budget of reads; no maker notes, no thumbnails; every
exception of the library becomes a note. What comes back are facts, never a judgement.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any, BinaryIO, cast

import exifread

from server.formats.containers import MAX_BLOCK, container, jpeg_exif, tiff_block

READ_BUDGET = 20_000
BYTE_BUDGET = 16 * 1024 * 1024
MAX_TEXT = 120
_TIME = re.compile(r"\A(\d{4}):(\d{2}):(\d{2}) (\d{2}):(\d{2}):(\d{2})(?:\.\d+)?\Z")
_ZONE = re.compile(r"\A([+-])(\d{2}):(\d{2})\Z")
ASSUMED_ZONE = timezone(timedelta(hours=8))


class ReadBudgetSpent(Exception):
    """读的次数超过预算：这不是照片，是陷阱。"""


class _Budgeted:
    """A file that counts reads and bytes; its exception is a plain one, because exifread swallows several built-ins."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._reads, self._bytes = READ_BUDGET, BYTE_BUDGET
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, MAX_BLOCK) if size >= 0 else MAX_BLOCK)
        self._reads -= 1
        self._bytes -= len(data)
        if self._reads < 0 or self._bytes < 0:
            raise ReadBudgetSpent
        return data


@dataclass(frozen=True, slots=True)
class Gps:
    """GPS as read. `state`: ok, zero (0, 0), undefined (n/0), no_position, absent; position only for ok."""

    state: str = "absent"
    latitude: float | None = None
    longitude: float | None = None
    altitude_m: float | None = None
    date: str | None = None
    time: str | None = None
    dop: float | None = None
    error_m: float | None = None
    direction: float | None = None


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """What the EXIF block says; `captured` is the camera's text, `captured_at` the instant it means (UTC)."""

    has_exif: bool = False
    gps: Gps = field(default_factory=Gps)
    captured: str | None = None
    captured_at: str | None = None
    zone: str | None = None
    zone_assumed: bool = False
    modified: str | None = None
    orientation: int | None = None
    make: str | None = None
    model: str | None = None
    software: str | None = None
    width: int | None = None
    height: int | None = None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def find_block(file: BinaryIO) -> bytes | None:
    """The EXIF block of a JPEG; other containers are opened by `server.formats.images`."""
    file.seek(0)
    return jpeg_exif(file) if container(file.read(64)) == "jpeg" else None


def read_block(raw: bytes | None) -> ExifFacts:
    """Facts of one block; never raises, whatever the bytes are."""
    block = tiff_block(raw)
    return ExifFacts() if block is None else read_tiff(BytesIO(block))


def read_tiff(file: BinaryIO) -> ExifFacts:
    """Facts of a TIFF structure (a whole TIFF file, or the block of another container) within the budget; never raises."""
    try:
        file.seek(0)
        tags = exifread.process_file(cast(BinaryIO, _Budgeted(file)), details=False, extract_thumbnail=False)
        return _facts(tags)
    except ReadBudgetSpent:
        return ExifFacts(notes=("exif-budget-spent",))
    except Exception as error:  # the library raises anything on broken blocks
        return ExifFacts(notes=(f"exif-unreadable:{type(error).__name__}",))


def _facts(tags: dict[str, Any]) -> ExifFacts:
    if not tags:
        return ExifFacts(notes=("exif-empty",))
    captured = _text(tags, "EXIF DateTimeOriginal")
    zone = _text(tags, "EXIF OffsetTimeOriginal") or _text(tags, "EXIF OffsetTime")
    moment = _instant(captured, zone)
    return ExifFacts(
        has_exif=True,
        gps=_gps(tags),
        captured=captured,
        captured_at=moment.astimezone(UTC).isoformat() if moment else None,
        zone=zone if zone and _ZONE.match(zone) else None,
        zone_assumed=bool(moment) and not (zone and _ZONE.match(zone)),
        modified=_text(tags, "Image DateTime"),
        orientation=_orientation(tags),
        make=_text(tags, "Image Make"),
        model=_text(tags, "Image Model"),
        software=_text(tags, "Image Software"),
        width=_whole(tags, "EXIF ExifImageWidth"),
        height=_whole(tags, "EXIF ExifImageLength"),
    )


def _values(tags: dict[str, Any], name: str) -> Any:
    tag = tags.get(name)
    return getattr(tag, "values", None)


def _text(tags: dict[str, Any], name: str) -> str | None:
    values = _values(tags, name)
    if isinstance(values, bytes):
        values = values.decode("utf-8", "replace")
    if not isinstance(values, str):
        return None
    shown = "".join(c for c in values.split("\0")[0] if c.isprintable()).strip()
    return shown[:MAX_TEXT] or None


def _whole(tags: dict[str, Any], name: str) -> int | None:
    values = _values(tags, name)
    if isinstance(values, list) and len(values) == 1 and isinstance(values[0], int) and 0 < values[0] < 10**6:
        return int(values[0])
    return None


def _orientation(tags: dict[str, Any]) -> int | None:
    values = _values(tags, "Image Orientation")
    if isinstance(values, list) and values and isinstance(values[0], int) and 1 <= values[0] <= 8:
        return int(values[0])
    return None


def _instant(text: str | None, zone: str | None) -> datetime | None:
    """The instant a camera's local time means; without a zone Asia/Shanghai is taken, and `zone_assumed` says so."""
    found = _TIME.match(text or "")
    if not found:
        return None
    try:
        naive = datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
        return naive.replace(tzinfo=_zone(zone))
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    found = _ZONE.match(text or "")
    if not found:
        return ASSUMED_ZONE
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def _ratio(value: Any) -> float | None:
    """A finite number from a Ratio or int; None for a zero denominator."""
    den = getattr(value, "den", None)
    if den is not None:
        return None if den == 0 else value.num / den
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number(tags: dict[str, Any], *names: str) -> float | None:
    for name in names:
        values = _values(tags, name)
        if isinstance(values, list) and len(values) == 1:
            return _ratio(values[0])
    return None


def _angle(values: Any, limit: int) -> tuple[str, float | None]:
    """(state, degrees) of one coordinate; state is ok, undefined or no_position."""
    if not isinstance(values, list) or len(values) != 3:
        return "no_position", None
    parts = [_ratio(v) for v in values]
    if any(p is None for p in parts):
        return "undefined", None
    degrees, minutes, seconds = (float(p) for p in parts if p is not None)
    if not (0 <= degrees <= limit and 0 <= minutes <= 60 and 0 <= seconds <= 60):
        return "no_position", None
    total = degrees + minutes / 60 + seconds / 3600
    return ("ok", total) if total <= limit else ("no_position", None)


def _position(tags: dict[str, Any]) -> tuple[str, float | None, float | None]:
    lat_state, lat = _angle(_values(tags, "GPS GPSLatitude"), 90)
    lon_state, lon = _angle(_values(tags, "GPS GPSLongitude"), 180)
    if "undefined" in (lat_state, lon_state):
        return "undefined", None, None
    north, east = _text(tags, "GPS GPSLatitudeRef"), _text(tags, "GPS GPSLongitudeRef")
    if lat is None or lon is None or north not in ("N", "S") or east not in ("E", "W"):
        return "no_position", None, None
    if lat == 0 and lon == 0:
        return "zero", None, None
    return "ok", -lat if north == "S" else lat, -lon if east == "W" else lon


def _gps(tags: dict[str, Any]) -> Gps:
    if not any(name.startswith("GPS ") for name in tags):
        return Gps()
    state, lat, lon = _position(tags)
    altitude = _number(tags, "GPS GPSAltitude")
    below = _values(tags, "GPS GPSAltitudeRef") in ([1], b"\x01", "1")
    clock = _values(tags, "GPS GPSTimeStamp")
    parts = [_ratio(v) for v in clock] if isinstance(clock, list) and len(clock) == 3 else []
    return Gps(
        state=state,
        latitude=lat,
        longitude=lon,
        altitude_m=-altitude if altitude is not None and below else altitude,
        date=_text(tags, "GPS GPSDate"),
        time=":".join(f"{p:g}" for p in parts if p is not None) if len(parts) == 3 and None not in parts else None,
        dop=_number(tags, "GPS GPSDOP"),
        error_m=_number(tags, "GPS Tag 0x001F"),
        direction=_number(tags, "GPS GPSImgDirection"),
    )
