"""分叉出来的进程：程序已经读在启动器里，起一个只要一瞬，几个进程共用同一份内存。

The copy begins like a fresh command would: a session, a working folder and signals of its own, its output in the log, nothing
of ours left open (our lock on the data folder above all), and it ends without running what we left to be done at our end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

FIRST_OWN = 3  # 0, 1 and 2 are input, output and complaints


class Forked:
    """A running copy, with the few verbs of a Popen that its keeper uses."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def wait(self) -> int:
        """Its exit status, negative for the signal that ended it."""
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def terminate(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a copy lives: its name among the processes (15 bytes), its folder, the open file for its output."""

    name: str
    folder: Path
    sink: int


def fork(body: Callable[[], int], place: Place, tie: Callable[[], None]) -> Forked:
    """Run `body` in a copy of this process; `tie` runs first in it.

    Nobody may be running a second Python thread meanwhile. Raises OSError when the system refuses.
    """
    for stream in (sys.stdout, sys.stderr):  # what is still held back would be written twice
        stream.flush()
    pid = os.fork()
    if pid == 0:
        _live(body, place, tie)
    return Forked(pid)


def _live(body: Callable[[], int], place: Place, tie: Callable[[], None]) -> None:
    status = 1
    try:
        tie()
        _settle(place)
        status = body()
    except SystemExit as end:
        status = _status(end.code)
    except BaseException:  # whatever it is, the keeper's own way out is not ours
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _status(code: object) -> int:
    """As Python ends a command: a number is the status, words are said and mean failure."""
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


def _settle(place: Place) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    os.chdir(place.folder)
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(place.name, encoding="ascii")
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (place.sink, 1), (place.sink, 2)):
        os.dup2(ours, theirs)
    os.closerange(FIRST_OWN, os.sysconf("SC_OPEN_MAX"))
    sys.stdout = _words(1, "strict")
    sys.stderr = _words(2, "backslashreplace")


def _words(handle: int, errors: str) -> TextIO:
    """Line by line, so that the log tells what was said before a sudden end."""
    return open(handle, "w", buffering=1, encoding="utf-8", errors=errors, closefd=False)
