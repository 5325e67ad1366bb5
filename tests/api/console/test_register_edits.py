"""名录的修改：谁改的、改了什么，旧版本不能盖新版本，退出与恢复，查找。"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from server.demo.places import credit_code
from tests.api.desk import Caller, Desk, ok, refused
from tests.factories.world import NOW, World, centre_of
from tests.people import HUICHENG, NINGBO, ZHENHAI

LON, LAT = centre_of(ZHENHAI, 0.3)


def subject(world: World, **changes: Any) -> dict[str, Any]:
    body = {
        "code": f"S-{uuid4()}",
        "name": "示例住宅九号",
        "frame": "project",
        "kind": "住宅",
        "region_code": ZHENHAI,
        "address": "示例路九号",
        "centre": {"longitude": LON, "latitude": LAT, "datum": "wgs84"},
        "parties": [{"party": "contractor", "organisation": firm(world, "contractor")}],
        "contract_price": "12345678.90",
    }
    return body | changes


def firm(world: World, kind: str, region: str = ZHENHAI) -> str:
    return str(world.organisations[f"{kind}.{region}"])


def made(desk: Desk, world: World, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = ok(desk.console("lu").post("/subjects", json=subject(world, **changes)), 201)
    return found


def edit(caller: Caller, path: str, revision: int, **changes: Any) -> Any:
    return caller.patch(path, json={"revision": revision, "reason": "按施工许可证更正", **changes})


def history(desk: Desk, path: str) -> list[dict[str, Any]]:
    return desk.console("lu").items(f"{path}/history")


def test_history_says_who_changed_what_when_and_why(desk: Desk, world: World) -> None:
    first = made(desk, world)
    path = f"/subjects/{first['uuid']}"
    assert (first["revision"], first["contract_price"]) == (1, "12345678.90")
    second = ok(edit(desk.console("lu"), path, 1, stage="主体结构", status="stopped", contract_price="200.05"))
    assert (second["revision"], second["stage"], second["status"]) == (2, "主体结构", "stopped")
    created, edited = history(desk, path)
    assert (created["act"], created["by_name"], created["revision"]) == ("created", "陆录", 1)
    assert created["changes"]["code"] == [None, first["code"]]
    assert created["changes"]["party.contractor"] == [None, [firm(world, "contractor")]]
    assert edited["changes"] == {
        "stage": [None, "主体结构"],
        "status": ["active", "stopped"],
        "contract_price": ["12345678.90", "200.05"],
    }
    assert (edited["act"], edited["by_name"], edited["reason"]) == ("edited", "陆录", "按施工许可证更正")
    assert edited["at"].startswith(NOW.strftime("%Y-%m-%dT%H:%M"))


def test_an_edit_that_changes_nothing_leaves_no_trace(desk: Desk, world: World) -> None:
    first = made(desk, world)
    path = f"/subjects/{first['uuid']}"
    assert ok(edit(desk.console("lu"), path, 1, name=first["name"]))["revision"] == 1
    assert len(history(desk, path)) == 1


def test_the_second_of_two_editors_is_told(desk: Desk, world: World) -> None:
    path = f"/subjects/{made(desk, world)['uuid']}"
    ok(edit(desk.console("lu"), path, 1, name="先改的名称"))
    problem = refused(edit(desk.console("lu"), path, 1, name="后改的名称"), 409, "stale-version")
    assert (problem["facts"]["revision"], problem["errors"][0]["pointer"]) == (2, "/revision")
    assert ok(desk.console("lu").get(path))["name"] == "先改的名称"


def test_retired_records_stand_still_until_restored(desk: Desk, world: World) -> None:
    path = f"/subjects/{made(desk, world)['uuid']}"
    refused(desk.console("lu").delete(path, query_string={"revision": 7}), 409, "stale-version")
    reply = desk.console("lu").delete(path, query_string={"reason": "已竣工备案", "revision": 1})
    assert reply.status_code == 204
    refused(edit(desk.console("lu"), path, 2, name="不该改成"), 409, "record-retired")
    back = ok(desk.console("lu").post(f"{path}/restore", json={"reason": "误退", "revision": 2}))
    assert (back["retired_at"], back["revision"]) == (None, 3)
    acts = [(h["act"], h["reason"], h["revision"]) for h in history(desk, path)]
    assert acts == [("created", None, 1), ("retired", "已竣工备案", 2), ("restored", "误退", 3)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "另一个编号"}, "validation-failed"),
        ({"frame": "enterprise_site"}, "validation-failed"),
        ({"region_code": "999999"}, "region-unknown"),
        ({"organisation": str(uuid4())}, "organisation-unknown"),
        ({"boundary": [[121, 29], [121.1, 29], [121.1, 29.1]]}, "datum-unknown"),
        ({"centre": {"longitude": 121, "latitude": 29, "datum": "unknown"}}, "datum-unknown"),
        ({"contract_price": "-1"}, "validation-failed"),
        ({"contract_price": "1.005"}, "validation-failed"),
        ({"contract_price": "10000000000000"}, "validation-failed"),
        ({"status": "asleep"}, "validation-failed"),
        ({"risk_class": "A"}, "validation-failed"),
    ],
)
def test_wrong_edits_are_refused_and_leave_nothing(
    desk: Desk, world: World, changes: dict[str, Any], code: str
) -> None:
    path = f"/subjects/{made(desk, world)['uuid']}"
    refused(edit(desk.console("lu"), path, 1, name="不该留下的名称", **changes), 422, code)
    assert ok(desk.console("lu").get(path))["revision"] == 1


def test_supervisors_read_the_history_and_may_not_edit(desk: Desk, world: World) -> None:
    path = f"/subjects/{made(desk, world)['uuid']}"
    assert len(desk.console("chen").items(f"{path}/history")) == 1
    refused(edit(desk.console("chen"), path, 1, name="科长改名"), 403, "permission-denied")


def test_a_new_place_keeps_the_reading_and_the_datum(desk: Desk, world: World) -> None:
    path = f"/subjects/{made(desk, world)['uuid']}"
    ring = [[LON - 0.001, LAT - 0.001], [LON + 0.001, LAT - 0.001], [LON, LAT + 0.001]]
    centre = {"longitude": LON, "latitude": LAT, "datum": "gcj02"}
    found = ok(edit(desk.console("lu"), path, 1, centre=centre, boundary=ring))
    assert found["place"] == {"datum": "gcj02", "given": {"centre": [LON, LAT], "boundary": ring}}
    alone = {"longitude": LON, "latitude": LAT, "datum": "wgs84"}
    refused(edit(desk.console("lu"), path, 2, centre=alone), 422, "boundary-datum-differs")
    dropped = ok(edit(desk.console("lu"), path, 2, boundary=None))
    assert dropped["place"]["given"]["boundary"] is None
    places = [set(h["changes"]) for h in history(desk, path)[1:]]
    assert places == [{"datum", "boundary"}, {"boundary"}]


def test_a_changed_contractor_ends_and_stays_in_the_file(desk: Desk, world: World) -> None:
    path = f"/subjects/{made(desk, world)['uuid']}"
    other = firm(world, "contractor", HUICHENG)
    party = {"party": "contractor", "organisation": other, "from_on": "2026-09-10"}
    found = ok(edit(desk.console("lu"), path, 1, parties=[party]))["parties"]
    assert [(p["organisation"]["uuid"], p["from_on"], p["to_on"]) for p in found] == [
        (firm(world, "contractor"), None, "2026-09-09"),
        (other, "2026-09-10", None),
    ]
    again = ok(edit(desk.console("lu"), path, 2, parties=[party]))
    assert again["revision"] == 2
    assert "party.contractor" in history(desk, path)[1]["changes"]


def test_one_firm_does_not_build_and_supervise(desk: Desk, world: World) -> None:
    same = firm(world, "contractor")
    parties = [{"party": p, "organisation": same} for p in ("contractor", "supervisor_firm")]
    reply = desk.console("lu").post("/subjects", json=subject(world, parties=parties))
    problem = refused(reply, 422, "parties-conflict")
    assert problem["errors"][0]["pointer"] == "/parties/1/organisation"
    backwards = [{"party": "client", "organisation": same, "from_on": "2026-02-01", "to_on": "2026-01-01"}]
    refused(desk.console("lu").post("/subjects", json=subject(world, parties=backwards)), 422, "dates-reversed")


def test_organisation_is_edited_retired_and_restored(desk: Desk) -> None:
    code = credit_code(ZHENHAI, "改名的单位")
    body = {"name": "原名建设有限公司", "kind": "contractor", "region_code": ZHENHAI}
    path = f"/organisations/{ok(desk.console('lu').post('/organisations', json=body), 201)['uuid']}"
    found = ok(edit(desk.console("lu"), path, 1, name="新名建设有限公司", credit_code=code.lower()))
    assert (found["credit_code"], found["revision"]) == (code, 2)
    wrong = edit(desk.console("lu"), path, 2, credit_code=code[:-1] + ("0" if code[-1] != "0" else "1"))
    refused(wrong, 422, "credit-code-invalid")
    assert history(desk, path)[1]["changes"]["name"] == ["原名建设有限公司", "新名建设有限公司"]
    assert desk.console("lu").delete(path).status_code == 204
    assert ok(desk.console("lu").post(f"{path}/restore", json={"reason": "误退"}))["retired_at"] is None


def test_organisation_with_officers_or_subjects_stays(desk: Desk, world: World) -> None:
    authority = f"/organisations/{firm(world, 'authority')}"
    refused(desk.console("lu").delete(authority), 409, "organisation-in-use")
    refused(edit(desk.console("lu"), authority, 1, kind="testing_laboratory"), 409, "organisation-in-use")
    refused(desk.console("lu").delete(f"/organisations/{firm(world, 'concrete_producer')}"), 409, "organisation-in-use")
    foreign = f"/organisations/{firm(world, 'client', HUICHENG)}"
    refused(desk.console("chen").get(foreign), 404, "organisation-not-found")


def test_nothing_new_is_tied_to_a_retired_organisation(desk: Desk, world: World) -> None:
    body = {"name": "将退出的单位", "kind": "concrete_producer", "region_code": ZHENHAI}
    gone = ok(desk.console("lu").post("/organisations", json=body), 201)["uuid"]
    assert desk.console("lu").delete(f"/organisations/{gone}").status_code == 204
    reply = desk.console("lu").post("/subjects", json=subject(world, organisation=gone))
    refused(reply, 422, "organisation-retired")


def test_officer_is_edited_under_the_same_rules_as_registered(desk: Desk, world: World) -> None:
    body = {
        "name": "改检",
        "certificate_no": f"3302改{uuid4().hex[:8]}",
        "certificate_expires_on": "2030-01-01",
        "organisation": firm(world, "authority"),
        "region_code": ZHENHAI,
        "skills": ["混凝土", "混凝土", "检测"],
        "unit": "质量一科",
    }
    first = ok(desk.console("lu").post("/officers", json=body), 201)
    assert (first["skills"], first["may_lead"], first["revision"]) == (["混凝土", "检测"], True, 1)
    path = f"/officers/{first['uuid']}"
    moved = edit(desk.console("lu"), path, 1, organisation=firm(world, "testing_laboratory"))
    refused(moved, 422, "organisation-may-not-inspect")
    refused(edit(desk.console("lu"), path, 1, certificate_no="3302示0000001"), 409, "certificate-taken")
    found = ok(edit(desk.console("lu"), path, 1, may_lead=False, certificate_expires_on="2031-01-01"))
    assert (found["may_lead"], found["revision"]) == (False, 2)
    assert history(desk, path)[1]["changes"] == {
        "may_lead": [True, False],
        "certificate_expires_on": ["2030-01-01", "2031-01-01"],
    }
    refused(edit(desk.console("lu"), path, 1, name="后改"), 409, "stale-version")
    assert desk.console("lu").delete(path).status_code == 204
    assert ok(desk.console("lu").post(f"{path}/restore", json={"reason": "返岗"}))["revision"] == 4


def test_search_by_everything_a_registrar_may_know(desk: Desk, world: World) -> None:
    lu, permit = desk.console("lu"), f"330211{uuid4().hex[:10]}"
    code = credit_code(ZHENHAI, f"查找{uuid4()}")
    body = {"name": "查得到的监理公司", "kind": "supervisor_firm", "region_code": ZHENHAI, "credit_code": code}
    firm_id = ok(lu.post("/organisations", json=body), 201)["uuid"]
    parties = [{"party": "supervisor_firm", "organisation": firm_id}]
    found = made(desk, world, name="查得到的项目", permit_no=permit, parties=parties, risk_class="credit-high")
    for q in ("查得到的项目", found["code"], permit, "查得到的监理", code.lower()):
        assert [s["uuid"] for s in lu.items("/subjects", q=q)] == [found["uuid"]], q
    filters = {"frame": "project", "kind": "住宅", "status": "active", "risk_class": "credit-high", "region": NINGBO}
    assert found["uuid"] in [s["uuid"] for s in lu.items("/subjects", retired="false", **filters)]
    for other in (
        {"frame": "enterprise_site"},
        {"risk_class": "credit-low"},
        {"region": HUICHENG},
        {"retired": "true"},
    ):
        assert found["uuid"] not in [s["uuid"] for s in lu.items("/subjects", **(filters | other))], other


@pytest.mark.parametrize("sort", ["registered", "-registered", "code", "name"])
def test_every_order_turns_pages_without_loss(desk: Desk, world: World, sort: str) -> None:
    rows = desk.console("lu").items("/subjects", sort=sort)
    assert len({r["uuid"] for r in rows}) == len(rows) == len(desk.console("lu").items("/subjects"))
    if sort == "-registered":
        assert [r["uuid"] for r in rows] == [r["uuid"] for r in desk.console("lu").items("/subjects")][::-1]


def test_of_two_editors_at_one_moment_one_is_told(desk: Desk, world: World) -> None:
    path = f"/subjects/{made(desk, world)['uuid']}"
    callers = [desk.sign_in_console("lu") for _ in range(2)]
    start = Barrier(2)

    def change(number: int) -> int:
        start.wait()
        return int(edit(callers[number], path, 1, name=f"同时改名{number}").status_code)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(change, range(2)))
    assert sorted(answers) == [200, 409]
    won = answers.index(200)
    assert ok(desk.console("lu").get(path))["name"] == f"同时改名{won}"
    assert [h["revision"] for h in history(desk, path)] == [1, 2]
