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

from server.config import Settings
from server.db import Database
from server.embedded.ports import answers_ready
from server.storage.disk import DiskStorage
from server.uow import House
from tests.factories.databases import LOG_KEY, settings_for
from tests.factories.filled import filled
from tests.factories.world import World
from tests.journeys.harness import HOST, ROOT, free_port
from tests.people import PASSWORD

START_S = 60.0


def furnished(folder: Path, **more: str) -> tuple[House, World, dict[str, str]]:
    """A new embedded database with the people of the tests, and the environment that makes a server use it."""
    template, world = filled("spatialite")
    house = house_of(settings_for(template.duplicate(folder), folder, **more))
    given = {
        "ZHIJIAN_ENV": "test",
        "ZHIJIAN_DATA": str(folder),
        "ZHIJIAN_DATABASE__URL": house.settings.database.url,
        "ZHIJIAN_SECURITY__ARGON2_TIME": "1",
        "ZHIJIAN_SECURITY__ARGON2_MEMORY_KIB": "8",
        "ZHIJIAN_SECURITY__LOG_KEY": LOG_KEY,
    }
    return house, world, given | more


def house_of(settings: Settings) -> House:
    return House(settings, Database(settings), DiskStorage(settings.storage.root))


# Reading the modules is most of what a start costs: this process reads them once and forks a server whenever it is told to.
NURSERY = """
import os, signal, sys
import server.app
from server.embedded import child, web
nursery = os.getpid()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in sys.stdin:
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(2, 1)
        os.setsid()
        child.die_with_parent(nursery)()
        sys.exit(web.main())
    print(pid, flush=True)
"""


@dataclass
class Standing:
    """一个网页进程，端口不变。"""

    house: House
    world: World
    given: dict[str, str]
    port: int = field(default_factory=free_port)
    pid: int = 0
    nursery: subprocess.Popen[str] | None = None

    def start(self) -> None:
        if self.nursery is None:
            self.nursery = self._open_nursery()
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write("\n")
        self.nursery.stdin.flush()
        self.pid = int(self.nursery.stdout.readline() or 0)
        deadline = time.monotonic() + START_S
        while not answers_ready(HOST, self.port):
            assert alive(self.pid), self.words()
            assert time.monotonic() < deadline, self.words()
            time.sleep(0.02)

    def _open_nursery(self) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIJIAN_")}
        environment = kept | self.given | {"ZHIJIAN_WEB__PORT": str(self.port), "ZHIJIAN_WEB__PROCESSES": "1"}
        with (self.house.settings.data / "web.log").open("ab") as sink:
            return subprocess.Popen(
                [sys.executable, "-c", NURSERY],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                text=True,
            )

    def kill(self) -> None:
        """SIGKILL, parent and workers at once, as if the machine had."""
        if not alive(self.pid):
            return
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        while alive(self.pid):
            time.sleep(0.005)

    def close(self) -> None:
        self.kill()
        if self.nursery is not None:
            self.nursery.kill()
            self.nursery.communicate()
        self.house.database.dispose()

    def workers(self) -> list[int]:
        """Process ids of those who answer requests."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
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


def alive(pid: int) -> bool:
    return pid > 0 and Path(f"/proc/{pid}").exists()


@contextmanager
def standing(folder: Path, **more: str) -> Iterator[Standing]:
    """A server until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Standing(*furnished(folder, **more))
    try:
        server.start()
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
