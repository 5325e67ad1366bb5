"""不说话的连接：谁算停住了，谁不算；断开只断该断的。"""

import io
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from server.embedded.stalls import Watch, hang_up

NOW = 1000.0


def nothing(_environ: dict[str, Any], _start: Callable[..., Any]) -> list[bytes]:
    return []


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as phone:
            accepted, _ = listening.accept()
            with accepted:
                yield phone, accepted, port


@pytest.mark.parametrize(
    ("waiting", "working", "stalled"),
    [
        ({}, {}, False),
        ({}, {1: NOW - 99}, False),
        ({1: NOW - 29}, {1: NOW - 99}, False),
        ({1: NOW - 31}, {1: NOW - 99}, True),
        ({1: NOW - 31}, {1: NOW - 99, 2: NOW - 5}, True),
        ({1: NOW - 31}, {1: NOW - 99, 2: NOW - 31}, False),
    ],
    ids=["nobody", "long work alone", "patience", "silent", "beside quick work", "beside long work"],
)
def test_who_has_stalled(waiting: dict[int, float], working: dict[int, float], stalled: bool) -> None:
    watch = Watch(nothing, 1, 30.0)
    watch.waiting, watch.working = waiting, working
    assert watch.has_stalled(NOW) is stalled


def test_only_silent_connections_are_shut(pair: tuple[socket.socket, socket.socket, int]) -> None:
    phone, accepted, port = pair
    phone.sendall(b"half")
    time.sleep(0.05)
    assert hang_up(port, 30.0) == 0
    assert hang_up(port + 1 if port < 65_535 else 1, 0.0) == 0
    # both ends of this connection live in this process; only the accepted one is bound to the port
    assert hang_up(port, 0.01) == 1
    assert accepted.recv(10) == b"half"
    assert accepted.recv(10) == b""
    assert phone.recv(10) == b""


def test_a_request_is_under_way_from_its_first_byte_to_its_last() -> None:
    def echo(environ: dict[str, Any], _start: Callable[..., Any]) -> list[bytes]:
        return [line.strip() for line in environ["wsgi.input"]]

    watch = Watch(echo, 1, 30.0)
    answer = watch({"wsgi.input": io.BytesIO(b"one\ntwo\n" * 20_000)}, None)
    assert len(watch.working) == 1
    assert [*answer][-2:] == [b"one", b"two"]
    answer.close()  # type: ignore[attr-defined]
    assert (watch.waiting, watch.working) == ({}, {})


def test_a_request_that_fails_is_not_under_way_any_more() -> None:
    def fail(_environ: dict[str, Any], _start: Callable[..., Any]) -> list[bytes]:
        raise RuntimeError

    watch = Watch(fail, 1, 30.0)
    with pytest.raises(RuntimeError):
        watch({"wsgi.input": io.BytesIO(b"")}, None)
    assert watch.working == {}


@pytest.mark.parametrize(("length", "kept_open"), [("3", False), ("70000", True), (None, True)])
def test_a_short_answer_is_passed_on_whole_and_its_request_is_over(length: str | None, kept_open: bool) -> None:
    def short(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
        start("200 OK", [] if length is None else [("Content-Length", length)])
        return iter([b"a", b"bc"])

    told: list[tuple[Any, ...]] = []
    watch = Watch(short, 1, 30.0)
    answer = watch({"wsgi.input": io.BytesIO(b"")}, lambda *given: told.append(given))
    assert told[0][0] == "200 OK"
    assert isinstance(answer, list) is not kept_open
    assert bool(watch.working) is kept_open
    assert b"".join(answer) == b"abc"


def test_a_body_is_read_in_pieces_or_all_at_once() -> None:
    def read(environ: dict[str, Any], _start: Callable[..., Any]) -> list[bytes]:
        stream = environ["wsgi.input"]
        return [stream.read(3), stream.read(0), stream.read(), stream.read(), stream.read(3)]

    found = Watch(read, 1, 30.0)({"wsgi.input": io.BytesIO(b"x" * 200_000)}, None)
    assert [len(part) for part in found] == [3, 0, 199_997, 0, 0]
