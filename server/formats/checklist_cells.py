"""检查单表格的列：每张工作表有哪些列，一格文字与一个值怎样互换。

Conditions are written as people read them: `use=钢筋混凝土; grade>=30; env=甲|乙`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from server.domain.errors import Invalid
from server.domain.numbers import canonical_text, parse_decimal

Words = Mapping[str, Mapping[str, str]]
MAX_CELL = 2000
_CONDITION = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(>=|<=|>|<|=)\s*(.+?)\s*\Z")
_BOUNDS = {">=": "min", "<=": "max", ">": "above", "<": "below"}

SEVERITY = {"minor": "一般", "major": "较重", "critical": "严重"}
FRAME = {"project": "工程项目", "enterprise_site": "企业场所"}
LINK = {"production": "生产环节", "use": "使用环节"}
KIND = {
    "tri": "判定",
    "numeric": "数值",
    "count": "计数",
    "text": "文本",
    "sample_group": "样品组",
    "date": "日期",
    "choice": "单选",
}


class CellError(ValueError):
    """A cell that cannot be read; the message is a Chinese reason."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: header, key in the file shape, how to read and write, and whether it must be filled."""

    header: str
    key: str
    kind: str = "text"
    required: bool = False
    words: str = ""


def read_cell(column: Column, value: Any, words: Words) -> Any:
    """The value in a cell, or None when it is empty. Raises `CellError`."""
    if isinstance(value, str):
        value = value.strip()
        if len(value) > MAX_CELL:
            raise CellError(f"超过 {MAX_CELL} 字")
    if value in (None, ""):
        if column.required:
            raise CellError("不能为空")
        return None
    return _READERS[column.kind](value, column, words)


def write_cell(column: Column, value: Any, words: Words) -> str:
    """Text for a cell; empty for nothing."""
    if value in (None, "", [], {}):
        return ""
    if column.kind == "list":
        return "、".join(_word(column, v, words) for v in value)
    if column.kind == "lines":
        return "\n".join(value)
    if column.kind == "conditions":
        return "; ".join(_condition_text(n, w) for n, w in value.items())
    if column.kind == "pairs":
        return "; ".join(f"{k}={_joined(v)}" for k, v in value.items())
    if column.kind == "yes":
        return "是" if value else "否"
    return _word(column, value, words)


def _word(column: Column, value: Any, words: Words) -> str:
    return words.get(column.words, {}).get(str(value), str(value))


def _joined(value: Any) -> str:
    return "|".join(value) if isinstance(value, list) else str(value)


def _condition_text(name: str, wanted: Any) -> str:
    if isinstance(wanted, Mapping):
        signs = {v: k for k, v in _BOUNDS.items()}
        return "; ".join(f"{name}{signs[k]}{v}" for k, v in wanted.items())
    return f"{name}={_joined(wanted)}"


# ------------------------------------------------------------------------------------------- readers


def _as_text(value: Any) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()[:10]
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, float)):
        return canonical_text(_number(value))
    return str(value)


def _number(value: Any) -> Any:
    try:
        return parse_decimal(repr(value) if isinstance(value, float) else value)
    except Invalid as error:
        raise CellError(error.detail) from None


def _read_word(value: Any, column: Column, words: Words) -> str:
    text = _as_text(value)
    table = words.get(column.words)
    if not table:
        return text
    found = {title: code for code, title in table.items()}.get(text, text)
    if found not in table:
        raise CellError(f"“{text}”不是可用的词，可用：{'、'.join(table.values())}")
    return found


def _read_list(value: Any, column: Column, words: Words) -> list[str]:
    parts = [p.strip() for p in re.split("[、,，]", _as_text(value)) if p.strip()]
    return [_read_word(p, column, words) for p in parts]


def _read_lines(value: Any, *_: Any) -> list[str]:
    return [line.strip() for line in _as_text(value).splitlines() if line.strip()]


def _read_decimal(value: Any, *_: Any) -> str:
    return canonical_text(_number(value if isinstance(value, (int, float)) else _as_text(value)))


def _read_integer(value: Any, *_: Any) -> int:
    number = _number(value if isinstance(value, (int, float)) else _as_text(value))
    if number != number.to_integral_value():
        raise CellError("应为整数")
    return int(number)


def _read_date(value: Any, *_: Any) -> str:
    text = _as_text(value)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise CellError("应为日期，形如 2025-09-30") from None


def _read_yes(value: Any, *_: Any) -> bool:
    text = _as_text(value)
    if text not in {"是", "否"}:
        raise CellError("应填 是 或 否")
    return text == "是"


