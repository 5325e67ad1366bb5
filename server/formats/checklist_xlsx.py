"""检查单与 XLSX 互换：导出给人改，导入逐行报错。

Every cell is written as text and can never start a live formula. A file that comes in is bounded before it is
opened (bytes, parts, unpacked size, no document types); formulas in it are refused, not evaluated.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, BinaryIO

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from server.domain.checklists import Checklist
from server.domain.errors import FieldError, Invalid, TooLarge
from server.domain.vocabulary import Vocabulary
from server.formats.checklist_cells import (
    FRAME,
    KIND,
    LINK,
    SEVERITY,
    SHEETS,
    CellError,
    Column,
    Words,
    read_cell,
    write_cell,
)
from server.formats.checklist_shape import file_shape

MAX_BYTES = 5_000_000
MAX_UNPACKED = 40_000_000
MAX_PARTS = 100
MAX_ROWS = 5000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CHILDREN = {"依据": "basis", "处置": "disposition", "规则": "rules", "限值": "limits"}


@dataclass(frozen=True, slots=True)
class RowError:
    """One wrong cell: sheet, row as the person sees it (0 = the sheet itself), column header, Chinese
    reason.
    """

    sheet: str
    row: int
    column: str
    reason: str


@dataclass(slots=True)
class Imported:
    """What a workbook held: the file shape for `schemas.checklist_file`, its errors, and where each part
    stood.
    """

    data: dict[str, Any] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)

    def explain(self, errors: Iterable[FieldError]) -> list[RowError]:
        """Errors of the shape, told by sheet, row and column instead of pointers."""
        return [self._explain(e) for e in errors]

    def _explain(self, error: FieldError) -> RowError:
        pointer = error.pointer.rstrip("/")
        rest: list[str] = []
        while pointer and pointer not in self.places:
            pointer, _, last = pointer.rpartition("/")
            rest.insert(0, last)
        sheet, row = self.places.get(pointer, ("检查表", 2))
        key = rest[0] if rest else ""
        header = next((c.header for c in SHEETS[sheet] if c.key == key), "")
        return RowError(sheet, row, header, error.reason)


def _words(vocabulary: Vocabulary | None) -> Words:
    tables: dict[str, Mapping[str, str]] = {
        "severities": SEVERITY,
        "frames": FRAME,
        "links": LINK,
        "kinds": KIND,
    }
    if vocabulary is not None:
        for name in ("parties", "five_stricts"):
            tables[name] = {code: term.title for code, term in vocabulary.terms[name].items()}
    return tables


# ------------------------------------------------------------------------------------------- export


def export_checklist(checklist: Checklist, vocabulary: Vocabulary | None = None) -> bytes:
    """XLSX bytes with one sheet per kind of row; with a vocabulary, parties are written in Chinese."""
    words = _words(vocabulary)
    book = Workbook()
    book.remove(book.worksheets[0])
    rows = _export_rows(file_shape(checklist))
    for sheet, columns in SHEETS.items():
        _write_sheet(book.create_sheet(sheet), columns, rows[sheet], words)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _export_rows(data: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {sheet: [] for sheet in SHEETS}
    rows["检查表"].append(data)
    for section in data["sections"]:
        rows["节"].append(section)
        for item in section["items"]:
            rows["条目"].append({**item, **item.get("samples", {})})
            for sheet, key in _CHILDREN.items():
                rows[sheet] += [{**child, "item": item["code"]} for child in item.get(key, ())]
    return rows


def _write_sheet(sheet: Worksheet, columns: tuple[Column, ...], rows: list[dict[str, Any]], words: Words) -> None:
    for at, column in enumerate(columns, start=1):
        sheet.cell(1, at, column.header).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = 60 if column.key == "text" else 16
    for number, row in enumerate(rows, start=2):
        for at, column in enumerate(columns, start=1):
            _write_text(sheet, number, at, write_cell(column, row.get(column.key), words))
    sheet.freeze_panes = "B2"


def _write_text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """A text cell, whatever it begins with: never a formula, not even after editing."""
    if not text:
        return
    cell = sheet.cell(row, column)
    cell.value = text
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if text.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True  # type: ignore[misc]


# ------------------------------------------------------------------------------------------- import


def import_checklist(stream: BinaryIO, vocabulary: Vocabulary | None = None) -> Imported:
    """Read a workbook into the file shape, with every wrong cell named.

    Raises `TooLarge` (`spreadsheet-too-large`) and `Invalid` (`spreadsheet-invalid`) for files that are
    not opened
    at all; wrong cells are `errors` of the result.
    """
    content = stream.read(MAX_BYTES + 1)
    _guard(content)
    result = Imported()
    words = _words(vocabulary)
    try:
        with closing(load_workbook(BytesIO(content), read_only=True, keep_links=False)) as book:
            tables = {n: list(_read_sheet(book, n, c, words, result)) for n, c in SHEETS.items()}
    except (KeyError, ValueError, IndexError, TypeError, AttributeError, SyntaxError, OSError) as error:
        raise Invalid("spreadsheet-invalid", "表格内部结构已损坏，无法读取") from error
    _assemble(tables, result)
    return result


def _guard(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise TooLarge("spreadsheet-too-large", f"表格不得超过 {MAX_BYTES} 字节")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(p.file_size for p in parts) > MAX_UNPACKED:
                raise TooLarge("spreadsheet-too-large", "表格解开后过大")
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= {p.filename for p in parts}:
                raise Invalid("spreadsheet-invalid", "不是 XLSX 表格")
            if any(b"<!DOCTYPE" in archive.read(p) for p in parts if p.filename.endswith((".xml", ".rels"))):
                raise Invalid("spreadsheet-invalid", "表格含有不允许的内容")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Invalid("spreadsheet-invalid", "不是 XLSX 表格，或文件已损坏") from None


def _read_sheet(
    book: Workbook, name: str, columns: tuple[Column, ...], words: Words, result: Imported
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of one sheet as (row number, values); wrong cells go to `result.errors`."""
    if name not in book.sheetnames:
        result.errors.append(RowError(name, 0, "", "缺少这张工作表"))
        return
    sheet = book[name]
    rows = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=len(columns) + 10)
    header = [str(c.value or "").strip() for c in next(rows, ())]
    places = _columns_at(name, header, columns, result)
    for number, cells in enumerate(rows, start=2):
        if number > MAX_ROWS + 1:
            result.errors.append(RowError(name, number, "", f"超过 {MAX_ROWS} 行"))
            return
        if any(c.value not in (None, "") for c in cells):
            yield number, _read_row(name, number, cells, places, words, result)


