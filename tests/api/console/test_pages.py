"""控制台网页：谁进得去、没登录的领去哪里、空的时候说什么、保密的不露。"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.domain.permissions import ROLE_PERMISSIONS, Permission
from server.routes.console.page_frame import way_back
from server.services.sessions import csrf_of
from server.uow import House
from tests.api.contract import CheckedClient
from tests.api.desk import Desk, ok
from tests.factories.plans import Season, add_batch, build_season
from tests.factories.world import Clock, World
from tests.people import BY_LOGIN

NUMBERS = [[3, 14, 15, 22, 41, 58, 67, 70]]
HTML = {"Accept": "text/html"}
PAGES = {
    "/console": Permission.CONSOLE_SESSION_OWN,
    "/console/draws": Permission.CONSOLE_DRAW_READ,
    "/console/draws/new": Permission.CONSOLE_DRAW_ANNOUNCE,
    "/console/plans": Permission.CONSOLE_PLAN_READ,
    "/console/plans/new": Permission.CONSOLE_PLAN_WRITE,
    "/console/assignments": Permission.CONSOLE_ASSIGNMENT_READ,
    "/console/deadlines": Permission.CONSOLE_ASSIGNMENT_READ,
    "/console/unsent": Permission.CONSOLE_CHECK_READ,
    "/console/calendar/2026": Permission.CONSOLE_SESSION_OWN,
    "/console/calendar/2031": Permission.CONSOLE_SESSION_OWN,
    "/console/registers/subjects": Permission.CONSOLE_SUBJECT_READ,
    "/console/registers/officers": Permission.CONSOLE_OFFICER_READ,
    "/console/registers/organisations": Permission.CONSOLE_SUBJECT_READ,
    "/console/registers/matters": Permission.CONSOLE_MATTER_READ,
    "/console/imports": Permission.CONSOLE_SUBJECT_WRITE,
}


def page(desk: Desk, login: str, path: str, status: int = 200) -> str:
    reply = desk.console(login).client.get(path, headers=HTML)
    assert reply.status_code == status, reply.text[:400]
    assert reply.mimetype == "text/html"
    assert reply.headers["Cache-Control"] == "no-store"
    return str(reply.text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_for_whom_its_permission_names(desk: Desk, path: str) -> None:
    for login in ("chen", "fang", "lu", "guan", "gong"):
        told = desk.console(login).client.get("/api/v1/console/session").get_json()
        roles = {grant["role"] for grant in told["grants"]}
        assert roles == {BY_LOGIN[login].role.value}
        allowed = PAGES[path] in ROLE_PERMISSIONS[BY_LOGIN[login].role]
        text = page(desk, login, path, 200 if allowed else 403)
        assert text.count("<h1") == 1
        assert ("您的角色没有此项权限" in text) is not allowed


@pytest.mark.parametrize("path", PAGES)
def test_a_person_without_a_session_is_led_to_the_door_a_program_is_told(anonymous: CheckedClient, path: str) -> None:
    led = anonymous.get(f"{path}?q=a", headers=HTML)
    assert (led.status_code, led.headers["Location"].partition("?")[0]) == (303, "/console/sign-in")
    assert "%3Fq%3Da" in led.headers["Location"]
    assert anonymous.get(path).mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/console/draws?state=sealed", "/console/draws?state=sealed"),
        ("//evil.example/console", "/console"),
        ("https://evil.example", "/console"),
        ("/console/\\evil", "/console"),
        ("/consolex", "/console"),
        ("/console/sign-in", "/console"),
        ("", "/console"),
    ],
)
def test_the_way_back_stays_inside(anonymous: CheckedClient, wanted: str, led: str) -> None:
    assert way_back(wanted) == led
    assert f'data-then="{led}"' in anonymous.get("/console/sign-in", query_string={"next": wanted}, headers=HTML).text


def test_a_page_carries_the_csrf_token_of_its_own_session(desk: Desk) -> None:
    caller = desk.sign_in_console("chen")
    text = caller.client.get("/console", headers=HTML).text
    assert f'<meta name="csrf" content="{caller.headers["X-CSRF-Token"]}">' in text
    cookie = caller.client.get_cookie("zhijian_session")
    assert cookie is not None
    assert csrf_of(cookie.value) == caller.headers["X-CSRF-Token"]
    assert cookie.value not in text


def test_a_wrong_filter_is_refused_in_words(desk: Desk) -> None:
    assert "查询参数有误" in page(desk, "chen", "/console/draws?state=nonsense", 422)


def test_what_does_not_exist_is_a_page_too(desk: Desk) -> None:
    for path in ("draws/x", f"assignments/{uuid4()}", f"plans/{uuid4()}", f"batches/{uuid4()}", f"registers/subjects/{uuid4()}"):  # fmt: skip
        assert "请求号" in page(desk, "chen", f"/console/{path}", 404)


def test_empty_places_say_what_to_do_next(desk: Desk) -> None:
    assert "还没有抽签" in page(desk, "fang", "/console/draws")
    assert "没有进行中的抽签" in page(desk, "fang", "/console")
    assert "没有未读提醒" in page(desk, "fang", "/console/deadlines")
    assert "还没有上传过" in page(desk, "lu", "/console/imports")
    assert "没有找到" in page(desk, "lu", "/console/registers/subjects?q=查无此名")


@pytest.fixture(scope="module")
def season(house: House, world: World) -> Season:
    return build_season(house, world)


@pytest.fixture(scope="module")
def code(desk: Desk, clock: Clock, house: House, season: Season) -> str:
    """A sealed draw."""
    at = (clock.at + timedelta(minutes=10)).isoformat()
    groups = [{"count": 8, "low": 1, "high": 80, "distinct": True}]
    entropy = {"kind": "on_site", "ask": "请在场见证人报数", "at": at, "groups": groups}
    wish = {"batch": str(add_batch(house, season)), "entropy": entropy}
    made: str = ok(desk.console("chen").post("/draws", json=wish), 201)["code"]
    clock.advance(minutes=11)
    body = {"groups": NUMBERS, "witnesses": ["示例见证甲", "示例见证乙"]}
    ok(desk.console("chen").post(f"/draws/{made}/numbers", json=body))
    ok(desk.console("tang").post(f"/draws/{made}/confirmation", json={"groups": NUMBERS}), 202)
    desk.run_outbox()
    return made


def test_drawn_names_wait_until_they_are_asked_for(desk: Desk, code: str) -> None:
    assert "镇海示例住宅" not in page(desk, "chen", f"/console/draws/{code}")
    assert "镇海示例住宅" not in page(desk, "chen", f"/console/draws/{code}/hall")
    assert page(desk, "chen", f"/console/draws/{code}?list=1").count("镇海示例住宅") >= 14
    assert page(desk, "chen", f"/console/draws/{code}/hall?names=1").count("镇海示例住宅") == 14


def test_a_reader_gets_no_forms_of_others(desk: Desk, code: str) -> None:
    text = page(desk, "fang", f"/console/draws/{code}")
    assert 'data-api="/api/v1/console/draws' not in text
    assert "/void" in page(desk, "chen", f"/console/draws/{code}")


def test_a_batch_with_a_running_draw_is_not_offered_again(desk: Desk, code: str, season: Season) -> None:
    text = page(desk, "chen", "/console/draws/new")
    assert text.count("?batch=") == 1
    assert f"?batch={season.batch}" in text
    assert "看模拟" in page(desk, "chen", f"/console/batches/{season.batch}")


def test_records_show_what_is_registered(desk: Desk, season: Season, code: str) -> None:
    subject: UUID = next(iter(season.subjects.values()))
    text = page(desk, "lu", f"/console/registers/subjects/{subject}")
    assert "企业信用风险低（A类）" in text
    assert 'data-method="PATCH"' in text
    assert 'data-method="PATCH"' not in page(desk, "chen", f"/console/registers/subjects/{subject}")
    assert "示例执法0" in page(desk, "lu", f"/console/registers/officers/{season.officers[0]}")
    assert "住宅工程抽查" in page(desk, "chen", f"/console/plans/{season.plan}")
    items: list[dict[str, Any]] = desk.console("chen").items("/assignments", draw=code)
    assert "历程" in page(desk, "chen", f"/console/assignments/{items[0]['uuid']}")
