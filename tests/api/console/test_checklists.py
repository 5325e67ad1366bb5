"""检查单的表格：导出、试读、逐格报错、发布即冻结。"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from tests.api.desk import Desk, ok, refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet(desk: Desk) -> bytes:
    reply = desk.console("guan").get("/checklists/RMC/2025.1.xlsx")
    assert (reply.status_code, reply.mimetype) == (200, XLSX)
    data = reply.data
    reply.close()
    return data


def send(desk: Desk, data: bytes, login: str = "guan", **query: Any) -> Any:
    return desk.console(login).post("/checklists/import", data=data, content_type=XLSX, query_string=query)


def edited(data: bytes, version: str) -> bytes:
    book = load_workbook(BytesIO(data))
    for page in book.worksheets:
        for cells in page.iter_rows():
            for cell in cells:
                if cell.value == "2025.1":
                    cell.value = version
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_what_was_exported_is_read_back_as_the_same_version(desk: Desk) -> None:
    report = ok(send(desk, sheet(desk), publish="true"))
    assert report == {"code": "RMC", "version": "2025.1", "items": 57, "published": False, "faults": []}


def test_reading_publishes_nothing_until_asked(desk: Desk) -> None:
    data = edited(sheet(desk), "2026.9")
    assert ok(send(desk, data))["published"] is False
    assert ok(send(desk, data, publish="true"))["published"] is True
    listed = ok(desk.console("guan").get("/checklists"))["items"]
    assert {"2025.1", "2026.9"} <= {v["version"] for v in listed if v["code"] == "RMC"}


def test_a_wrong_cell_is_named_and_nothing_is_published(desk: Desk) -> None:
    book = load_workbook(BytesIO(sheet(desk)))
    page = next(p for p in book.worksheets if any(c.value == "RMC-01-01" for row in p.iter_rows() for c in row))
    target = next(c for row in page.iter_rows() for c in row if c.value == "RMC-01-01")
    target.value = "=1+1"
    out = BytesIO()
    book.save(out)
    report = ok(send(desk, out.getvalue(), publish="true"))
    assert report["published"] is False
    assert (page.title, target.row) in {(f["sheet"], f["row"]) for f in report["faults"]}


def test_what_is_no_spreadsheet_is_refused(desk: Desk) -> None:
    refused(send(desk, b"PK\x03\x04 nothing"), 422, "spreadsheet-invalid")
    wrong = desk.console("guan").post("/checklists/import", data=b"{}", content_type="application/json")
    refused(wrong, 415, "sheet-type-unsupported")


def test_only_the_administrator_publishes(desk: Desk) -> None:
    refused(send(desk, sheet(desk), login="tang"), 403, "permission-denied")


def test_the_form_for_collect_and_its_table_are_downloaded(desk: Desk) -> None:
    xml = desk.console("guan").get("/checklists/RMC/2025.1/project.xml")
    assert (xml.status_code, xml.mimetype) == (200, "application/xml")
    assert b'id="zhijian-RMC-project"' in xml.data
    table = desk.console("guan").get("/checklists/RMC/2025.1/project.xlsx")
    assert (table.status_code, table.mimetype) == (200, XLSX)
    assert load_workbook(BytesIO(table.data)).sheetnames == ["survey", "choices", "settings", "entities"]
    for reply in (xml, table):
        reply.close()


def test_a_form_that_cannot_be_is_refused(desk: Desk) -> None:
    refused(desk.console("guan").get("/checklists/RMC/2025.1/stadium.xml"), 404, "frame-unknown")
    refused(desk.console("guan").get("/checklists/RMC/1999.1/project.xlsx"), 404, "checklist-not-found")
