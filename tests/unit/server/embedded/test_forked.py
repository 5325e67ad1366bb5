"""分叉出来的进程像新起的命令一样：自己的会话、文件、信号和退出码，启动器的东西一样不留。"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from server.embedded.child import die_with_parent
from server.embedded.forked import Forked, Place, fork


def begin(folder: Path, body: Callable[[], int]) -> Forked:
    with (folder / "log").open("ab") as sink:
        return fork(body, Place("zj-test", folder, sink.fileno()), die_with_parent(os.getpid()))


def ended(folder: Path, body: Callable[[], int]) -> tuple[int, str]:
    """Exit status and output of a copy."""
    status = begin(folder, body).wait()
    return status, (folder / "log").read_text(encoding="utf-8")


def describe() -> int:
    kinds = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    assert kinds == [signal.SIG_DFL, signal.default_int_handler]
    assert os.read(0, 1) == b""
    name = Path("/proc/self/comm").read_text().strip()
    print(os.getcwd(), os.getsid(0) == os.getpid(), sorted(os.listdir("/proc/self/fd"))[:3], name)
    return 7


def test_it_lives_on_its_own(tmp_path: Path) -> None:
    assert ended(tmp_path, describe) == (7, f"{tmp_path} True ['0', '1', '2'] zj-test\n")


@pytest.mark.parametrize(("code", "status", "words"), [(None, 0, ""), (3, 3, ""), ("端口坏了", 1, "端口坏了\n")])
def test_it_may_end_as_a_command_ends(tmp_path: Path, code: object, status: int, words: str) -> None:
    assert ended(tmp_path, lambda: sys.exit(code)) == (status, words)  # type: ignore[arg-type]


def test_a_surprise_is_written_down_and_stays_its_own(tmp_path: Path) -> None:
    def body() -> int:
        raise KeyError("没有这个设置")

    status, words = ended(tmp_path, body)
    assert status == 1
    assert "Traceback" in words
    assert "没有这个设置" in words


def test_it_does_not_hold_what_the_launcher_had_open(tmp_path: Path) -> None:
    """A copy that outlived its launcher by a moment would otherwise keep the lock on the data folder."""
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        copy = begin(tmp_path, lambda: time.sleep(60) or 0)
        while (tmp_path / "log").stat().st_size == 0 and Path(f"/proc/{copy.pid}/comm").read_text() != "zj-test\n":
            time.sleep(0.01)
    try:
        with (tmp_path / "lock").open("w") as lock:
            _lock_soon(lock.fileno())
    finally:
        copy.terminate()
        assert copy.wait() == -signal.SIGTERM


def _lock_soon(handle: int) -> None:
    deadline = time.monotonic() + 5
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        else:
            return


def test_asking_one_that_is_gone_to_stop_is_no_fault(tmp_path: Path) -> None:
    copy = begin(tmp_path, int)
    assert copy.wait() == 0
    copy.terminate()
