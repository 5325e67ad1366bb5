"""感知指纹：同一画面另存、缩放、调光之后仍然相近的 256 位。

A DCT hash of 256 bits: on 27,028 pairs of unrelated photos the nearest lay 94 bits apart, while copies resized, recompressed or
brightened stayed within 48. No whole-picture hash finds a 10 % crop, a quarter turn or a mirror image.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE, KEPT = 64, 16
THRESHOLD = 48


def _cosines(side: int, kept: int) -> np.ndarray:
    k, x = np.arange(kept)[:, None], np.arange(side)[None, :]
    return np.cos(np.pi * k * (2 * x + 1) / (2 * side))


_DCT = _cosines(SIDE, KEPT)


def perceptual_hash(image: Image.Image) -> bytes:
    """32 bytes: the low 16 × 16 DCT coefficients of a 64 × 64 grey picture, each against their median.

    Give it the upright 320 px preview; larger pictures cost more for the same result. `einsum` keeps the sums in one fixed order
    and away from the threads of a BLAS library, which a forked child must not start.
    """
    grey = np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS), dtype=np.float64)
    low = np.einsum("ky,ly->kl", np.einsum("kx,xy->ky", _DCT, grey), _DCT)
    flat = low.reshape(-1)
    middle = np.sort(flat)[
        flat.size // 2 - 1 : flat.size // 2 + 1
    ].mean()  # np.median loads numpy.ma in every child: 60 ms
    return np.packbits(flat > middle).tobytes()


def hamming(one: bytes, other: bytes) -> int:
    """Differing bits of two hashes of equal length; raises ValueError for unequal ones."""
    if len(one) != len(other):
        raise ValueError("hashes of different length")
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
