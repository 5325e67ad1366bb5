"""真的起一套：杀谁谁再起来，第二个被拒，Ctrl-C 和 kill -9 之后都不剩进程。"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.embedded.ports import answers_ready
from tests.journeys.harness import furnish

ROOT = Path(__file__).parents[2]
NAMES = ("web", "worker", "scheduler", "broker")
HOST = "127.0.0.1"
START_S = 90.0

pytestmark = pytest.mark.slow


class Running:
    """一个启动器和它的数据目录。"""

    def __init__(self, process: subprocess.Popen[bytes], data: Path, port: int, said: Path) -> None:
        self.process, self.data, self.port, self.said = process, data, port, said

    def pid(self, name: str) -> int:
        try:
            return int((self.data / "run" / f"{name}.pid").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def ready(self) -> bool:
        return answers_ready(HOST, self.port)

    def words(self) -> str:
        return self.said.read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(fact: Callable[[], bool], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(0.05)
    return fact()


def processes_of(data: Path) -> list[int]:
    """Every process that has this data folder in its command line or environment."""
    mark = str(data).encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if mark in text:
                found.append(int(entry.name))
    return found


def begin(data: Path, port: int, said: Path) -> subprocess.Popen[bytes]:
    words = ["-m", "server.embedded", "serve", "--data", str(data), "--port", str(port)]
    with said.open("wb") as sink:
        return subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True
        )


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    data, port, said = folder / "data", free_port(), folder / "said.txt"
    process = begin(data, port, said)
    launched = Running(process, data, port, said)
    try:
        assert eventually(lambda: "按 Ctrl-C 停止" in launched.words() or process.poll() is not None, START_S)
        assert process.poll() is None, launched.words()
        yield launched
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def test_every_child_killed_by_force_comes_back_and_the_end_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as stack:
        assert stack.ready()
        before = {name: stack.pid(name) for name in NAMES}
        assert all(before.values())

        for name in NAMES:
            os.kill(before[name], signal.SIGKILL)

        for name in NAMES:
            assert eventually(lambda name=name: stack.pid(name) not in (0, before[name]), 20), name
        assert eventually(stack.ready, 30)
        stack.process.send_signal(signal.SIGINT)
        assert stack.process.wait(60) == 0
        assert "质鉴已停止" in stack.words()
    assert eventually(lambda: not processes_of(stack.data), 5)
    assert not list((stack.data / "run").glob("*.pid"))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack that outlives what is done to it."""
    folder = tmp_path_factory.mktemp("stack")
    furnish(folder / "data")
    with running(folder) as launched:
        yield launched


def test_the_brokers_folder_may_vanish_in_the_middle(stack: Running) -> None:
    for file in sorted((stack.data / "broker").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    (stack.data / "broker").rmdir()
    before = stack.pid("broker")
    os.kill(before, signal.SIGKILL)

    assert eventually(lambda: stack.pid("broker") not in (0, before), 20)
    assert eventually(lambda: any((stack.data / "broker").iterdir()), 10)


def test_a_second_start_on_the_same_data_and_on_a_taken_port_are_refused(stack: Running, tmp_path: Path) -> None:
    same_data = begin(stack.data, free_port(), tmp_path / "second.txt")
    assert same_data.wait(60) == 2
    assert "正由另一个质鉴使用" in (tmp_path / "second.txt").read_text(encoding="utf-8")

    same_port = begin(tmp_path / "other", stack.port, tmp_path / "third.txt")
    assert same_port.wait(60) == 2
    assert f"端口 {stack.port} 已被别的程序占用" in (tmp_path / "third.txt").read_text(encoding="utf-8")
    assert stack.ready()


def test_a_launcher_killed_by_force_leaves_nothing_and_can_start_again(tmp_path: Path) -> None:
    furnish(tmp_path / "data")
    with running(tmp_path) as stack:
        stack.process.kill()
        stack.process.wait()
        assert eventually(lambda: not processes_of(stack.data), 5), processes_of(stack.data)
    with running(tmp_path) as again:
        assert again.ready()
