"""Small pictures drawn on the spot, with the EXIF a test asks for; no camera ever took them."""

import io
from fractions import Fraction
from typing import Any

import numpy as np
import piexif
from PIL import Image, ImageDraw

Rational = tuple[int, int]


def draw(seed: int = 1, size: tuple[int, int] = (240, 160)) -> Image.Image:
    """A scene of large soft shapes, different for every seed and with nothing symmetrical in it."""
    rng = np.random.default_rng(seed)
    scene = Image.fromarray(rng.integers(0, 255, (8, 12, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(scene)
    for _ in range(6):
        x, y = (int(rng.integers(0, side)) for side in size)
        colour = tuple(int(v) for v in rng.integers(0, 255, 3))
        pen.rectangle([x, y, x + size[0] // 5, y + size[1] // 7], fill=colour)
    return scene


def corners(size: tuple[int, int] = (400, 240)) -> Image.Image:
    """Four corners in four colours: whichever way it is turned or mirrored, it shows."""
    made = Image.new("RGB", size, "white")
    width, height = size
    for box, colour in (
        ((0, 0, width // 2, height // 2), "red"),
        ((width // 2, 0, width, height // 2), "lime"),
        ((0, height // 2, width // 2, height), "blue"),
    ):
        made.paste(colour, box)
    return made


def dms(degrees: float | Fraction) -> tuple[Rational, Rational, Rational]:
    """Degrees, minutes and seconds to 1/10000 second, as phones write them."""
    total = round(abs(Fraction(degrees)) * 3600 * 10_000)
    return (total // 36_000_000, 1), (total // 600_000 % 60, 1), (total % 600_000, 10_000)


def gps(latitude: float, longitude: float, **more: Any) -> dict[int, Any]:
    """The GPS tags of a phone at that place; `more` are further piexif tags by name."""
    tags = {
        piexif.GPSIFD.GPSLatitude: dms(latitude),
        piexif.GPSIFD.GPSLatitudeRef: b"S" if latitude < 0 else b"N",
        piexif.GPSIFD.GPSLongitude: dms(longitude),
        piexif.GPSIFD.GPSLongitudeRef: b"W" if longitude < 0 else b"E",
    }
    return tags | {getattr(piexif.GPSIFD, name): value for name, value in more.items()}


def block(
    gps_tags: dict[int, Any] | None = None,
    *,
    image: dict[str, Any] | None = None,
    exif: dict[str, Any] | None = None,
) -> bytes:
    """An EXIF block with the `Exif` prefix, from piexif's tag names."""
    return piexif.dump(
        {
            "0th": {getattr(piexif.ImageIFD, k): v for k, v in (image or {}).items()},
            "Exif": {getattr(piexif.ExifIFD, k): v for k, v in (exif or {}).items()},
            "GPS": gps_tags or {},
        }
    )


PHONE = {"Make": b"Zhijian", "Model": b"Drawn 1"}


def saved(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file of that kind."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def photo(
    latitude: float = 23.1291, longitude: float = 113.2644, *, seed: int = 1, taken: str = "2025:09:12 10:20:30"
) -> bytes:
    """A JPEG as an honest phone would send it."""
    exif = {"DateTimeOriginal": taken.encode(), "OffsetTimeOriginal": b"+08:00"}
    return saved(draw(seed), exif=block(gps(latitude, longitude), image=PHONE, exif=exif))
