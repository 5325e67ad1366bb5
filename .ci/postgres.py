"""临时的 PostgreSQL + PostGIS：起一个、跑一条命令、停掉、删净；退出码就是那条命令的。

    python .ci/postgres.py COMMAND...

The cluster belongs to an ordinary user (initdb refuses root), listens on a free loopback port only, trusts every local
user, and forgets everything: fsync is off and its folder is removed on any way out. When this script is killed by force
the kernel stops the server. The command finds it in ZHIJIAN_TEST_POSTGRES.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from server.embedded.child import die_with_parent  # noqa: E402
from server.embedded.progress import StepFailed, end, run_step, say, tail  # noqa: E402

BINARIES = Path("/usr/lib/postgresql/15/bin")
NAME = "zhijian"
START_LIMIT_S = 30.0
TRIES = 3
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "max_connections": "100",
    "timezone": "UTC",
}


class ClusterFailed(Exception):
    """临时数据库没有起来。"""


def ordinary_user() -> dict[str, object]:
    """Popen arguments that give up root; empty when we are ordinary already."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise ClusterFailed("找不到可以代替 root 运行数据库的普通用户（postgres 或 nobody）。")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def end_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """Popen calls this after the change of user, which would have cleared the bond."""
    return die_with_parent(os.getpid(), sign)


def spread(folder: Path) -> None:
    """Ask ext4 to scatter the folders made in this one over the disk; any other file system is left as it is.

    Otherwise they lie beside each other, where ext4 passes over every file deleted in the last five minutes, one by one, for
    each new one; and a database is a folder of four hundred files, made and removed for every file of tests.
    """
    with suppress(FileNotFoundError):  # no chattr, no matter
        subprocess.run(["chattr", "+T", str(folder)], stderr=subprocess.DEVNULL, check=False)


class Cluster:
    """一个临时数据库；`folder` 归 `user` 所有。"""

    def __init__(self, folder: Path) -> None:
        self.user = ordinary_user()
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "log"
        self.port = 0
        self._server: subprocess.Popen[bytes] | None = None
        self.log.touch()
        if self.user:
            os.chown(folder, int(str(self.user["user"])), int(str(self.user["group"])))

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://{NAME}@127.0.0.1:{self.port}/{NAME}"

    def _tool(self, name: str, *words: str) -> list[str]:
        return [str(BINARIES / name), *words]

    def create(self) -> None:
        words = ("-D", str(self.data), "-U", NAME, "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
        run_step("建立临时数据库", self._tool("initdb", *words), self.log, cwd=self.folder, **self.user)
        spread(self.data / "base")

    def start(self) -> None:
        """Start the server on a free port; another one may take the port first, so it is tried again."""
        for _ in range(TRIES):
            self.port = free_port()
            if self._started():
                return
        raise ClusterFailed(f"临时数据库没有起来：\n{tail(self.log)}")

    def _started(self) -> bool:
        settings = [word for key, value in SETTINGS.items() for word in ("-c", f"{key}={value}")]
        with self.log.open("ab") as sink:
            self._server = subprocess.Popen(
                self._tool("postgres", "-D", str(self.data), "-p", str(self.port), *settings),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGQUIT),
                **self.user,
            )
        deadline = time.monotonic() + START_LIMIT_S
        while self._server.poll() is None and time.monotonic() < deadline:
            if self._ready():
                return True
            time.sleep(0.05)
        self.stop()
        return False

    def _ready(self) -> bool:
        asked = self._tool("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres", "-U", NAME)
        return subprocess.run(asked, check=False).returncode == 0

    def prepare(self) -> None:
        """PostGIS goes into template1, so every database a test makes has it; then one database to begin with."""
        reach = ("-h", "127.0.0.1", "-p", str(self.port), "-U", NAME)
        extension = ("-qX", "-v", "ON_ERROR_STOP=1", "-d", "template1", "-c", "CREATE EXTENSION postgis")
        run_step("装入 PostGIS", self._tool("psql", *reach, *extension), self.log, cwd=self.folder)
        run_step("建库", self._tool("createdb", *reach, NAME), self.log, cwd=self.folder)

    def stop(self) -> None:
        """SIGINT is PostgreSQL's fast stop: open sessions are ended, nothing is awaited."""
        if self._server is None:
            return
        with suppress(ProcessLookupError):
            self._server.send_signal(signal.SIGINT)
        try:
            self._server.wait(20)
        except subprocess.TimeoutExpired:
            end(self._server)
        self._server = None


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster that is gone afterwards, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="zhijian-pg-"))
    made = Cluster(folder)
    try:
        made.create()
        made.start()
        made.prepare()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(command: list[str], url: str) -> int:
    """The command in the foreground with the cluster's address in its environment; returns its status."""
    environment = os.environ | {"ZHIJIAN_TEST_POSTGRES": url}
    process = subprocess.Popen(command, env=environment, preexec_fn=end_with_parent(signal.SIGTERM))
    try:
        return process.wait()
    finally:
        end(process, patience_s=15)


def stop_like_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(command: list[str]) -> int:
    if not command:
        say(str(__doc__))
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_like_interrupt)
    if not (BINARIES / "initdb").exists():
        say("没有 PostgreSQL 15；请先运行 make setup（测试用的部分由 make test 安装）。")
        return 1
    try:
        with cluster() as made:
            status = run(command, made.url)
    except (ClusterFailed, StepFailed) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
