"""CSV（RFC 4180）：逐行生成，不在内存里攒全表。

Two variants: `spreadsheet` (UTF-8 with BOM, so that Excel and WPS read Chinese, and text that a spreadsheet
would run as a formula gets a leading apostrophe) and plain (no BOM, cells as they are) for programs.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_BOM = b"\xef\xbb\xbf"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_FLUSH_CHARS = 32_768


def write_csv(
    columns: Sequence[tuple[str, str]],
    rows: Iterable[Mapping[str, Any]],
    *,
    spreadsheet: bool = True,
) -> Iterator[bytes]:
    """Yield a table: `columns` are (key, heading) in order, every row is a mapping, None is an empty cell.

    Lists become one cell joined with 、; numbers stay numbers and are never given an apostrophe.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    if spreadsheet:
        yield _BOM
    writer.writerow(heading for _, heading in columns)
    for row in rows:
        writer.writerow([_cell(row.get(key), spreadsheet) for key, _ in columns])
        if buffer.tell() >= _FLUSH_CHARS:
            yield _drained(buffer)
    yield _drained(buffer)


def _drained(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _cell(value: Any, spreadsheet: bool) -> Any:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = "、".join(str(part) for part in value)
    if isinstance(value, str):
        return neutralise_formula(value) if spreadsheet else value
    return value


def neutralise_formula(text: str) -> str:
    """Return text that a spreadsheet shows instead of running."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
