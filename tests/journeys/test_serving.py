"""网页服务：断了的正文留得下，分块和先问后发都认，没声息的连接腾得出线程，停和杀都不留尾巴。"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.embedded.ports import is_free
from tests.journeys.counting import FOLDER
from tests.journeys.harness import HOST, ROOT, free_port

PROCESSES, THREADS, SILENCE_S = 2, 3, 1.0

pytestmark = pytest.mark.slow


@dataclass
class Server:
    process: "subprocess.Popen[bytes]"
    port: int
    folder: Path

    def counted(self, name: str) -> int:
        try:
            return int((self.folder / name).read_text() or 0)
        except FileNotFoundError:
            return 0

    def begin(self, head: str, body: bytes = b"") -> socket.socket:
        """A raw connection with a request on its way."""
        line = socket.create_connection((HOST, self.port), timeout=10)
        line.sendall(f"{head}\r\nHost: {HOST}\r\n".encode() + body)
        return line

    def get(self, path: str = "/") -> int:
        """Who answered: the process id of a worker."""
        with self.begin(f"GET {path} HTTP/1.1\r\nConnection: close", b"\r\n") as line:
            return int(whole(line).split()[-1])


def whole(line: socket.socket) -> bytes:
    said = b""
    while piece := line.recv(65536):
        said += piece
    return said


def eventually(fact: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(0.03)
    return fact()


def answers(server: Server) -> bool:
    try:
        return server.get() > 0
    except OSError:
        return False


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    port = free_port()
    settings = {"PROCESSES": PROCESSES, "THREADS": THREADS, "SILENCE_S": SILENCE_S, "PORT": port}
    environment = os.environ | {f"ZHIJIAN_WEB__{name}": str(value) for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.counting"],
        cwd=ROOT,
        env=environment | {FOLDER: str(folder), "ZHIJIAN_DATA": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Server(process, port, folder)
    try:
        assert eventually(lambda: answers(server), 30)
        yield server
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("counted")) as running:
        yield running


def test_a_body_that_is_cut_off_keeps_what_had_come(server: Server) -> None:
    line = server.begin("PUT /cut HTTP/1.1\r\nContent-Length: 1000000", b"\r\n" + b"x" * 300_000)
    line.close()
    assert eventually(lambda: server.counted("cut") == 300_000)


def test_a_chunked_body_that_asks_before_it_sends(server: Server) -> None:
    head = "PUT /chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\nConnection: close"
    with server.begin(head, b"\r\n") as line:
        assert line.recv(4096).startswith(b"HTTP/1.1 100 Continue")
        for size in (1, 70_000, 5):
            line.sendall(f"{size:x}\r\n".encode() + b"x" * size + b"\r\n")
        line.sendall(b"0\r\n\r\n")
        assert b"70006 " in whole(line)


def test_slow_phones_and_silent_ones_do_not_keep_the_threads(server: Server) -> None:
    """Every thread is given a body that stops half-way; then the door is open again and the halves are kept."""
    names = [f"silent-{n}" for n in range(PROCESSES * THREADS * 2)]
    head = "PUT /{} HTTP/1.1\r\nContent-Length: 1000000"
    lines = [server.begin(head.format(name), b"\r\n" + b"x" * 50_000) for name in names]
    slow = server.begin("PUT /slow HTTP/1.1\r\nContent-Length: 12\r\nConnection: close", b"\r\n")
    for _ in range(12):  # three times the limit, but never silent as long
        slow.sendall(b"x")
        time.sleep(SILENCE_S / 4)
    assert server.get() > 0
    assert eventually(lambda: all(server.counted(name) == 50_000 for name in names))
    assert b"12 " in whole(slow)
    for line in (*lines, slow):
        line.close()


def test_a_worker_killed_by_force_is_replaced_and_the_other_goes_on(server: Server) -> None:
    seen: set[int] = set()
    assert eventually(lambda: seen.add(server.get()) or len(seen) == PROCESSES)
    victim = min(seen)
    os.kill(victim, signal.SIGKILL)
    fresh: set[int] = set()

    def whole_again() -> bool:
        try:
            fresh.add(server.get())
        except OSError:  # its own socket closed with it; a phone asks again
            return False
        return len(fresh - {victim}) == PROCESSES

    assert eventually(whole_again)


def test_being_asked_to_stop_finishes_what_is_in_hand(tmp_path: Path) -> None:
    with serving(tmp_path) as stopping:
        with stopping.begin("GET /work HTTP/1.1\r\nConnection: close", b"\r\n") as line:
            time.sleep(0.3)
            stopping.process.terminate()
            assert whole(line).startswith(b"HTTP/1.1 200")
        assert stopping.process.wait(10) == 0
        assert is_free(HOST, stopping.port)


def test_a_parent_killed_by_force_leaves_no_worker_on_the_port(tmp_path: Path) -> None:
    with serving(tmp_path) as orphaned:
        orphaned.process.kill()
        orphaned.process.wait()
        assert eventually(lambda: is_free(HOST, orphaned.port))
