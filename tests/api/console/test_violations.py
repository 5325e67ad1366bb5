"""问题的认定与案件：确认、降级、驳回、撤回；文书、立案、决定、变更。"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.api.desk import Desk, ok, refused
from tests.factories.checks import can_fail, check_body
from tests.factories.season import decision

REASON = "经复核现场资料，情况与检查发现不同"


@pytest.fixture
def rows(desk: Desk) -> list[dict[str, Any]]:
    """Six findings of one fresh check."""
    check = uuid4()
    ok(
        desk.phone("lin").put(f"/checks/{check}", json=check_body(desk.world, failing=can_fail("RMC", "yard1")[:6])),
        201,
    )
    desk.run_outbox()
    return desk.console("chen").items("/violations", check=str(check))


def decide(desk: Desk, row: dict[str, Any], **verdict: Any) -> Any:
    return desk.console("chen").post(f"/violations/{row['uuid']}/decision", json=verdict)


def confirmed_case(desk: Desk, rows: list[dict[str, Any]]) -> str:
    return f"/cases/{ok(decide(desk, rows[0], decision='confirm'))['case']}"


def test_confirming_opens_one_case_per_check(desk: Desk, rows: list[dict[str, Any]]) -> None:
    told = [ok(decide(desk, row, decision="confirm")) for row in rows[:3]]
    assert {t["state"] for t in told} == {"confirmed"}
    assert len({t["case"] for t in told}) == 1
    case = ok(desk.console("chen").get(f"/cases/{told[0]['case']}"))
    assert set(case["violations"]) == {t["uuid"] for t in told}
    assert case["state"] == "found"


def test_clause_is_a_snapshot_beside_the_finding(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert row["clause"]["requirement"]
        assert row["liable"]
    cited = [clause for row in rows for clause in row["clause"]["basis"]]
    assert cited
    assert {clause["region"] for clause in cited} <= {"", "330000"}  # a rule of Guangdong is none in Zhejiang


def test_lowering_needs_a_lower_degree_and_a_reason(desk: Desk, rows: list[dict[str, Any]]) -> None:
    grave = next(r for r in rows if r["severity"] == "critical")
    refused(decide(desk, grave, decision="lower", reason=REASON), 422, "severity-missing")
    refused(decide(desk, grave, decision="lower", severity="critical", reason=REASON), 422, "severity-not-lower")
    refused(decide(desk, grave, decision="lower", severity="minor", reason="轻"), 422, "reason-too-short")
    refused(decide(desk, grave, decision="confirm", severity="minor"), 422, "severity-needs-lowering")
    told = ok(decide(desk, grave, decision="lower", severity="major", reason=REASON))
    assert (told["state"], told["severity"], told["found_severity"]) == ("lowered", "major", "critical")


def test_rejecting_needs_a_reason_and_is_said_once(desk: Desk, rows: list[dict[str, Any]]) -> None:
    refused(decide(desk, rows[0], decision="reject"), 422, "reason-too-short")
    told = ok(decide(desk, rows[0], decision="reject", reason=REASON))
    assert (told["state"], told["case"], told["reason"]) == ("rejected", None, REASON)
    refused(decide(desk, rows[0], decision="confirm"), 409, "violation-already-decided")


def test_withdrawing_takes_back_a_confirmation(desk: Desk, rows: list[dict[str, Any]]) -> None:
    refused(decide(desk, rows[0], decision="withdraw", reason=REASON), 409, "violation-not-confirmed")
    ok(decide(desk, rows[0], decision="confirm"))
    told = ok(decide(desk, rows[0], decision="withdraw", reason=REASON))
    assert (told["state"], told["case"]) == ("withdrawn", None)


def test_foreign_violations_are_not_decided(desk: Desk) -> None:
    check = uuid4()
    body = check_body(desk.world, region="441302", officers=("he", "ou"), failing=["RMC-01-01"])
    ok(desk.phone("he").put(f"/checks/{check}", json=body), 201)
    desk.run_outbox()
    row = desk.console("tang").items("/violations", check=str(check))[0]
    refused(decide(desk, row, decision="confirm"), 404, "violation-not-found")
    assert desk.console("chen").items("/violations", check=str(check)) == []


@pytest.mark.parametrize("query", [{"state": "odd"}, {"severity": "odd"}, {"check": "odd"}, {"limit": 0}])
def test_odd_filters_are_refused(desk: Desk, query: dict[str, Any]) -> None:
    refused(desk.console("chen").get("/violations", query_string=query), 422, "validation-failed")


def test_filters_narrow(desk: Desk, rows: list[dict[str, Any]]) -> None:
    ok(decide(desk, rows[0], decision="confirm"))
    check = rows[0]["check"]
    assert len(desk.console("chen").items("/violations", check=check, state="confirmed")) == 1
    grave = desk.console("chen").items("/violations", check=check, severity="critical")
    assert {r["severity"] for r in grave} == {"critical"}


def test_case_goes_its_way_in_order(desk: Desk, rows: list[dict[str, Any]]) -> None:
    console, path = desk.console("chen"), confirmed_case(desk, rows)
    refused(console.put(f"{path}/decision", json=decision(0)), 409, "case-state-forbids")
    filed = ok(console.put(f"{path}/filing", json={"on": "2026-09-19", "number": "示建立字〔2026〕第1号"}))
    assert (filed["state"], filed["filed_on"]) == ("filed", "2026-09-19")
    decided = ok(console.put(f"{path}/decision", json=decision(0)))
    assert decided["decision"]["penalties"][0]["amount"] == "15000.50"
    changed = ok(console.put(f"{path}/change", json={"reason": "行政复议决定变更罚款数额"}))
    assert changed["change_note"]


def test_dropped_case_is_not_decided(desk: Desk, rows: list[dict[str, Any]]) -> None:
    console, path = desk.console("chen"), confirmed_case(desk, rows)
    ok(console.put(f"{path}/filing", json={"on": "2026-09-19", "number": "示建立字〔2026〕第2号"}))
    ok(console.put(f"{path}/drop", json={"reason": "违法行为轻微并及时改正"}))
    refused(console.put(f"{path}/decision", json=decision(0)), 409, "case-state-forbids")


def test_notice_numbers_are_used_once(desk: Desk, rows: list[dict[str, Any]]) -> None:
    console, path = desk.console("chen"), confirmed_case(desk, rows)
    notice = {"kind": "rectification", "number": "示建责改字〔2026〕第8号", "issued_on": "2026-09-19"}
    told = ok(console.post(f"{path}/notices", json=notice | {"due_on": "2026-10-19"}), 201)
    assert [n["number"] for n in told["notices"]] == [notice["number"]]
    refused(console.post(f"{path}/notices", json=notice), 409, "notice-number-taken")
    early = notice | {"number": "示建责改字〔2026〕第9号", "due_on": "2026-09-01"}
    refused(console.post(f"{path}/notices", json=early), 422, "notice-dates-reversed")
    refused(console.post(f"{path}/notices", json=notice | {"number": "随便写的号"}), 422, "document-number-invalid")


@pytest.mark.parametrize(
    "change",
    [
        {"penalties": []},
        {"penalties": [{"kind": "fine", "party_role": "client", "party_name": "甲", "amount": "1e5"}]},
        {"penalties": [{"kind": "fine", "party_role": "client", "party_name": "甲"}]},
        {"decided_on": "2026-09-18"},
        {"in_force_on": "2026-09-01"},
        {"number": "第一号"},
        {"points": "-1"},
    ],
)
def test_odd_decisions_are_refused(desk: Desk, rows: list[dict[str, Any]], change: dict[str, Any]) -> None:
    console, path = desk.console("chen"), confirmed_case(desk, rows)
    ok(console.put(f"{path}/filing", json={"on": "2026-09-19", "number": "示建立字〔2026〕第3号"}))
    assert console.put(f"{path}/decision", json=decision(0) | change).status_code == 422
    assert ok(console.get(path))["decision"] is None
