"""作答的题库：每个检查项怎样答是符合、怎样答是不符合。

Measured answers come from the worked examples beside each checklist, the rest from the kind of answer. Each candidate is
put to the same rules the phone runs, on the day and in the region of the check, and kept only when they agree.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from schemas.answers import AnswerSchema
from server.domain.checklists import Checklist, Item, Kind
from server.domain.findings import Outcome
from server.domain.rules import judge

CHECKLISTS = Path(__file__).resolve().parents[2] / "checklists"
NOT_APPLICABLE = ("尚未进行到该阶段", "设计无此内容", "本对象未使用该材料或工艺", "该部位已隐蔽，现场不可见")
GUESSES = ("0", "0.1", "1", "2", "5", "10", "20", "50", "100", "200", "500", "1000")
SHAPE = AnswerSchema()
Document = dict[str, Any]


@lru_cache(maxsize=1)
def worked_examples() -> dict[str, list[Document]]:
    """Answers of the worked examples by item code, in the order of the files."""
    found: dict[str, list[Document]] = {}
    for file in sorted(CHECKLISTS.glob("*/*/examples/*.toml")):
        for example in tomllib.loads(file.read_text(encoding="utf-8")).get("examples", []):
            if "item" in example:
                found.setdefault(example["item"], []).append(_as_json(example["answer"]))
    return found


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def not_applicable(item: Item, reason: str) -> Document:
    return {"item_code": item.code, "verdict": "not_applicable", "reason": reason}


def outcome_of(item: Item, answer: Document, on: date, region: str) -> Outcome | None:
    """What the rules say of an answer; None when it is not a well-formed answer."""
    try:
        return judge(item, SHAPE.load(answer), fact_on=on, region_code=region).outcome
    except ValidationError:
        return None


class AnswerBank:
    """符合与不符合的作答，按检查项、地区和日期找，找过的记着。"""

    def __init__(self, checklist: Checklist) -> None:
        self.checklist = checklist
        self._found: dict[tuple[str, str, date, Outcome], tuple[Document, ...]] = {}

    def answers(self, item: Item, outcome: Outcome, on: date, region: str) -> tuple[Document, ...]:
        """Up to four different answers with this outcome; empty when none is known."""
        key = (item.code, region, on, outcome)
        if key not in self._found:
            fitting = (a for a in self._candidates(item, outcome, on) if outcome_of(item, a, on, region) is outcome)
            self._found[key] = tuple(a for a, _ in zip(fitting, range(4), strict=False))
        return self._found[key]

    def _candidates(self, item: Item, outcome: Outcome, on: date) -> Iterator[Document]:
        stated = {"verdict": outcome.value} if Kind.TRI in item.kinds else {}
        base = {"item_code": item.code, **stated, **_words(item, outcome), **_choice(item), **_day(item, on)}
        for example in worked_examples().get(item.code, []):
            yield {**base, **example, "item_code": item.code, **stated}
        if not {Kind.NUMERIC, Kind.COUNT} & set(item.kinds):
            yield from (base, {**base, "verdict": outcome.value})
        if Kind.SAMPLE_GROUP in item.kinds:
            groups = [_group(item, n) for n in range(3)]
            yield from ({**base, "groups": groups, "verdict": outcome.value}, {**base, "groups": groups})
            yield {**base, "groups": [_group(item, 0) | {"spare_no": "", "seal_no": ""}]}
        for choice in item.choices:
            yield {**base, "choice": choice}
        if Kind.COUNT in item.kinds:
            for count in (0, 1, 3, 5, 10, 50):
                yield {**base, "count": count}
        if Kind.NUMERIC in item.kinds:
            for value in GUESSES:
                yield {**base, "value": value}
                yield {**base, "value": value, "verdict": outcome.value}


def _words(item: Item, outcome: Outcome) -> Document:
    if Kind.TEXT not in item.kinds:
        return {}
    return {"text": "核查资料与现场一致" if outcome is Outcome.CONFORMING else "现场核查与资料不一致，已拍照"}


def _choice(item: Item) -> Document:
    return {"choice": item.choices[0]} if item.choices else {}


def _day(item: Item, on: date) -> Document:
    return {"on": str(on - timedelta(days=20))} if Kind.DATE in item.kinds else {}


def _group(item: Item, n: int) -> Document:
    number = f"示{item.code}-{n + 1}"
    return {"sample_no": number, "spare_no": f"{number}备", "seal_no": f"示封{n + 1:03d}"}
