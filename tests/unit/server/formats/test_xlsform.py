"""XLSForm：交给 pyxform，得到的正是我们发的那份表单；单元格都是文字。"""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from server.domain.checklists import Frame
from server.domain.errors import Invalid
from server.formats.xform import build_form
from server.formats.xlsform import export_xlsform
from tests.checklists.house import checklists

PTC = checklists()["PTC/2025.1"]


def test_the_table_makes_the_same_form_byte_for_byte() -> None:
    table = export_xlsform(PTC, Frame.ENTERPRISE_SITE)
    made = convert(table, form_name="data", file_type=".xlsx").xform.encode()
    assert made == build_form(PTC, Frame.ENTERPRISE_SITE).xml


def test_every_cell_is_text_and_none_is_a_formula() -> None:
    book = load_workbook(BytesIO(export_xlsform(PTC, Frame.ENTERPRISE_SITE)))
    assert book.sheetnames == ["survey", "choices", "settings", "entities"]
    cells = [c for sheet in book.worksheets for row in sheet.iter_rows() for c in row if c.value is not None]
    assert {c.data_type for c in cells} == {"s"}
    assert len(cells) > 1000


def test_a_kind_of_subject_without_items_has_no_table() -> None:
    with pytest.raises(Invalid) as refusal:
        export_xlsform(PTC, Frame.PROJECT)
    assert refusal.value.code == "form-empty"
