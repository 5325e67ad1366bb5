"""JSON 数组：逐条生成；小数写成文字，键按序排列，同样的数据得到同样的字节。"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def write_json(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield one JSON array, one object a line; an empty input gives an empty array."""
    yield b"["
    separator = b"\n"
    for row in rows:
        yield separator + dump_json(row)
        separator = b",\n"
    yield b"\n]\n"


def dump_json(value: Any) -> bytes:
    """Return one value as compact UTF-8 JSON with sorted keys; Decimal and dates become text."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain, allow_nan=False)
    return text.encode()


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"not a JSON value: {type(value).__name__}")
