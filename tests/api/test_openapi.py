"""接口说明：是合格的 3.1，与路由一条不差，照它乱问也问不出 500。"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import CHECKS
from werkzeug.routing import Rule

from tests.api.contract import document_of, template_of
from tests.api.desk import Caller, Desk
from tests.people import OF_ROLE

# Unexpected status codes and bodies are faults; whether odd input is refused or tolerated is for the other tests to say.
WANTED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
EXAMPLES = 4
BINARY = (
    "application/octet-stream",
    "application/offset+octet-stream",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    *(f"image/{kind}" for kind in ("heic", "heif", "jpeg", "png", "tiff", "webp")),
)


@schemathesis.serializer(*BINARY)
def bytes_as_they_are(_context: Any, value: Any) -> bytes:
    """A file as a body."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def api_rules(app: Flask) -> list[Rule]:
    return [r for r in app.url_map.iter_rules() if r.rule.startswith(("/api/v1/", "/live", "/ready"))]


def test_document_is_valid_3_1(app: Flask) -> None:
    document = document_of(app)
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_document_and_routes_are_the_same(app: Flask) -> None:
    routes = {
        (template_of(rule.rule), method.lower())
        for rule in api_rules(app)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = {
        (path, method)
        for path, methods in document_of(app)["paths"].items()
        for method in methods
        if method not in ("parameters", "head", "options")
    }
    assert routes == told


def test_every_operation_has_its_own_name_and_words(app: Flask) -> None:
    operations = [
        o
        for methods in document_of(app)["paths"].values()
        for m, o in methods.items()
        if isinstance(o, dict) and m != "parameters"
    ]
    assert all(o.get("summary") for o in operations)
    assert all("responses" in o and len(o["responses"]) > 2 for o in operations)


def test_guarded_operations_name_their_credentials(app: Flask) -> None:
    for path, methods in document_of(app)["paths"].items():
        for operation in methods.values():
            if isinstance(operation, dict) and "x-permission" in operation:
                door = path.split("/")[3]
                wanted = {"field": [{"phone": []}], "console": [{"console": []}], "public": []}[door]
                assert operation["security"] == wanted, path


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/assets/swagger-ui.css", "/docs/problems/csrf-failed"])
def test_pages_are_local(app: Flask, path: str) -> None:
    with app.test_client().get(path) as reply:
        assert reply.status_code == 200
        told = reply.text
    if path == "/api/docs":
        assert "http://" not in told
        assert "https://" not in told


def callers(desk: Desk) -> dict[str, Caller]:
    return {
        "public": desk.public(),
        "field": desk.phone("lin"),
        **{r.value: desk.console(n) for r, n in OF_ROLE.items()},
    }


def _cookie(caller: Caller) -> dict[str, str]:
    kept = caller.client.get_cookie("zhijian_session")
    return {"zhijian_session": kept.value} if kept else {}


def _caller_for(known: dict[str, Caller], path: str, permission: str) -> Caller:
    from server.domain.permissions import ROLE_PERMISSIONS, Permission, Role

    if path.startswith("/api/v1/field"):
        return known["field"]
    if not permission or path.startswith("/api/v1/public"):
        return known["public"]
    if path.endswith("/odk-keys"):
        return known[Role.INSPECTOR.value]  # anybody may ask, those who check may have
    held = [r for r in Role if Permission(permission) in ROLE_PERMISSIONS[r]]
    return known[held[-1].value]


def test_no_question_of_the_document_brings_the_house_down(app: Flask, desk: Desk, kind: str) -> None:
    """Schemathesis asks every operation, signed in as somebody who may, with made-up values of every shape."""
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    known, asked = callers(desk), 0
    checks = list(CHECKS.get_by_names(WANTED))
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.method.upper() in ("HEAD", "OPTIONS"):
            continue  # asked by the tests of their own routes
        if operation.path.endswith("/session") and operation.method.upper() == "DELETE":
            continue  # would end the session in use
        caller = _caller_for(known, operation.path, operation.definition.raw.get("x-permission", ""))
        _ask(operation, caller.headers, _cookie(caller), checks)
        asked += 1
    assert asked == sum(len(r.methods - {"HEAD", "OPTIONS"}) for r in api_rules(app) if r.methods) - 1


def _ask(operation: Any, headers: dict[str, str], cookies: dict[str, str], checks: list[Any]) -> None:
    @given(data=st.data())
    @settings(
        max_examples=EXAMPLES,
        print_blob=False,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy())
        reply = case.call_and_validate(headers=headers, cookies=cookies, checks=checks)
        known.append(reply.status_code)

    known: list[int] = []
    ask()
    assert set(known) - {401, 403}, f"{operation.label}: 从没有进得了门"
