"""门铃：提交之后告诉后台“有活了”。

The outbox row is the truth, the broker only a bell, so ringing never delays an answer and may fail: a background thread
sends one `outbox.drain` message for however many commits happened meanwhile, and the scheduler drains every second anyway.
"""

from __future__ import annotations

import os
import threading
import time

import structlog

from server.config import Settings

DRAIN_TASK = "outbox.drain"
DRAIN_QUEUE = "outbox"
#: One message speaks for everything promised meanwhile; writing one for each commit cost a busy door a fifth of its time.
PAUSE_S = 0.05
log = structlog.get_logger(room="bell")


class Bell:
    """One thread per process, started at the first ring (a fork starts anew)."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.broker.url
        self._rung = threading.Event()
        self._lock = threading.Lock()
        self._pid = 0

    def ring(self) -> None:
        self._rung.set()
        if self._pid != os.getpid():
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            threading.Thread(target=self._serve, name="bell", daemon=True).start()

    def _serve(self) -> None:
        from celery import Celery

        sender = Celery("bell", broker=self._url, set_as_current=False)
        sender.conf.update(task_ignore_result=True, broker_connection_timeout=2)
        while True:
            self._rung.wait()
            self._rung.clear()
            try:
                sender.send_task(DRAIN_TASK, queue=DRAIN_QUEUE, expires=60, retry=False)
            except Exception as error:  # the row waits in the database; the scheduler will find it
                log.warning("bell-unheard", error=type(error).__name__)
                time.sleep(1.0)
            time.sleep(PAUSE_S)
