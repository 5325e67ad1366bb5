"""检查表文件：正确的读成检查单，错误的逐处指出。"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from schemas.checklist_file import load_checklist, load_vocabulary
from server.domain.errors import Invalid
from server.domain.limits import LimitRow
from server.formats.checklist_files import read_vocabulary
from tests.checklists.house import ROOT, vocabulary

ITEM = {
    "code": "ABC-01-01",
    "text": "垂直度",
    "method": "测",
    "answer": ["numeric"],
    "unit": "mm",
    "limits": [{"op": "<=", "value": "8", "unit": "mm"}],
    "min_photos": 1,
    "severity": "major",
    "basis": [{"text": "质量条例29", "law": "construction_quality", "articles": ["29"]}],
    "liable": ["contractor"],
    "disposition": [{"text": "整改"}],
    "confidence": "V:S01",
}
SECTION = {
    "no": "01",
    "name": "实测",
    "name_en": "measured",
    "applies_to": ["contractor"],
    "frames": ["project"],
    "items": [ITEM],
}
FILE: dict[str, Any] = {
    "code": "ABC",
    "version": "2026.1",
    "title": "试用检查表",
    "title_en": "Trial",
    "scope": "在建工程",
    "sections": [SECTION],
}


def edited(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    data = deepcopy(FILE)
    change(data)
    return data


def item(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["sections"][0]["items"][0]
    return found


def test_a_new_checklist_needs_no_program() -> None:
    checklist = load_checklist(FILE, vocabulary())
    (only,) = checklist.items
    assert only.checks[0].rule.rows[0] == LimitRow(op="<=", value=only.checks[0].rule.rows[0].value, unit="mm")
    assert only.basis[0].formal() == "《建设工程质量管理条例》第二十九条"


AT = "/sections/0/items/0"
MISTAKES: list[tuple[Callable[[dict[str, Any]], object], str, str]] = [
    (lambda d: d.pop("title"), "/title", "缺少"),
    (lambda d: d.update(version="v1"), "/version", "2025.1"),
    (lambda d: d.update(colour="红"), "/colour", "没有这一项"),
    (lambda d: item(d).update(severity="fatal"), f"{AT}/severity", "程度"),
    (lambda d: item(d).update(answer=["yes"]), f"{AT}/answer/0", "作答"),
    (lambda d: item(d).update(liable=["nobody"]), f"{AT}/liable/0", "nobody"),
    (lambda d: item(d).update(basis=[]), f"{AT}/basis", "1~12"),
    (lambda d: item(d)["basis"][0].update(law="none"), f"{AT}/basis/0/law", "none"),
    (lambda d: item(d)["basis"][0].update(law="gd_quality"), f"{AT}/basis/0/region", "440000"),
    (lambda d: item(d).update(rules=[{"rule": "none"}]), f"{AT}/rules/0/rule", "none"),
    (
        lambda d: item(d).update(rules=[{"rule": "shell", "only": {"input": ["x"]}}]),
        f"{AT}/rules/0/only",
        "限值行",
    ),
    (lambda d: item(d).update(rules=[{"rule": "shell", "input": "x"}]), f"{AT}/rules/0", "inputs.toml"),
    (lambda d: item(d)["limits"][0].update(value="很多"), f"{AT}/limits/0/value", "数字"),
    (lambda d: item(d)["limits"][0].update(when={"moon": "full"}), f"{AT}/limits", "moon"),
    (lambda d: item(d).update(code="ABC-02-01"), f"{AT}/code", "ABC-01-"),
    (lambda d: item(d).update(answer=["choice"]), f"{AT}/choices", "选项"),
    (lambda d: item(d).update(confidence="V:S99"), f"{AT}/confidence", "S99"),
    (lambda d: item(d).update(min_photos=99), f"{AT}/min_photos", "0~50"),
    (lambda d: item(d).update(min_photos="1"), f"{AT}/min_photos", "格式"),
    (lambda d: d["sections"][0].update(frames=["moon"]), "/sections/0/frames/0", "抽样框"),
    (lambda d: d["sections"][0].update(strict="none"), "/sections/0/strict/0", "none"),
    (lambda d: d["sections"].append(deepcopy(SECTION)), "/sections/1/no", "重复"),
    (lambda d: d["sections"][0]["items"].append(dict(ITEM)), "/sections/0/items/1/code", "重复"),
    (lambda d: d.update(sections=[]), "/sections", "1~60"),
]


@pytest.mark.parametrize(("change", "pointer", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_each_mistake_is_told_with_its_place(
    change: Callable[[dict[str, Any]], object], pointer: str, words: str
) -> None:
    with pytest.raises(Invalid) as caught:
        load_checklist(edited(change), vocabulary())
    assert caught.value.code == "checklist-invalid"
    assert any(e.pointer == pointer and words in e.reason for e in caught.value.errors), caught.value.errors


def test_several_mistakes_are_told_at_once() -> None:
    def spoil(data: dict[str, Any]) -> None:
        item(data).update(liable=["nobody"], confidence="V:S99", code="ABC-02-01")

    with pytest.raises(Invalid) as caught:
        load_checklist(edited(spoil), vocabulary())
    assert len(caught.value.errors) == 3


def test_vocabulary_mistakes_are_told() -> None:
    tables = read_vocabulary(ROOT)
    with pytest.raises(Invalid, match="vocabulary-invalid"):
        load_vocabulary({k: v for k, v in tables.items() if k != "parties"})
    broken = {**tables, "rules": [{**tables["rules"][0], "operator": "guess"}]}
    with pytest.raises(Invalid) as caught:
        load_vocabulary(broken)
    assert caught.value.errors[0].pointer == "/rules/0/operator"
