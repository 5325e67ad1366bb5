"""续传的碎片：收到哪里算哪里，同步到盘上才说收到，断在半路的也留着。"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from server.domain.errors import Locked, Mismatched, TooLarge
from server.domain.uploads import Checksum, overflow
from server.storage.port import Received

#: A source ends with one of these when what it gave is not to be kept.
NOT_KEPT = (Mismatched, TooLarge)


class Piece(Protocol):
    """One upload under way, held by one connection."""

    @property
    def size(self) -> int:
        """Bytes that have come: what may be told as the offset once the piece is let go."""
        ...

    def append(self, chunks: Iterable[bytes], *, room: int, checksum: Checksum | None = None) -> int:
        """Add the chunks, make them durable and return the new size.

        When the source fails what came stays, unless a checksum was to vouch for it. Raises Mismatched `checksum-mismatch`
        and TooLarge `upload-overflows` with the size as before, Locked `upload-locked` when another connection has taken
        over, NotReady `storage-full`, and whatever `chunks` raises.
        """
        ...

    def finish(self) -> Received:
        """Everything as an upload that `promote` takes; the piece itself stays until `drop`, so that a crash loses nothing."""
        ...

    def drop(self) -> None:
        """Forget the bytes; an original made from them stays."""
        ...


class Pieces(Protocol):
    """Verbs for uploads under way."""

    def take(self, upload: UUID, *, patience_s: float) -> AbstractContextManager[Piece]:
        """Hold one upload alone; it is empty at first. What was appended survives a power cut once the block has ended.

        Raises Locked `upload-locked` while another connection is busy with it; one that has not moved for `patience_s`
        seconds is taken for dead and loses it.
        """
        ...

    def names(self) -> list[UUID]:
        """Every upload of which something lies here, in order."""
        ...

    def remove(self, upload: UUID) -> None:
        """Forget an upload, held or not."""
        ...


def locked() -> Locked:
    return Locked("upload-locked", "另一个连接正在传这张照片，请稍后再问。", retry_after=1)


@dataclass
class Gauge:
    """Watches chunks on their way: how many bytes may still come, and what they must add up to."""

    room: int
    checksum: Checksum | None
    _digest: Any = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.checksum is not None:
            self._digest = hashlib.new(self.checksum.algorithm, usedforsecurity=False)

    def pass_on(self, chunk: bytes) -> bytes:
        """The same chunk; raises TooLarge `upload-overflows`."""
        if len(chunk) > self.room:
            raise overflow(self.room)
        self.room -= len(chunk)
        if self._digest is not None:
            self._digest.update(chunk)
        return chunk

    def settle(self) -> None:
        """Raise Mismatched `checksum-mismatch` when the bytes are not those announced."""
        if self.checksum is not None and self._digest.digest() != self.checksum.digest:
            facts = {"algorithm": self.checksum.algorithm, "received": self._digest.hexdigest()}
            raise Mismatched("checksum-mismatch", "这一段与所附的校验不符，没有收下，请重传这一段。", facts=facts)
