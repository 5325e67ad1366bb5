"""磁盘上的碎片：一次上传一个文件，旁边一把锁。

Three things can hold an upload for ever: a server that was killed, a phone whose connection died without a word, and a slow
but living one. The first lets go by itself, for the lock is the kernel's. The other two look the same until one watches them:
whoever comes next waits a short while, and takes the upload over when nothing has moved in that time, by putting a new lock in
the old one's place. The former holder finds out before its next write, because each write happens under a second, short
lock (on the bytes themselves) in which it looks whether the long one is still its own; so no two connections write the same
bytes, and the size that one of them told stays true.

The lock file also says in what state the bytes were left: empty after a clean end; a number when a piece with a checksum was
being written from there, so that bytes nobody vouched for are cut off again; `d` when bytes may not be on the disk yet.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from server.domain.uploads import Checksum
from server.storage.pieces import NOT_KEPT, Gauge, locked
from server.storage.port import Received

GLANCE_S = 0.02
READ_ONLY = 0o444
DIRTY = b"d"
LOCK = ".lock"


def forget_pages(handle: int) -> None:
    """What is on the disk need not stay in memory: the photo is read once more, by a worker whom decoding costs a hundred
    times as much, while new pages for the next one are the dearest part of receiving it (decision 0020)."""
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the disk lends: the root, and its way of making a folder, of syncing one and of telling that it is full."""

    root: Path
    make_folder: Callable[[Path], None]
    sync_folder: Callable[[Path], None]
    room: Callable[[], AbstractContextManager[None]]


def _inode(path: Path) -> int:
    """0 without a file; the number of one that somebody holds open is never given to another."""
    try:
        return os.stat(path).st_ino
    except FileNotFoundError:
        return 0


def _same(guard: int, path: Path) -> bool:
    """Whether the open lock is still the one that lies there."""
    return _inode(path) == os.fstat(guard).st_ino


