"""画出来的现场照片：工地、吊车和一块写着“示例”的牌子，带手机会写的 EXIF。

The two characters are drawn stroke by stroke, so no Chinese font is needed. Each picture has its own coarse light and its
own buildings, so that two of them are never alike to a perceptual hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont
from PIL.TiffImagePlugin import IFDRational

from server.demo.plan import Chance

EXIF_IFD, GPS_IFD = 0x8769, 0x8825
MAKE, MODEL, ORIENTATION, SOFTWARE, MODIFIED = 271, 272, 274, 305, 306
TAKEN, OFFSET = 0x9003, 0x9011
PHONES = (("HUAWEI", "ALN-AL00"), ("Xiaomi", "2201122C"), ("OPPO", "PHM110"), ("vivo", "V2309A"), ("HONOR", "MAG-AN00"))
LIGHT = (8, 6)
# Strokes in a 10 x 10 field, (x, y) from the top left; 示 then 例.
SHI = (((2, 1), (8, 1)), ((0, 4), (10, 4)), ((5, 4), (5, 9), (4, 8)), ((3, 5), (1, 8)), ((7, 5), (9, 8)))
LI = (
    ((2, 0), (0, 4)),
    ((1, 3), (1, 10)),
    ((3, 1), (7, 1)),
    ((5, 1), (3, 5)),
    ((4, 3), (7, 3), (3, 10)),
    ((4, 5), (5, 6)),
    ((8, 2), (8, 7)),
    ((10, 0), (10, 10), (9, 9)),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """一张照片要写进 EXIF 的事。`place` 是经度、纬度（WGS-84），None 为没有定位。"""

    taken_at: datetime
    place: tuple[float, float] | None
    software: str = ""
    label: str = ""


def draw_photo(shot: Shot, chance: Chance, *, small: bool = False) -> bytes:
    """A JPEG of about 40 KB (640 x 480), or 9 KB (320 x 240) when `small`; the same arguments give the same bytes."""
    size = (320, 240) if small else (640, 480)
    picture = _light(size, chance)
    pen = ImageDraw.Draw(picture)
    _buildings(pen, size, chance)
    _crane(pen, size, chance)
    _board(pen, size, chance, shot.label)
    out = BytesIO()
    picture.save(out, "JPEG", quality=82, exif=write_exif(shot, chance))
    return out.getvalue()


def _light(size: tuple[int, int], chance: Chance) -> Image.Image:
    """Coarse blocks of light, smoothed: the part of a picture that a perceptual hash looks at."""
    coarse = Image.new("RGB", LIGHT)
    for x in range(LIGHT[0]):
        for y in range(LIGHT[1]):
            tone = chance.between(60, 235)
            coarse.putpixel((x, y), (tone - chance.below(25), tone, min(255, tone + chance.below(20))))
    return coarse.resize(size, Image.Resampling.BICUBIC)


def _buildings(pen: ImageDraw.ImageDraw, size: tuple[int, int], chance: Chance) -> None:
    width, height = size
    for _ in range(chance.between(3, 5)):
        left, wide = chance.below(width), chance.between(width // 12, width // 4)
        top, grey = chance.between(height // 4, height * 3 // 4), chance.between(70, 190)
        pen.rectangle((left, top, left + wide, height), fill=(grey, grey - 8, grey - 20), outline=(40, 40, 40))
        for floor in range(top + height // 24, height, height // 12):
            pen.line((left, floor, left + wide, floor), fill=(50, 50, 60))


def _crane(pen: ImageDraw.ImageDraw, size: tuple[int, int], chance: Chance) -> None:
    width, height = size
    foot, top = chance.between(width // 6, width * 5 // 6), chance.between(height // 12, height // 4)
    arm = chance.between(width // 5, width // 3) * (1 if chance.percent(50) else -1)
    pen.line((foot, height, foot, top), fill=(200, 150, 20), width=max(2, width // 160))
    pen.line((foot - arm // 3, top, foot + arm, top), fill=(200, 150, 20), width=max(2, width // 160))
    pen.line((foot + arm, top, foot + arm, top + height // 5), fill=(60, 60, 60))


def _board(pen: ImageDraw.ImageDraw, size: tuple[int, int], chance: Chance, label: str) -> None:
    width, height = size
    unit = width // 64
    left, top = chance.between(unit, width // 2), chance.between(height // 2, height * 3 // 4 - unit)
    pen.rectangle((left, top, left + 30 * unit, top + 15 * unit), fill=(20, 70, 150), outline=(240, 240, 240), width=2)
    for strokes, shift in ((SHI, 2), (LI, 16)):
        for stroke in strokes:
            points = [(left + (shift + x) * unit, top + (1 + y) * unit) for x, y in stroke]
            pen.line(points, fill=(250, 250, 250), width=max(1, unit // 2))
    pen.text((left + 2 * unit, top + 12 * unit), label, fill=(250, 250, 250), font=ImageFont.load_default(2.5 * unit))


def write_exif(shot: Shot, chance: Chance) -> Image.Exif:
    """What a phone writes: maker, local time with its offset, position to a ten-thousandth of a second of arc."""
    exif = Image.Exif()
    exif[MAKE], exif[MODEL] = chance.pick(PHONES)
    exif[ORIENTATION] = 1
    exif[MODIFIED] = f"{shot.taken_at:%Y:%m:%d %H:%M:%S}"
    if shot.software:
        exif[SOFTWARE] = shot.software
    moment = exif.get_ifd(EXIF_IFD)
    moment[TAKEN], moment[OFFSET] = f"{shot.taken_at:%Y:%m:%d %H:%M:%S}", "+08:00"
    if shot.place is not None:
        lon, lat = shot.place
        gps = exif.get_ifd(GPS_IFD)
        gps[1], gps[2] = "N" if lat >= 0 else "S", _angle(lat)
        gps[3], gps[4] = "E" if lon >= 0 else "W", _angle(lon)
        gps[18] = "WGS-84"
    return exif


def _angle(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    whole = round(abs(degrees) * 3600 * 10_000)
    minutes, rest = divmod(whole, 60 * 10_000)
    return IFDRational(minutes // 60), IFDRational(minutes % 60), IFDRational(rest, 10_000)
