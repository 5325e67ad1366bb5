"""Collect 的凭据：二维码里是什么，账号口令怎样认，收回就不认。"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.domain.odk import md5_hex
from server.services import odk_forms
from server.uow import House
from tests.api.desk import Desk, ok, refused
from tests.factories.world import Clock


@pytest.fixture(scope="module", autouse=True)
def forms(house: House) -> None:
    with house.unit() as uow:
        odk_forms.ensure_forms(uow)


def make(desk: Desk, login: str = "lin", **more: Any) -> dict[str, Any]:
    return dict(ok(desk.console(login).post("/odk-keys", json={"name": "示例平板", **more}), 201))


def ask(app: Flask, url: str, method: str = "GET", tail: str = "/formList", **headers: str) -> TestResponse:
    base = "https://localhost" if url.startswith("https") else "http://localhost"
    path = urlsplit(url).path
    return FlaskClient(app, TestResponse).open(f"{path}{tail}", base_url=base, method=method, headers=headers)


def digest_header(url: str, made: dict[str, Any], challenge: str, method: str = "GET", tail: str = "/formList") -> str:
    """What an OpenRosa client answers to a challenge (RFC 2617, qop=auth)."""
    told = dict(part.strip().partition("=")[::2] for part in challenge.removeprefix("Digest ").split(","))
    nonce, realm = told["nonce"].strip('"'), told["realm"].strip('"')
    uri = urlsplit(url).path + tail
    first = md5_hex(f"{made['username']}:{realm}:{made['password']}")
    answer = md5_hex(f"{first}:{nonce}:00000001:abc:auth:{md5_hex(f'{method}:{uri}')}")
    return (
        f'Digest username="{made["username"]}", realm="{realm}", nonce="{nonce}", uri="{uri}", qop=auth, '
        f'nc=00000001, cnonce="abc", response="{answer}", opaque={told["opaque"]}'
    )


def test_the_code_holds_settings_that_collect_reads(desk: Desk) -> None:
    made = make(desk)
    said = json.loads(zlib.decompress(base64.b64decode(made["qr_text"])))
    assert set(said) == {"general", "admin", "project"}
    assert said["general"]["server_url"] == made["server_url"]
    assert "/key/" in made["server_url"]
    assert made["server_url"].endswith("/projects/330211")
    assert said["general"]["form_update_mode"] == "match_exactly"
    assert said["general"]["image_size"] == "original"
    assert made["qr_svg"].startswith("<svg")


def test_the_secrets_are_shown_once_and_stored_nowhere(desk: Desk, house: House) -> None:
    made = make(desk)
    token = made["server_url"].split("/key/")[1].split("/")[0]
    listed = desk.console("lin").get("/odk-keys").text
    assert made["username"] in listed
    for secret in (token, made["password"]):
        assert secret not in listed
        with house.database.engine.connect() as connection:
            rows = str(connection.exec_driver_sql("SELECT * FROM odk_keys").fetchall())
        assert secret not in rows


def test_a_taken_back_key_is_no_key(desk: Desk, app: Flask) -> None:
    made = make(desk)
    assert ask(app, made["server_url"]).status_code == 200
    refused(desk.console("zhou").delete(f"/odk-keys/{made['uuid']}"), 404, "odk-key-not-found")
    assert desk.console("lin").delete(f"/odk-keys/{made['uuid']}").status_code == 204
    assert ask(app, made["server_url"]).status_code == 403
    assert ask(app, made["server_url"], method="HEAD", tail="/submission").status_code == 403


def test_a_public_token_may_come_as_st(desk: Desk, app: Flask) -> None:
    made = make(desk)
    token = made["server_url"].split("/key/")[1].split("/")[0]
    assert ask(app, made["plain_url"], tail=f"/formList?st={token}").status_code == 200
    assert ask(app, made["plain_url"], tail="/formList?st=nothing").status_code == 403


def test_digest_is_offered_and_believed(desk: Desk, app: Flask, clock: Clock) -> None:
    made = make(desk)
    first = ask(app, made["plain_url"], method="HEAD", tail="/submission")
    assert first.status_code == 401
    offers = first.headers.getlist("WWW-Authenticate")
    assert len(offers) == 1
    assert 'qop="auth"' in offers[0]
    assert first.headers["X-OpenRosa-Version"] == "1.0"
    proof = digest_header(made["plain_url"], made, offers[0], "HEAD", "/submission")
    assert ask(app, made["plain_url"], "HEAD", "/submission", Authorization=proof).status_code == 204
    wrong = digest_header(made["plain_url"], made | {"password": "x"}, offers[0], "HEAD", "/submission")
    assert ask(app, made["plain_url"], "HEAD", "/submission", Authorization=wrong).status_code == 401
    elsewhere = digest_header(made["plain_url"], made, offers[0], "HEAD", "/formList")
    assert ask(app, made["plain_url"], "HEAD", "/submission", Authorization=elsewhere).status_code == 401


def test_a_nonce_grows_stale_without_a_new_prompt(desk: Desk, app: Flask, clock: Clock) -> None:
    made = make(desk)
    offer = ask(app, made["plain_url"]).headers["WWW-Authenticate"]
    proof = digest_header(made["plain_url"], made, offer)
    assert ask(app, made["plain_url"], Authorization=proof).status_code == 200
    clock.advance(minutes=6)
    late = ask(app, made["plain_url"], Authorization=proof)
    assert late.status_code == 401
    assert "stale=true" in late.headers["WWW-Authenticate"]
    forged = proof.replace('nonce="', 'nonce="9')
    assert "stale" not in ask(app, made["plain_url"], Authorization=forged).headers["WWW-Authenticate"]
    assert ask(app, made["plain_url"], Authorization="Digest nonsense").status_code == 401


def test_basic_is_for_private_lines_alone(desk: Desk, app: Flask) -> None:
    made = make(desk)
    pair = base64.b64encode(f"{made['username']}:{made['password']}".encode()).decode()
    assert ask(app, made["plain_url"], Authorization=f"Basic {pair}").status_code == 401
    safe = made["plain_url"].replace("http://", "https://")
    assert ask(app, safe, Authorization=f"Basic {pair}").status_code == 200
    assert any(o.startswith("Basic") for o in ask(app, safe).headers.getlist("WWW-Authenticate"))
    bad = base64.b64encode(f"{made['username']}:x".encode()).decode()
    assert ask(app, safe, Authorization=f"Basic {bad}").status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Basic \xff",
        "Basic YQ",
        "Basic /////w==",
        'Digest username="a", realm="zhijian", nonce="1.\xe9", uri="/x", response="\xe9"',
        'Digest username="\xe9", realm="zhijian", nonce="\xb2.\xb2", uri="/x", response="\xe9"',
        "Digest",
        "Bearer x",
    ],
)
def test_no_header_brings_the_door_down(desk: Desk, app: Flask, header: str) -> None:
    reply = ask(app, "https://localhost/odk/v1/projects/330211", Authorization=header)
    assert reply.status_code == 401
    assert "Digest" in reply.headers["WWW-Authenticate"]


def test_a_proof_with_strange_letters_under_a_fresh_nonce_is_only_wrong(desk: Desk, app: Flask) -> None:
    made = make(desk)
    offer = ask(app, made["plain_url"]).headers["WWW-Authenticate"]
    proof = digest_header(made["plain_url"], made, offer).replace('response="', 'response="\xe9')
    assert ask(app, made["plain_url"], Authorization=proof).status_code == 401


def test_a_token_in_the_query_goes_on_into_the_addresses(desk: Desk, app: Flask) -> None:
    made = make(desk)
    token = made["server_url"].split("/key/")[1].split("/")[0]
    listed = ask(app, made["plain_url"], tail=f"/formList?st={token}").text
    assert f"<downloadUrl>{made['server_url']}/forms/" in listed
    assert f"<manifestUrl>{made['server_url']}/forms/" in listed


def test_behind_a_front_server_the_line_counts_as_it_says(
    desk: Desk, app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(desk)
    web = replace(house.settings.web, public_url="https://localhost")
    monkeypatch.setattr(house, "settings", replace(house.settings, web=web))
    pair = base64.b64encode(f"{made['username']}:{made['password']}".encode()).decode()
    listed = ask(app, made["plain_url"], Authorization=f"Basic {pair}")
    assert listed.status_code == 200
    assert "<downloadUrl>https://localhost/odk/v1/projects/" in listed.text


def test_who_may_have_one(desk: Desk, world: Any, house: House) -> None:
    refused(desk.console("chen").post("/odk-keys", json={"name": "x"}), 403, "permission-denied")
    people = {u["login"]: u["uuid"] for u in desk.console("guan").items("/users")}
    refused(desk.console("lin").post("/odk-keys", json={"name": "x", "user": people["zhou"]}), 403, "permission-denied")
    made = make(desk, "guan", user=people["zhou"])
    assert made["person"] == "周检"
    assert made["uuid"] in desk.console("guan").get(f"/odk-keys?user={people['zhou']}").text


def test_the_page_shows_the_app_and_makes_keys(desk: Desk) -> None:
    page = desk.console("lin").client.get("/console/phones")
    assert page.status_code == 200
    assert "/app/" in page.text
    assert "make-key" in page.text
    assert "不需要凭据" in desk.console("fang").client.get("/console/phones").text
