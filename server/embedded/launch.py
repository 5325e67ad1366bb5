"""`make serve` 与 `make demo`：把一套进程带起来、守着、按次序停下。"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from server.config import SettingsError, load_settings
from server.embedded import ports, season
from server.embedded.child import write_pid
from server.embedded.folders import DataLock, StartRefused, folders_of
from server.embedded.progress import StepFailed, say
from server.embedded.signals import StopRequested, Wakeups
from server.embedded.stack import STOP_ORDER, Stack, start
from server.embedded.supervisor import StartFailed, Supervisor

LABELS = (("web", "网页"), ("worker", "后台"), ("scheduler", "定时"), ("broker", "消息"))
REFUSED = 2


@dataclass(frozen=True, slots=True)
class Options:
    """命令行选的：演不演一季、演完就停、用哪些照片。"""

    demo: bool = False
    once: bool = False
    photos: Path | None = None


def launch(options: Options) -> int:
    """Start everything and stay until asked to stop; returns the exit status."""
    try:
        settings = load_settings()
        folders = folders_of(settings)
        folders.create()
        with DataLock(folders), Wakeups() as wakeups:
            fixed = not options.demo or settings.origins.get("web.port") != "默认"
            port = ports.choose(settings.web.host, settings.web.port, fixed=fixed)
            return _serve(Stack(settings, folders, port), options, wakeups)
    except (SettingsError, StartRefused) as error:
        say(str(error))
        return REFUSED


def _serve(stack: Stack, options: Options, wakeups: Wakeups) -> int:
    folders = stack.folders
    write_pid(folders.pid_file("supervisor"), os.getpid())
    supervisor = Supervisor(wakeups, tend=folders.trim_logs)
    say(f"质鉴正在启动，数据目录 {folders.data}")
    status = 0
    try:
        start(stack, supervisor, wakeups)
        _tell(stack, supervisor)
        status = season.play(stack, options.photos, supervisor) if options.demo else 0
        if not (options.demo and options.once):
            say("按 Ctrl-C 停止。")
            supervisor.run()
    except StopRequested:
        say("\n正在停止……")
    except (StartFailed, StepFailed, StartRefused) as error:
        say(f"没有启动起来：{error}")
        status = 1
    finally:
        supervisor.stop(STOP_ORDER)
        folders.pid_file("supervisor").unlink(missing_ok=True)
    say("质鉴已停止。")
    return status


def _tell(stack: Stack, supervisor: Supervisor) -> None:
    pids = "，".join(
        f"{label} {supervisor.children[name].pid}" for name, label in LABELS if name in supervisor.children
    )
    say(f"质鉴已启动：{stack.url}")
    say(f"  接口说明  {stack.url}/api/docs")
    say(f"  数据目录  {stack.folders.data}")
    say(f"  日志      {_near(stack.folders.logs)}")
    say(f"  进程号    {pids}")
    if stack.password_file.exists():
        say(f"  管理员    admin，首次口令在 {_near(stack.password_file)}")


def _near(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
