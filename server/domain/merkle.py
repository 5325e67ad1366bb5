"""默克尔树：RFC 6962 的根、在列证明、延续证明，和每次只添一片叶子的边。

Hashes are 32 raw bytes. A full subtree is named by a `Place`: its level (0 is a leaf) and its number from the left at that
level. Whoever keeps the hashes of the full subtrees can give every root and proof by reading O(log n) of them.
Source: RFC 6962 section 2.1, verification as in RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple, TypeVar

ALGORITHM = "sha256"
HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
T = TypeVar("T")


class Place(NamedTuple):
    """A full subtree: leaves `number << level` up to, not including, `(number + 1) << level`."""

    level: int
    number: int


Lookup = Callable[[Place], bytes]
Proof = Sequence[bytes]


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 + entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 + left + right)."""
    return sha256(b"\x01" + left + right).digest()


# ------------------------------------------------------------------------------------------------ growing


@dataclass(slots=True)
class Frontier:
    """The right edge of a tree: the roots of its full subtrees, largest first; `peaks_of(size)` names them."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> list[tuple[Place, bytes]]:
        """Add one leaf hash; returns the full subtrees it completes, from the leaf upwards."""
        done = [(Place(0, self.size), leaf)]
        for level in range(1, _ones_at_the_end(self.size) + 1):
            done.append((Place(level, self.size >> level), node_hash(self.peaks.pop(), done[-1][1])))
        self.peaks.append(done[-1][1])
        self.size += 1
        return done

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return _joined(self.peaks)


def _ones_at_the_end(number: int) -> int:
    """How many one bits end a number: so many subtrees are completed by the leaf of this index."""
    return (~number & (number + 1)).bit_length() - 1


def peaks_of(size: int) -> list[Place]:
    """Full subtrees that together cover the first `size` leaves, largest first."""
    return list(covering(0, size))


def covering(start: int, end: int) -> Iterator[Place]:
    """Full subtrees covering leaves `start` up to `end`, left to right; sizes fall when `start` is aligned as in a tree."""
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield Place(level, start >> level)
        start += 1 << level


def _joined(hashes: Sequence[bytes]) -> bytes:
    """Fold subtrees of falling size into one root, from the right."""
    if not hashes:
        return EMPTY_ROOT
    found = hashes[-1]
    for left in reversed(hashes[:-1]):
        found = node_hash(left, found)
    return found


# ------------------------------------------------------------------------------------------------ giving


def root_at(size: int, at: Lookup) -> bytes:
    """The root of the first `size` leaves."""
    return _range_root(0, size, at)


def _range_root(start: int, end: int, at: Lookup) -> bytes:
    return _joined([at(place) for place in covering(start, end)])


def inclusion_proof(index: int, size: int, at: Lookup) -> list[bytes]:
    """PATH(index, D[size]), from the leaf upwards. Raises ValueError unless 0 ≤ index < size."""
    if not 0 <= index < size:
        raise ValueError("the leaf lies outside the tree")
    return _path(index, 0, size, at)


def _path(index: int, start: int, end: int, at: Lookup) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(index, start, middle, at), _range_root(middle, end, at)]
    return [*_path(index, middle, end, at), _range_root(start, middle, at)]


def consistency_proof(older: int, newer: int, at: Lookup) -> list[bytes]:
    """PROOF(older, D[newer]); empty for equal sizes. Raises ValueError unless 1 ≤ older ≤ newer."""
    if not 1 <= older <= newer:
        raise ValueError("the older tree must have a leaf and be no larger")
    return _subproof(older, 0, newer, at, whole=True)


def _subproof(older: int, start: int, end: int, at: Lookup, *, whole: bool) -> list[bytes]:
    if older == end:
        return [] if whole else [_range_root(start, end, at)]
    middle = start + _split(end - start)
    if older <= middle:
        return [*_subproof(older, start, middle, at, whole=whole), _range_root(middle, end, at)]
    return [*_subproof(older, middle, end, at, whole=False), _range_root(start, middle, at)]


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (≥ 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def places_read(calculation: Callable[[Lookup], T]) -> list[Place]:
    """Which subtrees a calculation will look up, so that all can be fetched at once."""
    found: list[Place] = []

    def note(place: Place) -> bytes:
        found.append(place)
        return EMPTY_ROOT

    calculation(note)
    return found


def lookup_in(leaves: Sequence[bytes]) -> Lookup:
    """A lookup over a list of leaf hashes held in memory."""
    known: dict[Place, bytes] = {}
    frontier = Frontier()
    for leaf in leaves:
        known.update(frontier.append(leaf))
    return known.__getitem__


# ------------------------------------------------------------------------------------------------ checking


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Proof, root: bytes) -> bool:
    """Whether `leaf` is leaf number `index` of the tree of `size` with this root; hashes must be 32 bytes, none missing, none over."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            place, last = _up_to_a_right_child(place, last)
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(older: int, newer: int, older_root: bytes, newer_root: bytes, proof: Proof) -> bool:
    """Whether the newer tree extends the older one.

    An older size of 0 proves nothing and is refused; equal sizes need equal roots and an empty proof.
    """
    if older == newer:
        return older >= 1 and older_root == newer_root and not proof
    if not 1 <= older < newer or not _are_hashes(older_root, newer_root, *proof):
        return False
    steps = list(proof)
    if older & (older - 1) == 0:
        steps.insert(0, older_root)
    if not steps:
        return False
    place, last = older - 1, newer - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    return _climb(place, last, steps) == (older_root, newer_root)


def _climb(place: int, last: int, steps: list[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots from a consistency proof; None when its length is wrong."""
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            place, last = _up_to_a_right_child(place, last)
        else:
            newer = node_hash(newer, step)
        place, last = place >> 1, last >> 1
    return (older, newer) if last == 0 else None


def _up_to_a_right_child(place: int, last: int) -> tuple[int, int]:
    """At the right edge: skip the levels at which the node has no brother."""
    while not place & 1 and place:
        place, last = place >> 1, last >> 1
    return place, last


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
