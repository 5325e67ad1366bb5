"""名录库：登记、唯一、辖区、边界、谁能当执法人员。"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from server.demo.places import credit_code
from tests.api.desk import Desk, ok, refused
from tests.factories.world import World, centre_of
from tests.people import HUICHENG, ZHENHAI


def subject(world: World, **changes: Any) -> dict[str, Any]:
    lon, lat = centre_of(ZHENHAI, 0.5)
    body = {
        "code": f"S-{uuid4()}",
        "name": "示例住宅三号",
        "frame": "project",
        "kind": "住宅",
        "region_code": ZHENHAI,
        "address": "示例路三号",
        "centre": {"longitude": lon, "latitude": lat, "datum": "wgs84"},
        "boundary": [[lon - 0.001, lat - 0.001], [lon + 0.001, lat - 0.001], [lon, lat + 0.001]],
        "parties": [{"party": "contractor", "organisation": str(world.organisations[f"contractor.{ZHENHAI}"])}],
    }
    return body | changes


def test_organisation_is_registered_and_found(desk: Desk) -> None:
    code = credit_code(ZHENHAI, "新来的单位")
    body = {"name": "新来的建设有限公司", "kind": "contractor", "region_code": ZHENHAI, "credit_code": code.lower()}
    made = ok(desk.console("lu").post("/organisations", json=body), 201)
    assert made["credit_code"] == code
    assert [o["uuid"] for o in desk.console("lu").items("/organisations", q="新来的建设")] == [made["uuid"]]
    assert [o["uuid"] for o in desk.console("lu").items("/organisations", q=code.lower())] == [made["uuid"]]
    refused(desk.console("lu").post("/organisations", json=body), 409, "credit-code-taken")


@pytest.mark.parametrize("code", ["1", "91330211MA0000000X", "91330211MA!"])
def test_wrong_credit_code_is_refused(desk: Desk, code: str) -> None:
    body = {"name": "某某有限公司", "kind": "client", "region_code": ZHENHAI, "credit_code": code}
    problem = refused(desk.console("lu").post("/organisations", json=body), 422, "credit-code-invalid")
    assert problem["errors"][0]["pointer"] == "/credit_code"


def test_subject_is_registered_with_its_parties(desk: Desk, world: World) -> None:
    made = ok(desk.console("lu").post("/subjects", json=subject(world)), 201)
    shown = ok(desk.console("lu").get(f"/subjects/{made['uuid']}"))
    assert [p["party"] for p in shown["parties"]] == ["contractor"]
    body = subject(world, code=made["code"])
    refused(desk.console("lu").post("/subjects", json=body), 409, "subject-code-taken")


def test_datum_is_converted_and_the_reading_kept(desk: Desk, world: World) -> None:
    from sqlalchemy import func, select

    from server.models.subjects import Subject, SubjectPlace

    lon, lat = 121.7210, 29.9460
    body = subject(world, boundary=None, centre={"longitude": lon, "latitude": lat, "datum": "gcj02"})
    uuid = ok(desk.console("lu").post("/subjects", json=body), 201)["uuid"]
    with desk.house.unit(writing=False) as uow:
        rows = select(SubjectPlace.given, func.ST_X(SubjectPlace.centre), func.ST_Y(SubjectPlace.centre))
        given, x, y = uow.session.execute(rows.join(Subject).where(Subject.uuid == uuid)).one()
    assert given["centre"] == [lon, lat]
    assert 0.003 < lon - x < 0.006
    assert abs(y - lat) < 0.004


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"region_code": "999999"}, "region-unknown"),
        ({"organisation": str(uuid4())}, "organisation-unknown"),
        ({"boundary": [[121, 29], [121, 29], [121, 29]]}, "boundary-invalid"),
        ({"boundary": [[121, 29], [122, 30], [122, 29], [121, 30]]}, "boundary-crosses-itself"),
        ({"centre": {"longitude": 121, "latitude": 29, "datum": "unknown"}}, "datum-unknown"),
        ({"boundary": [[121, 29], [122, 30]]}, "validation-failed"),
        ({"boundary": [[121, 29, 5], [122, 30, 5], [122, 29, 5]]}, "validation-failed"),
        ({"code": "a|b"}, "validation-failed"),
        ({"frame": "factory"}, "validation-failed"),
        ({"name": " x "}, "validation-failed"),
    ],
)
def test_wrong_subjects_are_refused(desk: Desk, world: World, changes: dict[str, Any], code: str) -> None:
    reply = desk.console("lu").post("/subjects", json=subject(world, **changes))
    refused(reply, 422, code)


def test_subject_is_retired_not_deleted(desk: Desk, world: World) -> None:
    uuid = ok(desk.console("lu").post("/subjects", json=subject(world)), 201)["uuid"]
    for _ in range(2):
        assert desk.console("lu").delete(f"/subjects/{uuid}").status_code == 204
    assert ok(desk.console("lu").get(f"/subjects/{uuid}"))["retired_at"]


def test_officer_must_belong_to_an_authority(desk: Desk, world: World) -> None:
    body = {
        "name": "新检",
        "certificate_no": "3302示7777777",
        "certificate_expires_on": "2030-01-01",
        "organisation": str(world.organisations[f"testing_laboratory.{ZHENHAI}"]),
        "region_code": ZHENHAI,
    }
    refused(desk.console("lu").post("/officers", json=body), 422, "organisation-may-not-inspect")
    body["organisation"] = str(world.organisations[f"authority.{ZHENHAI}"])
    made = ok(desk.console("lu").post("/officers", json=body), 201)
    refused(desk.console("lu").post("/officers", json=body), 409, "certificate-taken")
    assert desk.console("lu").delete(f"/officers/{made['uuid']}").status_code == 204
    retired = [o for o in desk.console("lu").items("/officers") if o["uuid"] == made["uuid"]]
    assert retired[0]["retired_at"]
    refused(desk.console("lu").delete(f"/officers/{uuid4()}"), 404, "officer-not-found")


def test_supervisor_of_a_city_sees_its_districts_and_nobody_elses(desk: Desk, world: World) -> None:
    seen = {s["region_code"] for s in desk.console("chen").items("/subjects")}
    assert ZHENHAI in seen
    assert HUICHENG not in seen
    foreign = world.subjects[f"site1.{HUICHENG}"]
    refused(desk.console("chen").get(f"/subjects/{foreign}"), 404, "subject-not-found")
    assert {HUICHENG, ZHENHAI} <= {s["region_code"] for s in desk.console("tang").items("/subjects")}


def test_regions_are_a_tree(desk: Desk) -> None:
    everything = ok(desk.console("lin").get("/regions"))["items"]
    children = ok(desk.console("lin").get("/regions?parent=330200"))["items"]
    assert {c["parent_code"] for c in children} == {"330200"}
    assert {c["code"] for c in children} == {r["code"] for r in everything if r["parent_code"] == "330200"}
