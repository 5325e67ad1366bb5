"""不说话的连接：正文传到一半没了声息的，过一会儿就断开，腾出它占着的线程；已经收到的字节不丢。

Granian reads a body for its thread and knows no limit of time, so a phone that vanished in mid-upload would keep a thread for
ever. The server does not say which socket a request came by; the kernel does say how long each socket has been silent. While
some read has waited too long, every connection of ours that has been silent as long is shut down: idle ones lose nothing. One
kind of silence is innocent, a request whose answer is still being worked on; while there is such a one, nobody is cut off.
"""

from __future__ import annotations

import io
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import structlog

LISTEN = 10
TCP_INFO = struct.Struct("=8B24I")  # linux/tcp.h: eight bytes, then words; 12 and 14 of them are wanted
SENT, RECEIVED = 8 + 9, 8 + 11
PIECE = 1 << 16
App = Callable[[dict[str, Any], Any], Iterable[bytes]]
log = structlog.get_logger(room="web")


def silent_ms(connection: socket.socket) -> int:
    """Milliseconds since anything came in or went out; 0 for a socket that only listens."""
    raw = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO.size)
    info = TCP_INFO.unpack(raw)
    return 0 if info[0] == LISTEN else min(info[SENT], info[RECEIVED])


def connections(port: int) -> Iterator[socket.socket]:
    """A second handle on every TCP socket of this process that is bound to `port`; the caller closes it."""
    for name in os.listdir("/proc/self/fd"):
        try:
            if not os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                continue
            held = socket.socket(fileno=os.dup(int(name)))
        except OSError:  # closed meanwhile
            continue
        if _is_ours(held, port):
            yield held
        else:
            held.close()


def _is_ours(held: socket.socket, port: int) -> bool:
    try:
        return held.family in (socket.AF_INET, socket.AF_INET6) and held.getsockname()[1] == port
    except OSError:
        return False


def hang_up(port: int, limit_s: float) -> int:
    """Shut down every connection of this process on `port` that has been silent for `limit_s`; returns how many."""
    count = 0
    for held in connections(port):
        with held:
            try:
                if silent_ms(held) >= limit_s * 1000:
                    held.shutdown(socket.SHUT_RDWR)
                    count += 1
            except OSError:  # gone by itself
                continue
    return count


class Body(io.RawIOBase):
    """One request's body; says when it begins to wait for the phone and when it has been given something.

    `read` goes straight to the server without a copy in between; lines, which nobody here asks for, come byte by byte.
    """

    def __init__(self, raw: Any, watch: Watch, key: int) -> None:
        self._raw, self._watch, self._key = raw, watch, key

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        """At most `size` bytes, nothing at the end; all of them piece by piece without a size."""
        return self.readall() if size is None or size < 0 else self._take(size)

    def readall(self) -> bytes:
        return b"".join(iter(lambda: self._take(PIECE), b""))

    def readinto(self, into: Any) -> int:
        given = self._take(len(into))
        into[: len(given)] = given
        return len(given)

    def _take(self, size: int) -> bytes:
        self._watch.waiting[self._key] = time.monotonic()
        try:
            given: bytes = self._raw.read(size)
        finally:
            self._watch.working[self._key] = time.monotonic()
            del self._watch.waiting[self._key]
        return given


class Watch:
    """The application with an eye on its connections; one for each process, its thread starts with the first request."""

    def __init__(self, app: App, port: int, limit_s: float) -> None:
        self._app, self._port, self._limit_s = app, port, limit_s
        #: When each request under way began to wait for its body, and when it last had what it needed.
        self.waiting: dict[int, float] = {}
        self.working: dict[int, float] = {}
        self._lock = threading.Lock()
        self._pid = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self._pid != os.getpid():
            self._start()
        key = id(environ)
        self.working[key] = time.monotonic()
        environ["wsgi.input"] = Body(environ["wsgi.input"], self, key)
        said: list[tuple[str, str]] = []

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            said[:] = headers
            return start_response(status, headers, *more)

        try:
            answer = Answer(self._app(environ, start), self, key, environ)
        except BaseException:
            del self.working[key]
            raise
        return answer.whole() if _is_short(said) else answer

    def _start(self) -> None:
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._patrol, name="stalls", daemon=True).start()

    def _patrol(self) -> None:
        while True:
            time.sleep(self._limit_s / 4)
            if self.has_stalled(time.monotonic()):
                log.warning("body-stalled", cut=hang_up(self._port, self._limit_s))

    def has_stalled(self, now: float) -> bool:
        """Whether a body has been waited for too long while nobody is busy with an answer as long."""
        waiting, working = dict(self.waiting), dict(self.working)
        late = now - self._limit_s
        busy = any(since < late for key, since in working.items() if key not in waiting)
        return not busy and any(since < late for since in waiting.values())


def _is_short(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "content-length" and int(value) <= PIECE for name, value in headers)


class Answer:
    """The application's answer; the request is under way until it is closed. Holds `environ` so that its key stays its own."""

    def __init__(self, parts: Iterable[bytes], watch: Watch, key: int, environ: dict[str, Any]) -> None:
        self._parts, self._watch, self._key, self._environ = parts, watch, key, environ

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def whole(self) -> list[bytes]:
        """All of it at once: the server passes a list on without coming back for every part."""
        try:
            return [b"".join(self._parts)]
        finally:
            self.close()

    def close(self) -> None:
        self._watch.working.pop(self._key, None)
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()
