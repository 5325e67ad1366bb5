"""检查表目录：读 TOML，交出普通字典；不判断内容。

`checklists/<code>/<version>/checklist.toml`, `examples/*.toml` beside it,
`checklists/_vocabulary/*.toml`. Decimals
are read as `Decimal`, never as binary floats.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from server.domain.errors import Invalid, Missing

MAX_FILE_BYTES = 2_000_000
LOCK_NAME = "published.lock"


def read_toml(path: Path) -> dict[str, Any]:
    """One TOML file. Raises `Missing` (`checklist-file-missing`) or `Invalid` (`checklist-file-invalid`)."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise Invalid("checklist-file-invalid", f"{path.name} 超过 {MAX_FILE_BYTES} 字节")
        with path.open("rb") as stream:
            return tomllib.load(stream, parse_float=Decimal)
    except FileNotFoundError:
        raise Missing("checklist-file-missing", f"没有文件 {path.name}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid("checklist-file-invalid", f"{path.name} 不是有效的 TOML：{error}") from None


def read_vocabulary(root: Path) -> dict[str, Any]:
    """All tables of `_vocabulary/`, merged by their table names."""
    tables: dict[str, Any] = {}
    for path in sorted((root / "_vocabulary").glob("*.toml")):
        tables.update(read_toml(path))
    return tables


def find_checklists(root: Path) -> Iterator[Path]:
    """Paths of every `checklist.toml`, by code and version."""
    yield from sorted(p for p in root.glob("*/*/checklist.toml") if not p.parts[-3].startswith("_"))


def read_checklist(path: Path) -> dict[str, Any]:
    """One checklist file; the folder names must equal its code and version (`checklist-file-invalid`)."""
    data = read_toml(path)
    if (data.get("code"), data.get("version")) != (path.parts[-3], path.parts[-2]):
        raise Invalid("checklist-file-invalid", f"{path.parts[-3]}/{path.parts[-2]} 的目录名与文件内代码、版本不一致")
    return data


def read_examples(checklist_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Worked examples beside a checklist: (file name, content)."""
    for path in sorted((checklist_path.parent / "examples").glob("*.toml")):
        yield path.name, read_toml(path)


def read_lock_text(root: Path) -> str:
    """Text of `published.lock`; empty when nothing is published yet."""
    path = root / LOCK_NAME
    return path.read_text(encoding="utf-8") if path.exists() else ""
