"""本机磁盘上的存储。

An upload goes to a temporary file on the same file system, is synced, then hard-linked to its digest name: `link` fails when the
name exists, so an original can never be overwritten, and the same bytes twice are simply the same file. Folders are synced after
a name enters them, so that a power cut cannot take an acknowledged photo away. What comes together is synced together: first
all bytes, then all names, then every folder once; a file system with a journal then writes it twice for a whole post.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from server.domain.errors import Missing
from server.storage.disk_pieces import DiskPieces, Ground, forget_pages
from server.storage.port import (
    Meter,
    Received,
    Stored,
    checked_digest,
    checked_kind,
    derived_missing,
    original_missing,
    storage_full,
)

FULL = (errno.ENOSPC, errno.EDQUOT)
READ_ONLY = 0o444
#: Incoming files lie in so many folders: those who write at the same moment would wait for each other in one.
LANES = 16


@contextlib.contextmanager
def _disk_room() -> Iterator[None]:
    """A full disk as the refusal a phone understands."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise storage_full() from error
        raise


def _sync(path: str | Path) -> None:
    """Put a file's bytes and size on the disk; times are not evidence."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fdatasync(handle)
        forget_pages(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: str | Path) -> None:
    """Put a folder's names on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: str, chunks: Iterable[bytes]) -> None:
    """A new file that nobody may change; nothing stays when it cannot be finished."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, READ_ONLY)
    try:
        for chunk in chunks:
            view = memoryview(chunk)
            while view:
                view = view[os.write(handle, view) :]
    except BaseException:
        _forget(path)
        raise
    finally:
        os.close(handle)


def _forget(path: str | Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _homes(base: str, name: str) -> tuple[str, str]:
    """Folders where a name may lie: 256 of them, so that nearly every post finds its folders made and on the disk; houses
    from before had one more level."""
    return f"{base}/{name[:2]}", f"{base}/{name[:2]}/{name[2:4]}"


def _fan(base: str, name: str) -> str:
    """Where a new name goes."""
    return f"{_homes(base, name)[0]}/{name}"


def _lying(base: str, name: str) -> str | None:
    """Where a name does lie, None when nowhere."""
    return next((place for home in _homes(base, name) if os.path.isfile(place := f"{home}/{name}")), None)


class DiskStorage:
    """Originals in `root/ab/<digest>`, previews in `root/derived/ab/…`, uploads under way in `root/incoming` and `root/pieces`."""

    def __init__(self, root: str | Path) -> None:
        self._root = str(root)
        self._incoming = f"{self._root}/incoming"
        self._derived = f"{self._root}/derived"
        #: Folders whose own entry this process knows to be on the disk.
        self._settled: set[str] = set()
        #: Names of incoming files: a mark for this object, the process, a number.
        self._mark, self._count = uuid4().hex, itertools.count()
        ground = Ground(Path(root), lambda f: self._make_folder(str(f)), lambda f: _sync_folder(f), _disk_room)
        self.pieces = DiskPieces(ground)

    def _settle(self, folder: str) -> None:
        """Put a folder's names on the disk, and the names of the folders it stands in.

        Afterwards, all together and the innermost first: a file system with a journal then writes once what it would write
        at every level. A folder another process has just made is synced here too.
        """
        _sync_folder(folder)
        fresh = []
        while folder not in self._settled and folder != (parent := os.path.dirname(folder)):
            fresh.append(folder)
            _sync_folder(parent or ".")
            if folder == self._root:
                break
            folder = parent
        self._settled.update(fresh)

    def _make_folder(self, folder: str) -> None:
        """Make a folder whose entry is on the disk when this returns."""
        if folder not in self._settled or not os.path.isdir(folder):
            os.makedirs(folder, exist_ok=True)
            self._settle(folder)

    def receive(self, chunks: Iterable[bytes], *, limit: int, expect: str | None = None) -> Received:
        meter = Meter(limit)
        with _disk_room():
            path = self._arrive(meter.through(chunks))
        received = Received(Path(path), meter.sha256, meter.size)
        try:
            meter.expect(expect)
        except BaseException:
            self.discard(received)
            raise
        return received

    def _arrive(self, chunks: Iterable[bytes]) -> str:
        """A new file among the incoming."""
        number = next(self._count)
        lane = f"{self._incoming}/{number % LANES:02d}"
        self._make_folder(lane)
        path = f"{lane}/{self._mark}.{os.getpid()}.{number}"
        _write(path, chunks)
        return path

    def promote(self, received: Received) -> str:
        self.promote_all([received])
        return received.sha256

    def promote_all(self, received: Sequence[Received]) -> None:
        with _disk_room():
            for one in received:
                self._sync_bytes(one)
            for folder in dict.fromkeys([self._name(one) for one in received]):
                self._settle(folder)
        for one in received:
            self.discard(one)

    def _sync_bytes(self, received: Received) -> None:
        """Raises Missing when neither the upload nor its original is there."""
        try:
            if not received.settled:
                _sync(received.path)
        except FileNotFoundError:
            self._still_there(received)

    def _still_there(self, received: Received) -> None:
        if not self.exists(received.sha256):
            raise Missing("upload-not-found", "这次上传的临时文件已不在，请重传。") from None

    def _name(self, received: Received) -> str:
        """Give the bytes their digest as a name; returns the folder it lies in. Mostly one call to the system: `link`."""
        place = _fan(self._root, checked_digest(received.sha256))
        folder = os.path.dirname(place)
        try:
            self._link(received, place)
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                self._link(received, place)
            self._still_there(received)
        return folder

    def _link(self, received: Received, place: str) -> None:
        try:
            os.link(received.path, place)
        except FileExistsError:
            self._set_damaged_aside(place, received)

    def _set_damaged_aside(self, place: str, received: Received) -> None:
        """A file of another size under this digest is no original but the victim of a broken disk; the good bytes are here."""
        with contextlib.suppress(FileNotFoundError, FileExistsError):
            if os.stat(place).st_size != received.size and os.path.isfile(received.path):
                os.rename(place, f"{place}.damaged-{uuid4().hex}")
                os.link(received.path, place)

    def reopen(self, received: Received) -> BinaryIO:
        try:
            return open(received.path, "rb")
        except FileNotFoundError:
            return self.open(received.sha256)

    def discard(self, received: Received) -> None:
        _forget(received.path)

    def open(self, sha256: str) -> BinaryIO:
        return self.local_path(sha256).open("rb")

    def local_path(self, sha256: str) -> Path:
        place = _lying(self._root, checked_digest(sha256))
        if place is None:
            raise original_missing(sha256)
        return Path(place)

    def stat(self, sha256: str) -> Stored:
        return Stored(sha256, self.local_path(sha256).stat().st_size)

    def exists(self, sha256: str) -> bool:
        return _lying(self._root, checked_digest(sha256)) is not None

    def remove(self, sha256: str) -> bool:
        for base, pattern in ((self._derived, f"{checked_digest(sha256)}.*"), (self._root, sha256)):
            found = [made for folder in _homes(base, sha256) for made in Path(folder).glob(pattern)]
            for made in found:
                made.unlink(missing_ok=True)
        for folder in {str(made.parent) for made in found}:
            _sync_folder(folder)
        return bool(found)

    def put_derived(self, sha256: str, kind: str, data: bytes) -> None:
        place = _fan(self._derived, f"{checked_digest(sha256)}.{checked_kind(kind)}")
        folder = os.path.dirname(place)
        with _disk_room():
            made = self._arrive([data])
            os.makedirs(folder, exist_ok=True)
            try:
                _sync(made)
                os.replace(made, place)
            except BaseException:
                _forget(made)
                raise
            self._settle(folder)

    def open_derived(self, sha256: str, kind: str) -> BinaryIO:
        place = _lying(self._derived, f"{checked_digest(sha256)}.{checked_kind(kind)}")
        if place is None:
            raise derived_missing()
        return open(place, "rb")

    def sweep(self, older_than: timedelta) -> int:
        limit, gone = time.time() - older_than.total_seconds(), 0
        for folder, _, names in os.walk(self._incoming):
            for path in (f"{folder}/{name}" for name in names):
                with contextlib.suppress(FileNotFoundError):
                    if os.stat(path).st_mtime < limit:
                        os.unlink(path)
                        gone += 1
        return gone
