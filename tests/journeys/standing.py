"""只起网页进程的一台服务器：装好的样板库、同一个启动入口、随时可杀、杀了再起。"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from server import migrate
from server.config import Settings
from server.db import Database
from server.embedded.ports import answers_ready
from server.storage.disk import DiskStorage
from server.uow import House
from tests.factories.databases import LOG_KEY, settings_for
from tests.factories.world import World, build_world
from tests.journeys.harness import HOST, ROOT, free_port
from tests.people import PASSWORD

START_S = 60.0


def filled(folder: Path, **more: str) -> tuple[House, World, dict[str, str]]:
    """A new embedded database with the people of the tests, and the environment that makes a server use it."""
    url = f"sqlite:///{folder / 'zhijian.db'}"
    settings = settings_for(url, folder, **more)
    migrate.upgrade(settings)
    house = house_of(settings)
    world = build_world(house)
    house.database.dispose()
    given = {
        "ZHIJIAN_ENV": "test",
        "ZHIJIAN_DATA": str(folder),
        "ZHIJIAN_SECURITY__ARGON2_TIME": "1",
        "ZHIJIAN_SECURITY__ARGON2_MEMORY_KIB": "8",
        "ZHIJIAN_SECURITY__LOG_KEY": LOG_KEY,
    }
    return house, world, given | more


def house_of(settings: Settings) -> House:
    return House(settings, Database(settings), DiskStorage(settings.storage.root))


@dataclass
class Standing:
    """一个网页进程，端口不变。"""

    house: House
    world: World
    given: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIJIAN_")}
        environment = kept | self.given | {"ZHIJIAN_WEB__PORT": str(self.port), "ZHIJIAN_WEB__PROCESSES": "1"}
        with (self.house.settings.data / "web.log").open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.embedded.web"],
                cwd=ROOT,
                env=environment,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while not answers_ready(HOST, self.port):
            assert self.process.poll() is None, self.words()
            assert time.monotonic() < deadline, self.words()
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL, parent and workers at once, as if the machine had."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def workers(self) -> list[int]:
        """Process ids of those who answer requests."""
        assert self.process is not None
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in found]

    def words(self) -> str:
        return (self.house.settings.data / "web.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def sign_in(self, login: str = "lin") -> dict[str, str]:
        """Headers of somebody's phone."""
        link = HTTPConnection(HOST, self.port, timeout=20)
        body = json.dumps({"login": login, "password": PASSWORD, "device": "示例手机"})
        link.request("POST", "/api/v1/field/tokens", body, {"Content-Type": "application/json"})
        told = json.loads(link.getresponse().read())
        link.close()
        return {"Authorization": f"Bearer {told['token']}"}


@contextmanager
def standing(folder: Path, **more: str) -> Iterator[Standing]:
    """A server until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Standing(*filled(folder, **more))
    try:
        server.start()
        yield server
    finally:
        server.kill()
        server.house.database.dispose()
        shutil.rmtree(folder, ignore_errors=True)