def _columns_at(
    name: str, header: list[str], columns: tuple[Column, ...], result: Imported
) -> list[tuple[int, Column]]:
    known = {c.header: c for c in columns}
    for text in (h for h in header if h and h not in known):
        result.errors.append(RowError(name, 1, text[:40], "没有这一列"))
    for column in columns:
        if column.required and column.header not in header:
            result.errors.append(RowError(name, 1, column.header, "缺少这一列"))
    return [(header.index(c.header), c) for c in columns if c.header in header]


def _read_row(
    name: str,
    number: int,
    cells: tuple[Any, ...],
    places: list[tuple[int, Column]],
    words: Words,
    result: Imported,
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for at, column in places:
        cell = cells[at] if at < len(cells) else None
        try:
            if cell is not None and cell.data_type == "f":
                raise CellError("不接受公式，请填写值")
            if cell is not None and cell.data_type == "e":
                raise CellError("单元格是错误值")
            value = read_cell(column, cell.value if cell is not None else None, words)
        except CellError as error:
            result.errors.append(RowError(name, number, column.header, str(error)))
            continue
        if value is not None:
            row[column.key] = value
    return row


# ------------------------------------------------------------------------------------------- assembly


def _assemble(tables: dict[str, list[tuple[int, dict[str, Any]]]], result: Imported) -> None:
    """Put sections, items and their rows together and remember where each came from."""
    head = tables["检查表"]
    if len(head) != 1:
        result.errors.append(RowError("检查表", 2, "", "应恰有一行"))
    result.data = dict(head[0][1]) if head else {}
    result.places[""] = ("检查表", 2)
    sections = result.data["sections"] = [dict(row) for _, row in tables["节"]]
    for at, (number, _) in enumerate(tables["节"]):
        result.places[f"/sections/{at}"] = ("节", number)
    by_code = _assemble_items(tables["条目"], sections, result)
    for sheet, key in _CHILDREN.items():
        for number, row in tables[sheet]:
            _attach(sheet, key, number, row, by_code, result)


def _assemble_items(
    rows: list[tuple[int, dict[str, Any]]], sections: list[dict[str, Any]], result: Imported
) -> dict[str, tuple[str, dict[str, Any]]]:
    by_no = {s.get("no"): (n, s) for n, s in enumerate(sections)}
    by_code: dict[str, tuple[str, dict[str, Any]]] = {}
    for number, row in rows:
        code = str(row.get("code", ""))
        parts = code.split("-")
        found = by_no.get(parts[1]) if len(parts) == 3 else None
        if found is None:
            result.errors.append(RowError("条目", number, "条目代码", "代码里的节号不在“节”表中"))
            continue
        if code in by_code:
            result.errors.append(RowError("条目", number, "条目代码", f"代码 {code} 重复"))
            continue
        items = found[1].setdefault("items", [])
        pointer = f"/sections/{found[0]}/items/{len(items)}"
        item = _with_samples(row)
        items.append(item)
        by_code[code] = (pointer, item)
        result.places[pointer] = ("条目", number)
    return by_code


def _with_samples(row: dict[str, Any]) -> dict[str, Any]:
    item = {k: v for k, v in row.items() if k not in {"groups", "spare"}}
    if "groups" in row:
        item["samples"] = {"groups": row["groups"], "spare": row.get("spare", False)}
    return item


def _attach(
    sheet: str,
    key: str,
    number: int,
    row: dict[str, Any],
    by_code: dict[str, tuple[str, dict[str, Any]]],
    result: Imported,
) -> None:
    found = by_code.get(str(row.pop("item", "")))
    if found is None:
        result.errors.append(RowError(sheet, number, "条目代码", "“条目”表里没有这个代码"))
        return
    pointer, item = found
    children = item.setdefault(key, [])
    result.places[f"{pointer}/{key}/{len(children)}"] = (sheet, number)
    children.append(row)
