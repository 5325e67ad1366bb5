"""共用文字表：在磁盘上，按号取。"""

from __future__ import annotations

import io
from contextlib import closing

import pytest
from openpyxl import Workbook

from server.formats.shared_strings import SharedStrings, StreamingReader, fill
from tests.factories.sheets import as_excel_saves, saved

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def test_texts_come_back_by_number_while_more_are_added() -> None:
    with closing(SharedStrings()) as strings:
        for number in range(2000):
            strings.append(f"第{number}条𠮷")
            assert strings[number] == f"第{number}条𠮷"
        assert (len(strings), strings[0], strings[1999]) == (2000, "第0条𠮷", "第1999条𠮷")
        for number in (-1, 2000):
            with pytest.raises(IndexError):
                strings[number]


def test_rich_text_is_joined_and_readings_are_left_out() -> None:
    table = f'<sst {NAMESPACE}><si><r><t>东</t></r><r><t>城</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si><si><t/></si></sst>'
    with closing(SharedStrings()) as strings:
        fill(strings, io.BytesIO(table.encode()))
        assert [strings[0], strings[1], len(strings)] == ["东城", "", 2]


def test_a_workbook_is_read_through_it() -> None:
    book = Workbook()
    book.worksheets[0].append(["甲", "乙", "甲"])
    with closing(SharedStrings()) as strings:
        reader = StreamingReader(io.BytesIO(as_excel_saves(saved(book))), strings)
        reader.read()
        with closing(reader.wb):
            assert [c.value for c in next(reader.wb.worksheets[0].iter_rows())] == ["甲", "乙", "甲"]
        assert len(strings) == 2
