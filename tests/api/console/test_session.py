"""控制台登录：口令、会话、CSRF、节流、到期。"""

from __future__ import annotations

from tests.api.contract import CheckedClient
from tests.api.desk import CONSOLE, FIELD, Desk, ok, refused
from tests.factories.world import Clock
from tests.people import PASSWORD

SESSION = f"{CONSOLE}/session"


def test_sign_in_tells_who_i_am(desk: Desk) -> None:
    told = ok(desk.sign_in_console("chen").get("/session"))
    assert (told["name"], told["login"]) == ("陈科", "chen")
    assert told["grants"] == [{"role": "supervisor", "region_code": "330200"}]


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(anonymous: CheckedClient) -> None:
    reply = anonymous.post(SESSION, json={"login": "chen", "password": PASSWORD})
    cookie = reply.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_without_a_session_nothing_is_shown(anonymous: CheckedClient) -> None:
    reply = anonymous.get(f"{CONSOLE}/checks")
    refused(reply, 401, "session-missing")
    assert reply.headers["WWW-Authenticate"]


def test_made_up_cookie_is_nobody(anonymous: CheckedClient) -> None:
    anonymous.set_cookie("zhijian_session", "made-up")
    refused(anonymous.get(f"{CONSOLE}/checks"), 401, "session-unknown")


def test_writes_need_the_csrf_token(desk: Desk) -> None:
    lu = desk.sign_in_console("lu")
    body = {"name": "某某建设有限公司", "kind": "client", "region_code": "330211"}
    refused(lu.post("/organisations", json=body, headers={"X-CSRF-Token": ""}), 403, "csrf-failed")
    refused(lu.post("/organisations", json=body, headers={"X-CSRF-Token": "wrong"}), 403, "csrf-failed")
    ok(lu.post("/organisations", json=body), 201)


def test_another_sessions_csrf_token_does_not_fit(desk: Desk) -> None:
    other = desk.sign_in_console("chen").headers["X-CSRF-Token"]
    refused(desk.sign_in_console("lu").delete("/session", headers={"X-CSRF-Token": other}), 403, "csrf-failed")


def test_signing_out_ends_the_session(desk: Desk) -> None:
    chen = desk.sign_in_console("chen")
    assert chen.delete("/session").status_code == 204
    refused(chen.get("/session"), 401, "session-unknown")


def test_session_expires(desk: Desk, clock: Clock) -> None:
    chen = desk.sign_in_console("chen")
    clock.advance(hours=12)
    refused(chen.get("/session"), 401, "session-expired")


def test_wrong_password_and_unknown_login_look_the_same(anonymous: CheckedClient) -> None:
    wrong = refused(anonymous.post(SESSION, json={"login": "tang", "password": "no"}), 401, "login-failed")
    unknown = refused(anonymous.post(SESSION, json={"login": "nobody", "password": "no"}), 401, "login-failed")
    assert wrong["detail"] == unknown["detail"]


def test_many_failures_are_throttled_then_forgiven(anonymous: CheckedClient, desk: Desk, clock: Clock) -> None:
    clock.advance(hours=1)
    for _ in range(8):
        refused(anonymous.post(SESSION, json={"login": "gong", "password": "no"}), 401, "login-failed")
    reply = anonymous.post(SESSION, json={"login": "gong", "password": PASSWORD})
    refused(reply, 429, "login-throttled")
    assert int(reply.headers["Retry-After"]) > 0
    phone = anonymous.post(f"{FIELD}/tokens", json={"login": "gong", "password": PASSWORD, "device": "d"})
    refused(phone, 429, "login-throttled")
    ok(desk.sign_in_console("fang").get("/session"))  # others are not held up
    clock.advance(seconds=301)
    ok(anonymous.post(SESSION, json={"login": "gong", "password": PASSWORD}), 201)
