"""清单：每个导出文件的条数、字节数和 SHA-256，边写边算，内存不随数据增长。"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from server.formats.jsonfile import dump_json

FORMAT = "manifest/1"
T = TypeVar("T")


class CountedRows(Generic[T]):
    """Rows passed through once and counted; `count` is final when the rows are used up."""

    def __init__(self, rows: Iterable[T]) -> None:
        self._rows = iter(rows)
        self.count = 0

    def __iter__(self) -> Iterator[T]:
        for row in self._rows:
            self.count += 1
            yield row


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """What a manifest says about one file."""

    name: str
    media_type: str
    rows: int
    size: int
    sha256: str


class MeasuredFile:
    """Chunks passed through once while size and digest are computed.

    Use: iterate it to the end (writing the chunks), then call `facts`. RuntimeError when read before the end.
    """

    def __init__(self, name: str, media_type: str, rows: CountedRows[T], chunks: Iterable[bytes]) -> None:
        self.name = name
        self.media_type = media_type
        self._rows = rows
        self._chunks = iter(chunks)
        self._sha256 = hashlib.sha256()
        self._size = 0
        self._done = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._sha256.update(chunk)
            self._size += len(chunk)
            yield chunk
        self._done = True

    def facts(self) -> ExportedFile:
        """Return rows, size and digest of the finished file."""
        if not self._done:
            raise RuntimeError(f"{self.name} has not been read to its end")
        return ExportedFile(self.name, self.media_type, self._rows.count, self._size, self._sha256.hexdigest())


def build_manifest(
    files: Iterable[ExportedFile], *, generated_at: datetime, snapshot: str, title: str, licence: str
) -> bytes:
    """Return the manifest as canonical JSON, files in order of name; `generated_at` is aware."""
    ordered = sorted(files, key=lambda file: file.name)
    described = [
        {
            "name": file.name,
            "media_type": file.media_type,
            "rows": file.rows,
            "bytes": file.size,
            "sha256": file.sha256,
        }
        for file in ordered
    ]
    document = {
        "format": FORMAT,
        "title": title,
        "licence": licence,
        "snapshot": snapshot,
        "generated_at": generated_at.isoformat(),
        "files": described,
    }
    return dump_json(document) + b"\n"
