"""本机磁盘上的存储。

An upload goes to a temporary file on the same file system, is synced, then hard-linked to its digest name: `link` fails
when the name exists, so an original can never be overwritten, and the same bytes twice are simply the same file.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import time
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from server.domain.errors import Missing, NotReady, TooLarge
from server.storage.port import Received

_DIGEST = re.compile(r"\A[0-9a-f]{64}\Z")
_KIND = re.compile(r"\A[a-z0-9-]{1,20}\Z")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class DiskStorage:
    """Originals in `root/ab/cd/<digest>`, previews in `root/derived/…`, uploads under way in `root/incoming`."""

    def __init__(self, root: str | Path) -> None:
        self._root = Path(root)

    @property
    def _incoming(self) -> Path:
        return self._root / "incoming"

    def _place(self, digest: str) -> Path:
        if not _DIGEST.match(digest):
            raise Missing("original-not-found", "没有这件原件。")
        return self._root / digest[:2] / digest[2:4] / digest

    def _derived(self, digest: str, kind: str) -> Path:
        if not _DIGEST.match(digest) or not _KIND.match(kind):
            raise Missing("derived-not-found", "没有这件副本。")
        return self._root / "derived" / digest[:2] / digest[2:4] / f"{digest}.{kind}"

    def receive(self, chunks: Iterable[bytes], *, limit: int) -> Received:
        self._incoming.mkdir(parents=True, exist_ok=True)
        path = self._incoming / uuid4().hex
        digest, size = new_sha256(), 0
        try:
            with path.open("xb") as out:
                for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge(
                            "upload-too-large", f"文件超过上限 {limit // 1024 // 1024} MB。", facts={"limit": limit}
                        )
                    digest.update(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NotReady("storage-full", "服务器磁盘已满，照片请留在手机上稍后再传。", retry_after=300) from error
            raise
        return Received(path, digest.hexdigest(), size)

    def promote(self, received: Received) -> None:
        place = self._place(received.sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        received.path.chmod(0o444)
        with contextlib.suppress(FileExistsError):
            os.link(received.path, place)
        _sync_folder(place.parent)
        received.path.unlink(missing_ok=True)

    def discard(self, received: Received) -> None:
        received.path.unlink(missing_ok=True)

    def open(self, sha256: str) -> BinaryIO:
        return self.local_path(sha256).open("rb")

    def local_path(self, sha256: str) -> Path:
        place = self._place(sha256)
        if not place.is_file():
            raise Missing("original-not-found", "没有这件原件。", facts={"sha256": sha256})
        return place

    def exists(self, sha256: str) -> bool:
        return self._place(sha256).is_file()

    def put_derived(self, sha256: str, kind: str, data: bytes) -> None:
        place = self._derived(sha256, kind)
        place.parent.mkdir(parents=True, exist_ok=True)
        made = place.with_suffix(f".{uuid4().hex}")
        made.write_bytes(data)
        made.replace(place)

    def open_derived(self, sha256: str, kind: str) -> BinaryIO:
        place = self._derived(sha256, kind)
        if not place.is_file():
            raise Missing("derived-not-found", "没有这件副本，或还没有做好。")
        return place.open("rb")

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
