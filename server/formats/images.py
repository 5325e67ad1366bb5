"""画面：打开、读数、预览与公开副本；先缩后转，去尽元数据。

Everything here is meant to run inside `server.formats.guard`: a limit on pixels is only an estimate of the memory and the time
that decoding will take.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import pi_heif
from PIL import Image, ImageCms, ImageOps

from server.formats.containers import container, find_block
from server.formats.exif import ExifFacts, read_block, read_tiff, with_orientation
from server.formats.perceptual import perceptual_hash

pi_heif.register_heif_opener(thumbnails=False)  # type: ignore[attr-defined]
Image.init()  # load every format once, here: a forked child would load them again for each photo
# Pillow's own limit refuses without saying how large a picture is, and at too many pixels for us; `open_image` has its own.
Image.MAX_IMAGE_PIXELS = None
FORMATS = {
    "jpeg": ["JPEG", "MPO"],
    "png": ["PNG"],
    "webp": ["WEBP"],
    "tiff": ["TIFF"],
    "heif": ["HEIF"],
    "avif": ["AVIF"],
}
# Peak memory of decoding one pixel, against one pixel of HEIF (about 7.5 bytes, measured at 50 megapixels).
WEIGHT = {"jpeg": 0.75, "png": 0.75, "webp": 2.1, "tiff": 1.1, "heif": 1.0, "avif": 1.25}
ALPHA_WEIGHT = 0.5
COEFFICIENT_WEIGHT = 0.27  # a progressive JPEG keeps two bytes a sample of the whole picture, however small the draft
JPEG_FACTOR = 4  # a JPEG is decoded at a half, a quarter or an eighth, so phones of 108 and 200 megapixels pass
LARGE, SMALL = 1600, 320
QUALITY = 82
DEEP = ("I;16", "I;16B", "I;16L", "I;16N")
SRGB = ImageCms.createProfile("sRGB")


class NotAPhoto(Exception):
    """这份内容做不成照片。`reason` is a stable code; `kind` and `size` what is known all the same."""

    def __init__(self, reason: str, kind: str | None = None, size: tuple[int, int] | None = None) -> None:
        super().__init__(reason)
        self.reason, self.kind, self.size = reason, kind, size


@dataclass(frozen=True, slots=True)
class Picture:
    """What decoding found: container, pixel size as stored, upright previews (JPEG, pixels only) and a 256-bit hash."""

    container: str
    width: int
    height: int
    large: bytes
    small: bytes
    phash: bytes


def kind_of(file: BinaryIO) -> str | None:
    """The container by content; leaves the file at its start."""
    file.seek(0)
    kind = container(file.read(64))
    file.seek(0)
    return kind


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture opened but not decoded; `size` is what the file holds, however small a JPEG was drafted."""

    image: Image.Image
    kind: str
    size: tuple[int, int]


def open_image(file: BinaryIO, max_pixels: int) -> Opened:
    """Open without decoding; a JPEG comes drafted to no less than the large preview.

    Raises NotAPhoto `not-a-photo`, `unreadable` or `too-many-pixels`.
    """
    kind = kind_of(file)
    if kind is None:
        raise NotAPhoto("not-a-photo")
    image, size = _open(file, kind)
    if size[0] * size[1] > max_pixels * JPEG_FACTOR:
        raise NotAPhoto("too-many-pixels", kind, size)
    if _weighted_pixels(image, kind) > max_pixels:
        raise NotAPhoto("too-many-pixels", kind, size)
    return Opened(image, kind, size)


