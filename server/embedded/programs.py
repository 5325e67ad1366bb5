"""三个自己的进程各跑什么，和启动器先读进来的东西。

Nothing here opens anything or reads a setting before the copy is on its own: connections, threads and the broker's app are
made after the fork.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module

Body = Callable[[], int]
READ_IN = (
    "server.app",
    "server.embedded.web",
    "workers.handlers",
    "celery.bin.celery",
    "celery.apps.worker",
    "celery.apps.beat",
    "celery.concurrency.prefork",
    "kombu.transport.redis",
)


def read_in() -> None:
    """Read the whole program in, once for all copies; what was read lives as long as the process, so nobody collects it."""
    gc.disable()
    for module in READ_IN:
        import_module(module)
    gc.freeze()
    gc.enable()


def web(environment: Mapping[str, str]) -> Body:
    """The web server."""
    return partial(_web, environment)


def celery(environment: Mapping[str, str], *words: str) -> Body:
    """One of the broker's clients: `worker …` or `beat …`."""
    return partial(_celery, environment, words)


def _web(environment: Mapping[str, str]) -> int:
    os.environ.update(environment)
    from server.embedded.web import main

    return main()


def _celery(environment: Mapping[str, str], words: tuple[str, ...]) -> int:
    os.environ.update(environment)
    from workers.app import celery as app

    return app.start(argv=list(words)) or 0  # type: ignore[no-untyped-call]
