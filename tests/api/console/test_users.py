"""用户：建、授角色、改口令、停用；只管自己辖区的人。"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.api.desk import Desk, ok, refused
from tests.people import HUICHENG, NINGBO, PASSWORD, ZHENHAI


def person(**changes: Any) -> dict[str, Any]:
    grants = [{"role": "supervisor", "region_code": ZHENHAI}]
    return {"login": f"u-{uuid4().hex[:12]}", "name": "新来的", "password": PASSWORD, "grants": grants} | changes


def city_admin(desk: Desk) -> Any:
    body = person(grants=[{"role": "administrator", "region_code": NINGBO}])
    ok(desk.console("guan").post("/users", json=body), 201)
    return desk.sign_in_console(body["login"])


def test_created_person_signs_in_and_passwords_are_never_shown(desk: Desk) -> None:
    body = person()
    reply = desk.console("guan").post("/users", json=body)
    assert PASSWORD not in reply.text
    assert "password" not in ok(reply, 201)
    ok(desk.sign_in_console(body["login"]).get("/session"))
    refused(desk.console("guan").post("/users", json=body), 409, "login-taken")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "short"}, "password-too-short"),
        ({"login": "Big Letters"}, "validation-failed"),
        ({"login": ""}, "validation-failed"),
        ({"grants": []}, "validation-failed"),
        ({"grants": [{"role": "king", "region_code": ZHENHAI}]}, "validation-failed"),
        ({"grants": [{"role": "inspector", "region_code": "999999"}]}, "region-unknown"),
        ({"officer": str(uuid4())}, "officer-unknown"),
        ({"password": None}, "validation-failed"),
    ],
)
def test_wrong_people_are_refused(desk: Desk, changes: dict[str, Any], code: str) -> None:
    refused(desk.console("guan").post("/users", json=person(**changes)), 422, code)


def test_grants_are_replaced_whole(desk: Desk) -> None:
    admin = desk.console("guan")
    user = ok(admin.post("/users", json=person()), 201)["uuid"]
    wanted = [
        {"role": "legal_reviewer", "region_code": HUICHENG},
        {"role": "supervisor", "region_code": ZHENHAI},
    ]
    for _ in range(2):
        told = ok(admin.put(f"/users/{user}/grants", json={"grants": wanted}))
        assert sorted((g["role"], g["region_code"]) for g in told["grants"]) == [
            (g["role"], g["region_code"]) for g in wanted
        ]
    assert ok(admin.put(f"/users/{user}/grants", json={"grants": []}))["grants"] == []


def test_new_password_ends_sessions(desk: Desk) -> None:
    body = person()
    user = ok(desk.console("guan").post("/users", json=body), 201)["uuid"]
    session = desk.sign_in_console(body["login"])
    changed = desk.console("guan").put(f"/users/{user}/password", json={"password": "another good password"})
    assert changed.status_code == 204
    assert session.get("/session").status_code == 401
    ok(desk.sign_in_console(body["login"], "another good password").get("/session"))
    problem = desk.console("guan").put(f"/users/{user}/password", json={"password": "short"})
    refused(problem, 422, "password-too-short")


def test_administrator_of_a_city_gives_roles_in_it_alone(desk: Desk) -> None:
    admin = city_admin(desk)
    ok(admin.post("/users", json=person()), 201)
    foreign = person(grants=[{"role": "inspector", "region_code": HUICHENG}])
    refused(admin.post("/users", json=foreign), 422, "region-out-of-scope")


def test_administrator_of_a_city_cannot_touch_who_stands_above(desk: Desk) -> None:
    admin = city_admin(desk)
    chief = next(u["uuid"] for u in desk.console("guan").items("/users") if u["login"] == "guan")
    for act in (
        admin.get(f"/users/{chief}"),
        admin.put(f"/users/{chief}/password", json={"password": "taken over now"}),
        admin.put(f"/users/{chief}/grants", json={"grants": []}),
        admin.delete(f"/users/{chief}"),
        admin.get(f"/users/{chief}/devices"),
        admin.delete(f"/users/{chief}/devices/{uuid4()}"),
    ):
        refused(act, 404, "user-not-found")
    logins = {u["login"] for u in admin.items("/users")}
    assert "guan" not in logins
    assert "chen" in logins


def test_person_without_roles_is_managed_by_the_country_alone(desk: Desk) -> None:
    """Nobody's region covers a person without one: a city administrator could otherwise adopt anybody."""
    user = ok(desk.console("guan").post("/users", json=person()), 201)["uuid"]
    ok(desk.console("guan").put(f"/users/{user}/grants", json={"grants": []}))
    refused(city_admin(desk).get(f"/users/{user}"), 404, "user-not-found")
    assert user in {u["uuid"] for u in desk.console("guan").items("/users")}


def test_search_finds_by_name_and_login(desk: Desk) -> None:
    assert [u["login"] for u in desk.console("guan").items("/users", q="林检")] == ["lin"]
    assert [u["login"] for u in desk.console("guan").items("/users", q="tang")] == ["tang"]
