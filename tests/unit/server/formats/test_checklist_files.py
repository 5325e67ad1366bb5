"""检查表目录的读取。"""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path

import pytest

from server.domain.errors import Invalid, Missing
from server.formats.checklist_files import (
    MAX_FILE_BYTES,
    find_checklists,
    read_checklist,
    read_examples,
    read_lock_text,
    read_toml,
    read_vocabulary,
)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_decimals_are_never_binary_floats(tmp_path: Path) -> None:
    assert read_toml(write(tmp_path / "a.toml", "value = 0.1\n")) == {"value": D("0.1")}


def test_checklists_and_examples_are_found(tmp_path: Path) -> None:
    path = write(tmp_path / "ABC" / "2026.1" / "checklist.toml", 'code = "ABC"\nversion = "2026.1"\n')
    write(tmp_path / "_vocabulary" / "2026.1" / "checklist.toml", "")
    write(path.parent / "examples" / "b.toml", "n = 2\n")
    write(path.parent / "examples" / "a.toml", "n = 1\n")
    assert list(find_checklists(tmp_path)) == [path]
    assert read_checklist(path)["code"] == "ABC"
    assert [name for name, _ in read_examples(path)] == ["a.toml", "b.toml"]


def test_folder_and_content_must_agree(tmp_path: Path) -> None:
    path = write(tmp_path / "ABC" / "2026.1" / "checklist.toml", 'code = "XYZ"\nversion = "2026.1"\n')
    with pytest.raises(Invalid, match="checklist-file-invalid"):
        read_checklist(path)


def test_vocabulary_files_are_merged(tmp_path: Path) -> None:
    write(tmp_path / "_vocabulary" / "a.toml", "[[parties]]\ncode = 'x'\n")
    write(tmp_path / "_vocabulary" / "b.toml", "[[rules]]\nname = 'y'\n")
    assert set(read_vocabulary(tmp_path)) == {"parties", "rules"}


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="checklist-file-missing"):
        read_toml(tmp_path / "none.toml")
    with pytest.raises(Invalid, match="checklist-file-invalid"):
        read_toml(write(tmp_path / "bad.toml", "a = = 1"))
    (tmp_path / "bytes.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(Invalid, match="checklist-file-invalid"):
        read_toml(tmp_path / "bytes.toml")
    (tmp_path / "big.toml").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(Invalid, match="checklist-file-invalid"):
        read_toml(tmp_path / "big.toml")


def test_lock_is_empty_until_something_is_published(tmp_path: Path) -> None:
    assert read_lock_text(tmp_path) == ""
