"""检查单：查看、导出、从表格导入；先试读，逐格报错。"""

from __future__ import annotations

from io import BytesIO

import openpyxl

from tests.api.desk import Desk, ok, refused
from tests.factories.world import published_checklists

XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def exported(desk: Desk, code: str = "LAB") -> bytes:
    version = published_checklists()[code].version
    with desk.console("chen").get(f"/checklists/{code}/{version}.xlsx") as reply:
        assert reply.status_code == 200
        return reply.get_data()


def test_published_versions_are_listed(desk: Desk) -> None:
    listed = ok(desk.console("chen").get("/checklists"))["items"]
    assert {c["code"]: c["digest_sha256"] for c in listed} == {
        c.code: c.digest for c in published_checklists().values()
    }


def test_exported_sheet_comes_back_the_same(desk: Desk) -> None:
    told = ok(desk.console("guan").post("/checklists/import?publish=true", data=exported(desk), headers=XLSX))
    assert (told["faults"], told["published"]) == ([], False)  # the same version stands already
    assert told["items"] == len(list(published_checklists()["LAB"].items))


def test_what_is_not_a_sheet_is_refused(desk: Desk) -> None:
    admin = desk.console("guan")
    refused(
        admin.post("/checklists/import", data=b"x", headers={"Content-Type": "text/csv"}), 415, "sheet-type-unsupported"
    )
    refused(admin.post("/checklists/import", data=b"PK\x03\x04 broken", headers=XLSX), 422, "spreadsheet-invalid")
    refused(admin.post("/checklists/import", data=b"", headers=XLSX), 422, "spreadsheet-invalid")
    refused(desk.console("chen").get("/checklists/LAB/1900.1.xlsx"), 404, "checklist-not-found")


def test_faults_name_their_cells_and_nothing_is_published(desk: Desk) -> None:
    book = openpyxl.load_workbook(BytesIO(exported(desk)))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == "critical" or cell.value == "严重":
                    cell.value = "极其严重"
    out = BytesIO()
    book.save(out)
    told = ok(desk.console("guan").post("/checklists/import?publish=true", data=out.getvalue(), headers=XLSX))
    assert told["faults"]
    assert not told["published"]
    assert all(f["sheet"] and f["row"] > 0 and f["reason"] for f in told["faults"])
