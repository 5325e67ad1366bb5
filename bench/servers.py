"""服务进程：真的网页服务、光秃秃的对照、消息服务；用完一个不留。"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.places import ROOT, Place
from server.embedded import broker
from server.embedded.child import die_with_parent
from server.embedded.folders import folders_of
from server.embedded.ports import answers_ready

START_LIMIT_S = 60.0
LARGEST_BYTES = 600 * 1024 * 1024  # more than a photo may have: the memory is watched with files of up to 500 MB


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers; memory figures are of its largest worker process."""

    port: int
    pid: int

    def _workers(self) -> list[str]:
        return Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split() or [str(self.pid)]

    def forget_peak(self) -> None:
        for worker in self._workers():
            Path(f"/proc/{worker}/clear_refs").write_text("5")

    def memory_mb(self, word: str = "VmHWM") -> float:
        """VmHWM is the peak since the last `forget_peak`, VmRSS the size now."""
        return max(memory_mb(worker, word) for worker in self._workers())


def memory_mb(pid: int | str, word: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(word + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc 里没有 {word}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"没有起来：{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


@contextmanager
def _process(argv: tuple[str, ...], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as sink:
        process = subprocess.Popen(
            argv,
            cwd=ROOT,
            env=_clean_environment() | environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent(os.getpid()),
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _clean_environment() -> dict[str, str]:
    """Ours without settings of another instance."""
    return {key: value for key, value in os.environ.items() if not key.startswith("ZHIJIAN_")}


@contextmanager
def bell_broker(place: Place) -> Iterator[None]:
    """The embedded broker, so that the bell after each commit has somebody to ring, as in real use."""
    folders = folders_of(place.settings)
    folders.create()
    broker.prepare(folders, 0)
    with _process(broker.command(folders), {}, folders.log("broker")) as process:
        _wait(process, lambda: folders.socket is not None and broker.answers(folders.socket), folders.log("broker"))
        yield


@contextmanager
def real_server(place: Place) -> Iterator[Running]:
    port = _free_port()
    roomy = {"ZHIJIAN_UPLOADS__MAX_PHOTO_BYTES": str(LARGEST_BYTES)}
    environment = place.environment | roomy | {"ZHIJIAN_WEB__PORT": str(port)}
    log = place.folder / "web.log"
    with bell_broker(place), _process((sys.executable, "-m", "server.embedded.web"), environment, log) as process:
        _wait(process, lambda: answers_ready("127.0.0.1", port), log)
        yield Running(port, process.pid)


@contextmanager
def bare_server(place: Place) -> Iterator[Running]:
    port = _free_port()
    folder = place.folder / "bare"
    folder.mkdir(exist_ok=True)
    argv = (sys.executable, "-m", "bench.bare", str(port), place.url, str(folder))
    log = folder / "log"
    with _process(argv, {}, log) as process:
        _wait(process, lambda: answers_ready("127.0.0.1", port), log)
        yield Running(port, process.pid)
