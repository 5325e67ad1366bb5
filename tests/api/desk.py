"""测试的案头：谁的手机、谁的控制台，待办当场办完。"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from server.app import create_app
from server.outbox import Event
from server.services import outbox
from server.uow import House
from tests.api.contract import CheckedClient
from tests.factories.world import World
from tests.people import PASSWORD
from workers.handlers import HANDLERS

FIELD, CONSOLE, PUBLIC = "/api/v1/field", "/api/v1/console", "/api/v1/public"


def make_app(house: House) -> Flask:
    app = create_app(house.settings, house)
    app.test_client_class = CheckedClient
    return app


_APPS: dict[tuple[int, bool], Flask] = {}


def moved_app(house: House) -> Flask:
    """An app made once in this process and moved from house to house; one test file at a time lives in it."""
    sets = house.settings.uploads.max_json_bytes, house.settings.security.cookie_secure
    app = _APPS.get(sets) or _APPS.setdefault(sets, make_app(house))
    app.extensions["house"] = house
    return app


@dataclass
class Caller:
    """Somebody at one door: paths are relative to it, credentials go along."""

    client: CheckedClient
    prefix: str
    headers: dict[str, str] = field(default_factory=dict)

    def open(self, method: str, path: str, **kw: Any) -> TestResponse:
        headers = {**self.headers, **dict(kw.pop("headers", {}))}
        return self.client.open(self.prefix + path, method=method, headers=headers, **kw)

    def get(self, path: str, **kw: Any) -> TestResponse:
        return self.open("GET", path, **kw)

    def put(self, path: str, **kw: Any) -> TestResponse:
        return self.open("PUT", path, **kw)

    def post(self, path: str, **kw: Any) -> TestResponse:
        return self.open("POST", path, **kw)

    def patch(self, path: str, **kw: Any) -> TestResponse:
        return self.open("PATCH", path, **kw)

    def delete(self, path: str, **kw: Any) -> TestResponse:
        return self.open("DELETE", path, **kw)

    def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every item of a paged list, asked for two at a time at first, so that pages are really turned."""
        found: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = ok(self.get(path, query_string={**query, "after": after, "limit": 2 if not found else 200}))
            found += page["items"]
            after = page["next"]
        return found


def ok(reply: TestResponse, *statuses: int) -> Any:
    """The JSON of a reply that must be 200 (or one of `statuses`)."""
    assert reply.status_code in (statuses or (200,)), f"{reply.status_code} {reply.text[:600]}"
    return reply.get_json()


def refused(reply: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document of a reply that must be this refusal."""
    assert reply.mimetype == "application/problem+json", reply.text[:300]
    body: dict[str, Any] = reply.get_json()
    assert (reply.status_code, body["code"]) == (status, code), body
    assert body["status"] == status
    return body


@dataclass
class Desk:
    """Signs people in once and keeps their callers."""

    app: Flask
    house: House
    world: World
    _callers: dict[tuple[str, str], Caller] = field(default_factory=dict)

    def phone(self, login: str) -> Caller:
        return self._known("phone", login)

    def console(self, login: str) -> Caller:
        return self._known("console", login)

    def public(self) -> Caller:
        return Caller(self.client(), PUBLIC)

    def client(self) -> CheckedClient:
        client = self.app.test_client()
        assert isinstance(client, CheckedClient)
        return client

    def _known(self, kind: str, login: str) -> Caller:
        if (kind, login) not in self._callers:
            make = self.sign_in_phone if kind == "phone" else self.sign_in_console
            self._callers[kind, login] = make(login)
        return self._callers[kind, login]

    def sign_in_phone(self, login: str, password: str = PASSWORD, device: str = "示例手机") -> Caller:
        client = self.client()
        body = {"login": login, "password": password, "device": device}
        token = ok(client.post(f"{FIELD}/tokens", json=body), 201)["token"]
        return Caller(client, FIELD, {"Authorization": f"Bearer {token}"})

    def sign_in_console(self, login: str, password: str = PASSWORD) -> Caller:
        client = self.client()
        opened = ok(client.post(f"{CONSOLE}/session", json={"login": login, "password": password}), 201)
        return Caller(client, CONSOLE, {"X-CSRF-Token": opened["csrf"]})

    def run_outbox(self, *, backwards: bool = False) -> int:
        """Do everything that is promised, and what that promises in turn; an effect that fails fails the test."""
        done = 0
        while rows := self._open_rows():
            for row_id in reversed(rows) if backwards else rows:
                with self.house.unit() as uow:
                    claim = outbox.claim(uow, row_id)
                assert claim is not None, row_id
                HANDLERS[Event(claim.event)](self.house, claim)
                done += 1
        return done

    def _open_rows(self) -> list[int]:
        with self.house.unit() as uow:
            return [row_id for row_id, _ in outbox.take_due(uow)]

    def subject(self, word: str, region: str) -> UUID:
        return self.world.subjects[f"{word}.{region}"]

    def officers(self, *logins: str) -> list[str]:
        return [str(self.world.officers[login]) for login in logins]
