"""手机令牌：发放、到期、吊销、停用；只给会到现场的人。"""

from __future__ import annotations

import pytest

from tests.api.contract import CheckedClient
from tests.api.desk import FIELD, Desk, ok, refused
from tests.factories.world import Clock
from tests.people import PASSWORD


def test_token_is_given_once_and_the_server_tells_its_time(anonymous: CheckedClient, clock: Clock) -> None:
    body = {"login": "lin", "password": PASSWORD, "device": "林检的手机"}
    told = ok(anonymous.post(f"{FIELD}/tokens", json=body), 201)
    assert told["server_time"] == clock.at.isoformat()
    listed = ok(anonymous.get(f"{FIELD}/tokens", headers={"Authorization": f"Bearer {told['token']}"}))["items"]
    mine = [d for d in listed if d["uuid"] == told["uuid"]]
    assert [d["name"] for d in mine] == ["林检的手机"]
    assert all("token" not in d for d in listed)


@pytest.mark.parametrize("login", ["chen", "fang", "gong", "lu", "guan"])
def test_only_inspectors_sign_in_on_a_phone(anonymous: CheckedClient, login: str) -> None:
    body = {"login": login, "password": PASSWORD, "device": "d"}
    refused(anonymous.post(f"{FIELD}/tokens", json=body), 403, "permission-denied")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "token-missing"),
        ("Bearer", "token-missing"),
        ("Bearer ", "token-missing"),
        ("Basic bGluOmxpbg==", "token-missing"),
        ("Bearer not-a-token", "token-unknown"),
        ("Bearer " + "x" * 5000, "token-unknown"),
    ],
)
def test_without_a_good_token_nobody_is_known(anonymous: CheckedClient, header: str, code: str) -> None:
    refused(anonymous.get(f"{FIELD}/subjects", headers={"Authorization": header}), 401, code)


def test_lost_phone_is_revoked_by_its_owner(desk: Desk) -> None:
    kept, lost = desk.sign_in_phone("zhou", device="手里的"), desk.sign_in_phone("zhou", device="丢了的")
    uuid = next(d["uuid"] for d in ok(kept.get("/tokens"))["items"] if d["name"] == "丢了的")
    assert kept.delete(f"/tokens/{uuid}").status_code == 204
    refused(lost.get("/subjects"), 401, "token-revoked")
    ok(kept.get("/subjects"))


def test_nobody_revokes_anothers_phone(desk: Desk) -> None:
    uuid = ok(desk.phone("he").get("/tokens"))["items"][0]["uuid"]
    refused(desk.phone("lin").delete(f"/tokens/{uuid}"), 404, "device-not-found")


def test_administrator_revokes_a_phone(desk: Desk) -> None:
    phone, admin = desk.sign_in_phone("ou"), desk.console("guan")
    user = next(u["uuid"] for u in admin.items("/users") if u["login"] == "ou")
    for device in ok(admin.get(f"/users/{user}/devices"))["items"]:
        assert admin.delete(f"/users/{user}/devices/{device['uuid']}").status_code == 204
    refused(phone.get("/subjects"), 401, "token-revoked")


def test_phone_tokens_open_no_console_and_cookies_no_field(desk: Desk) -> None:
    bearer = desk.phone("lin").headers
    refused(desk.client().get("/api/v1/console/session", headers=bearer), 401, "session-missing")
    refused(desk.sign_in_console("lin").client.get(f"{FIELD}/subjects"), 401, "token-missing")


def test_token_expires(desk: Desk, clock: Clock) -> None:
    phone = desk.sign_in_phone("lin")
    clock.advance(days=180)
    refused(phone.get("/subjects"), 401, "token-expired")
    clock.advance(days=-180)


def test_disabled_person_is_out_everywhere(desk: Desk) -> None:
    admin = desk.console("guan")
    grants = [{"role": "inspector", "region_code": "330211"}]
    body = {"login": "leaver", "name": "离某", "password": PASSWORD, "grants": grants}
    user = ok(admin.post("/users", json=body), 201)["uuid"]
    phone, console = desk.sign_in_phone("leaver"), desk.sign_in_console("leaver")
    assert admin.delete(f"/users/{user}").status_code == 204
    assert phone.get("/subjects").status_code == 401
    assert console.get("/session").status_code == 401
    refused(desk.client().post(f"{FIELD}/tokens", json=LEAVER), 401, "login-failed")


LEAVER = {"login": "leaver", "password": PASSWORD, "device": "d"}
