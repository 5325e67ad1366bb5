"""重复使用：同一张照片，或同一画面另存的照片。

A relation always points from the later receipt to the earlier one, so it does not matter which of two photos is examined
first. Hashes are kept in memory per process and read on by id: one look costs an XOR over all of them (about 23 ms for a
million, measured) and the database is asked only for the new rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import select, text

from server.models.evidence import Evidence, Likeness, PhotoHash
from server.uow import UnitOfWork

REREAD = 2000  # rows looked at again each time: a slower commit may show a lower id later
LOCK_KEY = 8_300_118


@dataclass
class HashIndex:
    """Every hash seen so far: `evidence_ids[i]` has `bits[i]` (32 bytes)."""

    last_id: int = 0
    known: set[int] = field(default_factory=set)
    evidence_ids: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    bits: np.ndarray = field(default_factory=lambda: np.empty((0, 4), dtype=np.uint64))

    def add(self, rows: list[tuple[int, int, bytes]]) -> None:
        new = [row for row in rows if row[1] not in self.known]
        if not new:
            return
        self.known.update(row[1] for row in new)
        self.last_id = max(self.last_id, *(row[0] for row in new))
        stacked = np.frombuffer(b"".join(row[2] for row in new), dtype=np.uint64).reshape(-1, 4)
        self.evidence_ids = np.concatenate([self.evidence_ids, np.array([row[1] for row in new], dtype=np.int64)])
        self.bits = np.concatenate([self.bits, stacked])

    def near(self, bits: bytes, most: int) -> list[tuple[int, int]]:
        """(evidence id, distance) within `most` differing bits."""
        if not len(self.bits):
            return []
        distance = np.bitwise_count(self.bits ^ np.frombuffer(bits, dtype=np.uint64)).sum(axis=1)
        return [(int(self.evidence_ids[i]), int(distance[i])) for i in np.flatnonzero(distance <= most)]


_INDEXES: dict[str, HashIndex] = {}


def _index(uow: UnitOfWork) -> HashIndex:
    index = _INDEXES.setdefault(uow.settings.database.url, HashIndex())
    rows = (
        uow.session.execute(
            select(PhotoHash.id, PhotoHash.evidence_id, PhotoHash.bits).where(PhotoHash.id > index.last_id - REREAD)
        )
        .tuples()
        .all()
    )
    index.add(list(rows))
    return index


def record_hash(uow: UnitOfWork, evidence: Evidence, bits: bytes) -> None:
    """Store the hash and relate the photo to every like one; one writer at a time, so no pair is missed."""
    if uow.session.get_bind().dialect.name == "postgresql":
        uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    for other, distance in _index(uow).near(bits, uow.settings.evidence.similar_bits):
        if other != evidence.id:
            _relate(uow, evidence.id, other, distance, exact=False)
    uow.session.add(PhotoHash(evidence_id=evidence.id, bits=bits))
    uow.session.flush()


def record_same_bytes(uow: UnitOfWork, evidence: Evidence) -> None:
    """Relate the photo to every other one with the same bytes."""
    same = select(Evidence.id).where(Evidence.sha256 == evidence.sha256, Evidence.id != evidence.id)
    for other in uow.session.scalars(same):
        _relate(uow, evidence.id, other, 0, exact=True)


def _relate(uow: UnitOfWork, one: int, other: int, distance: int, *, exact: bool) -> None:
    key = (max(one, other), min(one, other))
    if uow.session.get(Likeness, key) is None:
        uow.session.add(Likeness(later_id=key[0], earlier_id=key[1], distance=distance, exact=int(exact)))
        uow.session.flush()
