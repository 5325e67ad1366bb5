"""导入导出：先试读后写入，报告说到哪一格，整份或好行，再导入就是更新。"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from server.demo.places import credit_code
from server.models.imports import RegisterImport, RegisterImportRow
from server.models.matters import RegisterChange
from server.models.subjects import Subject, SubjectParty, SubjectPlace
from server.services import imports
from server.services.import_writing import Writer
from tests.api.desk import Desk, ok, refused
from tests.factories.sheets import bomb, csv_bytes, officer, organisation, project, saved, site, table, xlsx
from tests.factories.world import World, centre_of
from tests.people import HUICHENG, ZHENHAI

OCTETS = {"Content-Type": "application/octet-stream"}
BOTH = ("all_or_nothing", "good_rows")


def send(desk: Desk, room: str, data: bytes, who: str = "lu", name: str = "名录.xlsx") -> TestResponse:
    return desk.console(who).post(f"/imports/{room}", query_string={"name": name}, data=data, headers=OCTETS)


def examined(desk: Desk, room: str, data: bytes, who: str = "lu") -> dict[str, Any]:
    found: dict[str, Any] = ok(send(desk, room, data, who), 201)
    return found


def rows_of(desk: Desk, account: dict[str, Any], verdict: str | None = None) -> list[dict[str, Any]]:
    query = {"verdict": verdict} if verdict else {}
    return desk.console("lu").items(f"/imports/{account['uuid']}/rows", **query)


def faults_of(desk: Desk, account: dict[str, Any]) -> list[tuple[str, str]]:
    return [(f["cell"], f["code"]) for row in rows_of(desk, account, "fault") for f in row["faults"]]


def apply(desk: Desk, account: dict[str, Any], mode: str = "all_or_nothing") -> TestResponse:
    return desk.console("lu").post(f"/imports/{account['uuid']}/apply", json={"mode": mode})


def counts(account: dict[str, Any]) -> dict[str, int]:
    return {name: account["counts"][name] for name in ("new", "update", "same", "fault") if account["counts"][name]}


def subject_of(desk: Desk, code: str) -> Subject | None:
    with desk.house.unit(writing=False) as uow:
        return uow.session.scalar(select(Subject).where(Subject.code == code))


def fresh(word: str = "P") -> str:
    return f"{word}-{uuid4()}"


# ------------------------------------------------------------------------------------------- the whole way


def test_a_dry_run_writes_nothing_and_applying_writes_everything(desk: Desk, world: World) -> None:
    code, lon, lat = fresh(), *centre_of(ZHENHAI, 0.05)
    ring = "；".join(f"{x} {y}" for x, y in ((lon, lat), (lon + 0.001, lat), (lon + 0.001, lat + 0.001)))
    builder = f"{ZHENHAI}contractor（示例）有限公司"
    row = project(code, 边界=ring, 工程状态="停工", 合同价_万元=None) | {
        "合同价（万元）": "1234.567891",
        "施工单位": builder,
    }
    del row["合同价_万元"]
    account = examined(desk, "projects", xlsx([row], title=["某某区工程项目名录"]))
    assert (account["state"], counts(account), account["by"]) == ("examined", {"new": 1}, "陆录")
    assert subject_of(desk, code) is None
    done = ok(apply(desk, account))
    assert (done["state"], done["mode"]) == ("applied", "all_or_nothing")
    found = subject_of(desk, code)
    assert found is not None
    assert (found.status, f"{found.contract_price:.2f}", found.revision) == ("stopped", "12345678.91", 1)
    with desk.house.unit(writing=False) as uow:
        place = select(func.ST_X(SubjectPlace.centre), func.ST_NPoints(SubjectPlace.boundary), SubjectPlace.datum)
        assert uow.session.execute(place.where(SubjectPlace.subject_id == found.id)).one() == (lon, 4, "cgcs2000")
        parties = select(SubjectParty).where(SubjectParty.subject_id == found.id)
        assert [p.organisation.name for p in uow.session.scalars(parties)] == [builder]
        change = uow.session.scalars(
            select(RegisterChange).where(RegisterChange.register == "subject", RegisterChange.record_id == found.id)
        ).one()
    assert (change.act, change.revision, change.reason) == ("created", 1, "导入 名录.xlsx")
    assert change.changes["name"] == [None, row["项目名称"]]


@pytest.mark.parametrize("mode", BOTH)
def test_applying_twice_does_nothing(desk: Desk, mode: str) -> None:
    code = fresh()
    account = examined(desk, "projects", xlsx([project(code)]))
    first, second = ok(apply(desk, account, mode)), ok(apply(desk, account, mode))
    assert first == second
    found = subject_of(desk, code)
    assert found is not None
    assert found.revision == 1


def test_the_same_file_again_changes_nothing_and_a_changed_cell_updates(desk: Desk) -> None:
    code = fresh()
    ok(apply(desk, examined(desk, "projects", xlsx([project(code, 形象进度="基础")]))))
    assert counts(examined(desk, "projects", xlsx([project(code, 形象进度="基础")]))) == {"same": 1}
    lon, lat = centre_of(ZHENHAI, 0.07)
    account = examined(desk, "projects", xlsx([project(code, 形象进度="主体", 经度=lon, 纬度=lat)]))
    assert counts(account) == {"update": 1}
    ok(apply(desk, account))
    found = subject_of(desk, code)
    assert found is not None
    assert (found.stage, found.revision, found.updated_at is not None) == ("主体", 2, True)
    with desk.house.unit(writing=False) as uow:
        x = uow.session.scalar(select(func.ST_X(SubjectPlace.centre)).where(SubjectPlace.subject_id == found.id))
        changes = uow.session.scalars(
            select(RegisterChange).where(RegisterChange.record_id == found.id, RegisterChange.act == "edited")
        ).one()
    assert x == pytest.approx(lon, abs=1e-9)
    assert changes.changes["stage"] == ["基础", "主体"]


def test_a_blank_cell_and_a_missing_column_leave_the_register_alone(desk: Desk) -> None:
    code = fresh()
    ok(apply(desk, examined(desk, "projects", xlsx([project(code, 形象进度="主体", 施工许可证编号="330211X")]))))
    assert counts(examined(desk, "projects", xlsx([project(code, 形象进度=None)]))) == {"same": 1}


def test_a_party_that_changes_keeps_its_dates(desk: Desk, world: World) -> None:
    code = fresh()
    one, other = f"{ZHENHAI}contractor（示例）有限公司", f"{ZHENHAI}client（示例）有限公司"
    ok(apply(desk, examined(desk, "projects", xlsx([project(code, 施工单位=one)]))))
    ok(apply(desk, examined(desk, "projects", xlsx([project(code, 施工单位=other)]))))
    found = subject_of(desk, code)
    assert found is not None
    with desk.house.unit(writing=False) as uow:
        parties = uow.session.scalars(select(SubjectParty).where(SubjectParty.subject_id == found.id)).all()
        told = {(p.organisation.name, p.from_on is not None, p.to_on is not None) for p in parties}
    assert told == {(one, False, True), (other, True, False)}


# ------------------------------------------------------------------------------------------- what is refused


def bad_projects() -> list[tuple[dict[str, Any], str, str]]:
    """(changes to a right row, the column blamed, the code)."""
    lon, lat = centre_of(ZHENHAI, 0.05)
    far = "；".join(("114.38 23.08", "114.39 23.08", "114.39 23.09"))
    crossing = "；".join(f"{lon + x} {lat + y}" for x, y in ((0, 0), (0.01, 0.01), (0.01, 0), (0, 0.01)))
    lab = f"{ZHENHAI}contractor（示例）有限公司"
    return [
        ({"区划代码": "999999"}, "区划代码", "region-unknown"),
        ({"项目名称": None}, "项目名称", "cell-required"),
        ({"项目名称": "=1+1"}, "项目名称", "formula-not-allowed"),
        ({"经度": 11.5}, "经度", "position-far-from-region"),
        ({"经度": lat, "纬度": lon - 60}, "经度", "position-far-from-region"),
        ({"经度": 40421166.5}, "经度", "position-invalid"),
        ({"坐标系": "北京54"}, "坐标系", "datum-unknown"),
        ({"边界": far}, "边界", "position-far-from-region"),
        ({"边界": crossing}, "边界", "boundary-crosses-itself"),
        ({"项目编号": 330211202601010001}, "项目编号", "digits-lost"),
        ({"企业信用风险分类": "A"}, "企业信用风险分类", "risk-class-bare-letter"),
        ({"施工单位": "没有这家公司"}, "施工单位", "organisation-unknown"),
        ({"施工单位统一社会信用代码": "91330211MA0000000X"}, "施工单位统一社会信用代码", "credit-code-invalid"),
        ({"施工单位": lab, "监理单位": lab}, "监理单位", "contractor-supervises-itself"),
        ({"合同价（元）": "一百万"}, "合同价（元）", "number-invalid"),
    ]


def test_every_wrong_cell_is_named_with_its_reason(desk: Desk) -> None:
    cases = bad_projects()
    records = [project(fresh("BAD")) | changes for changes, _, _ in cases]
    headers = list(dict.fromkeys(name for record in records for name in record))
    account = examined(desk, "projects", xlsx(records))
    assert counts(account) == {"fault": len(cases)}
    found = {row["row_no"]: row["faults"] for row in rows_of(desk, account, "fault")}
    for number, (_, column, code) in enumerate(cases, start=2):
        letter = load_workbook_letter(headers.index(column))
        told = [(f["cell"], f["column"], f["code"]) for f in found[number]]
        assert (f"{letter}{number}", column, code) in told, (number, told)
        assert all(f["reason"] for f in found[number])
    refused(apply(desk, account), 409, "import-has-faults")


def load_workbook_letter(position: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(position + 1)


def test_swapped_degrees_are_refused(desk: Desk) -> None:
    """A longitude above 90 is no latitude at all; below, the swap is named."""
    _, lat = centre_of(HUICHENG)
    book = xlsx([project(fresh(), 区划代码=HUICHENG, 经度=lat, 纬度=114.38), project(fresh(), 经度=29.9, 纬度=89.0)])
    told = [row["faults"][0] for row in rows_of(desk, examined(desk, "projects", book), "fault")]
    assert [fault["code"] for fault in told] == ["position-invalid", "position-far-from-region"]
    assert "写反" not in told[1]["reason"]


def test_duplicates_inside_the_file_and_records_of_another_kind(desk: Desk, world: World) -> None:
    code = fresh()
    taken = f"{ZHENHAI}-yard-1"
    account = examined(desk, "projects", xlsx([project(code), project(code), project(taken)]))
    assert counts(account) == {"new": 1, "fault": 2}
    assert faults_of(desk, account) == [("A3", "duplicate-in-file"), ("A4", "frame-differs")]
    assert "第 2 行" in rows_of(desk, account, "fault")[0]["faults"][0]["reason"]


def test_only_the_good_rows_by_choice(desk: Desk) -> None:
    good, bad = fresh(), fresh()
    account = examined(desk, "projects", xlsx([project(good), project(bad, 区划代码="000001")]))
    refused(apply(desk, account), 409, "import-has-faults")
    assert subject_of(desk, good) is None
    assert ok(apply(desk, account, "good_rows"))["state"] == "applied"
    assert subject_of(desk, good) is not None
    assert subject_of(desk, bad) is None
    assert [row["applied_at"] is not None for row in rows_of(desk, account)] == [True, False]


def test_officers_expired_or_of_a_laboratory_are_refused(desk: Desk, world: World) -> None:
    laboratory = f"{ZHENHAI}testing_laboratory（示例）有限公司"
    number = f"3302示{uuid4().hex[:8]}"
    records = [
        officer(number, 执法专业="房建、市政", 可任主办="否", 证件有效期至=datetime(2031, 1, 1)),
        officer("3302示X2", 证件有效期至="2026-09-21"),
        officer("3302示X3", 所属单位=laboratory),
        officer("3302示X4", 证件有效期至="2030年2月30日"),
        officer("3302示X5", 区划代码="南极洲"),
    ]
    account = examined(desk, "officers", xlsx(records))
    assert faults_of(desk, account) == [
        ("C3", "certificate-expired"),
        ("D4", "organisation-may-not-inspect"),
        ("C5", "date-invalid"),
        ("E6", "region-unknown"),
    ]
    ok(apply(desk, account, "good_rows"))
    shown = [o for o in desk.console("lu").items("/officers", q="新检") if o["certificate_no"] == number]
    assert [o["certificate_expires_on"] for o in shown] == ["2031-01-01"]
    assert counts(examined(desk, "officers", xlsx(records[:1]))) == {"same": 1}


def test_organisations_by_code_and_by_name(desk: Desk) -> None:
    code = credit_code(ZHENHAI, fresh("新单位"))
    wrong = code[:17] + ("A" if code[17] != "A" else "B")
    name = f"无代码单位{uuid4().hex[:6]}"
    records = [
        organisation("有代码的施工单位", code.lower(), 法定代表人="某某"),
        organisation("校验码错的单位", wrong),
        organisation(name, None),
        organisation("字母误录的单位", "9133O211MA28000001"),
    ]
    account = examined(desk, "organisations", xlsx(records))
    assert counts(account) == {"new": 2, "fault": 2}
    assert faults_of(desk, account) == [("C3", "credit-code-invalid"), ("C5", "credit-code-invalid")]
    ok(apply(desk, account, "good_rows"))
    again = examined(desk, "organisations", xlsx([records[0] | {"单位名称": "改了名的施工单位"}, records[2]]))
    assert counts(again) == {"update": 1, "same": 1}
    ok(apply(desk, again))
    assert [o["credit_code"] for o in desk.console("lu").items("/organisations", q="改了名的")] == [code]
    kind = examined(desk, "organisations", xlsx([records[0] | {"单位类别": "检测机构"}]))
    assert faults_of(desk, kind) == [("B2", "kind-differs")]


def test_one_unit_is_not_entered_twice_with_and_without_its_code(desk: Desk) -> None:
    with_code, without = f"有码{uuid4().hex[:6]}公司", f"无码{uuid4().hex[:6]}公司"
    code = credit_code(ZHENHAI, fresh("有码"))
    ok(apply(desk, examined(desk, "organisations", xlsx([organisation(with_code, code), organisation(without)]))))
    crossed = [organisation(with_code), organisation(without, credit_code(ZHENHAI, fresh("后补")))]
    headers = list(organisation("x"))
    account = examined(desk, "organisations", xlsx(crossed, headers=headers))
    assert faults_of(desk, account) == [("A2", "same-name-with-code"), ("C3", "same-name-without-code")]


class Cut(Exception):
    """The process is gone."""


@pytest.mark.parametrize("mode", BOTH)
def test_a_run_that_is_cut_short_goes_on_or_never_was(desk: Desk, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [fresh() for _ in range(5)]
    account = examined(desk, "projects", xlsx([project(code) for code in codes]))
    monkeypatch.setattr(imports, "BATCH", 2)
    real, left = Writer.write_new, iter((True, True, False))

    def write_new(self: Writer, rows: Any) -> None:
        if not next(left):
            raise Cut
        real(self, rows)

    lu = desk.console("lu")
    with monkeypatch.context() as patch, pytest.raises(AssertionError, match="internal-error"):
        patch.setattr(Writer, "write_new", write_new)
        lu.post(f"/imports/{account['uuid']}/apply", json={"mode": mode})
    kept = [subject_of(desk, code) is not None for code in codes]
    assert kept == [mode == "good_rows"] * 4 + [False]
    state = ok(lu.get(f"/imports/{account['uuid']}"))["state"]
    assert state == ("applying" if mode == "good_rows" else "examined")
    assert ok(apply(desk, account, mode))["state"] == "applied"
    found = [subject_of(desk, code) for code in codes]
    assert [subject.revision for subject in found if subject] == [1] * 5


def test_a_party_is_found_by_its_credit_code(desk: Desk) -> None:
    code = credit_code(ZHENHAI, fresh("施工"))
    ok(apply(desk, examined(desk, "organisations", xlsx([organisation("按代码找的单位", code)]))))
    row = project(fresh()) | {"施工单位": "随便什么名字", "施工单位统一社会信用代码": code}
    account = examined(desk, "projects", xlsx([row]))
    assert counts(account) == {"new": 1}
    two = project(fresh()) | {"施工单位": "甲方；乙方", "施工单位统一社会信用代码": code}
    assert faults_of(desk, examined(desk, "projects", xlsx([two])))[0][1] == "party-list-mismatch"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_any_of_the_usual_encodings(desk: Desk, encoding: str) -> None:
    code = fresh()
    data = csv_bytes([project(code, 项目名称="㙍头示例花园"), project(fresh(), 工程地址="=cmd()")], encoding)
    account = ok(send(desk, "projects", data, name="名录.csv"), 201)
    assert counts(account) == {"new": 1, "fault": 1}
    assert faults_of(desk, account) == [("E3", "formula-not-allowed")]
    ok(apply(desk, account, "good_rows"))
    found = subject_of(desk, code)
    assert found is not None
    assert found.name == "㙍头示例花园"


# ------------------------------------------------------------------------------------------- whole files refused


def broken_files() -> list[tuple[bytes, int, str]]:
    lacking = {name: value for name, value in project("x").items() if name not in ("坐标系", "经度")}
    return [
        (bomb(100), 413, "archive-too-large"),
        (b"PK\x03\x04 not really", 422, "archive-unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", 422, "spreadsheet-invalid"),
        (b"\x00\x01\x02\xff\xfe", 422, "csv-encoding-unknown"),
        ('项目编号,项目名称\n"没有收尾'.encode(), 422, "csv-invalid"),
        (xlsx([lacking]), 422, "register-columns-invalid"),
        (xlsx([{"随便": 1}]), 422, "register-columns-invalid"),
        (xlsx([], headers=list(project("x"))), 422, "register-file-empty"),
    ]


@pytest.mark.parametrize(("data", "status", "code"), broken_files(), ids=lambda v: v if isinstance(v, str) else "")
def test_a_file_that_cannot_be_read_is_refused_and_remembered(desk: Desk, data: bytes, status: int, code: str) -> None:
    problem = refused(send(desk, "projects", data), status, code)
    if code == "register-columns-invalid" and problem["errors"]:
        assert {e["pointer"] for e in problem["errors"]} == {"/columns/坐标系", "/columns/经度"}
    last = desk.console("lu").items("/imports")[-1]
    assert (last["state"], last["counts"]["refusal"]) == ("refused", code)
    refused(apply(desk, last), 409, "import-state-forbids")
    with desk.house.unit(writing=False) as uow:
        kept = select(func.count()).select_from(RegisterImportRow).join(RegisterImport, RegisterImport.id == RegisterImportRow.import_id)  # fmt: skip
        assert uow.session.scalar(kept.where(RegisterImport.uuid == last["uuid"])) == 0


def test_an_empty_and_an_oversized_body(desk: Desk) -> None:
    refused(send(desk, "projects", b""), 422, "upload-empty")
    refused(send(desk, "projects", b"x" * (20 * 1024 * 1024 + 1)), 413, "upload-too-large")


# ------------------------------------------------------------------------------------------- who may


def test_an_import_belongs_to_whoever_sent_it(desk: Desk) -> None:
    account = examined(desk, "projects", xlsx([project(fresh())]))
    refused(send(desk, "projects", xlsx([project(fresh())]), who="chen"), 403, "permission-denied")
    refused(desk.console("tang").get(f"/imports/{account['uuid']}"), 403, "permission-denied")
    refused(desk.console("lu").get(f"/imports/{uuid4()}"), 404, "import-not-found")
    assert desk.console("lu").post("/imports/nothing", data=b"x", query_string={"name": "x"}).status_code in (404, 405)


def test_a_register_that_moved_on_is_noticed(desk: Desk) -> None:
    code = fresh()
    first = examined(desk, "projects", xlsx([project(code)]))
    second = examined(desk, "projects", xlsx([project(code)]))
    third = examined(desk, "projects", xlsx([project(code), project(fresh())]))
    ok(apply(desk, first))
    refused(apply(desk, second), 409, "import-outdated")
    assert counts(ok(apply(desk, third, "good_rows"))) == {"new": 1, "fault": 1}
    assert faults_of(desk, third) == [("", "row-outdated")]
    assert [row["applied_at"] is not None for row in rows_of(desk, third)] == [False, True]


# ------------------------------------------------------------------------------------------- out again


@pytest.mark.parametrize("room", ["projects", "enterprise_sites", "organisations"])
def test_what_is_exported_comes_back_the_same(desk: Desk, room: str) -> None:
    if room == "enterprise_sites":
        ok(apply(desk, examined(desk, room, xlsx([site(fresh("站"), 资质有效期至=datetime(2028, 5, 1))]))))
    if room == "projects":
        lon, lat = centre_of(ZHENHAI, 0.05)
        ring = f"{lon} {lat}; {lon + 0.001} {lat}; {lon + 0.001} {lat + 0.0013}"
        tricky = project(fresh(), 项目名称="@SUM(A1)", 工程地址="+1号楼", 边界=ring) | {"合同价（元）": "1234567.89"}
        ok(apply(desk, examined(desk, room, xlsx([tricky]))))
    data = desk.console("lu").get(f"/exports/{room}.xlsx").get_data()
    assert table(data)
    account = examined(desk, room, data)
    assert counts(account) == {"same": len(table(data))}, faults_of(desk, account)


def test_officers_come_back_the_same_but_for_those_who_may_not(desk: Desk) -> None:
    data = desk.console("lu").get("/exports/officers.xlsx").get_data()
    account = examined(desk, "officers", data)
    assert {code for _, code in faults_of(desk, account)} == {"certificate-expired", "organisation-may-not-inspect"}
    assert counts(account) == {"same": len(table(data)) - 2, "fault": 2}


def test_no_exported_cell_is_a_formula(desk: Desk) -> None:
    import io

    ok(apply(desk, examined(desk, "projects", xlsx([project(fresh(), 项目名称="-2+3项目", 工程地址="@处")]))))
    book = load_workbook(io.BytesIO(desk.console("lu").get("/exports/projects.xlsx").get_data()))
    cells = [c for row in book.worksheets[0].iter_rows() for c in row if isinstance(c.value, str)]
    risky = [c for c in cells if c.value.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {c.value for c in risky} >= {"-2+3项目", "@处"}
    assert all(c.data_type == "s" and c.quotePrefix for c in risky)


@pytest.mark.parametrize("room", ["projects", "enterprise_sites", "organisations", "officers"])
def test_a_template_has_every_required_column(desk: Desk, room: str) -> None:
    reply = desk.console("lu").get(f"/exports/{room}-template.xlsx")
    account = send(desk, room, reply.get_data())
    assert ok(account, 201)["counts"]["rows"] == 1


def test_the_report_lists_one_line_per_cell(desk: Desk) -> None:
    account = examined(desk, "projects", xlsx([project(fresh()), project(fresh(), 区划代码="x9", 坐标系="=A1")]))
    lines = table(desk.console("lu").get(f"/imports/{account['uuid']}/report.xlsx").get_data())
    assert [(x["行号"], x["结论"], x["单元格"], x["代码"]) for x in lines] == [
        (2, "新登记", None, None),
        (3, "有错", "H3", "formula-not-allowed"),
    ]
    assert lines[1]["原值"] == "=A1"


def test_hidden_sheets_and_foreign_columns(desk: Desk) -> None:
    book = Workbook()
    book.worksheets[0].title = "说明"
    book.worksheets[0].append(["请填第二张表"])
    sheet = book.create_sheet("数据")
    row = project(fresh()) | {"备注": "随便写"}
    sheet.append([f"{name}\n*" for name in row])
    sheet.append(list(row.values()))
    account = examined(desk, "projects", saved(book))
    assert (counts(account), account["counts"]["ignored_columns"]) == ({"new": 1}, ["备注 *"])
