"""名录库与 XLSX 互换：逐行读，逐行写，五万行也不在内存里攒全表。

A formula is never evaluated: its cell comes as `Formula` and is refused with its name. Every cell that goes out is text of
data type string, with the quote prefix where a spreadsheet might take it for a formula.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import IO, Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from server.domain.errors import Invalid, TooLarge
from server.domain.register_columns import Cell, Column, ErrorCell, Formula
from server.formats.csvfile import neutralise_formula
from server.formats.shared_strings import SharedStrings, StreamingReader
from server.formats.zipped import Bounds, open_zip, walk_xml

MAX_ROWS = 60_000
MAX_COLUMNS = 80
MAX_SHARED = 40_000_000
MAX_SMALL_PART = 8_000_000
BOUNDS = Bounds(total=300_000_000)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
LONGEST = 32_767
_LAST_ROW = 1_048_576
_UNREADABLE = (KeyError, ValueError, IndexError, TypeError, AttributeError, SyntaxError, OverflowError)
_BIG_PARTS = {"sharedstrings.xml": MAX_SHARED}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """一行：表格里的行号（从 1 起）和各格。"""

    number: int
    cells: tuple[Cell, ...]


def read_register_xlsx(file: BinaryIO) -> Iterator[Iterator[SheetRow]]:
    """The rows of each visible sheet in turn, blank rows left out; a sheet is to be left before the next is asked for.

    Raises TooLarge `archive-too-large` (bombs, from the directory alone), `spreadsheet-too-large` (a row beyond 60,000), Invalid
    `archive-unreadable` and `spreadsheet-invalid`.
    """
    with open_zip(file, BOUNDS) as archive:
        names = {part.filename for part in archive.infolist()}
        if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
            raise Invalid("spreadsheet-invalid", "不是 XLSX 表格")
        for part in archive.infolist():
            _bound_part(part.filename, part.file_size)
        walk_xml(archive, BOUNDS)
    file.seek(0)
    with closing(SharedStrings()) as strings, closing(_opened(file, strings)) as book:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield _rows(sheet)


@contextmanager
def _whole() -> Iterator[None]:
    """Whatever the library trips over is a broken file, also in the middle of a sheet."""
    try:
        yield
    except _UNREADABLE as error:
        raise Invalid("spreadsheet-invalid", "表格内部结构已损坏，无法读取。") from error


def _opened(file: BinaryIO, strings: SharedStrings) -> Any:
    with _whole():
        reader = StreamingReader(file, strings)
        reader.read()
        return reader.wb


def _bound_part(name: str, size: int) -> None:
    """What the library keeps whole in memory (texts, styles, the workbook) is bounded; sheets are streamed."""
    folder, base = posixpath.split(name.lower())
    if folder == "xl/worksheets" or folder.startswith("xl/media"):
        return
    if size > _BIG_PARTS.get(base, MAX_SMALL_PART):
        raise TooLarge("archive-too-large", f"表格里的 {name[:60]} 过大，超过上限。")


def _rows(sheet: Any) -> Iterator[SheetRow]:
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(), start=1)
    while True:
        with _whole():
            number, cells = next(rows, (0, ()))
        if number == 0 or number > _LAST_ROW:
            return
        if any(cell.value is not None for cell in cells[:MAX_COLUMNS]):
            if number > MAX_ROWS:
                raise TooLarge("spreadsheet-too-large", f"表格超过 {MAX_ROWS} 行，请分成几份。")
            yield SheetRow(number, tuple(_cell(cell) for cell in cells[:MAX_COLUMNS]))


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Formula(str(getattr(value, "text", value)))
    if cell.data_type == "e":
        return ErrorCell(str(value))
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, str | bool | int | float | date | datetime):
        return value
    return str(value)


# ------------------------------------------------------------------------------------------------ out


def write_register_xlsx(
    file: IO[bytes], title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], notes: Sequence[str] = ()
) -> int:
    """Write a sheet with the official headers and `rows` (values in the columns' order); returns how many rows.

    A second sheet holds the `notes`. Numbers stay numbers; everything else is text.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    _lay_out(sheet, columns)
    sheet.append([_header(sheet, column) for column in columns])
    count = 0
    for row in rows:
        sheet.append([text_cell(sheet, value) for value in row])
        count += 1
    if notes:
        page = book.create_sheet("填写说明")
        page.column_dimensions["A"].width = 100
        for note in notes:
            page.append([text_cell(page, note)])
    book.save(file)
    return count


def write_table_xlsx(file: IO[bytes], title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """A plain report: one sheet, bold headers, text cells; returns how many rows."""
    columns = [Column(header, header, lambda cell: cell) for header in headers]
    return write_register_xlsx(file, title, columns, rows)


def write_template(file: IO[bytes], title: str, columns: Sequence[Column]) -> None:
    """An empty sheet with one example row, and a page that explains every column."""
    notes = ["第一张表填数据；示例行请删去。带 * 的列必填。空白单元格表示不改动原值。不接受公式。长号码请用文本格式。"]
    notes += [_explained(column) for column in columns]
    write_register_xlsx(file, title, columns, [[column.example for column in columns]], notes)


def _explained(column: Column) -> str:
    words = f"{column.header}{'（必填）' if column.required else ''}"
    return words + (f"；也认：{'、'.join(column.synonyms)}" if column.synonyms else "")


def _lay_out(sheet: Any, columns: Sequence[Column]) -> None:
    for at, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = max(12, 2 * len(column.header) + 4)
    sheet.freeze_panes = "A2"


def _header(sheet: WriteOnlyWorksheet, column: Column) -> Any:
    cell = text_cell(sheet, f"{column.header}{' *' if column.required else ''}")
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True)
    return cell


def text_cell(sheet: WriteOnlyWorksheet, value: Any) -> Any:
    """A cell that shows its value and never runs it, not even after somebody has edited it."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = "".join(c for c in str(value) if c in "\n\t\r" or (ord(c) >= 32 and c not in "\ufffe\uffff"))[:LONGEST]
    cell = WriteOnlyCell(sheet)
    cell.value = text
    cell.data_type = "s"
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True
        if text[0] in "\t\r":
            cell.value = neutralise_formula(text)
            cell.data_type = "s"
    return cell
