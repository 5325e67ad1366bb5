"""检查单做成 XLSForm：同一份表单的表格写法，给已经在用 ODK 的地方自己改、自己发。

pyxform makes of it exactly the form that `server.formats.xform` builds. Cells are text and never live formulas.
"""

from __future__ import annotations

from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Font

from server.domain.checklists import Checklist, Frame
from server.formats.xform import form_sheets, header


def export_xlsform(checklist: Checklist, frame: Frame) -> bytes:
    """XLSX bytes with the sheets survey, choices, settings, entities. Raises Invalid (`form-empty`)."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in form_sheets(checklist, frame).items():
        sheet, columns = book.create_sheet(name), list(header(rows))
        for at, column in enumerate(columns, start=1):
            sheet.cell(1, at, column).font = Font(bold=True)
        for number, row in enumerate(rows, start=2):
            for at, column in enumerate(columns, start=1):
                _write(sheet.cell(number, at), row.get(column, ""))
        sheet.freeze_panes = "C2" if name == "survey" else "A2"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write(cell, text: str) -> None:  # type: ignore[no-untyped-def]
    """A text cell, whatever it begins with."""
    if not text:
        return
    cell.value = text
    cell.data_type = "s"
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True
