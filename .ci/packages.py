"""系统软件包：看缺什么，有权限就装，没有就说清楚装什么。"""

from __future__ import annotations

import ctypes
import glob
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from server.embedded.progress import StepFailed, run_step, say

POSTGRES = Path("/usr/lib/postgresql/15/bin/initdb")
POSTGIS = Path("/usr/share/postgresql/15/extension/postgis.control")


def loads(library: str) -> bool:
    """Whether the dynamic loader finds this library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_venv() -> bool:
    return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


def has_chinese_fonts() -> bool:
    return bool(glob.glob("/usr/share/fonts/**/NotoSansCJK*", recursive=True))


Probe = Callable[[], bool]
TO_RUN: dict[str, Probe] = {
    "python3-venv": has_venv,
    "libsqlite3-mod-spatialite": lambda: loads("mod_spatialite.so"),
}
TO_TEST: dict[str, Probe] = {
    "postgresql-15": POSTGRES.exists,
    "postgresql-15-postgis-3": POSTGIS.exists,
    "chromium": lambda: shutil.which("chromium") is not None,
    "fonts-noto-cjk": has_chinese_fonts,
    "default-jdk-headless": lambda: shutil.which("javac") is not None,  # ODK Validate 与 Collect 的计算引擎
}


class SetupRefused(Exception):
    """装不了；消息用一句话说明原因和办法。"""


def missing(what: str) -> list[str]:
    """The packages whose work cannot be done on this machine yet."""
    probes = TO_RUN | (TO_TEST if what == "test" else {})
    return [name for name, present in probes.items() if not present()]


def as_root() -> list[str] | None:
    """The prefix that makes a command run as root, or None when we may not."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def install_system_packages(what: str, log: Path) -> None:
    """Install what is missing through apt, or raise SetupRefused naming it."""
    wanted = missing(what)
    if not wanted:
        return
    names = " ".join(wanted)
    prefix = as_root()
    apt = shutil.which("apt-get")
    if apt is None:
        raise SetupRefused(f"缺少系统软件包 {names}；这里没有 apt-get，请用本机的办法装好再试。")
    if prefix is None:
        raise SetupRefused(f"缺少系统软件包；请用管理员身份执行 apt-get install {names}，然后再试。")
    say(f"  缺少系统软件包：{names}")
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", apt, "-q", "-y", "-o", "DPkg::Lock::Timeout=120"]
    try:
        run_step("更新软件包目录", [*quiet, "update"], log)
    except StepFailed:
        say("  软件包目录没有全部更新，先用已有的目录试装。")
    run_step("安装系统软件包", [*quiet, "install", "--no-install-recommends", *wanted], log)
    left = missing(what)
    if left:
        raise SetupRefused(f"系统软件包 {' '.join(left)} 装过了仍不能用，请看 {log}。")
