"""看管真的进程：被杀的再启动，停的时候一个不剩，启动器自己被杀也不留孤儿。"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.embedded.child import LONGEST_DELAY_S, Backoff, Child, Program, describe_exit
from server.embedded.signals import StopRequested, Wakeups
from server.embedded.supervisor import StartFailed, Supervisor

SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
ROOT = Path(__file__).parents[4]


def program(folder: Path, name: str, code: str = SLEEP, grace_s: float = 5.0) -> Program:
    return Program(
        name,
        name,
        (sys.executable, "-c", code),
        folder / f"{name}.log",
        folder / f"{name}.pid",
        folder,
        grace_s,
    )


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def eventually(fact: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(0.02)
    return fact()


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Wakeups() as wakeups:
        watched = Supervisor(wakeups)
        yield watched
        watched.stop(())


def test_a_killed_child_is_started_again_with_a_new_number(supervisor: Supervisor, tmp_path: Path) -> None:
    child = supervisor.start(program(tmp_path, "web"))
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    supervisor.until(lambda: child.pid not in (None, first), "再启动", 10)

    assert child.pid is not None
    assert alive(child.pid)
    assert int((tmp_path / "web.pid").read_text()) == child.pid


def test_grandchildren_of_a_killed_child_go_with_it(supervisor: Supervisor, tmp_path: Path) -> None:
    code = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', %r]).pid, flush=True); import time; time.sleep(60)"
    child = supervisor.start(program(tmp_path, "worker", code % SLEEP))
    log = tmp_path / "worker.log"
    assert eventually(lambda: log.exists() and log.read_text().strip().isdigit())
    grandchild = int(log.read_text())
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    supervisor.until(lambda: child.pid not in (None, first), "再启动", 10)

    assert eventually(lambda: not alive(grandchild))


def test_stop_follows_the_order_and_leaves_nothing(supervisor: Supervisor, tmp_path: Path) -> None:
    said = tmp_path / "order"
    code = textwrap.dedent(
        """
        import signal, sys, time
        def leave(*_):
            with open({said!r}, "a") as out: out.write({name!r} + " ")
            sys.exit(0)
        signal.signal(signal.SIGTERM, leave)
        print("up", flush=True)
        time.sleep(60)
        """
    )
    names = ("broker", "web", "worker")
    pids = []
    for name in names:
        child = supervisor.start(program(tmp_path, name, code.format(said=str(said), name=name)))
        pids.append(child.pid)
    assert eventually(lambda: all((tmp_path / f"{n}.log").read_text() for n in names))

    supervisor.stop(("web", "worker", "broker"))

    assert said.read_text().split() == ["web", "worker", "broker"]
    assert not any(alive(pid) for pid in pids if pid)
    assert not list(tmp_path.glob("*.pid"))


def test_a_child_that_will_not_stop_is_made_to(supervisor: Supervisor, tmp_path: Path) -> None:
    child = supervisor.start(program(tmp_path, "worker", STUBBORN, grace_s=0.3))
    pid = child.pid
    assert pid is not None
    assert eventually(lambda: "up" in (tmp_path / "worker.log").read_text())

    began = time.monotonic()
    supervisor.stop(("worker",))

    assert not alive(pid)
    assert 0.3 <= time.monotonic() - began < 5


def test_a_child_that_keeps_dying_fails_the_start_with_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program(tmp_path, "web", "raise SystemExit('端口坏了')"))

    with pytest.raises(StartFailed, match="端口坏了"):
        supervisor.until(lambda: False, "启动", 30)


def test_waiting_too_long_fails_the_start(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program(tmp_path, "web"))

    with pytest.raises(StartFailed, match="仍未就绪"):
        supervisor.until(lambda: False, "启动", 0.2)


def test_a_signal_ends_the_watch(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program(tmp_path, "web"))
    os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(StopRequested):
        supervisor.run()


def test_nothing_outlives_a_launcher_killed_by_force(tmp_path: Path) -> None:
    launcher = textwrap.dedent(
        f"""
        import sys
        from pathlib import Path
        from server.embedded.child import Program
        from server.embedded.signals import Wakeups
        from server.embedded.supervisor import Supervisor
        folder = Path({str(tmp_path)!r})
        with Wakeups() as wakeups:
            watched = Supervisor(wakeups)
            argv = (sys.executable, "-c", {SLEEP!r})
            child = watched.start(Program("web", "web", argv, folder / "web.log", folder / "web.pid", folder))
            print(child.pid, flush=True)
            watched.run()
        """
    )
    with subprocess.Popen([sys.executable, "-c", launcher], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert alive(pid)
        process.kill()
        process.wait()
        assert eventually(lambda: not alive(pid), 5)


def test_the_pause_doubles_up_to_a_limit_and_is_forgiven() -> None:
    backoff = Backoff()
    pauses = [backoff.after(0.0) for _ in range(12)]

    assert pauses[:4] == [0.1, 0.2, 0.4, 0.8]
    assert max(pauses) == LONGEST_DELAY_S
    assert backoff.after(60.0) == 0.1


def test_exits_are_told_in_words() -> None:
    assert describe_exit(3) == "退出码 3"
    assert describe_exit(-9) == "被信号 SIGKILL 结束"


def test_a_full_disk_does_not_end_the_watch(tmp_path: Path) -> None:
    blocked = tmp_path / "web.pid.new"
    blocked.mkdir()
    child = Child(program(tmp_path, "web"))
    child.start()
    try:
        assert child.pid is not None
        assert alive(child.pid)
    finally:
        child.force()
        assert eventually(lambda: child.check() is not None)
