"""一台机器上的全部进程：怎样运行、按什么次序起、按什么次序停。"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from server.config import Settings
from server.embedded import broker, ports, programs
from server.embedded.child import Program, die_with_parent
from server.embedded.folders import Folders
from server.embedded.progress import run_step
from server.embedded.signals import Wakeups
from server.embedded.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
STOP_ORDER = ("web", "worker", "scheduler", "broker")
READY_LIMIT_S = 120.0
BROKER_LIMIT_S = 30.0
WORKER_GRACE_S = 30.0


@dataclass(frozen=True, slots=True)
class Stack:
    """一份数据上的一套进程。"""

    settings: Settings
    folders: Folders
    port: int

    @property
    def url(self) -> str:
        host = ports.reachable_host(self.settings.web.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def python(self, *words: str) -> tuple[str, ...]:
        """A command of ours with this stack's data folder and port in its environment."""
        env = shutil.which("env") or "/usr/bin/env"
        values = self.environment | {"PYTHONUNBUFFERED": "1"}
        return (env, *(f"{key}={value}" for key, value in values.items()), sys.executable, *words)

    @property
    def environment(self) -> dict[str, str]:
        """What every process of this stack finds in its environment."""
        return {"ZHIJIAN_DATA": str(self.folders.data), "ZHIJIAN_WEB__PORT": str(self.port)}

    def _program(self, name: str, label: str, argv: tuple[str, ...] = (), **more: Any) -> Program:
        return Program(name, label, argv, self.folders.log(name), self.folders.pid_file(name), ROOT, **more)

    @property
    def password_file(self) -> Path:
        """Where the first administrator's password is written, for the owner of the data folder alone."""
        return self.folders.data / "first-admin-password"

    def broker(self) -> Program:
        return self._program(
            "broker", "消息服务", broker.command(self.folders), prepare=partial(broker.prepare, self.folders)
        )

    def web(self) -> Program:
        return self._program("web", "网页服务", body=programs.web(self.environment))

    def worker(self) -> Program:
        count = str(self.settings.workers.concurrency)
        words = ("worker", "--concurrency", count, "--hostname", "worker@%h", "--loglevel", "INFO")
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        body = programs.celery(self.environment, *words, *quiet)
        return self._program("worker", "后台处理", body=body, grace_s=WORKER_GRACE_S)

    def scheduler(self) -> Program:
        memory = str(self.folders.run / "scheduler-memory")
        words = ("beat", "--schedule", memory, "--loglevel", "WARNING")
        return self._program("scheduler", "定时服务", body=programs.celery(self.environment, *words))


def start(stack: Stack, supervisor: Supervisor, wakeups: Wakeups) -> None:
    """Broker, database and what it must hold, web, worker, scheduler; raises StartFailed or StepFailed."""
    folders = stack.folders
    if folders.socket:
        supervisor.start(stack.broker())
        supervisor.until(partial(broker.answers, folders.socket), "启动消息服务", BROKER_LIMIT_S)
    run_step(
        "准备数据库、区划和检查单",
        stack.python("-m", "server.cli", "prepare"),
        folders.log("prepare"),
        wait=wakeups.wait,
        meanwhile=programs.read_in,
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=die_with_parent(os.getpid()),
    )
    for program in (stack.web(), stack.worker(), stack.scheduler()):
        supervisor.start(program)
    ready = partial(ports.answers_ready, stack.settings.web.host, stack.port)
    supervisor.until(ready, "启动网页、后台和定时服务", READY_LIMIT_S)
