"""压缩包的护栏：没解开之前先量，解开时再量一遍，谁也不信。

What the directory says is judged first and costs nothing; then every part is unpacked once in pieces and thrown away, so that
lies in the directory, broken checksums, document types and endless runs are found before any reader keeps a byte.
"""

from __future__ import annotations

import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from server.domain.errors import Invalid, TooLarge

PIECE = 256 * 1024
SMALL = 1 << 20
_ROW_START = re.compile(rb"[<:]row[\s/>]")
# `<!DOCTYPE` in UTF-8 and in both UTF-16 orders: entities are never needed and never read.
_DOCTYPES = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Most bytes in all, entries, growth (unpacked over packed, from 1 MiB on), bytes between two `<` and between two rows."""

    total: int
    entries: int = 200
    growth: int = 100
    run: int = 1 << 20
    row: int = 4 << 20


@contextmanager
def open_zip(file: BinaryIO, bounds: Bounds) -> Iterator[zipfile.ZipFile]:
    """A zip file whose directory keeps within the bounds.

    Raises TooLarge `archive-too-large` before anything is unpacked, Invalid `archive-unreadable` for what is no zip, is broken
    or is encrypted, also when that shows only inside the block.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _judge_directory(archive, bounds)
            yield archive
    except _BROKEN as error:
        raise Invalid("archive-unreadable", "压缩包已损坏、有密码，或不是压缩包。") from error


def _judge_directory(archive: zipfile.ZipFile, bounds: Bounds) -> None:
    parts = archive.infolist()
    if len(parts) > bounds.entries:
        raise _too_large(f"里面有 {len(parts)} 个文件")
    total = sum(part.file_size for part in parts)
    if total > bounds.total:
        raise _too_large(f"解开后有 {total // SMALL} MB")
    for part in parts:
        if part.file_size > SMALL and part.file_size > bounds.growth * max(1, part.compress_size):
            raise _too_large(f"{part.filename[:60]} 解开后膨胀 {part.file_size // max(1, part.compress_size)} 倍")
    if len({part.filename for part in parts}) != len(parts):
        raise Invalid("archive-unreadable", "压缩包里有同名文件。")
    if sum(part.compress_size for part in parts) > archive.start_dir:
        raise Invalid("archive-unreadable", "压缩包里的文件互相重叠。")


def _too_large(why: str) -> TooLarge:
    return TooLarge("archive-too-large", f"压缩包{why}，超过上限。")


def walk_xml(archive: zipfile.ZipFile, bounds: Bounds) -> None:
    """Unpack every XML part once: count the bytes for real, refuse document types, endless runs and endless rows."""
    total = 0
    for part in archive.infolist():
        sheet = part.filename.startswith("xl/worksheets/")
        watch = _Watch(bounds, rows=sheet)
        with archive.open(part) as stream:
            while piece := stream.read(PIECE):
                total += len(piece)
                if total > bounds.total:
                    raise _too_large(f"解开后超过 {bounds.total // SMALL} MB")
                if part.filename.lower().endswith((".xml", ".rels", ".kml", ".vml")):
                    watch.see(piece)


def read_part(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """One part, whole; raises TooLarge beyond `limit` bytes."""
    with archive.open(name) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise _too_large(f"里的 {name[:60]} 超过 {limit // SMALL} MB")
    return data


def has_doctype(data: bytes) -> bool:
    """Whether a document declares a document type, in any encoding a reader would follow."""
    return any(word in data for word in _DOCTYPES)


class _Watch:
    """Looks at a part as it passes, remembering only a tail and two distances."""

    def __init__(self, bounds: Bounds, *, rows: bool) -> None:
        self.bounds, self.rows = bounds, rows
        self.tail = b""
        self.run = self.since_row = 0

    def see(self, piece: bytes) -> None:
        data = self.tail + piece
        if has_doctype(data):
            raise Invalid("archive-unreadable", "文件里有不允许的文档类型声明。")
        self._see_runs(piece)
        if self.rows:
            self._see_rows(data, len(piece))
        self.tail = data[-32:]

    def _see_runs(self, piece: bytes) -> None:
        runs = piece.split(b"<")
        self.run += len(runs[0])
        for length in (self.run, *map(len, runs[1:])):
            if length > self.bounds.run:
                raise _too_large("里有一格超过 1 MB")
        if len(runs) > 1:
            self.run = len(runs[-1])

    def _see_rows(self, data: bytes, grown: int) -> None:
        starts = [found.start() for found in _ROW_START.finditer(data)]
        gaps = [b - a for a, b in itertools.pairwise(starts)]
        first = self.since_row + grown if not starts else self.since_row + starts[0]
        if max([first, *gaps]) > self.bounds.row:
            raise _too_large("里有一行超过 4 MB")
        self.since_row = len(data) - starts[-1] if starts else self.since_row + grown
