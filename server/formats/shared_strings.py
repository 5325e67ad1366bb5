"""表格的共用文字表：放在磁盘上，按号取，不全读进内存。

Spreadsheet programs keep every text once in a table of its own; a list of fifty thousand projects has half a million of them.
The library would hold them all; here they stand in a temporary file and only their places are remembered, eight bytes each.
"""

from __future__ import annotations

import os
from array import array
from contextlib import closing
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO

from openpyxl.cell.text import Text
from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

STRING_TAG = f"{{{SHEET_MAIN_NS}}}si"


class SharedStrings:
    """Texts by number; raises IndexError for a number that is not there."""

    def __init__(self) -> None:
        self._file: IO[bytes] = TemporaryFile(buffering=1 << 16)  # noqa: SIM115 - lives as long as the workbook
        self._ends = array("Q", [0])
        self._flushed = True

    def append(self, text: str) -> None:
        self._ends.append(self._ends[-1] + self._file.write(text.encode("utf-8", "replace")))
        self._flushed = False

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self):
            raise IndexError(number)
        if not self._flushed:
            self._file.flush()
            self._flushed = True
        start, end = self._ends[number], self._ends[number + 1]
        return os.pread(self._file.fileno(), end - start, start).decode()

    def close(self) -> None:
        self._file.close()


def fill(strings: SharedStrings, source: IO[bytes]) -> None:
    """Add every text of a table, letting go of each element as soon as it has been read."""
    root: Any = None
    for event, node in iterparse(source, events=("start", "end")):
        if root is None:
            root = node
        if event == "end" and node.tag == STRING_TAG:
            text: Any = Text.from_tree(node)
            strings.append(text.content.replace("x005F_", ""))
            root.clear()


class StreamingReader(ExcelReader):
    """The library's read-only reader with its texts on disk."""

    package: Manifest
    shared_strings: Any

    def __init__(self, file: BinaryIO, strings: SharedStrings) -> None:
        super().__init__(file, read_only=True, keep_links=False)
        self.shared_strings = strings

    def read_strings(self) -> None:
        part: Any = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        if part is not None:
            with closing(self.archive.open(part.PartName[1:])) as source:
                fill(self.shared_strings, source)
