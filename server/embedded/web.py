"""网页进程：Granian 带几个工作进程，请求正文边到边交给程序，断在半路的字节也不丢。

The parent reads the program in, listens and keeps the workers alive; each worker builds its own application after the fork,
so no connection or thread is ever shared, and dies with the parent whatever kills that.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import Server

from server.config import load_settings
from server.embedded.child import die_with_server, expect_workers
from server.embedded.stalls import App, Watch

HEADERS_WITHIN_MS = 30_000
RESPAWN_AFTER_S = 0.2
STOP_WITHIN_S = 8
BACKLOG = 1024
SELDOM = (20_000, 20, 20)  # a request makes thousands of objects and hardly ever a circle of them


def build_app() -> Any:
    """The application of one worker process; called by Granian after the fork."""
    die_with_server()  # before the seconds that building takes
    from wsgi import app

    return watched(app)


def watched(app: App) -> Watch:
    """An application as this server runs it: bound to the parent's life, its connections looked after."""
    die_with_server()
    web = load_settings().web
    return Watch(app, web.port, web.silence_s)


def preload() -> None:
    """Read the whole program in before the workers are forked: they share it, and one that was killed is back at once.

    Nothing is opened here. What was read lives as long as the process, so the collector need not look at it again.
    """
    gc.disable()
    import server.app  # noqa: F401

    gc.freeze()
    gc.enable()
    gc.set_threshold(*SELDOM)


def main(target: str = "server.embedded.web:build_app") -> int:
    """Serve until SIGTERM or SIGINT: requests in hand are finished, no new ones are taken."""
    web = load_settings().web
    server = Server(
        target,
        address=web.host,
        port=web.port,
        interface=Interfaces.WSGI,
        workers=web.processes,
        blocking_threads=web.threads,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=web.threads,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN_MS),
        respawn_failed_workers=True,
        respawn_interval=RESPAWN_AFTER_S,
        workers_kill_timeout=STOP_WITHIN_S,
        factory=True,
    )
    expect_workers()
    preload()
    server.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
