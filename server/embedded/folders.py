"""数据目录：谁在用、日志、进程号和消息的套接字放在哪里。"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from server.config import Settings

SOCKET_SCHEME = "redis+socket://"
LOG_LIMIT_BYTES = 50 * 1024 * 1024
NAMES = ("web", "worker", "scheduler", "broker")


class StartRefused(Exception):
    """不能启动；消息用一句话说明原因和办法。"""


@dataclass(frozen=True, slots=True)
class Folders:
    """一份数据的各个角落；`socket` 为空表示消息服务不归我们管。"""

    data: Path
    socket: Path | None

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def run(self) -> Path:
        return self.data / "run"

    @property
    def broker(self) -> Path:
        return self.data / "broker"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def pid_file(self, name: str) -> Path:
        return self.run / f"{name}.pid"

    def create(self) -> None:
        """Make every folder; the socket's must be ours alone. Raises StartRefused when it is not."""
        try:
            for folder in (self.data, self.logs, self.run, self.broker):
                folder.mkdir(parents=True, exist_ok=True)
            if self.socket:
                _private(self.socket.parent)
        except OSError as error:
            raise StartRefused(f"数据目录 {self.data} 不能写（{error.strerror}），请换一个或改权限。") from error

    def trim_logs(self) -> None:
        """Keep one older copy of a log that has grown past the limit; writers append, so cutting is safe."""
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > LOG_LIMIT_BYTES:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)


def folders_of(settings: Settings) -> Folders:
    """The socket is ours only when the broker is the embedded one on a unix socket."""
    url = settings.broker.url
    ours = settings.broker.embedded and url.startswith(SOCKET_SCHEME)
    return Folders(settings.data, Path(url.removeprefix(SOCKET_SCHEME)) if ours else None)


def _private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise StartRefused(f"目录 {folder} 不属于当前用户，请先移走它。")
    folder.chmod(0o700)


class DataLock:
    """一份数据同时只许一个启动器用；进程一没，锁就放开。"""

    def __init__(self, folders: Folders) -> None:
        self._path = folders.run / "lock"
        self._file: int | None = None

    def __enter__(self) -> DataLock:
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 32).decode().strip() or "不明"
            os.close(self._file)
            raise StartRefused(
                f"这份数据正由另一个质鉴使用（进程号 {holder}，目录 {self._path.parents[1]}）；"
                "请先停下它，或用 DATA= 换一个目录。"
            ) from None
        os.truncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.truncate(self._file, 0)
            os.close(self._file)
