"""账目：送的、数的、公开的，少一次、多一次、换一个结论都看得出。"""

from pathlib import Path
from typing import Any

import pytest

from server.demo.account import compare_outcomes, reconcile
from server.demo.exports import Gathered

SENT = {"c1": {"outcomes": {"A": "conforming", "B": "failing"}}, "c2": {"outcomes": {"A": "conforming"}}}
RECORDS = [
    {"check": "c1", "item": "A", "outcome": "conforming"},
    {"check": "c1", "item": "B", "outcome": "failing"},
    {"check": "c2", "item": "A", "outcome": "conforming"},
]


def gathered(records: list[dict[str, str]]) -> Gathered:
    return Gathered(Path(), "x", records=records)


def test_equal_books_have_no_complaint() -> None:
    assert reconcile(gathered(RECORDS), SENT, {"c1", "c2"}) == []


@pytest.mark.parametrize(
    ("records", "counted"),
    [
        (RECORDS[:2], {"c1", "c2"}),
        ([*RECORDS, RECORDS[0]], {"c1", "c2"}),
        ([*RECORDS[:2], RECORDS[2] | {"outcome": "failing"}], {"c1", "c2"}),
        (RECORDS, {"c1"}),
        (RECORDS, {"c1", "c2", "c3"}),
    ],
)
def test_any_difference_is_told(records: list[dict[str, str]], counted: set[str]) -> None:
    assert reconcile(gathered(records), SENT, counted)


def test_stored_finding_that_differs_is_told() -> None:
    class Console:
        def get(self, path: str) -> dict[str, Any]:
            outcome = "conforming" if path.endswith("c1") else "failing"
            return {"findings": [{"item": "A", "outcome": outcome}]}

    sent = {"c1": {"outcomes": {"A": "conforming"}}, "c2": {"outcomes": {"A": "conforming"}}}
    assert compare_outcomes(Console(), sent) == ["检查 c2 的结论不符：A 应为 conforming，存为 failing"]  # type: ignore[arg-type]
