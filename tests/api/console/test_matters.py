"""随机抽查事项清单：没有依据的不得列入，检查单要已发布、同一抽样框。"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.api.desk import Desk, ok, refused
from tests.factories.world import World
from tests.people import HUICHENG, ZHENHAI

LAW = {"code": "penalties_law", "clause": "第四十二条", "confidence": "V:S02"}
LOCAL = {"title": "示例市建筑工程质量管理办法", "clause": "第八条", "source": "示例府规〔2025〕3号", "confidence": "K"}


def matter(world: World, **changes: Any) -> dict[str, Any]:
    body = {
        "code": f"M-{uuid4().hex[:12]}",
        "name": "住宅工程质量抽查",
        "frame": "project",
        "kinds": ["住宅"],
        "region_code": ZHENHAI,
        "organisation": str(world.organisations[f"authority.{ZHENHAI}"]),
        "legal_bases": [LAW, LOCAL],
        "checklists": ["RES"],
        "share_num": 5,
        "share_den": 100,
        "times_a_year": 2,
        "method": "现场检查",
    }
    return body | changes


def test_a_matter_is_listed_with_its_laws(desk: Desk, world: World) -> None:
    made = ok(desk.console("lu").post("/matters", json=matter(world)), 201)
    assert [(b["law"], b["verified"]) for b in made["legal_bases"]] == [
        ("中华人民共和国行政处罚法", True),
        ("示例市建筑工程质量管理办法", False),
    ]
    assert (made["share_num"], made["share_den"], made["revision"]) == (5, 100, 1)
    assert made["organisation_name"].startswith(f"{ZHENHAI}authority")
    assert ok(desk.console("chen").get(f"/matters/{made['uuid']}")) == made
    assert [m["uuid"] for m in desk.console("chen").items("/matters", q=made["code"])] == [made["uuid"]]
    refused(desk.console("lu").post("/matters", json=matter(world, code=made["code"])), 409, "matter-code-taken")


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"legal_bases": []}, "matter-without-basis", "/legal_bases"),
        ({"legal_bases": [{"confidence": "K"}]}, "matter-without-basis", "/legal_bases/0/title"),
        ({"legal_bases": [LOCAL | {"source": None}]}, "matter-without-basis", "/legal_bases/0/source"),
        ({"legal_bases": [LAW, LOCAL | {"confidence": "高"}]}, "matter-without-basis", "/legal_bases/1/confidence"),
        ({"legal_bases": [LAW | {"title": "又写名称"}]}, "matter-without-basis", "/legal_bases/0/code"),
        ({"legal_bases": [{"code": "no_such_law", "confidence": "K"}]}, "basis-unknown", "/legal_bases/0/code"),
        ({"legal_bases": [{"code": "penalties_law"}]}, "validation-failed", "/legal_bases/0/confidence"),
        ({"checklists": ["XXX"]}, "checklist-unknown", "/checklists/0"),
        ({"checklists": []}, "checklist-unknown", "/checklists"),
        ({"checklists": ["RES", "LAB"]}, "checklist-frame-mismatch", "/checklists/1"),
        ({"share_num": 101}, "share-invalid", "/share_num"),
        ({"share_num": 0}, "validation-failed", "/share_num"),
        ({"region_code": "999999"}, "region-unknown", "/region_code"),
        ({"organisation": str(uuid4())}, "organisation-unknown", "/organisation"),
    ],
)
def test_what_may_not_be_listed(desk: Desk, world: World, changes: dict[str, Any], code: str, pointer: str) -> None:
    problem = refused(desk.console("lu").post("/matters", json=matter(world, **changes)), 422, code)
    assert problem["errors"][0]["pointer"] == pointer


def test_a_laboratory_checks_nobody(desk: Desk, world: World) -> None:
    laboratory = str(world.organisations[f"testing_laboratory.{ZHENHAI}"])
    reply = desk.console("lu").post("/matters", json=matter(world, organisation=laboratory))
    refused(reply, 422, "organisation-may-not-inspect")


def test_a_matter_is_edited_retired_restored_with_its_history(desk: Desk, world: World) -> None:
    made = ok(desk.console("lu").post("/matters", json=matter(world)), 201)
    path = f"/matters/{made['uuid']}"
    change = {"revision": 1, "reason": "年度计划调整", "share_num": 10, "legal_bases": [LAW]}
    edited = ok(desk.console("lu").patch(path, json=change))
    assert (edited["revision"], edited["share_num"], len(edited["legal_bases"])) == (2, 10, 1)
    refused(desk.console("lu").patch(path, json=change), 409, "stale-version")
    bare = {"revision": 2, "reason": "去掉依据", "legal_bases": []}
    refused(desk.console("lu").patch(path, json=bare), 422, "matter-without-basis")
    assert desk.console("lu").delete(path, query_string={"reason": "依据已废止"}).status_code == 204
    assert made["uuid"] not in [m["uuid"] for m in desk.console("lu").items("/matters", retired="false")]
    ok(desk.console("lu").post(f"{path}/restore", json={"reason": "误退"}))
    rows = desk.console("lu").items(f"{path}/history")
    assert [(r["act"], r["by_name"]) for r in rows] == [
        (act, "陆录") for act in ("created", "edited", "retired", "restored")
    ]
    assert rows[1]["changes"]["share_num"] == [5, 10]
    assert set(rows[1]["changes"]) == {"share_num", "legal_bases"}


def test_matters_of_other_cities_do_not_exist(desk: Desk, world: World) -> None:
    authority = str(world.organisations[f"authority.{HUICHENG}"])
    body = matter(world, region_code=HUICHENG, organisation=authority)
    made = ok(desk.console("lu").post("/matters", json=body), 201)
    refused(desk.console("chen").get(f"/matters/{made['uuid']}"), 404, "matter-not-found")
    refused(desk.console("chen").post("/matters", json=matter(world)), 403, "permission-denied")
