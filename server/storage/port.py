"""存储的接口：原件只写一次，按摘要取；上传是流，从不整件进内存。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that arrived and were digested but are not yet an original. `path` is private to the driver."""

    path: Path
    sha256: str
    size: int


class Storage(Protocol):
    """Five verbs for originals, two for what is derived from them."""

    def receive(self, chunks: Iterable[bytes], *, limit: int) -> Received:
        """Stream to a temporary place. Raises TooLarge `upload-too-large`, NotReady `storage-full`; nothing half-written stays."""
        ...

    def promote(self, received: Received) -> None:
        """Make it a write-once original under its digest; repeatable; durable when it returns."""
        ...

    def discard(self, received: Received) -> None:
        """Forget a received upload."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """An original for reading. Raises Missing `original-not-found`."""
        ...

    def local_path(self, sha256: str) -> Path:
        """A path from which an original can be read by libraries that seek."""
        ...

    def exists(self, sha256: str) -> bool: ...

    def put_derived(self, sha256: str, kind: str, data: bytes) -> None:
        """Keep something made from an original (a preview); may be made again and replaced by the same."""
        ...

    def open_derived(self, sha256: str, kind: str) -> BinaryIO:
        """Raises Missing `derived-not-found`."""
        ...

    def sweep(self, older_than: timedelta) -> int:
        """Remove uploads abandoned longer than that; returns how many."""
        ...
