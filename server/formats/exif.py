"""EXIF 读数：用 exifread，按安全的读法。

The phone decides every byte, so: only the EXIF block is read, with a budget of reads and bytes; no maker notes, no thumbnails;
every exception of the library becomes a note. What comes back are facts, never a judgement.
"""

from __future__ import annotations

import logging
import re
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any, BinaryIO, cast

import exifread

from server.formats.containers import MAX_BLOCK, tiff_block
from server.formats.exif_gps import Gps, read_gps
from server.formats.exif_tags import text, whole, written

logging.getLogger("exifread").setLevel(logging.ERROR)  # it warns of every odd file, and phones send many

READ_BUDGET = 20_000
BYTE_BUDGET = 16 * 1024 * 1024
ASSUMED_ZONE = timezone(timedelta(hours=8))
WIDEST_ZONE_MINUTES = 14 * 60
_TIME = re.compile(r"\A(\d{4}):(\d{2}):(\d{2}) (\d{2}):(\d{2}):(\d{2})(?:\.\d+)?\Z", re.ASCII)
_ZONE = re.compile(r"\A([+-])(\d{2}):([0-5]\d)\Z", re.ASCII)


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
class ExifFacts:
    """What the EXIF block says.

    `captured` is the camera's text exactly as written (NULs off); `captured_at` the instant it means, UTC, ISO 8601; `zone` the
    camera's own offset, and `zone_assumed` says that Asia/Shanghai was taken for want of one. `notes` are codes of what was wrong.
    """

    has_exif: bool = False
    gps: Gps = field(default_factory=Gps)
    captured: str | None = None
    captured_at: str | None = None
    zone: str | None = None
    zone_assumed: bool = False
    subsec: str | None = None
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


def read_block(raw: bytes | None) -> ExifFacts:
    """Facts of one block (TIFF structure, with or without the `Exif` prefix); never raises, whatever the bytes are."""
    if not raw:
        return ExifFacts()
    block = tiff_block(raw)
    return ExifFacts(notes=("exif-malformed",)) if block is None else read_tiff(BytesIO(block))


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


def with_orientation(facts: ExifFacts, number: Any) -> ExifFacts:
    """The same facts with the orientation a decoder took out of the block before handing it over."""
    valid = isinstance(number, int) and 1 <= number <= 8
    return replace(facts, orientation=int(number)) if valid else facts


def _facts(tags: dict[str, Any]) -> ExifFacts:
    if not tags:
        return ExifFacts(notes=("exif-empty",))
    captured, zone = written(tags, "EXIF DateTimeOriginal"), text(tags, "EXIF OffsetTimeOriginal")
    offset = parse_zone(zone)
    moment = parse_time(captured, offset)
    notes = [*(["zone-invalid"] if zone and offset is None else [])]
    if captured is not None and moment is None:
        notes.append("captured-invalid")
    return ExifFacts(
        has_exif=True,
        gps=read_gps(tags),
        captured=captured,
        captured_at=moment.astimezone(UTC).isoformat() if moment else None,
        zone=zone if offset is not None else None,
        zone_assumed=moment is not None and offset is None,
        subsec=text(tags, "EXIF SubSecTimeOriginal"),
        modified=text(tags, "Image DateTime"),
        orientation=whole(tags, "Image Orientation", 8),
        make=text(tags, "Image Make"),
        model=text(tags, "Image Model"),
        software=text(tags, "Image Software"),
        width=whole(tags, "EXIF ExifImageWidth", 10**6),
        height=whole(tags, "EXIF ExifImageLength", 10**6),
        notes=tuple(notes),
    )


def parse_time(text: str | None, zone: timezone | None) -> datetime | None:
    """The instant a camera's local time means; without a zone Asia/Shanghai is taken. None for blanks, zeros and nonsense."""
    found = _TIME.match((text or "").strip())
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=zone or ASSUMED_ZONE)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_zone(text: str | None) -> timezone | None:
    """`+08:00` as an offset; None when absent, malformed or wider than any zone on earth."""
    found = _ZONE.match(text or "")
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    if minutes > WIDEST_ZONE_MINUTES:
        return None
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
