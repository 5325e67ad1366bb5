"""只在内存里的存储，供测试：与磁盘同一套约定，进程一结束就没有了。

It holds whole uploads in memory, so it is not for service; `local_path` alone touches a disk, through a private folder.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256 as new_sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from server.domain.errors import Missing
from server.domain.uploads import Checksum
from server.storage.pieces import NOT_KEPT, Gauge, locked
from server.storage.port import (
    Meter,
    Received,
    Stored,
    checked_digest,
    checked_kind,
    derived_missing,
    original_missing,
)


@dataclass
class NullPiece:
    """A held piece."""

    data: bytearray
    keep: Callable[[bytes], Received]

    @property
    def size(self) -> int:
        return len(self.data)

    def append(self, chunks: Iterable[bytes], *, room: int, checksum: Checksum | None = None) -> int:
        start, gauge = self.size, Gauge(room, checksum)
        try:
            for chunk in map(gauge.pass_on, chunks):
                self.data += chunk
            gauge.settle()
        except BaseException as error:
            if checksum is not None or isinstance(error, NOT_KEPT):
                del self.data[start:]
            raise
        return self.size

    def finish(self) -> Received:
        return self.keep(bytes(self.data))

    def drop(self) -> None:
        self.data.clear()


class NullPieces:
    """Pieces of one process: nobody dies while holding one, so nothing is ever taken over."""

    def __init__(self, keep: Callable[[bytes], Received]) -> None:
        self._keep = keep
        self._known: dict[UUID, tuple[threading.Lock, bytearray]] = {}

    @contextlib.contextmanager
    def take(self, upload: UUID, *, patience_s: float) -> Iterator[NullPiece]:
        lock, data = self._known.setdefault(upload, (threading.Lock(), bytearray()))
        if not lock.acquire(timeout=patience_s):
            raise locked()
        try:
            yield NullPiece(data, self._keep)
        finally:
            lock.release()

    def names(self) -> list[UUID]:
        return sorted(name for name, (_, data) in self._known.items() if data)

    def remove(self, upload: UUID) -> None:
        self._known.pop(upload, None)


class NullStorage:
    """Originals, previews and uploads under way as dictionaries."""

    def __init__(self) -> None:
        self.pieces = NullPieces(self._kept)
        self._incoming: dict[Path, bytes] = {}
        self._originals: dict[str, bytes] = {}
        self._derived: dict[tuple[str, str], bytes] = {}
        self._folder: Path | None = None

    def receive(self, chunks: Iterable[bytes], *, limit: int, expect: str | None = None) -> Received:
        meter = Meter(limit)
        data = b"".join(meter.through(chunks))
        meter.expect(expect)
        return self._kept(data)

    def _kept(self, data: bytes) -> Received:
        path = Path(uuid4().hex)
        self._incoming[path] = data
        return Received(path, new_sha256(data).hexdigest(), len(data))

    def promote(self, received: Received) -> str:
        data = self._incoming.pop(received.path, None)
        if data is not None:
            self._originals.setdefault(received.sha256, data)
        if received.sha256 not in self._originals:
            raise Missing("upload-not-found", "这次上传的临时文件已不在，请重传。")
        return received.sha256

    def promote_all(self, received: Sequence[Received]) -> None:
        for one in received:
            self.promote(one)

    def reopen(self, received: Received) -> BinaryIO:
        data = self._incoming.get(received.path)
        return self.open(received.sha256) if data is None else BytesIO(data)

    def discard(self, received: Received) -> None:
        self._incoming.pop(received.path, None)

    def _original(self, sha256: str) -> bytes:
        data = self._originals.get(checked_digest(sha256))
        if data is None:
            raise original_missing(sha256)
        return data

    def open(self, sha256: str) -> BinaryIO:
        return BytesIO(self._original(sha256))

    def local_path(self, sha256: str) -> Path:
        data = self._original(sha256)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp())
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        path = self._folder / sha256
        path.write_bytes(data)
        return path

    def stat(self, sha256: str) -> Stored:
        return Stored(sha256, len(self._original(sha256)))

    def exists(self, sha256: str) -> bool:
        return checked_digest(sha256) in self._originals

    def remove(self, sha256: str) -> bool:
        for key in [key for key in self._derived if key[0] == sha256]:
            del self._derived[key]
        return self._originals.pop(checked_digest(sha256), None) is not None

    def put_derived(self, sha256: str, kind: str, data: bytes) -> None:
        self._derived[checked_digest(sha256), checked_kind(kind)] = bytes(data)

    def open_derived(self, sha256: str, kind: str) -> BinaryIO:
        data = self._derived.get((checked_digest(sha256), checked_kind(kind)))
        if data is None:
            raise derived_missing()
        return BytesIO(data)

    def sweep(self, older_than: timedelta) -> int:
        """Nothing is ever abandoned here longer than the process lives, unless every age is asked for."""
        gone = len(self._incoming) if older_than <= timedelta(0) else 0
        if gone:
            self._incoming.clear()
        return gone
