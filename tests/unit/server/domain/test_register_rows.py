"""名录库的一行：找表头，读成记录，或把每一格的错说清楚。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from server.domain.register_columns import Cell, Formula, RegisterRoom
from server.domain.register_facts import RiskClass, SubjectStatus
from server.domain.register_rows import (
    Header,
    OfficerRow,
    OrganisationRow,
    RowFault,
    SubjectRow,
    letters,
    match_header,
    parse_row,
)
from server.domain.registers import Datum, OrganisationKind

TODAY = date(2026, 9, 21)
PROJECT: dict[str, Cell] = {
    "项目编号": "P-1",
    "项目名称": "示例花园",
    "工程类别": "住宅",
    "区划代码": 330211,
    "工程地址": "示例路1号",
    "经度": 121.7,
    "纬度": "29.9",
    "坐标系": "国家2000",
}
OFFICER: dict[str, Cell] = {
    "姓名": "某某",
    "行政执法证号": 33020000001.0,
    "证件有效期至": date(2030, 1, 1),
    "所属单位": "某某局",
    "区划代码": "330211",
}


def parse(room: RegisterRoom, cells: dict[str, Cell]) -> Any:
    header = match_header(room, 1, list(cells))
    assert not header.missing, header.missing
    return parse_row(room, header, 7, list(cells.values()), TODAY)


def codes(found: list[RowFault]) -> dict[str, tuple[str, str]]:
    return {fault.cell: (fault.column, fault.code) for fault in found}


def test_letters_go_on_after_z() -> None:
    assert [letters(n) for n in (0, 2, 25, 26, 51, 52, 701, 702)] == ["A", "C", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_synonyms_stars_blanks_and_full_width_are_one_header() -> None:
    header = match_header(
        RegisterRoom.PROJECTS, 3, ["工程名称*", " 项目 编号 ", "合同价（万元）", "合同价(元)", None, 5, "备注"]
    )
    assert [c.key for _, _, c in header.places] == ["name", "code", "contract_price_wan", "contract_price"]
    assert (header.row, header.ignored, header.repeated) == (3, ("备注",), ())
    assert header.missing == ("工程类别", "区划代码", "工程地址", "经度", "纬度", "坐标系")


def test_a_column_twice_is_told() -> None:
    header = match_header(RegisterRoom.OFFICERS, 1, [*OFFICER, "执法证号"])
    assert header.repeated == ("执法证号",)


def test_a_unit_may_be_named_by_its_code_alone() -> None:
    names = [*(n for n in OFFICER if n != "所属单位"), "所属单位统一社会信用代码"]
    assert match_header(RegisterRoom.OFFICERS, 1, names).missing == ()


def test_a_project_is_read() -> None:
    more: dict[str, Cell] = {
        "边界": "121.70 29.90；121.71,29.90; 121.71 29.91",
        "合同价（万元）": "12,345.6789",
        "工程状态": "停工",
        "企业信用风险分类": "企业信用风险较高（C类）",
        "施工单位": "甲公司；乙公司",
    }
    found = parse(RegisterRoom.PROJECTS, PROJECT | more)
    assert isinstance(found, SubjectRow)
    assert (found.code, found.region, found.longitude, found.latitude, found.datum) == (
        "P-1", "330211", 121.7, 29.9, Datum.CGCS2000,
    )  # fmt: skip
    assert found.boundary is not None
    assert found.boundary[0] == found.boundary[-1] == (121.70, 29.90)
    assert found.contract_price == Decimal("123456789.00")
    assert (found.status, found.risk_class, found.stage) == (SubjectStatus.STOPPED, RiskClass.RAISED, None)
    assert [(p.party, p.organisation.name) for p in found.parties] == [
        (OrganisationKind.CONTRACTOR, "甲公司"),
        (OrganisationKind.CONTRACTOR, "乙公司"),
    ]


def test_an_officer_is_read() -> None:
    found = parse(RegisterRoom.OFFICERS, OFFICER | {"执法专业": "房建、市政，房建", "可任主办": "否"})
    assert isinstance(found, OfficerRow)
    assert (found.certificate_no, found.skills, found.may_lead) == ("33020000001", ("房建", "市政"), False)


def test_an_organisation_is_read_with_or_without_code() -> None:
    cells: dict[str, Cell] = {"单位名称": "某某公司", "单位类别": "检测机构", "区划代码": "330211"}
    found = parse(RegisterRoom.ORGANISATIONS, cells | {"统一社会信用代码": None})
    assert found == OrganisationRow("某某公司", OrganisationKind.TESTING_LABORATORY, "330211", None)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"项目名称": None}, "项目名称", "cell-required"),
        ({"项目名称": "  "}, "项目名称", "cell-required"),
        ({"项目名称": "花"}, "项目名称", "text-length"),
        ({"项目名称": "花\x07园"}, "项目名称", "text-invalid"),
        ({"项目编号": "a|b"}, "项目编号", "text-invalid"),
        ({"项目编号": Formula("=A1")}, "项目编号", "formula-not-allowed"),
        ({"项目编号": 3.3021120260101e17}, "项目编号", "digits-lost"),
        ({"经度": "121°42′"}, "经度", "position-invalid"),
        ({"经度": 500000.5}, "经度", "position-invalid"),
        ({"经度": float("nan")}, "经度", "position-invalid"),
        ({"纬度": "北纬三十"}, "纬度", "position-invalid"),
        ({"坐标系": "北京54"}, "坐标系", "datum-unknown"),
        ({"边界": "121 29"}, "边界", "boundary-invalid"),
        ({"边界": "121 29；x y"}, "边界", "boundary-invalid"),
        ({"边界": "121 29；122 30；122 29；121 30"}, "边界", "boundary-crosses-itself"),
        ({"边界": "；".join(["121 29"] * 2001)}, "边界", "boundary-too-many-points"),
        ({"工程状态": "快好了"}, "工程状态", "status-unknown"),
        ({"企业信用风险分类": "Ａ类"}, "企业信用风险分类", "risk-class-bare-letter"),
        ({"企业信用风险分类": "还行"}, "企业信用风险分类", "risk-class-unknown"),
        ({"合同价（元）": "1e9"}, "合同价（元）", "number-invalid"),
        ({"合同价（元）": "-1"}, "合同价（元）", "number-invalid"),
        ({"合同价（元）": "0.001"}, "合同价（元）", "number-invalid"),
        ({"合同价（元）": "10000", "合同价（万元）": "2"}, "合同价（元）", "amounts-differ"),
        ({"施工单位": "甲方；乙方；丙"}, "施工单位", "text-length"),
        ({"施工单位统一社会信用代码": "91330211MA"}, "施工单位统一社会信用代码", "credit-code-invalid"),
        ({"施工单位": "；".join(["某某"] * 11)}, "施工单位", "text-length"),
    ],
)
def test_every_wrong_cell_is_named(changes: dict[str, Cell], column: str, code: str) -> None:
    cells = PROJECT | changes
    found = parse(RegisterRoom.PROJECTS, cells)
    assert isinstance(found, list)
    cell = f"{letters(list(cells).index(column))}7"
    assert codes(found) == {cell: (column, code)}
    assert all(fault.reason and not fault.reason.endswith("。") for fault in found)


def test_all_faults_of_a_row_come_at_once_and_values_are_cut() -> None:
    found = parse(RegisterRoom.PROJECTS, PROJECT | {"项目名称": "长" * 300, "经度": "x", "坐标系": None})
    assert {f.code for f in found} == {"text-length", "position-invalid", "cell-required"}
    assert max(len(f.value) for f in found) == 60


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2030-01-02", date(2030, 1, 2)),
        ("2030/1/2", date(2030, 1, 2)),
        ("２０３０年1月2日", date(2030, 1, 2)),
        ("20300102", date(2030, 1, 2)),
        (20300102, date(2030, 1, 2)),
        ("2030-01-02 00:00:00", date(2030, 1, 2)),
    ],
)
def test_dates_as_people_write_them(cell: Cell, day: date) -> None:
    found = parse(RegisterRoom.OFFICERS, OFFICER | {"证件有效期至": cell})
    assert found.certificate_expires_on == day


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2026-09-21", "certificate-expired"),
        (date(2020, 1, 1), "certificate-expired"),
        ("2030-02-30", "date-invalid"),
        (47484, "date-invalid"),
        ("长期", "date-invalid"),
        (Formula("=TODAY()"), "formula-not-allowed"),
    ],
)
def test_certificates_must_have_a_day_that_has_not_come(cell: Cell, code: str) -> None:
    found = parse(RegisterRoom.OFFICERS, OFFICER | {"证件有效期至": cell})
    assert [f.code for f in found] == [code]


def test_a_header_knows_only_its_own_columns() -> None:
    header = Header(1, (), (), (), ())
    assert (header.cell_name("code", 3), header.title("code")) == ("", "code")
