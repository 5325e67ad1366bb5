"""表格互换：往返相等、逐行报错、公式与炸弹被拒。"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from schemas.checklist_file import load_checklist
from server.domain.errors import Invalid, TooLarge
from server.formats.checklist_shape import file_shape
from server.formats.checklist_xlsx import (
    MAX_BYTES,
    MAX_UNPACKED,
    RowError,
    export_checklist,
    import_checklist,
)
from tests.checklists.house import checklists, vocabulary

RMC = checklists()["RMC/2025.1"]
BYTES = export_checklist(RMC, vocabulary())


@pytest.mark.parametrize("name", sorted(checklists()))
@pytest.mark.parametrize("words", [True, False], ids=["chinese", "codes"])
def test_round_trip_is_equal(name: str, words: bool) -> None:
    known = vocabulary() if words else None
    result = import_checklist(BytesIO(export_checklist(checklists()[name], known)), known)
    assert result.errors == []
    assert load_checklist(result.data, vocabulary()) == checklists()[name]


def test_people_read_chinese_words() -> None:
    sheet = load_workbook(BytesIO(BYTES))["条目"]
    header = [c.value for c in sheet[1]]
    first = dict(zip(header, [c.value for c in sheet[2]], strict=True))
    assert (first["程度"], first["责任"], first["作答"]) == ("严重", "混凝土企业", "判定、文本")


def edit(change: Callable[[Any], object]) -> BytesIO:
    book = load_workbook(BytesIO(BYTES))
    change(book)
    stream = BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def column(book: Any, sheet: str, header: str) -> int:
    return [c.value for c in book[sheet][1]].index(header) + 1


def put(sheet: str, row: int, header: str, value: object) -> Callable[[Any], object]:
    def change(book: Any) -> None:
        book[sheet].cell(row, column(book, sheet, header)).value = value

    return change


WRONG = [
    (put("条目", 3, "程度", "很坏"), ("条目", 3, "程度", "很坏")),
    (put("条目", 3, "照片张数", "两张"), ("条目", 3, "照片张数", "数字")),
    (put("条目", 3, "照片张数", None), ("条目", 3, "照片张数", "不能为空")),
    (put("条目", 3, "检查内容", "=1+1"), ("条目", 3, "检查内容", "公式")),
    (put("限值", 2, "限值", '=HYPERLINK("http://x")'), ("限值", 2, "限值", "公式")),
    (put("限值", 2, "适用条件", "随便"), ("限值", 2, "适用条件", "形如")),
    (put("限值", 2, "起", "明天"), ("限值", 2, "起", "日期")),
    (put("依据", 2, "条目代码", "RMC-77-01"), ("依据", 2, "条目代码", "没有这个代码")),
    (put("条目", 3, "条目代码", "RMC-77-01"), ("条目", 3, "条目代码", "节号")),
    (put("条目", 3, "条目代码", "RMC-01-01"), ("条目", 3, "条目代码", "重复")),
    (put("节", 1, "五严", "六严"), ("节", 1, "六严", "没有这一列")),
    (put("节", 1, "节名", "别名"), ("节", 1, "节名", "缺少这一列")),
    (lambda b: b.remove(b["限值"]), ("限值", 0, "", "缺少")),
    (lambda b: b["检查表"].append(["RMC", "2025.1", "甲", "A", "乙"]), ("检查表", 2, "", "恰有一行")),
]


@pytest.mark.parametrize(("change", "expected"), WRONG, ids=range(len(WRONG)))
def test_each_wrong_cell_is_told(change: Callable[[Any], object], expected: tuple[str, int, str, str]) -> None:
    errors = import_checklist(edit(change), vocabulary()).errors
    sheet, row, header, words = expected
    assert any((e.sheet, e.row, e.column) == (sheet, row, header) and words in e.reason for e in errors), errors


def test_mistakes_of_the_shape_are_told_by_row_too() -> None:
    result = import_checklist(edit(put("规则", 2, "规则", "none")), vocabulary())
    with pytest.raises(Invalid) as caught:
        load_checklist(result.data, vocabulary())
    assert result.explain(caught.value.errors) == [RowError("规则", 2, "规则", "没有规则“none”")]


def test_no_cell_can_start_a_live_formula() -> None:
    data = file_shape(RMC)
    data["sections"][0]["items"][0]["text"] = '=cmd|"/c calc"!A1'
    data["sections"][0]["items"][1]["text"] = "@SUM(A1)"
    book = load_workbook(BytesIO(export_checklist(load_checklist(data, vocabulary()))))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert {c.data_type for c in cells} == {"s"}
    risky = [c for c in cells if str(c.value).startswith(("=", "+", "-", "@"))]
    assert len(risky) > 2
    assert all(c.quotePrefix for c in risky)


def bomb(size: int) -> bytes:
    stream = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(BYTES)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            target.writestr(part.filename, source.read(part))
        target.writestr("xl/media/zeros.bin", b"\0" * size)
    return stream.getvalue()


def with_doctype() -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(BYTES)) as source, zipfile.ZipFile(stream, "w") as target:
        for part in source.infolist():
            body = source.read(part)
            if part.filename == "xl/workbook.xml":
                body = b'<!DOCTYPE a [<!ENTITY b "c">]>' + body
            target.writestr(part.filename, body)
    return stream.getvalue()


def broken_sheet() -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(BYTES)) as source, zipfile.ZipFile(stream, "w") as target:
        for part in source.infolist():
            body = b"<worksheet><sheetData><row" if "sheet3" in part.filename else source.read(part)
            target.writestr(part.filename, body)
    return stream.getvalue()


def test_bombs_and_oversized_files_are_not_opened() -> None:
    for content in (bomb(MAX_UNPACKED), b"PK" + b"\0" * MAX_BYTES):
        with pytest.raises(TooLarge, match="spreadsheet-too-large"):
            import_checklist(BytesIO(content))


@pytest.mark.parametrize(
    "content", [b"", b"not a zip", BYTES[: len(BYTES) // 2], with_doctype(), broken_sheet()], ids=range(5)
)
def test_files_that_are_no_workbook_are_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="spreadsheet-invalid"):
        import_checklist(BytesIO(content))


def test_an_empty_zip_is_no_workbook() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(Invalid, match="不是 XLSX"):
        import_checklist(BytesIO(stream.getvalue()))