def _open(file: BinaryIO, kind: str) -> tuple[Image.Image, tuple[int, int]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(file, formats=FORMATS[kind])
    except Exception as error:  # broken headers raise anything
        raise NotAPhoto("unreadable", kind) from error
    return image, image.size


def _weighted_pixels(image: Image.Image, kind: str) -> float:
    """Pixels that decoding will hold, weighted by what each costs; drafts a JPEG on the way."""
    stored = image.width * image.height
    weight = WEIGHT[kind] + (ALPHA_WEIGHT if image.mode in ("RGBA", "LA", "PA") and kind != "webp" else 0)
    if kind != "jpeg":
        return stored * weight
    share = min(1.0, LARGE / max(image.size))
    image.draft(None, (math.ceil(image.width * share), math.ceil(image.height * share)))
    kept = stored * COEFFICIENT_WEIGHT * _samples(image) if image.info.get("progressive") else 0
    return image.width * image.height * weight + kept


def _samples(image: Image.Image) -> float:
    """Samples per pixel of a JPEG: 3 at full colour, 1.5 at the usual quarter colour, 1 for grey."""
    layers = [(h, v) for _, h, v, _ in getattr(image, "layer", [])]
    if not layers:
        return 3.0
    most = max(h for h, _ in layers) * max(v for _, v in layers)
    return sum(h * v for h, v in layers) / most if most else 3.0


def read_facts(file: BinaryIO) -> ExifFacts:
    """EXIF facts of any accepted container, found without decoding pixels; never raises."""
    kind = kind_of(file)
    if kind is None:
        return ExifFacts(notes=("container-unknown",))
    if kind == "tiff":
        return read_tiff(file)
    if kind in ("jpeg", "png", "webp"):
        return read_block(find_block(file, kind))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(file, formats=FORMATS[kind])
        # libheif turns the pixels upright and writes Orientation 1 over the camera's number, which it keeps aside
        return with_orientation(read_block(image.info.get("exif")), image.info.get("original_orientation"))
    except Exception as error:  # broken containers raise anything; the picture is judged elsewhere
        return ExifFacts(notes=(f"container-unreadable:{type(error).__name__}",))


def make_picture(file: BinaryIO, max_pixels: int) -> Picture:
    """Decode once, make both previews upright and the hash. Raises NotAPhoto with a reason, and MemoryError."""
    opened = open_image(file, max_pixels)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            large = _upright(opened)
    except MemoryError:
        raise
    except Exception as error:
        reason = "truncated" if "truncated" in str(error).lower() else "unreadable"
        raise NotAPhoto(reason, opened.kind, opened.size) from error
    small = large.copy()
    small.thumbnail((SMALL, SMALL), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return Picture(opened.kind, *opened.size, _jpeg(large), _jpeg(small), perceptual_hash(small))


def _upright(opened: Opened) -> Image.Image:
    """The large preview: shrunk first, then turned. libheif has turned its pixels already; turning them again would be wrong."""
    image = opened.image
    image.load()
    profile = image.info.get("icc_profile")
    image = _eight_bits(image)
    image.thumbnail((LARGE, LARGE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if opened.kind != "heif":
        image = ImageOps.exif_transpose(image)
    return _srgb(image, profile)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Palettes and one-bit pictures in full tones, so that they shrink smoothly; deep grey (thermal cameras) in 8 bits."""
    if image.mode in ("P", "1"):
        return _mode(image, "RGBA" if "transparency" in image.info else "RGB")
    if image.mode in DEEP:
        return _mode(image, "I", scale=1 / 256)
    if image.mode not in ("I", "F"):
        return image
    low, high = (float(v) for v in image.getextrema() if not isinstance(v, tuple))
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("values that are no numbers")
    scale = 255 / (high - low) if high > low else 0.0
    return _mode(image, "F", scale=scale, offset=-low * scale)


def _mode(image: Image.Image, mode: str, scale: float | None = None, offset: float = 0.0) -> Image.Image:
    """Another mode, scaled to 0..255 grey when a scale is given; EXIF stays with the picture for turning it."""
    made = image.convert(mode)
    if scale is not None:
        made = made.convert("F").point(lambda v: v * scale + offset).convert("L")
    made.info = {key: image.info[key] for key in ("exif",) if key in image.info}
    return made


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB in sRGB on white: wide-gamut phones would lose their colours with the profile, which is dropped."""
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        layer = image.convert("RGBA")
        image = Image.new("RGB", layer.size, "white")
        image.paste(layer, mask=layer.getchannel("A"))
    if profile and image.mode in ("RGB", "L", "CMYK"):
        image = _by_profile(image, profile)
    return image.convert("RGB")


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Converted to sRGB, or as it is when the profile is broken or of another colour model."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def _jpeg(image: Image.Image) -> bytes:
    """A JPEG with nothing but pixels: info is emptied, since Pillow copies a comment by default."""
    clean = image.copy()
    clean.info = {}
    out = BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=False, comment=b"")
    return out.getvalue()
