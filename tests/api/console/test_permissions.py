"""角色 × 路由全表：每条路由、每个角色、再加匿名；没有列出的一律不许。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, Rule

from server.domain.permissions import ROLE_PERMISSIONS, Role
from server.routes.endpoint import Guard
from tests.api.desk import Caller, Desk
from tests.people import OF_ROLE

NOBODY = (401,)
IDS = {"UUIDConverter": str(uuid4()), "PathConverter": "x", "UnicodeConverter": "x", "IntegerConverter": 2026}


@dataclass(frozen=True, slots=True)
class Cell:
    """One method of one guarded route."""

    method: str
    path: str
    guard: Guard


def fill(rule: Rule) -> str:
    """A path of this rule that names nothing that exists."""
    values = {
        name: min(converter.items) if isinstance(converter, AnyConverter) else IDS[type(converter).__name__]
        for name, converter in rule._converters.items()
    }
    _, path = rule.build(values) or ("", "")
    return str(path)


def cells(app: Flask, door: str) -> Iterator[Cell]:
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        if guard is None or guard.door != door:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if (method, rule.rule) != ("DELETE", "/api/v1/console/session"):  # would end the session in use
                yield Cell(method, fill(rule), guard)


def ask(caller: Caller, cell: Cell) -> int:
    whole = Caller(caller.client, "", caller.headers)
    return whole.open(cell.method, cell.path, json={} if cell.method != "GET" else None).status_code


@pytest.mark.parametrize("role", list(Role))
def test_console_lets_in_exactly_whom_the_table_names(app: Flask, desk: Desk, role: Role) -> None:
    caller, asked = desk.console(OF_ROLE[role]), 0
    for cell in cells(app, "console"):
        allowed = cell.guard.permission in ROLE_PERMISSIONS[role]
        status = ask(caller, cell)
        assert (status not in (401, 403)) if allowed else (status == 403), (
            f"{role.value} {cell.method} {cell.path} {status}"
        )
        asked += 1
    assert asked > 40


def test_field_lets_in_inspectors(app: Flask, desk: Desk) -> None:
    for cell in cells(app, "field"):
        assert cell.guard.permission in ROLE_PERMISSIONS[Role.INSPECTOR]
        assert ask(desk.phone("lin"), cell) not in (401, 403), cell.path


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.INSPECTOR])
def test_a_phone_loses_its_doors_with_the_role(app: Flask, desk: Desk, role: Role) -> None:
    """A token issued to an inspector opens nothing once the person holds another role."""
    login = f"moved-{role.value.replace('_', '-')}"
    body = {
        "login": login,
        "name": "调岗者",
        "password": "correct horse battery",
        "grants": [{"role": "inspector", "region_code": "330211"}],
    }
    admin = desk.console("guan")
    user = admin.post("/users", json=body).get_json()["uuid"]
    phone = desk.sign_in_phone(login)
    grants = {"grants": [{"role": role.value, "region_code": "330211"}]}
    assert admin.put(f"/users/{user}/grants", json=grants).status_code == 200
    for cell in cells(app, "field"):
        assert ask(phone, cell) == 403, f"{cell.method} {cell.path}"


@pytest.mark.parametrize("door", ["console", "field"])
def test_nobody_gets_in_without_credentials(app: Flask, desk: Desk, door: str) -> None:
    nobody = Caller(desk.client(), "")
    for cell in cells(app, door):
        assert ask(nobody, cell) in NOBODY, f"{cell.method} {cell.path}"


def test_public_needs_nobody(app: Flask, desk: Desk) -> None:
    nobody = Caller(desk.client(), "")
    asked = [ask(nobody, cell) for cell in cells(app, "public")]
    assert asked
    assert set(asked) <= {200, 404, 410, 422}


@pytest.mark.parametrize("role", list(Role))
def test_console_sessions_write_only_with_csrf(app: Flask, desk: Desk, role: Role) -> None:
    bare = Caller(desk.console(OF_ROLE[role]).client, "")
    for cell in cells(app, "console"):
        if cell.method != "GET":
            assert ask(bare, cell) == 403, f"{cell.method} {cell.path}"


@pytest.mark.parametrize("role", list(Role))
def test_person_without_roles_sees_nothing(app: Flask, desk: Desk, role: Role) -> None:
    assert ROLE_PERMISSIONS[role] != frozenset()
    login = f"bare-{role.value.replace('_', '-')}"
    grants = [{"role": role.value, "region_code": "330211"}]
    admin = desk.console("guan")
    body = {"login": login, "name": "无角色", "password": "correct horse battery", "grants": grants}
    user = admin.post("/users", json=body).get_json()["uuid"]
    console = desk.sign_in_console(login)
    assert admin.put(f"/users/{user}/grants", json={"grants": []}).status_code == 200
    assert {ask(console, cell) for cell in cells(app, "console")} == {403}
