"""写出判定的共用例子：`python -m tests.vectors.make`；改动请逐行看过再提交。

The files are read by pytest (test_vectors.py) and by the phone app's tests (web/tests/rules/rules.test.ts).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from tests.checklists.house import checklists
from tests.vectors.cases import HERE, Case, dump_lines, dump_table, items, rules
from tests.vectors.item_cases import example_cases, item_cases
from tests.vectors.limit_cases import inline_cases, limit_cases
from tests.vectors.number_cases import number_rows
from tests.vectors.operator_cases import operator_cases

#: Files of cases, each with where its cases come from.
CASES: dict[str, Callable[[], Iterable[Case]]] = {
    "examples.json": example_cases,
    "limits.json": limit_cases,
    "inline.json": inline_cases,
    "items.json": item_cases,
    "operators.json": operator_cases,
}


@cache
def made(name: str) -> tuple[tuple[Case, dict[str, Any]], ...]:
    """The cases of one file with their rows; each question once."""
    asked: set[str] = set()
    kept = []
    for case in CASES[name]():
        question = repr(
            (case.item, case.rule, case.subject, case.own, case.on, case.region, sorted(case.answer.items()))
        )
        if question not in asked:
            asked.add(question)
            kept.append((case, case.to_dict()))
    return tuple(kept)


def texts() -> dict[str, str]:
    """Every file with its whole text; the same on every machine and every day."""
    tables = {
        "checklists.json": dump_table({n: c.to_dict() for n, c in checklists().items()}),
        "rules.json": dump_table({n: replace(r, note="").to_dict() for n, r in rules().items()}),
        "questions.json": dump_table(
            {c: [s.name for s in i.required_inputs()] for c, i in items().items() if i.checks}
        ),
        "made_items.json": dump_lines(i.to_dict() for c, i in items().items() if c.startswith("MD-")),
        "numbers.json": dump_lines(number_rows()),
    }
    return tables | {name: dump_lines(row for _, row in made(name)) for name in CASES}


def main() -> int:
    for name, text in texts().items():
        (HERE / name).write_text(text, encoding="utf-8")
        print(f"{name}: {text.count(chr(10)) - 2} 行，{len(text.encode())} 字节")
    return 0


if __name__ == "__main__":
    sys.exit(main())
