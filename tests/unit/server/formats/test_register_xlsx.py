"""名录库的 XLSX：逐行读，公式不算，出去的格子从不运行。"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from server.domain.errors import Invalid, TooLarge
from server.domain.register_columns import Column, ErrorCell, Formula, RegisterRoom, cell_text
from server.domain.register_sheets import COLUMNS
from server.formats import register_xlsx
from server.formats.register_xlsx import (
    SheetRow,
    read_register_xlsx,
    write_register_xlsx,
    write_table_xlsx,
    write_template,
)
from tests.factories.sheets import as_excel_saves, bomb, saved

TEXT = [Column("a", "甲", cell_text, required=True), Column("b", "乙", cell_text)]
RISKY = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "=cmd|' /C calc'!A0"]


def read(data: bytes) -> list[list[SheetRow]]:
    return [list(rows) for rows in read_register_xlsx(io.BytesIO(data))]


def test_cells_come_as_what_they_are() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["文字", 3, 2.5, True, datetime(2026, 9, 1), None, "x"])
    sheet["H1"] = "=1+1"
    sheet["I1"] = ArrayFormula("I1:I2", "=SUM(A1:A3)")
    sheet["J1"] = "#REF!"
    sheet["A4"] = "第四行"
    first, fourth = read(saved(book))[0]
    assert first.cells[:7] == ("文字", 3, 2.5, True, datetime(2026, 9, 1), None, "x")
    assert first.cells[7:] == (Formula("=1+1"), Formula("=SUM(A1:A3)"), ErrorCell("#REF!"))
    assert (fourth.number, fourth.cells[0]) == (4, "第四行")


def test_texts_kept_in_a_table_of_their_own_are_read_alike() -> None:
    book = Workbook()
    for number in range(50):
        book.worksheets[0].append([f"名称 {number % 7} & <符号>", number, "同样的字"])
    inline, shared = saved(book), as_excel_saves(saved(book))
    assert b"sharedStrings" in shared
    assert read(shared) == read(inline)


def test_hidden_sheets_are_passed_over() -> None:
    book = Workbook()
    book.worksheets[0].append(["看得见"])
    hidden = book.create_sheet("藏")
    hidden.append(["看不见"])
    hidden.sheet_state = "hidden"
    assert [[row.cells for row in rows] for rows in read(saved(book))] == [[("看得见",)]]


def test_what_goes_out_is_text_of_type_string_and_comes_back_the_same() -> None:
    stream = io.BytesIO()
    assert write_register_xlsx(stream, "表", TEXT, [[word, 12.5] for word in RISKY], ["=说明"]) == len(RISKY)
    book = load_workbook(io.BytesIO(stream.getvalue()))
    cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert [c.value for c in cells] == RISKY
    assert all(c.data_type == "s" and c.quotePrefix for c in cells)
    assert book.worksheets[1]["A1"].data_type == "s"
    rows = read(stream.getvalue())[0]
    assert [row.cells for row in rows[1:]] == [(word, 12.5) for word in RISKY]
    with zipfile.ZipFile(stream) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("word", ["\t=1", "\r=1"])
def test_a_leading_tab_or_return_gets_an_apostrophe(word: str) -> None:
    stream = io.BytesIO()
    write_table_xlsx(stream, "表", ["甲"], [[word]])
    cell = load_workbook(io.BytesIO(stream.getvalue())).worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")


def test_signs_no_spreadsheet_can_hold_are_left_out_and_long_texts_cut() -> None:
    stream = io.BytesIO()
    write_table_xlsx(stream, "表", ["甲", "乙"], [["a\x00b\x0bc\ufffe", "长" * 40_000]])
    cells = read(stream.getvalue())[0][1].cells
    assert (cells[0], len(str(cells[1]))) == ("abc", 32_767)


@pytest.mark.parametrize("room", RegisterRoom)
def test_a_template_shows_every_column_and_an_example(room: RegisterRoom) -> None:
    stream = io.BytesIO()
    write_template(stream, "表", COLUMNS[room])
    book = load_workbook(io.BytesIO(stream.getvalue()))
    header = [c.value for c in book.worksheets[0][1]]
    assert header == [f"{c.header}{' *' if c.required else ''}" for c in COLUMNS[room]]
    assert len(list(book.worksheets[1].iter_rows())) == len(COLUMNS[room]) + 1


def test_a_bomb_of_a_hundred_megabytes_is_refused_before_it_is_opened() -> None:
    data = bomb(100)
    assert len(data) < 200_000
    with pytest.raises(TooLarge) as refusal:
        read(data)
    assert refusal.value.code == "archive-too-large"


def replaced(name: str, content: bytes) -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.worksheets[0].append(["x"])
    with zipfile.ZipFile(io.BytesIO(saved(book))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, content)
    return out.getvalue()


def test_texts_and_styles_kept_in_memory_are_bounded() -> None:
    with pytest.raises(TooLarge):
        read(replaced("xl/styles.xml", b"<a/>" * 2_100_000))
    with pytest.raises(TooLarge):
        read(replaced("xl/sharedStrings.xml", b"<si/>" * 8_100_000))


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("content", [b"", b"<broken", b"<a>\xff</a>"])
def test_broken_insides_are_a_refusal(name: str, content: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        read(replaced(name, content))
    assert refusal.value.code == "spreadsheet-invalid"


def test_a_sheet_that_breaks_off_in_the_middle_is_a_refusal() -> None:
    book, out = Workbook(), io.BytesIO()
    for number in range(3000):
        book.worksheets[0].append([f"第 {number} 行"])
    data = saved(book)
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, content[:-9000] if part.endswith("sheet1.xml") else content)
    sheets = read_register_xlsx(io.BytesIO(out.getvalue()))
    rows = next(sheets)
    assert next(rows).cells == ("第 0 行",)
    with pytest.raises(Invalid) as refusal:
        list(rows)
    assert refusal.value.code == "spreadsheet-invalid"


def test_not_a_workbook() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(Invalid) as refusal:
        read(stream.getvalue())
    assert refusal.value.code == "spreadsheet-invalid"


def test_rows_are_bounded_and_far_away_blank_rows_are_not_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_xlsx, "MAX_ROWS", 3)
    book = Workbook()
    for number in range(3):
        book.worksheets[0].append([number])
    book.worksheets[0].cell(100, 1).value = None
    assert len(read(saved(book))[0]) == 3
    book.worksheets[0].cell(101, 1).value = "多了"
    with pytest.raises(TooLarge) as refusal:
        read(saved(book))
    assert refusal.value.code == "spreadsheet-too-large"
