"""像外人那样核对：从公开页下载验证包和验证程序，另起一个干净的解释器，看它怎么说。"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from server.demo.client import Client

if TYPE_CHECKING:
    from server.demo.draws import Drawing
    from server.demo.play import Play

SCRIPT = "verify_draw.py"


@dataclass(frozen=True, slots=True)
class Verdict:
    """一次抽签的验证结论：通过没有，揭晓没有，不通过的理由。"""

    code: str
    passed: bool
    opened: bool
    checks: int
    reasons: tuple[str, ...]


def verify_draws(play: Play, drawing: Drawing) -> list[Verdict]:
    """Download what the public can download and let the verifier judge every draw, the void ones too."""
    if not drawing.codes:
        return []
    folder = play.folder / "draws"
    folder.mkdir(parents=True, exist_ok=True)
    client = Client(play.base_url)
    with play.step("下载验证包，用公开的程序核对抽签") as step:
        script, key = (
            _download(client, f"/{SCRIPT}", folder / SCRIPT),
            client.call("GET", "/log/key").body.decode().strip(),
        )
        found = []
        for code in (*drawing.voids, *drawing.codes):
            step.pulse(code)
            bundle = _download(client, f"/draws/{code}/bundle.zip", folder / f"{code}.zip")
            found.append(_judge(script, bundle, key, code))
    client.close()
    return found


def _download(client: Client, path: str, file: Path) -> Path:
    file.write_bytes(client.call("GET", path, expect=(200,)).body)
    return file


def _judge(script: Path, bundle: Path, key: str, code: str) -> Verdict:
    words = [sys.executable, "-I", str(script), str(bundle), "--key", key, "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - our own words
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return Verdict(code, False, False, 0, ((done.stderr or done.stdout).strip()[-200:],))
    good = sum(check["state"] == "ok" for check in told["checks"])
    return Verdict(code, told["passed"] and done.returncode == 0, told["opened"], good, tuple(told["reasons"]))
