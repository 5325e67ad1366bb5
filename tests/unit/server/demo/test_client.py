"""HTTP 客户端：断了就重试，忙了就等，不该来的回答就说出来。"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from server.demo.client import Client, Unanswered, Unexpected, every_item, locate


class Script(BaseHTTPRequestHandler):
    """Answers with the next line of the script: (status, headers, body), or hangs up for None."""

    protocol_version = "HTTP/1.1"
    lines: ClassVar[list[Any]] = []
    asked: ClassVar[list[tuple[str, bytes]]] = []

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append((self.path, body))
        line = self.lines.pop(0)
        if line is None:
            self.connection.close()
            self.close_connection = True
            return
        status, headers, content = line
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = answer

    def log_message(self, *_: Any) -> None:
        pass

    def finish(self) -> None:
        if not self.wfile.closed and self.connection.fileno() != -1:
            super().finish()
        else:
            self.rfile.close()


@pytest.fixture
def url() -> Iterator[str]:
    Script.lines, Script.asked = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Script)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def problem(status: int, code: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    body = {"code": code, "detail": "不行", "errors": [{"pointer": "/a", "reason": "错", "code": "x"}]}
    return status, {"Content-Type": "application/problem+json", **headers}, json.dumps(body).encode()


def test_broken_connection_is_tried_again_with_the_same_body(url: str) -> None:
    Script.lines[:] = [None, (201, {}, b"{}")]
    with Client(url, sleep=lambda _: None) as client:
        assert client.call("PUT", "/x", content={"n": 1}).status == 201
    assert [body for _, body in Script.asked] == [b'{"n": 1}'] * 2
    assert client.retries == 1


def test_busy_server_is_asked_again_after_the_pause_it_names(url: str) -> None:
    Script.lines[:] = [problem(503, "database-busy", **{"Retry-After": "2"}), (200, {}, b"[]")]
    pauses: list[float] = []
    with Client(url, sleep=pauses.append) as client:
        assert client.get("/x") == []
    assert pauses == [2.0]


def test_race_is_asked_again_and_another_conflict_is_not(url: str) -> None:
    Script.lines[:] = [problem(409, "submission-raced"), problem(409, "submission-differs")]
    with Client(url, sleep=lambda _: None) as client, pytest.raises(Unexpected) as raised:
        client.call("PUT", "/x")
    assert raised.value.reply.code == "submission-differs"
    assert "/a 错" in str(raised.value)


def test_patience_ends() -> None:
    with Client("http://127.0.0.1:1", patience_s=0.0, sleep=lambda _: None) as client, pytest.raises(Unanswered):
        client.get("/x")


def test_every_item_follows_the_cursor(url: str) -> None:
    pages = [{"items": [{"n": 1}], "next": 7}, {"items": [{"n": 2}], "next": None}]
    Script.lines[:] = [(200, {}, json.dumps(page).encode()) for page in pages]
    with Client(url) as client:
        assert every_item(client, "/list", {"q": "甲"}) == [{"n": 1}, {"n": 2}]
    assert "after=7" in Script.asked[1][0]


def test_chinese_paths_are_encoded_and_empty_parameters_left_out() -> None:
    assert locate("/通报.html", {"a": None, "b": "二"}) == "/%E9%80%9A%E6%8A%A5.html?b=%E4%BA%8C"
