"""装好运行（run）或测试（test）要用的一切：只装缺的，装过就不再碰网络。

Runs on the bare interpreter of Debian 12, so only the standard library and `server.embedded.progress` may be used.
"""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from packages import SetupRefused, install_system_packages  # noqa: E402

import web  # noqa: E402
from server.embedded.progress import StepFailed, run_step, say  # noqa: E402

ENVIRONMENT = ROOT / ".venv"
LOG = ROOT / "build" / "setup.log"
LOCKS = {"run": ROOT / "requirements.txt", "test": ROOT / ".ci" / "requirements-dev.txt"}
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)


def check_machine() -> None:
    """The locked wheels exist for Linux on x86_64 only (pysqlite3 has no other)."""
    found = f"{platform.system()} {platform.machine()}"
    if found != "Linux x86_64":
        raise SetupRefused(f"这台机器是 {found}，锁定的软件包只有 Linux x86_64 的，无法安装。")


def create_environment() -> None:
    """Make `.venv` with this interpreter; one made by another Python version is refused, never overwritten."""
    python = ENVIRONMENT / "bin" / "python"
    if python.exists():
        probe = "import sys; sys.exit(sys.version_info[:2] != (3, 11))"
        if subprocess.run([python, "-c", probe], check=False).returncode != 0:
            raise SetupRefused(f"{ENVIRONMENT} 不是 Python 3.11 的环境，请先删去它。")
        return
    run_step("建立 .venv", [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], LOG)


def fingerprint(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def stamp(what: str) -> Path:
    return ENVIRONMENT / f".installed-{what}"


def up_to_date(what: str) -> bool:
    """Whether this very lock was installed before."""
    try:
        return stamp(what).read_text(encoding="ascii") == fingerprint(LOCKS[what])
    except FileNotFoundError:
        return False


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: Path) -> dict[str, str]:
    """Name and version of everything the lock asks for."""
    return {normal(name): version for name, version in PINNED.findall(lock.read_text(encoding="utf-8"))}


def installed() -> dict[str, str]:
    """Name and version of everything in the environment, read from its folder."""
    folder = ENVIRONMENT / "lib" / "python3.11" / "site-packages"
    return {normal(found.metadata["Name"]): found.version for found in distributions(path=[str(folder)])}


def install(what: str) -> None:
    """Install exactly what the lock names, every file checked against its digest."""
    lock = LOCKS[what]
    wanted = pins(lock)
    present = installed()
    missing = sum(present.get(name) != version for name, version in wanted.items())
    if missing:
        LOG.unlink(missing_ok=True)
        python = str(ENVIRONMENT / "bin" / "python")
        words = [python, "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--progress-bar", "off"]
        words += ["--disable-pip-version-check", "--no-input", "-r", str(lock)]
        run_step(f"安装 {missing} 个 Python 软件包", words, LOG, note=lambda: collected(LOG, len(wanted)))
    stamp(what).write_text(fingerprint(lock), encoding="ascii")


def collected(log: Path, total: int) -> str:
    """How far pip has come, from its own words."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    if "Successfully installed" in text:
        return "好了"
    if "Installing collected packages" in text:
        return "正在写入"
    done = len(re.findall(r"^(?:Collecting|Requirement already satisfied)", text, re.MULTILINE))
    return f"已取 {min(done, total)}/{total}" if done else ""


def main(what: str) -> int:
    if what not in LOCKS:
        raise SetupRefused(f"只认 run 和 test，不认 {what}。")
    check_machine()
    install_system_packages(what, LOG)
    if not up_to_date(what):
        create_environment()
        install(what)
    build_phone_app(what)
    if what == "test":
        web.install_form_tools()
    return 0


def build_phone_app(what: str) -> None:
    """Tests need the phone app; a server without it still does everything else and says so under /app/."""
    try:
        web.build()
    except (StepFailed, OSError) as error:
        if what == "test":
            raise
        say(f"  手机应用没有建成，/app/ 暂时打不开，其余照常；修好后执行 make web。\n{error}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except (SetupRefused, StepFailed) as error:
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        say("\n已停止，下次会接着装。")
        sys.exit(130)
