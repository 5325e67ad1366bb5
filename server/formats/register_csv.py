"""名录库的 CSV：UTF-8（有无 BOM 都认）或 GB18030，逐行读。"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from server.domain.errors import Invalid, TooLarge
from server.domain.register_columns import Cell, Formula
from server.formats.register_xlsx import MAX_COLUMNS, MAX_ROWS, SheetRow

PIECE = 256 * 1024
# What a spreadsheet that opens this file would run: `=…`, and `+ - @` before anything but a number.
_NUMBER = re.compile(r"[+-][\d\s.,()-]*")


def read_register_csv(file: BinaryIO) -> Iterator[SheetRow]:
    """Rows with what stands in them as text, blank rows left out.

    Raises Invalid `csv-encoding-unknown` (neither UTF-8 nor GB18030), `csv-invalid` (quotes that never close, a cell over 128
    KiB) and TooLarge `spreadsheet-too-large` beyond 60,000 rows.
    """
    encoding = detect_encoding(file)
    file.seek(0)
    lines = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        yield from _rows(csv.reader(lines, strict=True))
    except csv.Error as error:
        raise Invalid("csv-invalid", "CSV 的引号不成对、含有不允许的字符或某一格过长。") from error
    finally:
        lines.detach()


def _rows(reader: Iterator[list[str]]) -> Iterator[SheetRow]:
    for number, texts in enumerate(reader, start=1):
        if not any(text.strip() for text in texts):
            continue
        if number > MAX_ROWS:
            raise TooLarge("spreadsheet-too-large", f"表格超过 {MAX_ROWS} 行，请分成几份。")
        yield SheetRow(number, tuple(_cell(text) for text in texts[:MAX_COLUMNS]))


def _cell(text: str) -> Cell:
    bare = text.strip()
    if not bare:
        return None
    if bare[0] == "=" or (bare[0] in "+-@" and not _NUMBER.fullmatch(bare)):
        return Formula(bare)
    return text


def detect_encoding(file: BinaryIO) -> str:
    """`utf-8-sig` or `gb18030`, whichever reads the whole file; raises Invalid `csv-encoding-unknown`."""
    for encoding in ("utf-8-sig", "gb18030"):
        if _decodes(file, encoding):
            return encoding
    raise Invalid("csv-encoding-unknown", "文件既不是 UTF-8 也不是 GB18030，请另存为 CSV UTF-8。")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := file.read(PIECE):
            if "\0" in decoder.decode(piece):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
