"""一个由我们看管的进程：启动、退出、隔一会儿再启动、停下。

Our own programs are forked from the launcher, which has read them in already (`body`); others are commands (`argv`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from server.embedded.forked import Forked, Place, fork

PR_SET_PDEATHSIG = 1
FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 10.0
SETTLED_S = 1.0  # what cannot start is dead before; what was killed in service is soon back
LIBC = ctypes.CDLL(None, use_errno=True)


def nothing(_quick_deaths: int) -> None:
    """No preparation needed."""


@dataclass(frozen=True, slots=True)
class Program:
    """怎样运行一个进程：一条命令，或启动器早已读进来的一段程序 `body`（有它就不用命令）。

    `grace_s` 是请它停下后等多久才强行结束；`prepare` 在每次启动之前跑，参数是此前接连几次刚起来就退出。
    """

    name: str
    label: str
    argv: tuple[str, ...]
    log: Path
    pid_file: Path
    folder: Path = field(default_factory=Path.cwd)
    grace_s: float = 10.0
    prepare: Callable[[int], None] = nothing
    body: Callable[[], int] | None = None


@dataclass(slots=True)
class Backoff:
    """再启动之前等多久：刚起来就退出的加倍，站稳过的从头算。"""

    delay_s: float = FIRST_DELAY_S

    def after(self, lived_s: float) -> float:
        """The pause before the next start of a process that lived `lived_s` seconds."""
        if lived_s >= SETTLED_S:
            self.delay_s = FIRST_DELAY_S
        pause, self.delay_s = self.delay_s, min(self.delay_s * 2, LONGEST_DELAY_S)
        return pause


class Child:
    """一个 Program 的当前进程。"""

    def __init__(self, program: Program, clock: Callable[[], float] = time.monotonic) -> None:
        self.program = program
        self.deaths = 0
        self._quick_deaths = 0
        self._clock = clock
        self._backoff = Backoff()
        self._process: subprocess.Popen[bytes] | Forked | None = None
        self._began = 0.0
        self._again_at = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def seconds_to_start(self) -> float:
        return max(0.0, self._again_at - self._clock())

    def start(self) -> None:
        """Start the process; it dies with us, whatever kills us."""
        program = self.program
        program.prepare(self._quick_deaths)
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("ab") as sink:
            self._process = _begin(program, sink)
        self._began = self._clock()
        with contextlib.suppress(OSError):  # a full disk must not end the watch
            write_pid(program.pid_file, self._process.pid)

    def postpone(self) -> None:
        """A start that the system refused counts as a death at once."""
        self._again_at = self._clock() + self._backoff.after(0.0)

    def check(self) -> int | None:
        """The exit status when the process has just ended (once), else None."""
        if self._process is None or not self._ended():
            return None
        self._sweep_group()  # before the number is given back to the system
        status = self._process.wait()
        self._process = None
        lived = self._clock() - self._began
        self.deaths += 1
        self._quick_deaths = self._quick_deaths + 1 if lived < SETTLED_S else 0
        self._again_at = self._clock() + self._backoff.after(lived)
        self.program.pid_file.unlink(missing_ok=True)
        return status

    def ask_to_stop(self) -> None:
        if self._process:
            self._process.terminate()

    def force(self) -> None:
        """Kill the process and everything it started; `check` then tells its status."""
        self._sweep_group()

    def _ended(self) -> bool:
        pid = self._process.pid if self._process else 0
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _sweep_group(self) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _begin(program: Program, sink: BinaryIO) -> subprocess.Popen[bytes] | Forked:
    tie = die_with_parent(os.getpid())
    if program.body:
        return fork(program.body, Place(f"zj-{program.name}", program.folder, sink.fileno()), tie)
    return subprocess.Popen(
        program.argv,
        cwd=program.folder,
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=tie,
    )


def die_with_parent(parent: int, sign: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """Code for the child before exec: tie its life to ours and take back the default signals.

    The kernel sends `sign` when the parent ends, even by kill -9; everything we run survives that by design.
    """

    def prepare() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, sign, 0, 0, 0)
        if os.getppid() != parent:  # the parent ended between fork and prctl
            os._exit(1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)

    return prepare


_serving = 0


def expect_workers() -> None:
    """Said by a server before it forks workers: afterwards a worker could no longer tell whose death it missed."""
    global _serving
    _serving = os.getpid()


def die_with_server() -> None:
    """Bind a forked worker to the server that expected it; at once when that is gone already."""
    die_with_parent(_serving or os.getppid())()


def write_pid(path: Path, pid: int) -> None:
    """Write a pid file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".pid.new")
    fresh.write_text(f"{pid}\n", encoding="ascii")
    fresh.replace(path)


def describe_exit(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"退出码 {status}"
    try:
        return f"被信号 {signal.Signals(-status).name} 结束"
    except ValueError:
        return f"被信号 {-status} 结束"
