"""把每一步的进展说给人听：超过两秒的事都要见动静。

Standard library only: the set-up scripts use it before anything is installed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

PULSE_S = 2.0
POLL_S = 0.05
LONGEST_SILENCE_S = 15.0
TAIL_LINES = 25


class StepFailed(Exception):
    """一步没有做成；`status` 是退出码，`tail` 是日志末尾。"""

    def __init__(self, label: str, status: int, log: Path) -> None:
        self.label, self.status, self.log = label, status, log
        self.tail = tail(log)
        super().__init__(f"{label}没有成功（退出码 {status}），日志 {log}：\n{self.tail}")


def say(text: str = "") -> None:
    """One line to the person, at once even when the output is a pipe."""
    print(text, flush=True)


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last `lines` lines of a log, indented; empty when there is none."""
    try:
        with log.open(encoding="utf-8", errors="replace") as source:
            return "\n".join(f"    {line.rstrip()}" for line in deque(source, maxlen=lines))
    except OSError:
        return ""


class Step:
    """一步的进展：终端上原地刷新秒数，管道里隔一阵报一行，间隔逐次加倍。"""

    def __init__(self, label: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.label = label
        self._clock = clock
        self._began = clock()
        self._next_pulse = PULSE_S
        self.spoke = False
        self._terminal = sys.stdout.isatty()

    @property
    def seconds(self) -> float:
        return self._clock() - self._began

    def pulse(self, note: str = "") -> None:
        """Call often; it speaks only when it is time."""
        if self.seconds < self._next_pulse:
            return
        text = f"  {self.label} …… {self.seconds:.0f} 秒{'，' + note if note else ''}"
        self.spoke = True
        if self._terminal:
            self._next_pulse = self.seconds + 1.0
            print(f"\r{text}\x1b[K", end="", flush=True)
        else:
            self._next_pulse = self.seconds + min(self._next_pulse, LONGEST_SILENCE_S)
            say(text)

    def done(self, note: str = "") -> None:
        text = f"  {self.label}：{note or '好了'}（{self.seconds:.1f} 秒）"
        say(f"\r{text}\x1b[K" if self._terminal else text)


def run_step(
    label: str,
    argv: Sequence[str],
    log: Path,
    wait: Callable[[float], None] = time.sleep,
    note: Callable[[], str] = str,
    meanwhile: Callable[[], None] = lambda: None,
    **popen: object,
) -> None:
    """Run one command to its end with its output in `log`; raises StepFailed when it fails.

    `wait` may raise to give up, in which case the command is ended first. `meanwhile` is called once while the command runs.
    """
    step = Step(label)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        process = subprocess.Popen(  # type: ignore[call-overload]
            list(argv), stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, **popen
        )
    try:
        meanwhile()
        while process.poll() is None:
            wait(POLL_S)
            step.pulse(note())
    finally:
        end(process)
    if process.returncode != 0:
        raise StepFailed(label, process.returncode, log)
    step.done(note())


def end(process: subprocess.Popen[bytes], patience_s: float = 5.0) -> None:
    """Ask a process to stop, then make it."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
