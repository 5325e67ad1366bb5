"""信号：把“该停了”和“有孩子退出”变成主循环里的一次醒来。

Handlers only count; nothing is raised in the middle of a statement, so no child can be started and forgotten.
"""

from __future__ import annotations

import select
import signal
import socket
from types import FrameType, TracebackType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """有人要求停下（Ctrl-C、kill 或终端关闭）。"""


class Wakeups:
    """主循环的闹钟；只能在主线程里用，离开时还原原来的信号设置。"""

    def __init__(self) -> None:
        self.stops = 0
        self._read, self._write = socket.socketpair()
        self._before: dict[signal.Signals, object] = {}
        self._before_fd = -1

    def __enter__(self) -> Wakeups:
        for end in (self._read, self._write):
            end.setblocking(False)
        self._before_fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in (*STOP_SIGNALS, signal.SIGCHLD):
            self._before[number] = signal.signal(number, self._count)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._before_fd)
        self._read.close()
        self._write.close()

    def _count(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self.stops += 1

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until the next signal."""
        ready, _, _ = select.select([self._read], [], [], max(0.0, seconds))
        if ready:
            self._read.recv(4096)

    def wait(self, seconds: float) -> None:
        """Like `sleep`, and raises StopRequested when somebody asked to stop."""
        if not self.stops:
            self.sleep(seconds)
        if self.stops:
            raise StopRequested
