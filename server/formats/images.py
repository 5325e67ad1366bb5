"""画面：预览、公开副本、感知指纹；先缩后转，去尽元数据。"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO

import numpy as np
import pi_heif
from PIL import Image, ImageCms, ImageOps

from server.formats.containers import container, png_text_profile
from server.formats.exif import ExifFacts, find_block, read_block, read_tiff

pi_heif.register_heif_opener(thumbnails=False)  # type: ignore[attr-defined]
FORMATS = {
    "jpeg": ["JPEG", "MPO"],
    "png": ["PNG"],
    "webp": ["WEBP"],
    "tiff": ["TIFF"],
    "heif": ["HEIF"],
    "avif": ["AVIF"],
}
LARGE, SMALL = 1600, 320
QUALITY = 82


class NotAPhoto(Exception):
    """内容不是本系统接受的照片。`reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Picture:
    """What decoding found: container, pixel size as stored, EXIF facts, upright previews and a 256-bit hash."""

    container: str
    width: int
    height: int
    large: bytes
    small: bytes
    phash: bytes


def open_image(file: BinaryIO, max_pixels: int) -> tuple[Image.Image, str]:
    """Open without decoding; raises NotAPhoto with a reason."""
    file.seek(0)
    kind = container(file.read(64))
    if kind is None:
        raise NotAPhoto("not-a-photo")
    file.seek(0)
    Image.MAX_IMAGE_PIXELS = None  # our own limits follow, with a reason the person can read
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(file, formats=FORMATS[kind])
    except Exception as error:
        raise NotAPhoto("unreadable") from error
    if image.width * image.height > max_pixels * (4 if kind == "jpeg" else 1):
        raise NotAPhoto("too-many-pixels")
    return image, kind


def read_facts(file: BinaryIO) -> ExifFacts:
    """EXIF facts of any accepted container, found without decoding pixels where the container allows; never raises."""
    file.seek(0)
    kind = container(file.read(64))
    if kind == "jpeg":
        return read_block(find_block(file))
    if kind == "tiff":
        return read_tiff(file)
    try:
        image, kind = open_image(file, max_pixels=10**10)
        raw = _png_block(image) if kind == "png" else image.info.get("exif")
        turned = image.info.get("original_orientation")
    except Exception as error:  # broken containers raise anything; the picture may still be judged elsewhere
        return ExifFacts(notes=(f"container-unreadable:{type(error).__name__}",))
    facts = read_block(raw)
    return facts if turned is None else replace(facts, orientation=int(turned))


def _png_block(image: Image.Image) -> bytes | None:
    """The `eXIf` chunk may follow the pixels, so a picture of sane size is loaded before giving up."""
    if "exif" not in image.info and image.width * image.height <= 20_000_000:
        image.load()
    return image.info.get("exif") or png_text_profile(image.info.get("Raw profile type exif"))


def _upright(image: Image.Image, kind: str, size: int) -> Image.Image:
    if kind == "jpeg":
        image.draft("RGB", (size * 2, size * 2))
    image.load()
    image.thumbnail((size, size), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if kind not in ("heif", "avif"):
        image = ImageOps.exif_transpose(image)
    return _srgb(image)


def _srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    flat = image
    if profile and image.mode in ("RGB", "L"):
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            flat = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            flat = image
    if flat.mode in ("RGBA", "LA", "PA", "P"):
        layer = flat.convert("RGBA")
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
    if flat.mode in ("I;16", "I", "F", "I;16B"):
        flat = flat.convert("F").point(lambda v: v / 256).convert("L")
    return flat.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    """A JPEG with nothing but pixels: info is emptied, since Pillow copies a comment by default."""
    clean = image.copy()
    clean.info = {}
    out = BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=False, comment=b"")
    return out.getvalue()


def make_picture(file: BinaryIO, max_pixels: int) -> Picture:
    """Decode once, make both previews upright and the hash; raises NotAPhoto with a reason."""
    image, kind = open_image(file, max_pixels)
    width, height = image.size
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            large = _upright(image, kind, LARGE)
    except MemoryError:
        raise
    except Exception as error:
        raise NotAPhoto("truncated" if "truncated" in str(error).lower() else "unreadable") from error
    small = large.copy()
    small.thumbnail((SMALL, SMALL), Image.Resampling.BICUBIC)
    return Picture(kind, width, height, _jpeg(large), _jpeg(small), perceptual_hash(small))


def _dct_rows(n: int, keep: int) -> np.ndarray:
    k, x = np.arange(keep)[:, None], np.arange(n)[None, :]
    return np.cos(np.pi * k * (2 * x + 1) / (2 * n))


_DCT = _dct_rows(64, 16)


def perceptual_hash(image: Image.Image) -> bytes:
    """256 bits: the low 16 × 16 DCT coefficients of a 64 × 64 grey picture, each against their median."""
    grey = np.asarray(image.convert("L").resize((64, 64), Image.Resampling.LANCZOS), dtype=np.float64)
    low = _DCT @ grey @ _DCT.T
    bits = low > np.median(low)
    return np.packbits(bits.reshape(-1)).tobytes()


def hamming(one: bytes, other: bytes) -> int:
    """Differing bits of two hashes of equal length."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
