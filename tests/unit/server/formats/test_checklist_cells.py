"""一格文字与一个值的互换。"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from server.formats.checklist_cells import CellError, Column, read_cell, write_cell

WORDS = {"severities": {"minor": "一般", "major": "较重"}}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", "  甲 ", "甲"),
        ("text", 2025.1, "2025.1"),
        ("decimal", "０.０３０", "0.03"),
        ("decimal", 0.1, "0.1"),
        ("integer", 3.0, 3),
        ("date", datetime(2025, 9, 30), "2025-09-30"),
        ("date", date(2025, 9, 30), "2025-09-30"),
        ("yes", True, True),
        ("yes", "否", False),
        ("list", "甲、乙，丙", ["甲", "乙", "丙"]),
        ("lines", "甲、一\n乙", ["甲、一", "乙"]),
        (
            "conditions",
            "use=甲|乙; grade>=30; grade<55",
            {"use": ["甲", "乙"], "grade": {"min": "30", "below": "55"}},
        ),
        ("pairs", "input=target；times=2", {"input": "target", "times": "2"}),
        ("text", None, None),
        ("text", "  ", None),
    ],
)
def test_cells_are_read(kind: str, value: Any, expected: Any) -> None:
    assert read_cell(Column("列", "key", kind), value, {}) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("decimal", "很多"),
        ("decimal", float("nan")),
        ("integer", "1.5"),
        ("date", "明天"),
        ("yes", "也许"),
        ("conditions", "use"),
        ("conditions", "use=甲; use>=3"),
        ("conditions", "grade>=很高"),
        ("pairs", "a>=3"),
        ("text", "字" * 2001),
    ],
)
def test_wrong_cells_are_told(kind: str, value: Any) -> None:
    with pytest.raises(CellError):
        read_cell(Column("列", "key", kind), value, {})


def test_required_cells_and_known_words() -> None:
    column = Column("程度", "severity", required=True, words="severities")
    assert read_cell(column, "一般", WORDS) == "minor"
    assert read_cell(column, "major", WORDS) == "major"
    assert write_cell(column, "major", WORDS) == "较重"
    for wrong in ("", None, "很坏"):
        with pytest.raises(CellError):
            read_cell(column, wrong, WORDS)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("conditions", {"use": ["甲", "乙"], "grade": {"min": "30", "above": "1"}}),
        ("lines", ["甲、一", "乙"]),
        ("list", ["甲", "乙"]),
        ("pairs", {"input": "target", "times": "2"}),
        ("yes", True),
    ],
)
def test_what_is_written_reads_back(kind: str, value: Any) -> None:
    column = Column("列", "key", kind)
    assert read_cell(column, write_cell(column, value, {}), {}) == value
