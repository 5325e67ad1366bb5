"""轻的客户端：请求的字节事先备好，线程只管发、只认状态行；它与服务器同用两个核，所以越轻越准。"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

Parts = tuple[bytes, ...]
MOST_PIECES = 1000  # the kernel takes 1024 at once


@dataclass(frozen=True, slots=True)
class Sent:
    """What a round took: wall time of all, seconds of each request."""

    seconds: float
    each: list[float]

    @property
    def rate(self) -> float:
        return len(self.each) / self.seconds

    def percentile(self, percent: int) -> float:
        """Seconds within which this share of the requests was answered."""
        return sorted(self.each)[min(len(self.each) - 1, len(self.each) * percent // 100)]


def request(method: str, path: str, headers: dict[str, str], body: Parts) -> Parts:
    """The bytes of one request, in pieces that need not be joined."""
    length = sum(map(len, body))
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join([*lines, "", ""]).encode(), *body)


def _write(line: socket.socket, parts: Parts) -> None:
    """All pieces together, as a phone's HTTP library does: sent one by one every little one would be a packet of its own."""
    left = [memoryview(part) for part in parts]
    while left:
        sent = line.sendmsg(left[:MOST_PIECES])
        while left and sent >= len(left[0]):
            sent -= len(left.pop(0))
        if left:
            left[0] = left[0][sent:]


def _reply(line: socket.socket) -> bytes:
    """The whole answer, by its Content-Length (absent: no body, as for 204)."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += _piece(line)
    head, _, body = said.partition(b"\r\n\r\n")
    length = 0
    for field in head.lower().split(b"\r\n"):
        if field.startswith(b"content-length:"):
            length = int(field[15:])
    while len(body) < length:
        body += _piece(line)
    return head + b"\r\n\r\n" + body


def _piece(line: socket.socket) -> bytes:
    piece = line.recv(65536)
    if not piece:
        raise ConnectionError("服务器断开了连接")
    return piece


def _send_all(port: int, requests: Sequence[Sequence[Parts]], each: list[float], faults: list[str]) -> None:
    """Every task is a chain of requests on one kept connection; a task's time is that of its chain."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for chain in requests:
            began = time.perf_counter()
            for parts in chain:
                _write(line, parts)
                reply = _reply(line)
                if not reply.startswith((b"HTTP/1.1 201", b"HTTP/1.1 204")):
                    faults.append(repr(reply[:600]))
                    return
            each.append(time.perf_counter() - began)


def send(port: int, chains: Sequence[Sequence[Parts]], at_once: int) -> Sent:
    """Send every chain, `at_once` connections side by side; raises RuntimeError unless all were taken."""
    each: list[float] = []
    faults: list[str] = []
    threads = [
        threading.Thread(target=_send_all, args=(port, chains[n::at_once], each, faults)) for n in range(at_once)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - began
    if faults or len(each) != len(chains):
        raise RuntimeError(f"服务器没有收下：{faults[:1]}")
    return Sent(taken, each)
