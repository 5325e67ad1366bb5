"""检查单还原成文件形状：导出表格和比对时用，读回来得到同一个检查单。"""

from __future__ import annotations

from typing import Any

from server.domain.checklists import Check, Checklist, Item, Section
from server.domain.limits import Condition, LimitRow


def file_shape(checklist: Checklist) -> dict[str, Any]:
    """The dictionary a `checklist.toml` would hold; loading it again gives an equal checklist."""
    head = {k: v for k, v in checklist.to_dict().items() if k != "sections"}
    return {**head, "sections": [_section(s) for s in checklist.sections]}


def _section(section: Section) -> dict[str, Any]:
    data = section.to_dict()
    data["items"] = [_item(i) for i in section.items]
    return _filled(data)


def _item(item: Item) -> dict[str, Any]:
    data = {k: v for k, v in item.to_dict().items() if k != "checks"}
    data["basis"] = [_filled({k: v for k, v in b.items() if k != "law_title"}) for b in data["basis"]]
    data["disposition"] = [_filled(d) for d in data["disposition"]]
    data["limits"] = [_row(r) for c in item.checks if _is_inline(c) for r in c.rule.rows]
    data["rules"] = [_use(c) for c in item.checks if c.rule.name]
    samples = [c for c in item.checks if c.rule.operator == "samples"]
    data["samples"] = _samples(samples[0]) if samples else None
    return {**_filled(data), "min_photos": item.photos.minimum}


def _is_inline(check: Check) -> bool:
    return not check.rule.name and check.rule.operator == "table"


def _use(check: Check) -> dict[str, Any]:
    only = {name: list(allowed) for name, allowed in check.only}
    return _filled({"rule": check.rule.name, "input": check.input, "only": only})


def _samples(check: Check) -> dict[str, Any]:
    wanted = {r.label: int(r.value or 0) for r in check.rule.rows}
    return {"groups": wanted["groups"], "spare": bool(wanted["spare"])}


def _row(row: LimitRow) -> dict[str, Any]:
    data = row.to_dict()
    for key, conditions in (("when", row.when), ("unless", row.unless)):
        if conditions:
            data[key] = {c.input: _wanted(c) for c in conditions}
    return data


def _wanted(condition: Condition) -> Any:
    if condition.words:
        return list(condition.words)
    return {k: v for k, v in condition.to_dict().items() if k not in {"input", "words"}}


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in data.items() if v not in (None, "", [], {})}