def _footprint(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


@contextlib.contextmanager
def _alone(handle: int) -> Iterator[None]:
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


@dataclass
class DiskPiece:
    """A held file; its digest runs along while it is written from the first byte in one go."""

    ground: Ground
    path: Path
    lock: Path
    handle: int
    guard: int
    _digest: Any = field(default_factory=hashlib.sha256)
    _digested: int = 0
    _made: bool = False

    @property
    def size(self) -> int:
        return os.fstat(self.handle).st_size

    def recover(self) -> None:
        """Bring the bytes into the state they were told in, after a holder that could not end well."""
        self._made = self.size == 0
        state = os.pread(self.guard, 20, 0)
        if not state:
            return
        if state != DIRTY:
            os.ftruncate(self.handle, min(int(state), self.size))
        os.fsync(self.handle)
        self._mark(b"")

    def append(self, chunks: Iterable[bytes], *, room: int, checksum: Checksum | None = None) -> int:
        start, gauge = self.size, Gauge(room, checksum)
        self._mark(DIRTY if checksum is None else b"%d" % start)
        try:
            with self.ground.room():
                end = self._write(map(gauge.pass_on, chunks))
            gauge.settle()
        except BaseException as error:
            if checksum is not None or isinstance(error, NOT_KEPT):
                self._cut_back(start)
            self._settle()
            raise
        self._settle()
        return end  # not the size now: whoever took over meanwhile may have written on

    def _write(self, chunks: Iterable[bytes]) -> int:
        """Where these bytes end. Raises Locked as soon as somebody has taken over."""
        at, mine = self.size, os.fstat(self.guard).st_ino
        for chunk in chunks:
            fcntl.flock(self.handle, fcntl.LOCK_EX)
            try:
                if _inode(self.lock) != mine:
                    raise locked()
                self._write_all(chunk, at)
            finally:
                fcntl.flock(self.handle, fcntl.LOCK_UN)
            if self._digested == at:
                self._digest.update(chunk)
                self._digested += len(chunk)
            at += len(chunk)
        return at

    def _write_all(self, chunk: bytes, at: int) -> None:
        view = memoryview(chunk)
        while view:
            done = os.pwrite(self.handle, view, at)
            view, at = view[done:], at + done

    def _cut_back(self, start: int) -> None:
        with _alone(self.handle):
            if _same(self.guard, self.lock):
                os.ftruncate(self.handle, start)
                self._digested = -1

    def _settle(self) -> None:
        with self.ground.room():
            os.fdatasync(self.handle)  # the bytes and the size; times are not evidence
        self._mark(b"")

    def _mark(self, state: bytes) -> None:
        os.ftruncate(self.guard, 0)
        os.pwrite(self.guard, state, 0)

    def finish(self) -> Received:
        received = self.ground.root / "incoming" / f"{self.path.name}.{os.getpid()}.{self.guard}"
        self.ground.make_folder(received.parent)
        os.fchmod(self.handle, READ_ONLY)
        received.unlink(missing_ok=True)
        os.link(self.path, received)
        digest = self._sha256()
        forget_pages(self.handle)
        return Received(received, digest, self.size, settled=True)

    def _sha256(self) -> str:
        if self._digested == self.size:
            return str(self._digest.hexdigest())
        with self.path.open("rb") as whole:
            return hashlib.file_digest(whole, "sha256").hexdigest()

    def drop(self) -> None:
        self._made = False
        with _alone(self.handle):
            if _same(self.guard, self.lock):
                self.path.unlink(missing_ok=True)
                self.lock.unlink(missing_ok=True)

    def let_go(self) -> None:
        """The name of a new file is made as durable as its bytes, one without bytes goes again; then the locks fall."""
        try:
            if self.size == 0:
                self.drop()
            elif self._made:
                self.ground.sync_folder(self.path.parent)
        finally:
            os.close(self.handle)
            os.close(self.guard)


class DiskPieces:
    """Pieces in `root/pieces/<upload>`."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._folder = ground, ground.root / "pieces"

    @contextlib.contextmanager
    def take(self, upload: UUID, *, patience_s: float) -> Iterator[DiskPiece]:
        path = self._folder / str(upload)
        lock = path.with_name(path.name + LOCK)
        with self._ground.room():
            self._ground.make_folder(self._folder)
            guard = self._locked(path, lock, patience_s)
            held = self._held(path, lock, guard)
        try:
            held.recover()
            yield held
        finally:
            held.let_go()

    def _held(self, path: Path, lock: Path, guard: int) -> DiskPiece:
        try:
            handle = _open_bytes(path)
        except BaseException:
            os.close(guard)
            raise
        return DiskPiece(self._ground, path, lock, handle, guard)

    def _locked(self, path: Path, lock: Path, patience_s: float) -> int:
        """The long lock, waited for or taken over."""
        deadline, before = time.monotonic() + patience_s, _footprint(path)
        while True:
            guard = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
            if _won(guard) and _same(guard, lock):
                return guard
            late = time.monotonic() >= deadline
            if late and _footprint(path) == before:
                return self._taken_over(path, lock, guard)
            os.close(guard)
            if late:
                raise locked()
            time.sleep(GLANCE_S)

    def _taken_over(self, path: Path, lock: Path, old: int) -> int:
        """A new lock in the place of `old`, unless somebody else was quicker."""
        fresh = lock.with_name(f"{lock.name}.{os.getpid()}.{old}")
        handle = _open_bytes(path)
        try:
            with _alone(handle):
                if not _same(old, lock):
                    raise locked()
                guard = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
                fcntl.flock(guard, fcntl.LOCK_EX)
                os.pwrite(guard, os.pread(old, 20, 0), 0)
                os.replace(fresh, lock)
                return guard
        finally:
            os.close(handle)
            os.close(old)

    def names(self) -> list[UUID]:
        if not self._folder.is_dir():
            return []
        found = {path.name.partition(".")[0] for path in self._folder.iterdir()}
        return sorted(UUID(name) for name in found)

    def remove(self, upload: UUID) -> None:
        for path in self._folder.glob(f"{upload}*"):
            path.unlink(missing_ok=True)


def _won(guard: int) -> bool:
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open_bytes(path: Path) -> int:
    """For writing, or for reading alone when it has been finished and sealed already."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except PermissionError:
        return os.open(path, os.O_RDONLY)
