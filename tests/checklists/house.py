"""检查表测试共用：读一次目录，找出所有检查单和工作示例。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from schemas.answers import AnswerSchema
from schemas.checklist_file import load_checklist, load_vocabulary
from server.domain.answers import Answer
from server.domain.checklists import Checklist
from server.domain.findings import RowCheck
from server.domain.rules import apply_rule, judge
from server.domain.vocabulary import Vocabulary
from server.formats.checklist_files import (
    find_checklists,
    read_checklist,
    read_examples,
    read_toml,
    read_vocabulary,
)

ROOT = Path(__file__).parents[2] / "checklists"


@cache
def vocabulary() -> Vocabulary:
    return load_vocabulary(read_vocabulary(ROOT))


@cache
def checklists() -> dict[str, Checklist]:
    found = (load_checklist(read_checklist(p), vocabulary()) for p in find_checklists(ROOT))
    return {f"{c.code}/{c.version}": c for c in found}


@dataclass(frozen=True)
class Example:
    """One worked example; `item` is '' for those put straight to a rule."""

    place: str
    checklist: str
    rule: str
    item: str
    title: str
    on: date
    region: str
    answer: Answer
    expected: dict[str, Any]


@dataclass(frozen=True)
class Result:
    outcome: str
    explanation: str
    checks: tuple[RowCheck, ...]
    missing: tuple[str, ...]
    passed: tuple[int, int] | None
    facts: dict[str, str]
    standard: str


def examples() -> Iterator[Example]:
    """Every example in the folder, found by itself."""
    for path in find_checklists(ROOT):
        name = f"{path.parts[-3]}/{path.parts[-2]}"
        for file, content in read_examples(path):
            for n, row in enumerate(content["examples"]):
                yield _example(f"{name}/{file}#{n}", name, content.get("rule", ""), row)
    content = read_toml(ROOT / "_vocabulary" / "examples" / "rules.toml")
    for n, row in enumerate(content["examples"]):
        yield _example(f"rules.toml#{n}", "", row["rule"], row)


def _example(place: str, checklist: str, rule: str, row: dict[str, Any]) -> Example:
    item = row.get("item", "")
    answer = AnswerSchema().load({"item_code": item or "XX-00-00", **row["answer"]})
    return Example(place, checklist, rule, item, row["title"], row["fact_on"], row["region"], answer, row["finding"])


def run(example: Example) -> Result:
    """Judge an example the way a check is judged."""
    if not example.item:
        rule = vocabulary().rules[example.rule]
        said = apply_rule(rule, example.answer, fact_on=example.on, region_code=example.region)
        assert said is not None
        return Result(said.outcome.value, said.explanation, said.checks, said.missing, said.passed, {}, "")
    item = checklists()[example.checklist].item(example.item)
    found = judge(item, example.answer, fact_on=example.on, region_code=example.region)
    standard = found.limit.row.standard if found.limit else ""
    return Result(
        found.outcome.value,
        found.explanation,
        found.checks,
        found.missing,
        found.passed,
        dict(found.facts or {}),
        standard,
    )
