"""小小的 HTTP 客户端：长连接、断了就重试，像一部信号不好的手机。

Standard library only. Every call may be repeated: what the season sends is either idempotent on the server or answered
with a conflict that says it has been done already.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

PATIENCE_S = 90.0
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 0.5
TIMEOUT_S = 60.0
BUSY = (429, 502, 503, 504)


class Unanswered(Exception):
    """服务器一直没有回答。"""


class Unexpected(Exception):
    """服务器的回答不是这一步该有的；`reply` 是那份回答。"""

    def __init__(self, method: str, path: str, reply: Reply) -> None:
        super().__init__(f"{method} {path} 得到 {reply.status}：{reply.problem()}")
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Reply:
    """一份回答；`headers` 的名字一律小写。"""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The problem code, '' when the answer is not a problem document."""
        if "problem+json" not in self.headers.get("content-type", ""):
            return ""
        return str(self.json().get("code", ""))

    def problem(self) -> str:
        """The refusal in words."""
        if not self.code:
            return self.body[:200].decode("utf-8", "replace")
        told = self.json()
        faults = "；".join(f"{e['pointer']} {e['reason']}" for e in told.get("errors", [])[:5])
        return f"{told['code']} {told['detail']}{faults}"


@dataclass(slots=True)
class Client:
    """One connection to the server; use one client per thread. `retries` counts the calls that had to be repeated."""

    base_url: str
    headers: dict[str, str] = field(default_factory=dict)
    patience_s: float = PATIENCE_S
    sleep: Callable[[float], None] = time.sleep
    retries: int = 0
    _connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """The JSON document at `path`; raises Unexpected for anything but 200."""
        return self.call("GET", path, query=query, expect=(200,)).json()

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        content: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        expect: tuple[int, ...] = (200, 201, 202, 204),
    ) -> Reply:
        """Ask until an answer comes; raises Unexpected for a status not in `expect`, Unanswered when patience ends."""
        sent = dict(self.headers) | dict(headers or {})
        if content is not None:
            body = json.dumps(content, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json"
        reply = self._persist(method, locate(path, query), body, sent)
        if reply.status not in expect:
            raise Unexpected(method, path, reply)
        return reply

    def _persist(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        deadline, pause = time.monotonic() + self.patience_s, FIRST_PAUSE_S
        while True:
            reply, reason = self._attempt(method, target, body, headers)
            if reply is not None and not _try_again(reply):
                return reply
            if time.monotonic() >= deadline:
                if reply is not None:
                    return reply
                raise Unanswered(f"{method} {target} 等了 {self.patience_s:.0f} 秒没有回答：{reason}")
            self.retries += 1
            asked = float(reply.headers.get("retry-after", 0)) if reply is not None else 0.0
            self.sleep(min(max(pause, asked), max(0.0, deadline - time.monotonic()) + FIRST_PAUSE_S))
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _attempt(
        self, method: str, target: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[Reply | None, str]:
        try:
            return self._once(method, target, body, headers), ""
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return None, f"{type(error).__name__} {error}"

    def _once(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        if self._connection is None:
            at = urlsplit(self.base_url)
            self._connection = http.client.HTTPConnection(at.hostname or "", at.port or 80, timeout=TIMEOUT_S)
        self._connection.request(method, target, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)


def _try_again(reply: Reply) -> bool:
    """Busy, or a race that the server itself asks to repeat."""
    return reply.status in BUSY or (reply.status == 409 and reply.code.endswith("-raced"))


def locate(path: str, query: Mapping[str, Any] | None = None) -> str:
    """The request target: Chinese in paths is percent-encoded, parameters that are None are left out."""
    given = {name: value for name, value in (query or {}).items() if value is not None}
    return quote(path, safe="/%") + (f"?{urlencode(given)}" if given else "")


def every_item(client: Client, path: str, query: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """All items of a paged list."""
    found: list[dict[str, Any]] = []
    after: int | None = None
    while True:
        page = client.get(path, {**(query or {}), "limit": 200, "after": after})
        found += page["items"]
        after = page["next"]
        if after is None:
            return found


def sign_in_console(base_url: str, login: str, password: str) -> Client:
    """A client with an open console session: its cookie and its CSRF token go along with every call."""
    client = Client(base_url)
    reply = client.call(
        "POST", "/api/v1/console/session", content={"login": login, "password": password}, expect=(201,)
    )
    cookie = reply.headers["set-cookie"].split(";", 1)[0]
    client.headers = {"Cookie": cookie, "X-CSRF-Token": reply.json()["csrf"]}
    return client


@dataclass(frozen=True, slots=True)
class Phone:
    """一部登录了的手机；令牌只在内存里。"""

    base_url: str
    login: str
    token: str
    device: str

    def client(self) -> Client:
        """A fresh connection of this phone."""
        return Client(self.base_url, {"Authorization": f"Bearer {self.token}"})


def sign_in_phone(base_url: str, login: str, password: str, device: str) -> Phone:
    client = Client(base_url)
    content = {"login": login, "password": password, "device": device}
    told = client.call("POST", "/api/v1/field/tokens", content=content, expect=(201,)).json()
    client.close()
    return Phone(base_url, login, told["token"], told["uuid"])


def sign_out_phone(phone: Phone) -> None:
    """Revoke the phone's own token."""
    client = phone.client()
    client.call("DELETE", f"/api/v1/field/tokens/{phone.device}", expect=(204, 401))
    client.close()
