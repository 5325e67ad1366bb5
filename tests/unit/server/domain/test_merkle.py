"""默克尔树：公布的向量一位不差，证明都验得过，改一位就验不过。"""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    Place,
    consistency_proof,
    covering,
    inclusion_proof,
    leaf_hash,
    lookup_in,
    node_hash,
    peaks_of,
    places_read,
    root_at,
    verify_consistency,
    verify_inclusion,
)

ONE = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
EIGHT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
TWO = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
SIDE = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
FIRST_OF_EIGHT = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    SIDE,
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
THREE = "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"


def hexes(*texts: str) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def reference_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 writes it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(reference_root(leaves[:split]), reference_root(leaves[split:]))


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(str(n).encode()) for n in range(count)]


# ------------------------------------------------------------------------------------------------ published vectors


def test_hashes_of_transparency_dev() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == ONE
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


def test_roots_of_certificate_transparency() -> None:
    frontier, roots = Frontier(), []
    for entry in ("", "00", "10", "2021"):
        frontier.append(leaf_hash(bytes.fromhex(entry)))
        roots.append(frontier.root().hex())
    assert roots == [ONE, TWO, THREE, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]


@pytest.mark.parametrize(
    ("older", "newer", "first", "second", "proof"),
    [
        (1, 8, ONE, EIGHT, FIRST_OF_EIGHT),
        (
            2,
            5,
            TWO,
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            [SIDE, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"],
        ),
    ],
)
def test_published_consistency(older: int, newer: int, first: str, second: str, proof: list[str]) -> None:
    assert verify_consistency(older, newer, bytes.fromhex(first), bytes.fromhex(second), hexes(*proof))


@pytest.mark.parametrize(
    ("index", "size", "leaf", "root", "proof"),
    [
        (0, 8, ONE, EIGHT, FIRST_OF_EIGHT),
        (2, 3, "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7", THREE, [TWO]),
    ],
)
def test_published_inclusion(index: int, size: int, leaf: str, root: str, proof: list[str]) -> None:
    assert verify_inclusion(index, size, bytes.fromhex(leaf), hexes(*proof), bytes.fromhex(root))


def test_the_eight_published_leaves_give_the_published_proofs() -> None:
    entries = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
    at = lookup_in([leaf_hash(bytes.fromhex(entry)) for entry in entries])
    assert root_at(8, at).hex() == EIGHT
    assert inclusion_proof(0, 8, at) == hexes(*FIRST_OF_EIGHT)
    assert consistency_proof(1, 8, at) == hexes(*FIRST_OF_EIGHT)


PROBES = json.loads((Path(__file__).parent / "merkle_probes.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("probe", PROBES["probes"], ids=lambda probe: f"{probe[0]}/{probe[7]}")
def test_public_probes_get_the_expected_verdict(probe: list[Any]) -> None:
    """All 196 of transparency-dev/merkle testdata/{consistency,inclusion} (Apache-2.0), each different hash kept once."""
    kind, first, second, left, right, path, valid, _ = probe
    known = [b64decode(text) for text in PROBES["hashes"]]
    proof = [known[place] for place in path]
    if kind == "inclusion":
        assert verify_inclusion(first, second, known[left], proof, known[right]) is valid
    else:
        assert verify_consistency(first, second, known[left], known[right], proof) is valid


# ------------------------------------------------------------------------------------------------ properties

SIZES = st.integers(1, 600)


@given(SIZES)
@settings(max_examples=60, deadline=None)
def test_roots_are_those_of_the_definition(size: int) -> None:
    leaves = leaves_of(size)
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    assert frontier.root() == root_at(size, lookup_in(leaves)) == reference_root(leaves)
    assert len(frontier.peaks) == len(peaks_of(size)) == size.bit_count()


@given(SIZES, st.data())
@settings(max_examples=150, deadline=None)
def test_every_inclusion_proof_verifies_and_no_other_leaf_fits(size: int, data: st.DataObject) -> None:
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    at = lookup_in(leaves)
    proof, root = inclusion_proof(index, size, at), root_at(size, at)
    assert verify_inclusion(index, size, leaves[index], proof, root)
    assert len(proof) <= (size - 1).bit_length()
    assert other == index or not verify_inclusion(other, size, leaves[index], proof, root)
    assert not verify_inclusion(index, size, leaves[index], [*proof, root], root)
    assert not proof or not verify_inclusion(index, size, leaves[index], proof[:-1], root)
    assert not verify_inclusion(index, size, leaf_hash(b"x"), proof, root)


@given(SIZES, st.data())
@settings(max_examples=150, deadline=None)
def test_every_consistency_proof_verifies_at_its_sizes_alone(newer: int, data: st.DataObject) -> None:
    older = data.draw(st.integers(1, newer))
    at = lookup_in(leaves_of(newer))
    proof, first, second = consistency_proof(older, newer, at), root_at(older, at), root_at(newer, at)
    assert verify_consistency(older, newer, first, second, proof)
    assert not verify_consistency(older, newer, first, second, [*proof, second])
    assert not proof or not verify_consistency(older, newer, first, second, proof[:-1])
    assert not proof or not verify_consistency(newer, older, second, first, proof)
    assert older == newer or not verify_consistency(older, newer, second, first, proof)


def flipped(value: bytes, bit: int) -> bytes:
    bit %= len(value) * 8
    return bytes(byte ^ (1 << bit % 8 if place == bit // 8 else 0) for place, byte in enumerate(value))


@given(st.integers(2, 200), st.integers(0, 255), st.data())
@settings(max_examples=150, deadline=None)
def test_any_flipped_bit_fails(size: int, bit: int, data: st.DataObject) -> None:
    index, older = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    leaves = leaves_of(size)
    at = lookup_in(leaves)
    hashes = [leaves[index], root_at(size, at), *inclusion_proof(index, size, at)]
    place = data.draw(st.integers(0, len(hashes) - 1))
    hashes[place] = flipped(hashes[place], bit)
    assert not verify_inclusion(index, size, hashes[0], hashes[2:], hashes[1])
    hashes = [root_at(older, at), root_at(size, at), *consistency_proof(older, size, at)]
    place = data.draw(st.integers(0, len(hashes) - 1))
    hashes[place] = flipped(hashes[place], bit)
    assert not verify_consistency(older, size, hashes[0], hashes[1], hashes[2:])


# ------------------------------------------------------------------------------------------------ the rules


def test_an_older_size_of_nothing_proves_nothing() -> None:
    root = root_at(4, lookup_in(leaves_of(4)))
    assert not verify_consistency(0, 4, EMPTY_ROOT, root, [])
    assert not verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    with pytest.raises(ValueError, match="older"):
        consistency_proof(0, 4, lookup_in(leaves_of(4)))


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    at = lookup_in(leaves_of(5))
    root, other = root_at(5, at), root_at(4, at)
    assert verify_consistency(5, 5, root, root, [])
    assert not verify_consistency(5, 5, root, other, [])
    assert not verify_consistency(5, 5, root, root, [other])
    assert consistency_proof(5, 5, at) == []


@pytest.mark.parametrize("length", [0, 20, 31, 33, 64])
def test_hashes_of_another_length_are_refused(length: int) -> None:
    at = lookup_in(leaves_of(2))
    leaf, root, proof = at(Place(0, 0)), root_at(2, at), inclusion_proof(0, 2, at)
    odd = bytes(length)
    assert verify_inclusion(0, 2, leaf, proof, root)
    assert not verify_inclusion(0, 2, odd, proof, root)
    assert not verify_inclusion(0, 2, leaf, [odd], root)
    assert not verify_inclusion(0, 1, odd, [], odd)
    assert not verify_consistency(1, 2, odd, root, proof)
    assert not verify_consistency(1, 2, leaf, root, [odd])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (4, 3)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    at = lookup_in(leaves_of(3))
    assert not verify_inclusion(index, size, at(Place(0, 0)), [], at(Place(0, 0)))
    with pytest.raises(ValueError, match="outside"):
        inclusion_proof(index, size, at)


def test_a_tree_does_not_extend_a_larger_one() -> None:
    at = lookup_in(leaves_of(4))
    assert not verify_consistency(4, 3, root_at(4, at), root_at(3, at), [])
    assert not verify_consistency(2, 4, root_at(2, at), root_at(4, at), [])


def test_reading_stays_logarithmic() -> None:
    size = 1_000_003
    read = places_read(lambda at: inclusion_proof(777_777, size, at))
    assert len(read) <= 2 * size.bit_length()
    assert len(places_read(lambda at: consistency_proof(500_001, size, at))) <= 3 * size.bit_length()
    assert len(places_read(lambda at: root_at(size, at))) == size.bit_count()


def test_a_leaf_completes_the_subtrees_it_ends() -> None:
    frontier = Frontier()
    done = [[place for place, _ in frontier.append(leaf)] for leaf in leaves_of(4)]
    assert done == [
        [(0, 0)],
        [(0, 1), (1, 0)],
        [(0, 2)],
        [(0, 3), (1, 1), (2, 0)],
    ]


@given(st.integers(0, 300), st.integers(0, 300))
def test_subtrees_cover_exactly_what_is_asked(start: int, length: int) -> None:
    found = [
        n
        for place in covering(start, start + length)
        for n in range(place.number << place.level, (place.number + 1) << place.level)
    ]
    assert found == list(range(start, start + length))
