"""做出来的检查项：已发布的检查表还没有的作答方式、地区、照片要求。"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.vectors.made_rules import MADE

_CLAUSES = [
    {"text": "全国", "standard": "GB 1"},
    {"text": "浙江", "law": "zj", "law_title": "浙江条例", "region": "330000"},
    {"text": "惠州", "law": "hz", "law_title": "惠州通知", "articles": ["3"], "unverified": ["4"], "region": "441300"},
]


def _item(code: str, kinds: list[str], **more: Any) -> dict[str, Any]:
    plain = {
        "code": code,
        "text": f"做出来的检查项 {code}",
        "method": "看",
        "answer": kinds,
        "unit": "",
        "limit_text": "",
        "choices": [],
        "checks": [],
        "min_photos": 1,
        "photo_rule": "",
        "photo_per": 0,
        "severity": "major",
        "basis": _CLAUSES,
        "liable": ["contractor"],
        "disposition": [{"text": "整改", "region": ""}, {"text": "通报", "region": "330211"}],
        "confidence": "K",
        "region": "",
    }
    return plain | more


def _check(rule: str, subject: str = "") -> dict[str, Any]:
    return {"rule": {"name": "", **MADE[rule]}, "input": subject, "only": {}}


MADE_ITEMS = [
    _item("MD-01-01", ["tri"], region="330211"),
    _item("MD-01-02", ["numeric"]),
    _item("MD-01-03", ["count"], photo_per=2, photo_rule="每处2"),
    _item("MD-01-04", ["choice"], choices=["甲", "乙"]),
    _item("MD-01-05", ["sample_group"], photo_per=1, min_photos=3),
    _item("MD-01-06", ["tri", "numeric", "text", "date"], checks=[_check("strict")]),
    _item("MD-01-07", ["numeric"], checks=[_check("regions"), _check("equal", "base")]),
    _item("MD-01-08", ["tri"], checks=[_check("reference"), _check("strict")]),
    _item("MD-01-09", ["numeric", "choice"], choices=["一星", "三星"], checks=[_check("chosen"), _check("statistics")]),
    _item("MD-01-10", ["tri", "count"], checks=[_check("bands_open"), _check("samples_spare")]),
]
_VERDICTS: tuple[dict[str, Any], ...] = (
    {},
    {"verdict": "conforming"},
    {"verdict": "failing"},
    {"verdict": "not_applicable", "reason": "设计无此内容"},
)
_FACTS: tuple[dict[str, Any], ...] = (
    {},
    {"value": "2", "text": "有", "on": "2025-06-01", "count": 0, "choice": "甲"},
    {"value": "1.5", "count": 7, "choice": "三星", "inputs": {"base": "1.2"}},
    {"readings": ["2", "1", "0.5"], "inputs": {"base": "0", "use": "乙"}, "severity": "critical"},
    {"groups": [{"sample_no": "1", "spare_no": "2"}] * 2, "value": "-4", "inputs": {"base": "-4"}, "severity": "minor"},
)


def made_answers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(item code, region, answer)"""
    for number, item in enumerate(MADE_ITEMS):
        for turn, verdict in enumerate(_VERDICTS):
            for at, facts in enumerate(_FACTS):
                if verdict.get("verdict") != "not_applicable" or at == 0:
                    region = ("441300", "330211")[(number + at + turn) % 2]
                    yield item["code"], region, {**facts, **verdict}
