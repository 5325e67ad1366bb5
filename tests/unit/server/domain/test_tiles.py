"""瓦片：路径只有一种写法，一棵树该有的块一个不少，包能原样拆开。"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.merkle import leaf_hash
from server.domain.tiles import (
    MOST_ENTRY_BYTES,
    Tile,
    count_tiles,
    index_path,
    pack_entries,
    pack_hashes,
    read_index,
    read_tile_path,
    tile_path,
    tiles_of,
    unpack_entries,
    unpack_hashes,
)


def test_published_path() -> None:
    assert index_path(1234067) == "x001/x234/067"
    assert read_index("x001/x234/067") == 1234067


def test_published_tiles_of_a_tree_of_256() -> None:
    counted = count_tiles(256)
    assert [full for full, _ in counted] == [1, 0]
    assert [partial for _, partial in counted] == [0, 1]
    assert [tile_path(tile) for tile in tiles_of(256)] == ["0/000", "1/000.p/1", "entries/000"]


def test_tiles_of_the_standard_s_large_tree() -> None:
    """C2SP tlog-tiles: a tree of 70,000 entries has 273 full tiles and one partial of 112, then 1 and one of 17, then one of 1."""
    assert count_tiles(70_000) == [(273, 112), (1, 17), (0, 1)]
    assert tiles_of(0) == []


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "0/000"),
        (Tile(3, 999, 7), "3/999.p/7"),
        (Tile(None, 1000), "entries/x001/000"),
        (Tile(63, 5, 255), "63/005.p/255"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    assert tile_path(tile) == path
    assert read_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    ["", "0", "0/", "0/0", "0/0000", "00/000", "64/000", "0/x000/001", "0/x001", "0/001/002", "0/000.p/0", "0/000.p/256", "0/000.p/01",
     "0/000.p/", "-1/000", "entries", "data/000", "0/００１", "0/000.p/1/2", "0/" + "x001/" * 40 + "001", "0/000\n"],
)  # fmt: skip
def test_another_way_of_writing_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="tile"):
        read_tile_path(path)


@given(st.integers(0, 2**62))
def test_indexes_come_back(index: int) -> None:
    assert read_index(index_path(index)) == index


@given(st.integers(0, 200_000))
def test_tiles_hold_every_hash_of_their_level_once(size: int) -> None:
    for level in range(4):
        held = [n for tile in tiles_of(size) if tile.level == level for n in range(tile.start, tile.start + tile.width)]
        assert held == list(range(size >> (8 * level)))
    assert all(tile.lies_within(size) for tile in tiles_of(size))
    assert sum(tile.width for tile in tiles_of(size) if tile.level is None) == size


def test_a_tile_beyond_the_tree_does_not_lie_within() -> None:
    assert not Tile(0, 0).lies_within(255)
    assert Tile(0, 0, 255).lies_within(255)
    assert not Tile(1, 0, 1).lies_within(255)
    assert not Tile(None, 1, 1).lies_within(256)


def test_a_tile_names_the_subtrees_it_holds() -> None:
    assert Tile(1, 2, 3).places() == [(8, 512), (8, 513), (8, 514)]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_come_apart_as_they_were(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries)) == entries


def test_the_longest_entry() -> None:
    assert unpack_entries(pack_entries([bytes(MOST_ENTRY_BYTES)])) == [bytes(MOST_ENTRY_BYTES)]
    with pytest.raises(ValueError, match="64 KiB"):
        pack_entries([bytes(MOST_ENTRY_BYTES + 1)])


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x02a", b"\x00\x01ab"])
def test_a_bundle_cut_off_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="cut off"):
        unpack_entries(data)


def test_hashes_of_a_tile() -> None:
    hashes = [leaf_hash(b"a"), leaf_hash(b"b")]
    assert unpack_hashes(pack_hashes(hashes)) == hashes
    with pytest.raises(ValueError, match="whole"):
        unpack_hashes(pack_hashes(hashes)[:-1])
