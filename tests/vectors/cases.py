"""共用例子的一例：题面、怎么判、怎么压成一行；手机和服务器读的是同一份。

A case is an item or a rule, an answer as it travels, the day and the region; `found` is what the evaluator says,
packed: whatever can be read back from the checklist (rows, clauses, parties) stands as its number there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from schemas.answers import AnswerSchema
from server.domain.answers import Answer
from server.domain.checklists import Item
from server.domain.findings import Finding, Judgement, RowCheck
from server.domain.limits import Rule
from server.domain.rules import apply_rule, judge
from tests.checklists.house import checklists, vocabulary
from tests.vectors.made_items import MADE_ITEMS
from tests.vectors.made_rules import MADE

HERE = Path(__file__).parent / "evaluator"
NO_ITEM = "XX-00-00"
_SCHEMA = AnswerSchema()


@dataclass(frozen=True)
class Case:
    """One question put to the evaluator. `item` is '' when it is put straight to the rule `rule`."""

    answer: dict[str, Any]
    on: str = "2025-06-10"
    region: str = "441300"
    item: str = ""
    rule: str = ""
    subject: str = ""
    own: bool = True
    #: What a person wrote down as the right finding, for worked examples.
    expect: Mapping[str, Any] = field(default_factory=dict)
    #: Where that is written down.
    place: str = ""

    @cached_property
    def loaded(self) -> Answer:
        """The answer as the server reads it from the wire."""
        return _SCHEMA.load({"item_code": self.item or NO_ITEM, **self.answer})

    def to_dict(self) -> dict[str, Any]:
        """What is asked and what is said; members at their default are left out."""
        asked = {name: vars(self)[name] for name, plain in _PLAIN.items() if vars(self)[name] != plain}
        return asked | {"answer": self.answer, "found": found(self)}


_PLAIN = vars(Case({}))


@cache
def items() -> dict[str, Item]:
    """Items of the published checklists, and the made ones."""
    made = map(Item.from_dict, MADE_ITEMS)
    return {i.code: i for i in (*(i for c in checklists().values() for i in c.items), *made)}


@cache
def rules() -> dict[str, Rule]:
    """Rules of the vocabulary, and the made ones for what no published checklist uses yet."""
    return {**vocabulary().rules, **{f"made/{n}": Rule.from_dict({"name": n, **r}) for n, r in MADE.items()}}


def found(case: Case) -> dict[str, Any] | None:
    """What the evaluator says, packed."""
    if case.item:
        item = items()[case.item]
        return pack_finding(item, judge_case(case, item), case)
    said = apply_case(case, rules()[case.rule])
    return said and pack_judgement(said, (rules()[case.rule],))


def judge_case(case: Case, item: Item) -> Finding:
    return judge(item, case.loaded, fact_on=date.fromisoformat(case.on), region_code=case.region)


def apply_case(case: Case, rule: Rule) -> Judgement | None:
    on = date.fromisoformat(case.on)
    return apply_rule(rule, case.loaded, fact_on=on, region_code=case.region, subject=case.subject, own=case.own)


# ------------------------------------------------------------------------------------------- packing


def pack_check(check: RowCheck, asked: Iterable[Rule]) -> list[Any]:
    """[rule, row, title, bound, holds, unit, unrounded, rounded]: the row told by its place, the last left out when
    rounding changed nothing.
    """
    at = next((n, rule.rows.index(check.row)) for n, rule in enumerate(asked) if check.row in rule.rows)
    told = check.to_dict()
    assert told["row"] == check.row.to_dict()
    packed = [*at, *(told[k] for k in ("title", "bound", "holds", "unit", "unrounded", "rounded"))]
    return packed[:-1] if packed[-1] == packed[-2] else packed


def pack_judgement(said: Judgement, asked: tuple[Rule, ...]) -> dict[str, Any]:
    told = {
        "outcome": said.outcome.value,
        "explanation": said.explanation if said.explanation != first_sentence(said.checks) else "",
        "checks": [pack_check(c, asked) for c in said.checks],
        "missing": list(said.missing),
        "passed": list(said.passed or ()),
        "facts": dict(said.facts or {}),
        "defers": said.defers,
    }
    return {k: v for k, v in told.items() if v and v != "conforming"}


def pack_finding(item: Item, finding: Finding, case: Case) -> dict[str, Any]:
    """The whole of `Finding.to_dict()`: what only repeats the item or the question is compared and left out."""
    told = finding.to_dict()
    told["clauses"] = [item.basis.index(c) for c in finding.clauses]
    told["dispositions"] = [[d.text for d in item.dispositions].index(t) for t in finding.dispositions]
    asked = tuple(c.rule for c in item.checks)
    told["checks"] = [pack_check(c, asked) for c in finding.checks]
    told["limit"] = None if finding.limit is None else finding.checks.index(finding.limit)
    for name, value in _repeated(item, finding, case).items():
        if told[name] == value:
            del told[name]
    return told


def first_sentence(checks: tuple[RowCheck, ...]) -> str:
    """What a conforming answer is told; written down only where more is said."""
    return checks[0].sentence() if checks else ""


def _repeated(item: Item, finding: Finding, case: Case) -> dict[str, Any]:
    """What a finding holds when nothing special happened; only what differs is written down."""
    answer = case.answer
    return {
        "item_code": item.code,
        "liable": list(item.liable),
        "confidence": item.confidence,
        "fact_on": case.on,
        "stated": answer.get("verdict"),
        "reason": answer.get("reason", ""),
        "explanation": f"符合：{first_sentence(finding.checks)}",
        "severity": item.severity.value,
        "severity_reason": answer.get("severity_reason", ""),
        "severity_proposed": None,
        "judged": finding.outcome.value,
        "disagreement": False,
        "clauses": list(range(len(item.basis))),
        "dispositions": list(range(len(item.dispositions))),
        "photos_required": item.photos.minimum,
        "photos_given": 0,
        "outcome": "conforming",
        "limit": 0 if finding.checks else None,
        "checks": [],
        "missing": [],
        "passed": None,
        "facts": {},
    }


# ------------------------------------------------------------------------------------------- files


def dump_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    """A JSON list, one row a line, so that a change is seen line by line."""
    lines = (json.dumps(r, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for r in rows)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def dump_table(table: Mapping[str, Any]) -> str:
    """A JSON object, one member a line."""
    lines = (
        f"{json.dumps(k)}:{json.dumps(v, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}"
        for k, v in sorted(table.items())
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"
