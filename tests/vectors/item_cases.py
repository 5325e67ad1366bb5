"""每一条检查项：空着、判符合、判不符合、不适用有无理由、程度上调下调、别的地区、照片按处数。"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.answers import AnswerSchema
from server.domain.checklists import Item, Kind
from tests.checklists.house import examples
from tests.vectors.cases import Case, items
from tests.vectors.made_items import made_answers

REGIONS = ("441322", "330211", "110105")


def example_cases() -> Iterator[Case]:
    """The worked examples, with what their authors wrote down."""
    shape = AnswerSchema()
    for one in examples():
        said = shape.dump(one.answer)
        answer = {k: v for k, v in said.items() if v not in (None, "", [], {}) and k != "item_code"}
        where = {"item": one.item} if one.item else {"rule": one.rule}
        yield Case(answer, on=one.on.isoformat(), region=one.region, expect=one.expected, place=one.place, **where)


def item_cases() -> Iterator[Case]:
    for code, region, answer in made_answers():
        yield Case(answer, item=code, region=region)
    for number, (code, item) in enumerate((c, i) for c, i in items().items() if not c.startswith("MD-")):
        for answer in _answers(item, number):
            yield Case(answer, item=code, region=REGIONS[number % 2])
        local = any(c.region for c in item.basis) or any(d.region for d in item.dispositions)
        if item.region or (local and number % 5 == 0):
            for region in REGIONS:
                yield Case(_plain(item), item=code, region=region)


def _plain(item: Item) -> dict[str, Any]:
    """An answer of the kinds the item asks for."""
    said: dict[str, Any] = {}
    if Kind.TRI in item.kinds:
        said["verdict"] = "conforming"
    if Kind.TEXT in item.kinds:
        said["text"] = "见现场记录"
    if Kind.COUNT in item.kinds:
        said["count"] = 0
    if Kind.NUMERIC in item.kinds:
        said["value"] = "20"
    if Kind.CHOICE in item.kinds:
        said["choice"] = item.choices[0]
    if Kind.DATE in item.kinds:
        said["on"] = "2025-06-01"
    if Kind.SAMPLE_GROUP in item.kinds:
        said["groups"] = [{"sample_no": f"Y{n}", "spare_no": f"B{n}"} for n in (1, 2)]
    return said


def _answers(item: Item, number: int) -> Iterator[dict[str, Any]]:
    plain = _plain(item)
    yield plain
    if number % 2:
        yield {}
    else:
        yield {**plain, "verdict": "failing", "photos": _photos(number % 3)}
    if number % 8 == 0:
        yield {"verdict": "not_applicable", "reason": " 尚未进行到该阶段　"}
        yield {"verdict": "not_applicable", "reason": " 　\n"}
    if number % 6 == 0:
        level = ("minor", "major", "critical")[number // 6 % 3]
        yield {**plain, "verdict": "failing", "severity": level, "severity_reason": "现场"}
    if Kind.COUNT in item.kinds:
        yield {**plain, "count": 3, "photos": _photos(4)}
        yield {**plain, "count": 3, "verdict": "conforming"}
    if Kind.TEXT in item.kinds:
        yield {**plain, "text": " 　"}
    if Kind.CHOICE in item.kinds:
        yield {**plain, "choice": "没有这个选项"}
    if Kind.SAMPLE_GROUP in item.kinds:
        yield {**plain, "groups": [{"sample_no": "Y1"}, {"sample_no": "Y2"}]}
        yield {**plain, "groups": []}
        yield {**plain, "verdict": "conforming"}


def _photos(count: int) -> list[str]:
    same = [f"01890000-0000-7000-8000-{n:012d}" for n in range(count)]
    return same + same[:1]
