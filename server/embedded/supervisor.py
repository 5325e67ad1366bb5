"""看管几个进程：谁退出就再启动谁，停的时候按次序停。

One thread, woken by signals; a child is restarted at once after its first death and later and later when it keeps dying.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from server.embedded.child import Child, Program, describe_exit
from server.embedded.progress import Step, say, tail
from server.embedded.signals import Wakeups

HOPELESS_DEATHS = 3
IDLE_S = 30.0
TICK_S = 0.1


class StartFailed(Exception):
    """没有启动起来；消息说明是谁、为什么。"""


class Supervisor:
    """按启动次序记着每个孩子；`stop` 按给定的次序停。"""

    def __init__(self, wakeups: Wakeups, tend: Callable[[], None] | None = None) -> None:
        self._wakeups = wakeups
        self._tend = tend
        self.children: dict[str, Child] = {}

    def start(self, program: Program) -> Child:
        child = self.children[program.name] = Child(program)
        child.start()
        return child

    def look(self) -> float:
        """Collect the dead, start those whose pause is over; returns seconds until there is more to do."""
        pause = IDLE_S
        for child in self.children.values():
            status = child.check()
            if status is not None:
                say(
                    f"  {child.program.label}已退出（{describe_exit(status)}），{child.seconds_to_start:.1f} 秒后再启动"
                )
            if child.pid is None:
                pause = min(pause, self._revive(child))
        return pause

    def _revive(self, child: Child) -> float:
        if child.seconds_to_start > 0:
            return child.seconds_to_start
        try:
            child.start()
        except OSError as error:  # no memory, no process, no room: a reason to wait, not to give up
            child.postpone()
            say(f"  {child.program.label}没能再启动（{error.strerror}），{child.seconds_to_start:.1f} 秒后再试")
            return child.seconds_to_start
        say(f"  {child.program.label}已再启动，进程号 {child.pid}")
        return IDLE_S

    def until(self, ready: Callable[[], bool], label: str, limit_s: float) -> None:
        """Watch the children until `ready()`; raises StartFailed when that is hopeless or takes too long."""
        step = Step(label)
        while not ready():
            self._wakeups.wait(min(TICK_S, self.look()))
            self._give_up_if_hopeless(step, limit_s)
            step.pulse()
        step.done()

    def _give_up_if_hopeless(self, step: Step, limit_s: float) -> None:
        for child in self.children.values():
            if child.deaths >= HOPELESS_DEATHS:
                raise StartFailed(
                    f"{child.program.label}一再退出，日志 {child.program.log}：\n{tail(child.program.log)}"
                )
        if step.seconds > limit_s:
            raise StartFailed(f"{step.label}超过 {limit_s:.0f} 秒仍未就绪，请看日志。")

    def run(self, finished: Callable[[], bool] = lambda: False) -> None:
        """Watch until `finished()`; raises StopRequested when somebody asks to stop."""
        while not finished():
            pause = self.look()
            if self._tend:
                self._tend()
            self._wakeups.wait(pause)

    def stop(self, order: tuple[str, ...]) -> None:
        """Stop the children one after another; a further Ctrl-C makes it quick."""
        asked = self._wakeups.stops
        for name in order:
            child = self.children.pop(name, None)
            if child is not None:
                self._stop_one(child, asked)
        for name in tuple(self.children):
            self._stop_one(self.children.pop(name), asked)

    def _stop_one(self, child: Child, asked: int) -> None:
        program, step = child.program, Step(f"停止{child.program.label}")
        deadline = time.monotonic() + program.grace_s
        child.ask_to_stop()
        while child.pid is not None and child.check() is None:
            if time.monotonic() > deadline or self._wakeups.stops > asked:
                child.force()
                continue
            self._wakeups.sleep(TICK_S)
            step.pulse("等它做完手上的事，再按一次 Ctrl-C 立即停止")
        if step.spoke:
            step.done("停了")
        program.pid_file.unlink(missing_ok=True)
