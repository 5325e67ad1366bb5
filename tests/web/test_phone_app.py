"""手机应用自己的检查：类型、单元测试、构建，和第一次打开要下多少。"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys

import pytest

from tests.house.source import HERE

MOST_FIRST_LOAD = 100_000
DIST = HERE / "web" / "dist"


def web(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, ".ci/web.py", *words], cwd=HERE, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("script", ["types", "test"])
def test_checks_of_the_phone_app_pass(script: str) -> None:
    done = web("npm", "run", "--silent", script)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def page() -> str:
    """The built page."""
    done = web()
    assert done.returncode == 0, done.stdout + done.stderr
    return (DIST / "index.html").read_text(encoding="utf-8")


def first_load(page: str) -> list[str]:
    """Everything fetched before the first screen stands: page, scripts, styles, manifest and its small icon."""
    named = re.findall(r'(?:src|href)="/app/([^"]+)"', page)
    return sorted({"index.html", "sw.js", *named})


def test_first_load_keeps_its_budget(page: str) -> None:
    sizes = {name: len(gzip.compress((DIST / name).read_bytes(), 9)) for name in first_load(page)}
    assert any(name.endswith(".js") and name.startswith("assets/") for name in sizes)
    assert sum(sizes.values()) <= MOST_FIRST_LOAD, sizes


def test_worker_names_every_file_it_needs(page: str) -> None:
    worker = (DIST / "sw.js").read_text(encoding="utf-8")
    assert "__PRECACHE__" not in worker
    assert "__BUILD__" not in worker
    kept = {name for name in re.findall(r'"/app/([^"]*)"', worker) if name}
    assert kept >= set(first_load(page)) - {"index.html", "sw.js"}
    assert [name for name in kept if not (DIST / name).is_file()] == []


def test_page_runs_no_inline_script_and_names_no_foreign_host(page: str) -> None:
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert " style=" not in page
    assert re.findall(r"https?://", page) == []


def test_compressed_copies_hold_the_same_bytes(page: str) -> None:
    copies = sorted(DIST.rglob("*.gz"))
    assert copies
    for copy in copies:
        assert gzip.decompress(copy.read_bytes()) == copy.with_suffix("").read_bytes(), copy.name
