"""一条坏线路：夹在手机和服务器之间，把连接剪断、拖慢、把请求重放一遍、把回答吞掉，并记下经过的每个请求。

What is done to a connection follows from the seed and its number. Every connection carries one request: the proxy asks the
server to close after each, so that a request can be told by its connection.
"""

from __future__ import annotations

import contextlib
import random
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

HOST = "127.0.0.1"
BLOCK = 16 * 1024
PATIENCE_S = 30.0
PASS, CUT, DEAF, SLOW, AGAIN = "pass", "cut", "deaf", "slow", "again"
#: How often each is done, of a hundred.
ODDS = {PASS: 40, CUT: 25, DEAF: 10, SLOW: 15, AGAIN: 10}


@dataclass
class Seen:
    """一个经过的请求：送到服务器多少正文字节，服务器答了什么，手机听到没有。"""

    number: int
    deed: str
    method: str
    path: str
    offset: int | None
    length: int
    passed: int = 0
    status: int | None = None
    told_offset: int | None = None
    location: str | None = None
    heard: bool = False
    replays: list[int] = field(default_factory=list)


class CuttingProxy:
    """用 `with` 起停；`seen` 按连接先后记着每个请求。"""

    def __init__(self, upstream: int, seed: object) -> None:
        self._upstream, self._seed = upstream, seed
        self._listener = socket.create_server((HOST, 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.seen: list[Seen] = []
        self.carried = 0
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> CuttingProxy:
        thread = threading.Thread(target=self._accept)
        thread.start()
        self._threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                phone, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            thread = threading.Thread(target=self._serve, args=(phone, number))
            thread.start()
            self._threads.append(thread)

    def _serve(self, phone: socket.socket, number: int) -> None:
        chance = random.Random(f"{self._seed}/{number}")
        deed = chance.choices(list(ODDS), list(ODDS.values()))[0]
        phone.settimeout(PATIENCE_S)
        with phone, contextlib.suppress(OSError):
            head, rest = read_head(phone)
            if head:
                self._carry(phone, head, rest, Line(number, deed, chance))

    def _carry(self, phone: socket.socket, head: bytes, rest: bytes, line: Line) -> None:
        seen = noted(head, line)
        with self._lock:
            self.seen.append(seen)
        with socket.create_connection((HOST, self._upstream), timeout=PATIENCE_S) as server:
            sent = [closing(head)]
            server.sendall(sent[0])
            cut_after = line.chance.randrange(seen.length) if line.deed == CUT and seen.length else None
            if line.deed == CUT and cut_after is None:
                return slam(server, phone, line.chance)
            whole = self._forward(phone, server, rest, seen, line, cut_after, sent)
            if not whole:
                return slam(server, phone, line.chance)
            self._answer(phone, server, seen, line)
        if line.deed == AGAIN:
            seen.replays.append(replay(self._upstream, b"".join(sent)))
        return None

    def _forward(
        self,
        phone: socket.socket,
        server: socket.socket,
        rest: bytes,
        seen: Seen,
        line: Line,
        cut_after: int | None,
        sent: list[bytes],
    ) -> bool:
        """Pass the body on; False when it was cut. A server that listens no more may still have an answer."""
        end = seen.length if cut_after is None else cut_after
        for block in body(phone, rest, end):
            if line.deed == SLOW:
                time.sleep(line.chance.uniform(0.0, 0.01))
            sent.append(block)
            try:
                server.sendall(block)
            except OSError:
                return True
            seen.passed += len(block)
            with self._lock:
                self.carried += len(block)
        return cut_after is None

    def _answer(self, phone: socket.socket, server: socket.socket, seen: Seen, line: Line) -> None:
        head, rest = read_head(server)
        if not head:
            return
        hear(seen, head)
        if line.deed == DEAF:
            return
        phone.sendall(head + rest)
        while block := server.recv(BLOCK):
            phone.sendall(block)
        seen.heard = True


@dataclass
class Line:
    """这条连接要遭遇什么。"""

    number: int
    deed: str
    chance: random.Random


def read_head(link: socket.socket) -> tuple[bytes, bytes]:
    """The head with its blank line, and what came after it; empty when the other side has gone."""
    got = b""
    while b"\r\n\r\n" not in got:
        block = link.recv(BLOCK)
        if not block:
            return b"", b""
        got += block
    head, _, rest = got.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def body(link: socket.socket, rest: bytes, length: int) -> Iterator[bytes]:
    """Exactly `length` bytes, or fewer when the phone itself breaks off."""
    block = rest
    while length > 0:
        if not block:
            block = link.recv(BLOCK)
            if not block:
                raise ConnectionResetError
        yield block[:length]
        length, block = length - len(block[:length]), b""


def value_of(head: bytes, name: str) -> str | None:
    found = re.search(rb"(?im)^%s:[ \t]*(.*?)\r$" % name.encode(), head)
    return found[1].decode("latin-1") if found else None


def number_in(head: bytes, name: str) -> int | None:
    found = value_of(head, name)
    return int(found) if found is not None else None


def noted(head: bytes, line: Line) -> Seen:
    method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    method = value_of(head, "X-HTTP-Method-Override") or method
    return Seen(
        line.number,
        line.deed,
        method,
        path,
        number_in(head, "Upload-Offset"),
        number_in(head, "Content-Length") or 0,
    )


def hear(seen: Seen, head: bytes) -> None:
    seen.status = int(head.split(b" ", 2)[1])
    seen.told_offset = number_in(head, "Upload-Offset")
    seen.location = value_of(head, "Location")


def closing(head: bytes) -> bytes:
    """The same request, but for the connection to be closed after it."""
    kept = [row for row in head[:-4].split(b"\r\n") if not row.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close"]) + b"\r\n\r\n"


def slam(server: socket.socket, phone: socket.socket, chance: random.Random) -> None:
    """Both ends at once: politely, or with a reset that throws away what is still on its way."""
    if chance.random() < 0.5:
        for link in (server, phone):
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def replay(upstream: int, request: bytes) -> int:
    """Send the same request once more, as a network may; returns the status, 0 for no answer."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, upstream), timeout=PATIENCE_S) as link:
        with contextlib.suppress(OSError):
            link.sendall(request)
        head, _ = read_head(link)
        return int(head.split(b" ", 2)[1]) if head else 0
    return 0