def _parts(value: Any) -> list[tuple[str, str, str]]:
    found = []
    for part in (p for p in re.split("[;；]", _as_text(value)) if p.strip()):
        match = _CONDITION.match(part)
        if match is None:
            raise CellError(f"“{part.strip()}”应形如 use=钢筋混凝土 或 grade>=30")
        found.append((match[1], match[2], match[3]))
    return found


def _read_conditions(value: Any, *_: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, sign, wanted in _parts(value):
        if sign == "=":
            result[name] = wanted.split("|")
        elif isinstance(result.setdefault(name, {}), dict):
            result[name][_BOUNDS[sign]] = _read_decimal(wanted)
        else:
            raise CellError(f"条件 {name} 不能既是词又是范围")
    return result


def _read_pairs(value: Any, column: Column, *_: Any) -> dict[str, Any]:
    pairs = _parts(value)
    if any(sign != "=" for _, sign, _ in pairs):
        raise CellError("应形如 input=target; times=2")
    if column.key == "only":
        return {name: wanted.split("|") for name, _, wanted in pairs}
    return {name: wanted for name, _, wanted in pairs}


_READERS: dict[str, Callable[[Any, Column, Words], Any]] = {
    "text": _read_word,
    "list": _read_list,
    "lines": _read_lines,
    "decimal": _read_decimal,
    "integer": _read_integer,
    "date": _read_date,
    "yes": _read_yes,
    "conditions": _read_conditions,
    "pairs": _read_pairs,
}

HEAD = (
    Column("代码", "code", required=True),
    Column("版本", "version", required=True),
    Column("名称", "title", required=True),
    Column("英文名称", "title_en", required=True),
    Column("对象", "scope", required=True),
)
SECTION = (
    Column("节号", "no", required=True),
    Column("节名", "name", required=True),
    Column("英文节名", "name_en", required=True),
    Column("适用主体", "applies_to", "list", required=True, words="parties"),
    Column("抽样框", "frames", "list", required=True, words="frames"),
    Column("环节", "link", words="links"),
    Column("五严", "strict", words="five_stricts"),
)
ITEM = (
    Column("条目代码", "code", required=True),
    Column("检查内容", "text", required=True),
    Column("方法", "method", required=True),
    Column("作答", "answer", "list", required=True, words="kinds"),
    Column("单位", "unit"),
    Column("选项", "choices", "lines"),
    Column("限值说明", "limit_text"),
    Column("样品组数", "groups", "integer"),
    Column("要备样", "spare", "yes"),
    Column("照片张数", "min_photos", "integer", required=True),
    Column("照片要求", "photo_rule"),
    Column("每处照片", "photo_per", "integer"),
    Column("程度", "severity", required=True, words="severities"),
    Column("责任", "liable", "list", required=True, words="parties"),
    Column("可信", "confidence", required=True),
    Column("只在地区", "region"),
)
BASIS = (
    Column("条目代码", "item", required=True),
    Column("依据", "text", required=True),
    Column("法规代码", "law"),
    Column("标准", "standard"),
    Column("已核条款", "articles", "list"),
    Column("未核条款", "unverified", "list"),
    Column("适用地区", "region"),
)
DISPOSITION = (
    Column("条目代码", "item", required=True),
    Column("典型处置", "text", required=True),
    Column("适用地区", "region"),
)
USE = (
    Column("条目代码", "item", required=True),
    Column("规则", "rule", required=True),
    Column("对象条件", "input"),
    Column("只用", "only", "pairs"),
)
LIMIT = (
    Column("条目代码", "item", required=True),
    Column("比较", "op", required=True),
    Column("限值", "value", "decimal"),
    Column("下限", "min", "decimal"),
    Column("上限", "max", "decimal"),
    Column("可用词", "values", "lines"),
    Column("单位", "unit"),
    Column("对象条件", "input"),
    Column("统计量", "of"),
    Column("界", "than", "decimal"),
    Column("基准", "reference"),
    Column("相对于", "relative_to"),
    Column("公式", "formula", "pairs"),
    Column("适用条件", "when", "conditions"),
    Column("例外条件", "unless", "conditions"),
    Column("标准", "standard"),
    Column("起", "from", "date"),
    Column("止", "until", "date"),
    Column("适用地区", "region"),
    Column("可信", "confidence"),
    Column("名称", "title"),
)
SHEETS: dict[str, tuple[Column, ...]] = {
    "检查表": HEAD,
    "节": SECTION,
    "条目": ITEM,
    "依据": BASIS,
    "处置": DISPOSITION,
    "规则": USE,
    "限值": LIMIT,
}
