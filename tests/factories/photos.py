"""做出来的小照片：画面由种子定，位置、时间、相机、软件想写什么写什么。"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
import piexif
from PIL import Image

from server.domain.checks import SHANGHAI


@lru_cache(maxsize=200)
def scene(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """A picture of its own for every seed: blocks of light and dark, unlike those of any other seed."""
    blocks = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize((width, height), Image.Resampling.BICUBIC)


def _degrees(value: float) -> tuple[tuple[int, int], ...]:
    micro = round(abs(value) * 3_600_000_000)
    degrees, rest = divmod(micro, 3_600_000_000)
    minutes, seconds = divmod(rest, 60_000_000)
    return (degrees, 1), (minutes, 1), (seconds, 1_000_000)


def exif_block(
    place: tuple[float, float] | None = None,
    taken_at: datetime | None = None,
    software: str = "",
    camera: str = "示例相机",
    orientation: int = 1,
) -> bytes:
    """An EXIF block; `place` is longitude, latitude."""
    zeroth: dict[int, Any] = {piexif.ImageIFD.Orientation: orientation}
    if camera:
        zeroth |= {piexif.ImageIFD.Make: camera.encode(), piexif.ImageIFD.Model: b"T1"}
    if software:
        zeroth[piexif.ImageIFD.Software] = software.encode()
    exif: dict[int, Any] = {}
    if taken_at is not None:
        local = taken_at.astimezone(SHANGHAI)
        exif = {
            piexif.ExifIFD.DateTimeOriginal: local.strftime("%Y:%m:%d %H:%M:%S").encode(),
            piexif.ExifIFD.OffsetTimeOriginal: b"+08:00",
        }
    gps: dict[int, Any] = {}
    if place is not None:
        gps = {
            piexif.GPSIFD.GPSLongitudeRef: b"E" if place[0] >= 0 else b"W",
            piexif.GPSIFD.GPSLongitude: _degrees(place[0]),
            piexif.GPSIFD.GPSLatitudeRef: b"N" if place[1] >= 0 else b"S",
            piexif.GPSIFD.GPSLatitude: _degrees(place[1]),
        }
    block: bytes = piexif.dump({"0th": zeroth, "Exif": exif, "GPS": gps})
    return block


def photo(seed: int, *, quality: int = 85, size: tuple[int, int] = (320, 240), **said: Any) -> bytes:
    """A JPEG; `said` goes to `exif_block`."""
    out = BytesIO()
    scene(seed, *size).save(out, "JPEG", quality=quality, exif=exif_block(**said))
    return out.getvalue()


def bare_photo(seed: int, kind: str = "JPEG") -> bytes:
    """The same picture without any metadata."""
    out = BytesIO()
    scene(seed).save(out, kind)
    return out.getvalue()
