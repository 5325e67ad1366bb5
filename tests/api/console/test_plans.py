"""年度计划与批次：草稿可改、公布即定；批次到公告为止；完成情况是一对对的数。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from server.domain.permissions import SYSTEM, Scope
from server.models.draws import Batch
from server.models.matters import Matter
from server.models.regions import ROOT
from server.models.subjects import Subject
from tests.api.desk import Desk, ok, refused
from tests.factories.frames import add_assignment, add_draw, add_matter, add_subjects, row_of, statements
from tests.factories.world import World
from tests.people import HUICHENG, NINGBO, ZHENHAI


@dataclass
class Matters:
    """Ids of the list of matters of this file."""

    concrete: str
    projects: str
    laboratories: str
    elsewhere: str
    retired: str


@pytest.fixture(scope="module")
def matters(desk: Desk, world: World) -> Matters:
    body = world.organisations[f"authority.{ZHENHAI}"]
    with desk.house.unit(SYSTEM, scope=Scope((ROOT,))) as uow:
        made = (
            add_matter(uow, body, code="M-1"),
            add_matter(uow, body, code="M-2", frame="project", kinds=[], checklists=["RES"], share_num=1, share_den=10),
            add_matter(uow, body, code="M-3", kinds=["检测机构"], checklists=["LAB"], times_a_year=2),
            add_matter(uow, body, code="M-4", region_code=HUICHENG),
            add_matter(uow, body, code="M-5"),
        )
        made[4].retired_at = uow.now
        return Matters(*(str(m.uuid) for m in made))


def item(matter: str, **changes: Any) -> dict[str, Any]:
    return {"matter": matter, "from_on": "2026-03-01", "to_on": "2026-11-30"} | changes


def plan_body(world: World, items: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    body = {
        "year": 2026,
        "title": f"镇海区2026年度计划 {uuid4()}",
        "region_code": ZHENHAI,
        "organisation": str(world.organisations[f"authority.{ZHENHAI}"]),
        "annual_cap": 2,
        "items": items,
        "content": "预拌混凝土生产质量",
        "use_of_results": "纳入信用评价",
    }
    return body | changes


def draft(desk: Desk, world: World, *items: str, **changes: Any) -> dict[str, Any]:
    body = plan_body(world, [item(m) for m in items], **changes)
    made: dict[str, Any] = ok(desk.console("chen").post("/plans", json=body), 201)
    return made


def batch_body(plan: str, *asked: str, **changes: Any) -> dict[str, Any]:
    body = {
        "plan": plan,
        "title": "三季度批次",
        "region_code": ZHENHAI,
        "frame": "enterprise_site",
        "matters": list(asked),
        "strata": [{"risk": "credit-unclassified", "num": 1, "den": 2}],
    }
    return body | changes


def edited(batch: dict[str, Any], *asked: str, **changes: Any) -> dict[str, Any]:
    body = batch_body("", *asked, revision=batch["revision"]) | changes
    del body["plan"]
    return body


def test_a_draft_is_made_read_and_edited(desk: Desk, world: World, matters: Matters) -> None:
    made = draft(desk, world, matters.concrete)
    assert (made["state"], made["published_at"], made["annual_cap"]) == ("draft", None, 2)
    assert [(i["code"], i["from_on"], i["departments"]) for i in made["items"]] == [("M-1", "2026-03-01", [])]
    body = plan_body(world, [item(matters.concrete, departments=["消防救援", "消防救援"]), item(matters.projects)])
    shown = ok(desk.console("chen").put(f"/plans/{made['uuid']}", json=body | {"annual_cap": 4}))
    assert shown["annual_cap"] == 4
    assert [i["departments"] for i in shown["items"]] == [["消防救援"], []]
    assert ok(desk.console("chen").get(f"/plans/{made['uuid']}")) == shown


@pytest.mark.parametrize(
    ("items", "changes", "pointer"),
    [
        ([item("retired")], {}, "/items/0/matter"),
        ([item("concrete"), item("elsewhere")], {}, "/items/1/matter"),
        ([item("concrete"), item("concrete")], {}, "/items/1/matter"),
        ([item("unknown")], {}, "/items/0/matter"),
        ([item("concrete", to_on="2027-01-31")], {}, "/items/0/to_on"),
        ([item("concrete", from_on="2026-12-01")], {}, "/items/0/to_on"),
        ([item("concrete")], {"organisation": "firm"}, "/organisation"),
    ],
)
def test_wrong_plans_are_refused_by_place(
    desk: Desk, world: World, matters: Matters, items: list[dict[str, Any]], changes: dict[str, Any], pointer: str
) -> None:
    named = [i | {"matter": getattr(matters, i["matter"], str(uuid4()))} for i in items]
    if "organisation" in changes:
        changes = {"organisation": str(world.organisations[f"contractor.{ZHENHAI}"])}
    reply = desk.console("chen").post("/plans", json=plan_body(world, named, **changes))
    assert [e["pointer"] for e in refused(reply, 422, "annual-plan-invalid")["errors"]] == [pointer]


def test_regions_and_bodies_out_of_reach_are_refused(desk: Desk, world: World, matters: Matters) -> None:
    for change, code in (
        ({"region_code": HUICHENG}, "region-out-of-scope"),
        ({"region_code": "999999"}, "region-unknown"),
        ({"organisation": str(uuid4())}, "organisation-unknown"),
        ({"year": 1999}, "validation-failed"),
        ({"annual_cap": -1}, "validation-failed"),
    ):
        body = plan_body(world, [item(matters.concrete)], **change)
        refused(desk.console("chen").post("/plans", json=body), 422, code)


def test_publishing_freezes_the_plan_and_its_bases(desk: Desk, world: World, matters: Matters) -> None:
    made = draft(desk, world, matters.concrete)
    at = f"/plans/{made['uuid']}"
    shown = ok(desk.console("chen").post(f"{at}/publish"))
    assert (shown["state"], bool(shown["published_at"])) == ("published", True)
    body = plan_body(world, [item(matters.concrete)])
    refused(desk.console("chen").put(at, json=body), 409, "annual-plan-published")
    refused(desk.console("chen").post(f"{at}/publish"), 409, "annual-plan-published")
    before = ok(desk.console("chen").get(f"{at}/progress"))["items"]
    with desk.house.unit() as uow:
        late = add_subjects(uow, 7)
        ids = [s.id for s in late]
        row_of(uow, Matter, UUID(matters.concrete)).share_num = 0
    assert ok(desk.console("chen").get(f"{at}/progress"))["items"] == before
    assert ok(desk.console("chen").get(at)) == shown
    with desk.house.unit() as uow:
        row_of(uow, Matter, UUID(matters.concrete)).share_num = 1
        for subject in uow.session.scalars(select(Subject).where(Subject.id.in_(ids))):
            subject.retired_at = uow.now


def test_an_empty_plan_is_not_published(desk: Desk, world: World) -> None:
    made = draft(desk, world)
    reply = desk.console("chen").post(f"/plans/{made['uuid']}/publish")
    assert refused(reply, 422, "annual-plan-empty")["errors"][0]["pointer"] == "/items"


def test_a_matter_retired_meanwhile_is_not_published(desk: Desk, world: World, matters: Matters) -> None:
    made = draft(desk, world, matters.concrete, matters.laboratories)
    with desk.house.unit() as uow:
        row_of(uow, Matter, UUID(matters.laboratories)).retired_at = uow.now
    reply = desk.console("chen").post(f"/plans/{made['uuid']}/publish")
    assert refused(reply, 422, "annual-plan-invalid")["errors"][0]["pointer"] == "/items/1/matter"
    with desk.house.unit() as uow:
        row_of(uow, Matter, UUID(matters.laboratories)).retired_at = None


def test_who_sees_which_plan(desk: Desk, world: World, matters: Matters) -> None:
    city = ok(
        desk.console("tang").post("/plans", json=plan_body(world, [item(matters.concrete)], region_code=ROOT)), 201
    )
    at = f"/plans/{city['uuid']}"
    refused(desk.console("chen").get(at), 404, "annual-plan-not-found")
    ok(desk.console("tang").post(f"{at}/publish"))
    assert ok(desk.console("chen").get(at))["region_code"] == ROOT
    refused(desk.console("chen").put(at, json=plan_body(world, [])), 404, "annual-plan-not-found")
    refused(desk.console("chen").post(f"{at}/publish"), 404, "annual-plan-not-found")
    assert city["uuid"] in [p["uuid"] for p in desk.console("chen").items("/plans", year=2026)]
    assert desk.console("chen").items("/plans", year=2025) == []
    assert [p["uuid"] for p in desk.console("chen").items("/plans", q=city["title"])] == [city["uuid"]]
    own = draft(desk, world, matters.concrete)
    assert ok(desk.console("lu").get(f"/plans/{own['uuid']}"))["uuid"] == own["uuid"]
    refused(desk.console("lu").post("/plans", json=plan_body(world, [])), 403, "permission-denied")
    made = ok(desk.console("chen").post("/batches", json=batch_body(city["uuid"], matters.concrete)), 201)
    assert made["plan"] == city["uuid"]
    seen = {row["region_code"] for row in ok(desk.console("chen").get(f"{at}/progress"))["items"]}
    assert seen == {None, ZHENHAI}
    assert HUICHENG in {row["region_code"] for row in ok(desk.console("tang").get(f"{at}/progress"))["items"]}


def test_a_batch_takes_what_its_matters_say(desk: Desk, world: World, matters: Matters) -> None:
    plan = draft(desk, world, matters.concrete, matters.laboratories)
    asked = batch_body(plan["uuid"], matters.concrete, matters.laboratories, campaign="质量月")
    made = ok(desk.console("chen").post("/batches", json=asked), 201)
    assert (made["kinds"], made["checklists"]) == (["搅拌站", "检测机构"], ["LAB", "RMC"])
    assert [m["code"] for m in made["matters"]] == ["M-1", "M-3"]
    assert made["strata"][0]["title"] == "企业信用风险未分类"
    assert (made["seats"], made["rule"], made["due_workdays"], made["revision"]) == (2, "lead", 20, 1)
    assert made["exclusions"] == {"stopped": True, "finished": True, "recent_days": 0, "cap": True}
    assert ok(desk.console("chen").get(f"/batches/{made['uuid']}")) == made
    assert [b["uuid"] for b in desk.console("chen").items("/batches", plan=plan["uuid"])] == [made["uuid"]]
    assert made["uuid"] in [b["uuid"] for b in desk.console("chen").items("/batches", q="质量月")]


def test_a_batch_with_everything(desk: Desk, world: World, matters: Matters) -> None:
    plan = draft(desk, world, matters.concrete)
    team = str(world.organisations[f"authority.{HUICHENG}"])
    fire = {"name": "镇海区消防救援大队", "kind": "fire", "people": ["示例甲"]}
    full = batch_body(
        plan["uuid"],
        matters.concrete,
        strata=[{"risk": "credit-high", "num": 1, "den": 1, "minimum": 3, "balls": 2}],
        seats=3,
        rule="apart",
        skills=["混凝土"],
        departments=[fire],
        teams=[team, team],
        exclusions={"recent_days": 90, "cap": False},
        due_workdays=15,
    )
    made = ok(desk.console("chen").post("/batches", json=full), 201)
    assert made["teams"] == [team]
    assert made["departments"] == [fire]
    assert made["exclusions"] == {"stopped": True, "finished": True, "recent_days": 90, "cap": False}
    assert made["strata"] == [
        {"risk": "credit-high", "title": "企业信用风险高（D类）", "num": 1, "den": 1, "minimum": 3, "balls": 2}
    ]


@pytest.mark.parametrize(
    ("asked", "changes", "pointers"),
    [
        (["projects"], {}, ["/matters/0"]),
        (["concrete", "elsewhere"], {}, ["/matters/1"]),
        (["laboratories"], {}, ["/matters/0"]),
        (["concrete"], {"kinds": ["砂场"], "checklists": ["SND"]}, ["/kinds/0", "/checklists/0", "/checklists/0"]),
        (["concrete"], {"region_code": NINGBO}, ["/region_code"]),
        (["concrete"], {"teams": [str(uuid4())]}, ["/teams/0"]),
        (["concrete"], {"strata": [{"risk": "credit-low", "num": 2, "den": 1}]}, ["/strata/0/num"]),
        (["concrete"], {"strata": [{"risk": "credit-low", "num": 1, "den": 1}] * 2}, ["/strata/1/risk"]),
    ],
)
def test_wrong_batches_are_refused_by_place(
    desk: Desk, world: World, matters: Matters, asked: list[str], changes: dict[str, Any], pointers: list[str]
) -> None:
    plan = draft(desk, world, matters.concrete, matters.projects)
    body = batch_body(plan["uuid"], *(getattr(matters, word) for word in asked), **changes)
    reply = desk.console("chen").post("/batches", json=body)
    assert [e["pointer"] for e in refused(reply, 422, "batch-invalid")["errors"]] == pointers


@pytest.mark.parametrize(
    "changes",
    [
        {"seats": 1},
        {"strata": []},
        {"strata": [{"risk": "A", "num": 1, "den": 2}]},
        {"rule": "both"},
        {"matters": []},
        {"frame": "factory"},
        {"exclusions": {"holiday": True}},
        {"departments": [{"name": "税务局", "kind": "tax"}]},
    ],
)
def test_misshapen_batches_are_refused(desk: Desk, world: World, matters: Matters, changes: dict[str, Any]) -> None:
    body = batch_body(str(uuid4()), matters.concrete, **changes)
    refused(desk.console("chen").post("/batches", json=body), 422, "validation-failed")


def test_a_batch_is_edited_until_a_draw_is_announced(desk: Desk, world: World, matters: Matters) -> None:
    plan = draft(desk, world, matters.concrete, matters.projects)
    made = ok(desk.console("chen").post("/batches", json=batch_body(plan["uuid"], matters.concrete)), 201)
    at = f"/batches/{made['uuid']}"
    body = edited(made, matters.projects, frame="project", title="改为工程项目")
    shown = ok(desk.console("chen").put(at, json=body))
    assert (shown["title"], shown["frame"], shown["checklists"], shown["kinds"]) == (
        "改为工程项目",
        "project",
        ["RES"],
        [],
    )
    assert ([m["code"] for m in shown["matters"]], shown["revision"]) == (["M-2"], 2)
    stale = refused(desk.console("chen").put(at, json=body), 409, "batch-changed")
    assert stale["facts"]["revision"] == 2
    with desk.house.unit() as uow:
        draw = add_draw(uow, row_of(uow, Batch, UUID(made["uuid"])), "void").code
    refused(desk.console("chen").put(at, json=body | {"revision": 2}), 409, "batch-announced")
    assert ok(desk.console("chen").get(at))["draws"] == [{"code": draw, "state": "void"}]


def test_nobody_pulls_the_plan_from_under_a_batch(desk: Desk, world: World, matters: Matters) -> None:
    plan = draft(desk, world, matters.concrete, matters.projects)
    ok(desk.console("chen").post("/batches", json=batch_body(plan["uuid"], matters.concrete)), 201)
    at = f"/plans/{plan['uuid']}"
    ok(desk.console("chen").put(at, json=plan_body(world, [item(matters.concrete)])))
    fewer = desk.console("chen").put(at, json=plan_body(world, [item(matters.projects)]))
    assert refused(fewer, 409, "annual-plan-in-use")["facts"]["matters"] == [matters.concrete]
    moved = desk.console("chen").put(at, json=plan_body(world, [item(matters.concrete)], region_code=NINGBO))
    refused(moved, 409, "annual-plan-in-use")


def test_batches_out_of_reach_are_not_there(desk: Desk, world: World, matters: Matters) -> None:
    body = plan_body(world, [item(matters.elsewhere)], region_code=HUICHENG)
    plan = ok(desk.console("tang").post("/plans", json=body), 201)
    asked = batch_body(plan["uuid"], matters.elsewhere, region_code=HUICHENG)
    made = ok(desk.console("tang").post("/batches", json=asked), 201)
    for path in (f"/batches/{made['uuid']}", f"/batches/{made['uuid']}/simulation", f"/batches/{uuid4()}"):
        refused(desk.console("chen").get(path), 404, "batch-not-found")
    refused(
        desk.console("chen").put(f"/batches/{made['uuid']}", json=edited(made, matters.elsewhere)),
        404,
        "batch-not-found",
    )
    refused(desk.console("chen").post("/batches", json=asked), 404, "annual-plan-not-found")


def test_progress_is_told_in_pairs_by_matter_and_region(desk: Desk, world: World, matters: Matters) -> None:
    plan = draft(desk, world, matters.concrete, matters.projects)
    made = ok(desk.console("chen").post("/batches", json=batch_body(plan["uuid"], matters.concrete)), 201)
    ok(desk.console("chen").post(f"/plans/{plan['uuid']}/publish"))
    with desk.house.unit() as uow:
        batch = row_of(uow, Batch, UUID(made["uuid"]))
        done, late, open_, refused_, gone = add_subjects(uow, 5)
        add_assignment(uow, batch, done, "done", date(2026, 9, 10), ended=True)
        add_assignment(uow, batch, late, "assigned", date(2026, 9, 20), ended=False)
        add_assignment(uow, batch, open_, "started", date(2026, 9, 21), ended=False)
        add_assignment(uow, batch, refused_, "ended", date(2026, 9, 10), ended=True)
        add_assignment(uow, batch, gone, "replaced", date(2026, 9, 10), ended=True)
    shown = ok(desk.console("chen").get(f"/plans/{plan['uuid']}/progress"))
    assert shown["on"] == "2026-09-21"
    whole, local = [row for row in shown["items"] if row["code"] == "M-1"]
    assert (whole["region_code"], local["region_code"], local["region_name"]) == (None, ZHENHAI, "镇海区")
    for row in (whole, local):
        assert (row["base"], row["drawn"]) == (2, {"count": 4, "of": 1})
        assert row["done"] == {"count": 1, "of": 4}
        assert row["without_check"] == {"count": 1, "of": 4}
        assert row["overdue"] == {"count": 1, "of": 2}
    project = next(row for row in shown["items"] if row["code"] == "M-2")
    assert (project["base"], project["drawn"]) == (2, {"count": 0, "of": 1})


def test_statements_do_not_grow_with_the_lists(desk: Desk, world: World, matters: Matters) -> None:
    plan = draft(desk, world, matters.concrete)
    paths = ("/plans?limit=200", f"/batches?limit=200&plan={plan['uuid']}", f"/plans/{plan['uuid']}/progress")
    ok(desk.console("chen").post("/batches", json=batch_body(plan["uuid"], matters.concrete)), 201)
    counts = []
    for _ in range(2):
        found = []
        for path in paths:
            with statements(desk.house) as asked:
                ok(desk.console("chen").get(path))
            found.append(len(asked))
        counts.append(found)
        for _ in range(3):
            draft(desk, world, matters.concrete, matters.projects)
            ok(desk.console("chen").post("/batches", json=batch_body(plan["uuid"], matters.concrete)), 201)
    assert counts[0] == counts[1]
