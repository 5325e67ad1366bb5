"""请假与回避：首尾两天都算，不重叠，撤销留痕。"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.api.desk import Desk, ok, refused
from tests.factories.world import World
from tests.people import HUICHENG, ZHENHAI

SPRING = {"from_on": "2026-10-08", "to_on": "2026-10-12", "reason": "培训"}


def path_of(world: World, login: str) -> str:
    return f"/officers/{world.officers[login]}"


def test_leave_is_noted_and_cancelled(desk: Desk, world: World) -> None:
    path, lu = path_of(world, "lin"), desk.console("lu")
    leave = ok(lu.post(f"{path}/leaves", json=SPRING), 201)
    last_day = SPRING | {"from_on": "2026-10-12", "to_on": "2026-10-20"}
    problem = refused(lu.post(f"{path}/leaves", json=last_day), 409, "leave-overlaps")
    assert problem["facts"]["leave"] == leave["uuid"]
    ok(lu.post(f"{path}/leaves", json=last_day | {"from_on": "2026-10-13"}), 201)
    for _ in range(2):
        assert lu.delete(f"{path}/leaves/{leave['uuid']}").status_code == 204
    ok(lu.post(f"{path}/leaves", json=SPRING | {"to_on": "2026-10-08"}), 201)
    rows = ok(desk.console("chen").get(f"{path}/leaves"))["items"]
    assert [(r["from_on"], r["to_on"], r["cancelled_at"] is None) for r in rows] == [
        ("2026-10-08", "2026-10-12", False),
        ("2026-10-08", "2026-10-08", True),
        ("2026-10-13", "2026-10-20", True),
    ]
    changes = [h for h in lu.items(f"{path}/history") if "leave" in h["changes"]]
    assert len(changes) == 4
    assert {h["by_name"] for h in changes} == {"陆录"}
    assert changes[2]["changes"]["leave"][1] is None


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"to_on": "2026-10-07"}, 422, "dates-reversed"),
        ({"reason": ""}, 422, "validation-failed"),
        ({"from_on": "明天"}, 422, "validation-failed"),
    ],
)
def test_wrong_leave(desk: Desk, world: World, changes: dict[str, Any], status: int, code: str) -> None:
    reply = desk.console("lu").post(f"{path_of(world, 'zhou')}/leaves", json=SPRING | changes)
    refused(reply, status, code)


def test_leave_of_others_is_not_found(desk: Desk, world: World) -> None:
    leave = ok(desk.console("lu").post(f"{path_of(world, 'he')}/leaves", json=SPRING), 201)["uuid"]
    refused(desk.console("lu").delete(f"{path_of(world, 'ou')}/leaves/{leave}"), 404, "leave-not-found")
    refused(desk.console("chen").get(f"{path_of(world, 'he')}/leaves"), 404, "officer-not-found")


def test_interests_of_all_kinds(desk: Desk, world: World) -> None:
    path, lu = path_of(world, "zhou"), desk.console("lu")
    firm = str(world.organisations[f"contractor.{HUICHENG}"])
    site = str(world.subjects[f"site1.{ZHENHAI}"])
    relative = {"kind": "relative", "organisation": firm, "note": "配偶任该公司项目经理"}
    made = ok(lu.post(f"{path}/interests", json=relative), 201)
    assert (made["name"], made["organisation"], made["subject"]) == (
        f"{HUICHENG}contractor（示例）有限公司",
        firm,
        None,
    )
    problem = refused(lu.post(f"{path}/interests", json=relative), 409, "interest-declared")
    assert problem["facts"]["interest"] == made["uuid"]
    ok(lu.post(f"{path}/interests", json=relative | {"kind": "former_post", "note": "2024 年前在该公司任职"}), 201)
    request = {"kind": "party_request", "subject": site, "note": "当事人书面申请回避，已批准", "from_on": "2026-09-01"}
    asked = ok(lu.post(f"{path}/interests", json=request), 201)
    assert (asked["subject"], asked["from_on"]) == (site, "2026-09-01")
    cancel = f"{path}/interests/{made['uuid']}"
    refused(lu.delete(cancel), 422, "validation-failed")
    for _ in range(2):
        assert lu.delete(cancel, query_string={"reason": "已离职"}).status_code == 204
    rows = ok(desk.console("chen").get(f"{path}/interests"))["items"]
    assert [(r["kind"], r["cancelled_at"] is None) for r in rows] == [
        ("relative", False),
        ("former_post", True),
        ("party_request", True),
    ]
    ok(lu.post(f"{path}/interests", json=relative), 201)
    last = lu.items(f"{path}/history")[-2]
    assert (last["reason"], last["changes"]["interest"][1]) == ("已离职", None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"organisation": None}, "interest-target-missing"),
        ({"subject": str(uuid4())}, "interest-target-missing"),
        ({"organisation": str(uuid4())}, "organisation-unknown"),
        ({"organisation": None, "subject": str(uuid4())}, "subject-unknown"),
        ({"from_on": "2026-05-01", "to_on": "2026-04-01"}, "dates-reversed"),
        ({"kind": "neighbour"}, "validation-failed"),
        ({"note": " "}, "validation-failed"),
    ],
)
def test_wrong_interests(desk: Desk, world: World, changes: dict[str, Any], code: str) -> None:
    firm = str(world.organisations[f"client.{ZHENHAI}"])
    body = {"kind": "declared", "organisation": firm, "note": "持有股份"} | changes
    refused(desk.console("lu").post(f"{path_of(world, 'lin')}/interests", json=body), 422, code)


def test_nothing_is_noted_of_a_retired_officer(desk: Desk, world: World) -> None:
    path = path_of(world, "expired")
    assert desk.console("lu").delete(path).status_code == 204
    refused(desk.console("lu").post(f"{path}/leaves", json=SPRING), 409, "record-retired")
