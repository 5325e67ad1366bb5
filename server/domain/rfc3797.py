"""公开抽选（RFC 3797）：与国际互联网工程任务组 2004 年以来的做法逐位对照，本系统自己的抽签不用它。

Digest i is MD5 over i (two bytes, big-endian), the key and i again; as a number modulo the size of the remaining pool it
names the next place, which then leaves the pool. The key is the same text that `entropy.encode` writes. Kept as a check on
that encoding and on the claim that a stranger can replay a draw from its publication alone. Source: RFC 3797, sections 4, 6.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

MOST_POOL = 1 << 16


@dataclass(frozen=True, slots=True)
class Pick:
    """One selection: the MD5 digest, the size of the pool it was divided by, the number taken (from 1)."""

    digest: bytes
    divisor: int
    number: int


def picks(key: str, pool: int, count: int) -> Iterator[Pick]:
    """The first `count` of the numbers 1..`pool`. Raises ValueError beyond what two index bytes can carry."""
    if not 0 <= count <= pool < MOST_POOL:
        raise ValueError("RFC 3797 selects count ≤ pool < 65536 numbers")
    left = list(range(1, pool + 1))
    for index in range(count):
        mark = index.to_bytes(2, "big")
        digest = hashlib.md5(mark + key.encode("ascii") + mark, usedforsecurity=False).digest()
        divisor = len(left)
        yield Pick(digest, divisor, left.pop(int.from_bytes(digest, "big") % divisor))
