"""房间之间的导入约定，照 pyproject.toml 里写的。"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.house.source import HERE


def run_contracts(folder: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())"
    environment = os.environ | {"PYTHONPATH": folder}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_contracts_are_kept() -> None:
    told = run_contracts(str(HERE))
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-2000:]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("server/domain/checks.py", "import flask\n"),
        ("server/services/checks.py", "import schemas.checks\n"),
        ("server/routes/public/cases.py", "import server.services.cases\n"),
        ("schemas/public/cases.py", "import schemas.checks\n"),
    ],
)
def test_contracts_bite(tmp_path_factory: pytest.TempPathFactory, file: str, line: str) -> None:
    """A contract that lets a forbidden import pass would be worth nothing."""
    import shutil

    folder = tmp_path_factory.mktemp("house")
    for name in ("server", "schemas", "workers"):
        shutil.copytree(HERE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copyfile(HERE / "pyproject.toml", folder / "pyproject.toml")
    with (folder / file).open("a", encoding="utf-8") as out:
        out.write(line)
    assert run_contracts(str(folder)).returncode != 0
