"""存储的接口：原件只写一次，按摘要取；上传是流，从不整件进内存。"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from server.domain.errors import Invalid, Missing, NotReady, TooLarge

if TYPE_CHECKING:
    from server.storage.pieces import Pieces

_DIGEST = re.compile(r"\A[0-9a-f]{64}\Z")
_KIND = re.compile(r"\A[a-z0-9-]{1,20}\Z")


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that arrived and were digested but are not yet an original; maybe not on the disk yet.

    `path` and `settled` (the bytes are on the disk) are private to the driver.
    """

    path: Path
    sha256: str
    size: int
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of an original without reading it."""

    sha256: str
    size: int


class Storage(Protocol):
    """Verbs for originals, and for what is derived from them and can be made again."""

    @property
    def pieces(self) -> Pieces:
        """Resumable uploads under way."""
        ...

    def receive(self, chunks: Iterable[bytes], *, limit: int, expect: str | None = None) -> Received:
        """Stream to a temporary place; nothing half-written stays.

        Raises TooLarge `upload-too-large` over `limit` bytes, Invalid `digest-mismatch` when `expect` (hexadecimal SHA-256)
        is given and differs, NotReady `storage-full`, and whatever `chunks` raises.
        """
        ...

    def promote(self, received: Received) -> str:
        """Make it a write-once original under its digest, which is returned; repeatable; durable when it returns.

        Raises NotReady `storage-full`, Missing `upload-not-found` when neither the upload nor its original is there.
        """
        ...

    def promote_all(self, received: Sequence[Received]) -> None:
        """`promote` for what came together, in one go: the disk is asked once for what they have in common."""
        ...

    def reopen(self, received: Received) -> BinaryIO:
        """The bytes of a received upload once more, be it an original by now. Raises Missing `original-not-found`."""
        ...

    def discard(self, received: Received) -> None:
        """Forget a received upload; an original made from it stays."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """An original for reading. Raises Missing `original-not-found`."""
        ...

    def local_path(self, sha256: str) -> Path:
        """A path from which an original can be read by libraries that seek. Raises Missing `original-not-found`."""
        ...

    def stat(self, sha256: str) -> Stored:
        """Size of an original. Raises Missing `original-not-found`."""
        ...

    def exists(self, sha256: str) -> bool:
        """Whether there is an original under that digest."""
        ...

    def remove(self, sha256: str) -> bool:
        """Remove an original and everything derived from it, for orphans and for the end of retention; False without one."""
        ...

    def put_derived(self, sha256: str, kind: str, data: bytes) -> None:
        """Keep something made from an original (a preview); replaced whole when made again. Raises NotReady `storage-full`."""
        ...

    def open_derived(self, sha256: str, kind: str) -> BinaryIO:
        """Raises Missing `derived-not-found`."""
        ...

    def sweep(self, older_than: timedelta) -> int:
        """Remove temporary files abandoned longer than that; returns how many."""
        ...


def checked_digest(sha256: str) -> str:
    """The digest itself; raises Missing for anything that is not 64 lower-case hexadecimal digits."""
    if not _DIGEST.match(sha256):
        raise original_missing(sha256)
    return sha256


def checked_kind(kind: str) -> str:
    """The kind itself: up to 20 lower-case letters, digits and hyphens; raises Missing otherwise."""
    if not _KIND.match(kind):
        raise derived_missing()
    return kind


def original_missing(sha256: str) -> Missing:
    return Missing("original-not-found", "没有这件原件。", facts={"sha256": sha256[:64]})


def derived_missing() -> Missing:
    return Missing("derived-not-found", "没有这件副本，或还没有做好。")


def storage_full() -> NotReady:
    return NotReady("storage-full", "服务器磁盘已满，照片请留在手机上稍后再传。", retry_after=300)


class Meter:
    """Counts and digests a stream as it passes; every driver measures with this one."""

    def __init__(self, limit: int) -> None:
        self._limit, self._digest = limit, new_sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same pieces; raises TooLarge as soon as they exceed the limit."""
        for chunk in chunks:
            self.size += len(chunk)
            if self.size > self._limit:
                words = f"文件超过上限 {self._limit // 1024 // 1024} MB。"
                raise TooLarge("upload-too-large", words, facts={"limit": self._limit})
            self._digest.update(chunk)
            yield chunk

    def expect(self, sha256: str | None) -> None:
        """Raise Invalid `digest-mismatch` when the stream was not what had been announced."""
        if sha256 is None or sha256 == self.sha256:
            return
        raise Invalid(
            "digest-mismatch",
            "收到的内容与手机给出的摘要不符，可能在路上被截断，请重传。",
            facts={"announced": sha256, "received": self.sha256, "size": self.size},
        )
