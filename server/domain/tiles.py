"""日志的瓦片：树切成高八层的块，编号成路径，条目成包；任何静态镜像都能照存。

Source: C2SP tlog-tiles. A tile of level L and index N holds up to 256 hashes of level 8·L, from number 256·N.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from server.domain.merkle import HASH_BYTES, Place

HEIGHT = 8
WIDTH = 1 << HEIGHT
MOST_LEVEL = 63
MOST_ENTRY_BYTES = 0xFFFF
ENTRIES = "entries"
_INDEX = re.compile(r"(?:x[0-9]{3}/)*[0-9]{3}")
_ADDRESS = re.compile(r"(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_LONGEST_INDEX = 40


@dataclass(frozen=True, slots=True)
class Tile:
    """`level` None is a bundle of entries; `width` is how many hashes or entries it holds, 256 when full."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def full(self) -> bool:
        return self.width == WIDTH

    @property
    def start(self) -> int:
        """The number of its first hash at the tile's own bottom level, or of its first entry."""
        return self.index * WIDTH

    def places(self) -> list[Place]:
        """The subtrees whose hashes a tile of hashes holds, in order."""
        return [Place(HEIGHT * (self.level or 0), self.start + n) for n in range(self.width)]

    def lies_within(self, size: int) -> bool:
        """Whether a tree of `size` leaves has everything this tile holds."""
        return self.start + self.width <= size >> (HEIGHT * (self.level or 0))


def index_path(index: int) -> str:
    """1234067 → x001/x234/067."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def tile_path(tile: Tile) -> str:
    """The address below `tile/`: 0/x001/x234/067.p/8, entries/000."""
    level = ENTRIES if tile.level is None else str(tile.level)
    return f"{level}/{index_path(tile.index)}" + ("" if tile.full else f".p/{tile.width}")


def read_index(path: str) -> int:
    """The inverse of `index_path`. Raises ValueError for any other way of writing it."""
    if len(path) > _LONGEST_INDEX or not _INDEX.fullmatch(path):
        raise ValueError("not a tile index")
    index = int(path.replace("/", "").replace("x", ""))
    if index_path(index) != path:
        raise ValueError("not the one way of writing this tile index")
    return index


def read_tile_path(path: str) -> Tile:
    """The inverse of `tile_path`. Raises ValueError for any other way of writing it."""
    found = _ADDRESS.fullmatch(path)
    if found is None:
        raise ValueError("not a tile path")
    level, index, width = found.groups()
    tile = Tile(None if level == ENTRIES else int(level), read_index(index), int(width or WIDTH))
    if (tile.level or 0) > MOST_LEVEL or tile_path(tile) != path:
        raise ValueError("not the one way of writing this tile")
    return tile


def count_tiles(size: int) -> list[tuple[int, int]]:
    """For each level of a tree of `size`: how many full tiles, and the width of the partial one (0: none)."""
    found = []
    while size:
        found.append((size // WIDTH, size % WIDTH))
        size //= WIDTH
    return found


def tiles_of(size: int) -> list[Tile]:
    """Every tile of hashes of a tree of `size`, then its bundles of entries."""
    levels: list[tuple[int | None, tuple[int, int]]] = [
        *enumerate(count_tiles(size)),
        (None, (size // WIDTH, size % WIDTH)),
    ]
    return [
        tile
        for level, (full, partial) in levels
        for tile in [
            *(Tile(level, index) for index in range(full)),
            *([Tile(level, full, partial)] if partial else []),
        ]
    ]


def pack_hashes(hashes: Iterable[bytes]) -> bytes:
    """The bytes of a tile."""
    return b"".join(hashes)


def unpack_hashes(data: bytes) -> list[bytes]:
    """Hashes of a tile. Raises ValueError when its length is not a number of hashes."""
    if len(data) % HASH_BYTES:
        raise ValueError("a tile holds whole hashes")
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def pack_entries(entries: Iterable[bytes]) -> bytes:
    """A bundle: each entry after its length in two bytes, big-endian. Raises ValueError for one of 64 KiB or more."""
    parts = []
    for entry in entries:
        if len(entry) > MOST_ENTRY_BYTES:
            raise ValueError("an entry must be shorter than 64 KiB")
        parts.append(len(entry).to_bytes(2, "big") + entry)
    return b"".join(parts)


def unpack_entries(data: bytes) -> list[bytes]:
    """Entries of a bundle. Raises ValueError when it is cut off."""
    found, at = [], 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > len(data) or at > len(data):
            raise ValueError("the bundle is cut off")
        found.append(data[start:at])
    return found
