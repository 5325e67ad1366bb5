"""一套真的进程，供各条长路共用：起、杀、删消息服务的数据、演一季、对账。"""

import atexit
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from server.embedded.ports import answers_ready

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
START_S = 120.0
STOP_S = 60.0
#: A killed worker's papers are taken up again after this many seconds instead of ten minutes; one web process starts sooner.
QUICK = {"ZHIJIAN_WORKERS__PAPER_LEASE_S": "20", "ZHIJIAN_WEB__PROCESSES": "1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Instance:
    """一份数据、一个端口、一个启动器。"""

    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def pid(self, name: str) -> int:
        """The process id of one of our children, 0 while there is none."""
        try:
            return int((self.data / "run" / f"{name}.pid").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def kill(self, name: str) -> bool:
        """SIGKILL one child as if the machine had; False when it is not there."""
        pid = self.pid(name)
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return True
        return False

    def forget_broker(self) -> None:
        """Kill the broker and delete everything it kept."""
        assert self.kill("broker")
        for kept in (self.data / "broker").iterdir():
            if kept.is_dir():
                shutil.rmtree(kept)
            else:
                kept.unlink()

    def run(self, module: str, *words: str, limit_s: float = 400.0) -> subprocess.CompletedProcess[str]:
        """One of our commands against this instance."""
        return subprocess.run(
            [sys.executable, "-m", module, "--base-url", self.url, "--data", str(self.data), *words],
            cwd=ROOT,
            env=environment(self.data),
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )


def environment(data: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIJIAN_")}
    return {**kept, **QUICK, "ZHIJIAN_DATA": str(data), "PYTHONUNBUFFERED": "1"}


@cache
def _prepared() -> Path:
    """A data folder as the launcher prepares an empty one, made once for each test process."""
    folder = Path(tempfile.mkdtemp(prefix="zhijian-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    words = [sys.executable, "-m", "server.cli", "prepare"]
    done = subprocess.run(words, cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def furnish(data: Path) -> Path:
    """Fill an empty data folder with a prepared database, keys and checklists: a start then takes seconds less."""
    shutil.copytree(_prepared(), data, dirs_exist_ok=True)
    return data


@contextmanager
def running(data: Path) -> Iterator[Instance]:
    """A whole instance until the end of the block; a launcher that will not start fails the test with its words."""
    furnish(data)
    instance = Instance(data, free_port())
    said = data / "launcher.log"
    command = [sys.executable, "-m", "server.embedded", "serve", "--data", str(data), "--port", str(instance.port)]
    with said.open("wb") as sink:
        launcher = subprocess.Popen(command, cwd=ROOT, env=environment(data), stdout=sink, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + START_S
        while not answers_ready(HOST, instance.port):
            assert launcher.poll() is None, said.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, said.read_text(encoding="utf-8")
            time.sleep(0.2)
        yield instance
    finally:
        launcher.terminate()
        try:
            launcher.wait(STOP_S)
        except subprocess.TimeoutExpired:
            launcher.kill()
            launcher.wait()


@dataclass
class Killer:
    """Kills the web process and the worker again and again at random moments, each `times` times, while both are alive.

    Halfway it also makes the broker forget. The moments follow from `seed`; `told` lists what was done when.
    """

    instance: Instance
    times: int
    seed: int
    counts: dict[str, int] = field(default_factory=lambda: {"web": 0, "worker": 0})
    told: list[str] = field(default_factory=list)
    forgotten: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for name in self.counts:
            thread = threading.Thread(target=self._haunt, args=(name, random.Random(f"{self.seed}/{name}")))
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _haunt(self, name: str, chance: random.Random) -> None:
        last = 0
        while self.counts[name] < self.times and not self._stop.is_set():
            pid = self.instance.pid(name)
            if pid in (0, last) or (name == "web" and not answers_ready(HOST, self.instance.port)):
                self._stop.wait(0.1)
                continue
            self._stop.wait(chance.uniform(0.2, 1.4) if name == "web" else chance.uniform(0.5, 5.5))
            if self.instance.kill(name):
                last, self.counts[name] = pid, self.counts[name] + 1
                self.told.append(f"{time.monotonic():.1f} {name} {pid}")
            if name == "worker" and self.counts[name] == self.times // 2 and not self.forgotten:
                self.instance.forget_broker()
                self.forgotten += 1
