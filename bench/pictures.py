"""看照片：护栏里的子进程（EXIF、两份预览、指纹）对光秃秃的解码和缩小。"""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from bench.sizes import Sizes
from bench.table import Table, interleave, middle, number, ratio, spread
from server.formats.guard import Limits, examine_photo
from server.formats.images import LARGE, QUALITY, SMALL

LOOSE = Limits(seconds=60.0)


def draw(path: Path, size: tuple[int, int], seed: int) -> None:
    """A picture with the detail of a building site: soft noise at several scales, with EXIF of a phone."""
    rng = np.random.default_rng(seed)
    width, height = size
    layers = np.zeros((height, width, 3), dtype=np.float64)
    for step in (256, 32, 4):
        coarse = rng.integers(0, 256, (height // step + 1, width // step + 1, 3), dtype=np.uint8)
        soft = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
        layers += np.asarray(soft, dtype=np.float64) / 3
    image = Image.fromarray(layers.astype(np.uint8)).filter(ImageFilter.SHARPEN)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Bench", "B1", 6
    exif.get_ifd(0x8769)[0x9003] = "2026:04:01 09:30:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (23.0, 6.0, 30.5), 3: "E", 4: (114.0, 25.0, 10.25)})
    image.save(path, "JPEG", quality=92, exif=exif)


def _ours(paths: list[Path]) -> float:
    began = time.perf_counter()
    for path in paths:
        found = examine_photo(path, LOOSE)
        if found.reason is not None or found.large is None:
            raise RuntimeError(f"照片没有看成：{found.reason}")
    return (time.perf_counter() - began) / len(paths)


def _bare(paths: list[Path], *, draft: bool) -> float:
    """Decode, two previews, saved as JPEG; `draft` lets the decoder itself shrink first."""
    began = time.perf_counter()
    for path in paths:
        with Image.open(path) as image:
            if draft:
                image.draft("RGB", (LARGE, LARGE * image.height // image.width))
            image.load()
            for side in (LARGE, SMALL):
                image.thumbnail((side, side), Image.Resampling.BICUBIC)
                image.save(BytesIO(), "JPEG", quality=QUALITY)
    return (time.perf_counter() - began) / len(paths)


def measure_pictures(folder: Path, sizes: Sizes) -> Table:
    paths = [folder / f"{n}.jpg" for n in range(sizes.pictures)]
    for n, path in enumerate(paths):
        draw(path, sizes.picture_size, n)
    _ours(paths[:1])
    sides = (lambda: _ours(paths), lambda: _bare(paths, draft=True), lambda: _bare(paths, draft=False))
    ours, fast, slow = interleave(sides, sizes.rounds)
    a, b, c = middle(ours), middle(fast), middle(slow)
    rows = (
        ("质鉴：子进程里 EXIF、预览、指纹", _ms(ours), "1"),
        ("裸 Pillow：先让解码器缩小，再缩两次", _ms(fast), ratio(a, b)),
        ("裸 Pillow：全尺寸解码，再缩两次", _ms(slow), ratio(a, c)),
    )
    megapixels = sizes.picture_size[0] * sizes.picture_size[1] / 1e6
    weight = sum(p.stat().st_size for p in paths) / len(paths) / 1e6
    return Table(
        f"看照片（{megapixels:g} 百万像素、平均 {number(weight)} MB 的 JPEG，每张毫秒）",
        ("做法", "中位数（最低～最高）", "质鉴 ÷ 它"),
        rows,
    )


def _ms(values: list[float]) -> str:
    scaled = [v * 1000 for v in values]
    return f"{number(middle(scaled))}（{spread(scaled)}）"
