"""本机磁盘上的存储。

An upload goes to a temporary file on the same file system, is synced, then hard-linked to its digest name: `link` fails when the
name exists, so an original can never be overwritten, and the same bytes twice are simply the same file. Folders are synced after
a name enters them, so that a power cut cannot take an acknowledged photo away.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from server.domain.errors import Missing
from server.storage.disk_pieces import DiskPieces, Ground
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


@contextlib.contextmanager
def _disk_room() -> Iterator[None]:
    """A full disk as the refusal a phone understands."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise storage_full() from error
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_synced(path: Path, chunks: Iterable[bytes]) -> None:
    """A new file on the disk, not only in its cache; nothing stays when it cannot be finished."""
    try:
        with path.open("xb") as out:
            for chunk in chunks:
                out.write(chunk)
            out.flush()
            os.fchmod(out.fileno(), READ_ONLY)
            os.fdatasync(out.fileno())  # the bytes and the size; times are not evidence
    except BaseException:
        path.unlink(missing_ok=True)
        raise


class DiskStorage:
    """Originals in `root/ab/cd/<digest>`, previews in `root/derived/…`, uploads under way in `root/incoming` and `root/pieces`."""

    def __init__(self, root: str | Path) -> None:
        self._root = Path(root)
        #: Folders whose own entry this process knows to be on the disk.
        self._settled: set[Path] = set()
        self.pieces = DiskPieces(Ground(self._root, self._make_folder, lambda f: _sync_folder(f), _disk_room))

    @property
    def _incoming(self) -> Path:
        return self._root / "incoming"

    def _place(self, digest: str) -> Path:
        checked_digest(digest)
        return self._root / digest[:2] / digest[2:4] / digest

    def _derived(self, digest: str, kind: str) -> Path:
        checked_digest(digest)
        return self._root / "derived" / digest[:2] / digest[2:4] / f"{digest}.{checked_kind(kind)}"

    def _settle(self, folder: Path) -> None:
        """Put a folder's names on the disk, and the names of the folders it stands in.

        Afterwards, all together and the innermost first: a file system with a journal then writes once what it would write
        at every level. A folder another process has just made is synced here too.
        """
        _sync_folder(folder)
        fresh = []
        while folder not in self._settled and folder != folder.parent:
            fresh.append(folder)
            _sync_folder(folder.parent)
            if folder == self._root:
                break
            folder = folder.parent
        self._settled.update(fresh)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder whose entry is on the disk when this returns."""
        if folder not in self._settled or not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            self._settle(folder)

    def receive(self, chunks: Iterable[bytes], *, limit: int, expect: str | None = None) -> Received:
        path, meter = self._incoming / uuid4().hex, Meter(limit)
        with _disk_room():
            self._incoming.mkdir(parents=True, exist_ok=True)
            _write_synced(path, meter.through(chunks))
        received = Received(path, meter.sha256, meter.size)
        try:
            meter.expect(expect)
        except BaseException:
            self.discard(received)
            raise
        return received

    def promote(self, received: Received) -> str:
        place = self._place(received.sha256)
        with _disk_room():
            place.parent.mkdir(parents=True, exist_ok=True)
            self._set_damaged_aside(place, received)
            try:
                os.link(received.path, place)
            except FileExistsError:
                pass
            except FileNotFoundError:
                if not place.is_file():
                    raise Missing("upload-not-found", "这次上传的临时文件已不在，请重传。") from None
            self._settle(place.parent)
        received.path.unlink(missing_ok=True)
        return received.sha256

    def _set_damaged_aside(self, place: Path, received: Received) -> None:
        """A file of another size under this digest is no original but the victim of a broken disk; the good bytes are here."""
        with contextlib.suppress(FileNotFoundError):
            if place.stat().st_size != received.size and received.path.is_file():
                place.rename(place.with_name(f"{place.name}.damaged-{uuid4().hex}"))

    def discard(self, received: Received) -> None:
        received.path.unlink(missing_ok=True)

    def open(self, sha256: str) -> BinaryIO:
        return self.local_path(sha256).open("rb")

    def local_path(self, sha256: str) -> Path:
        place = self._place(sha256)
        if not place.is_file():
            raise original_missing(sha256)
        return place

    def stat(self, sha256: str) -> Stored:
        return Stored(sha256, self.local_path(sha256).stat().st_size)

    def exists(self, sha256: str) -> bool:
        return self._place(sha256).is_file()

    def remove(self, sha256: str) -> bool:
        place = self._place(sha256)
        derived = self._derived(sha256, "any").parent
        for made in derived.glob(f"{sha256}.*") if derived.is_dir() else ():
            made.unlink(missing_ok=True)
        try:
            place.unlink()
        except FileNotFoundError:
            return False
        _sync_folder(place.parent)
        return True

    def put_derived(self, sha256: str, kind: str, data: bytes) -> None:
        place, made = self._derived(sha256, kind), self._incoming / uuid4().hex
        with _disk_room():
            self._incoming.mkdir(parents=True, exist_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            _write_synced(made, [data])
            made.replace(place)
            self._settle(place.parent)

    def open_derived(self, sha256: str, kind: str) -> BinaryIO:
        try:
            return self._derived(sha256, kind).open("rb")
        except FileNotFoundError:
            raise derived_missing() from None

    def sweep(self, older_than: timedelta) -> int:
        if not self._incoming.is_dir():
            return 0
        limit, gone = time.time() - older_than.total_seconds(), 0
        for path in self._incoming.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < limit:
                    path.unlink()
                    gone += 1
        return gone
