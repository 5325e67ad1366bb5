"""把一个数放进作答：读数、计数、平均、最小、占比、差值，各有各的放法。"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from server.domain.limits import LimitRow, as_number
from server.domain.numbers import canonical_text, decimal_text

Inputs = dict[str, Any]
TEXT = canonical_text


def put(row: LimitRow, quantity: Decimal, inputs: Inputs, subject: str = "", count: bool = False) -> dict[str, Any]:
    """An answer in which the row finds just this quantity."""
    value = quantity
    if row.reference:
        value = quantity + (as_number(inputs[row.reference]) or Decimal(0))
    if row.relative_to:
        inputs = inputs | {row.relative_to: "50"}
        value = quantity * 50 / 100
    if row.of:
        return {"inputs": inputs, "readings": readings(row, value)}
    name = row.input or subject
    if name:
        return {"inputs": inputs | {name: decimal_text(value)}}
    if count and value == value.to_integral_value() and value >= 0:
        return {"inputs": inputs, "count": int(value)}
    return {"inputs": inputs, "value": decimal_text(value)}


def readings(row: LimitRow, quantity: Decimal) -> list[str]:
    """Readings whose statistic is this quantity."""
    if row.of == "n":
        return ["100"] * max(0, int(quantity))
    if row.of == "count_below":
        than = row.than or Decimal(0)
        return [TEXT(than - Decimal("0.05"))] * max(0, int(quantity)) + [TEXT(than)] * 4
    if row.of == "mean":
        apart = Decimal("0.01")
        return [TEXT(quantity - apart), TEXT(quantity), TEXT(quantity + apart)]
    far = Decimal(5) if row.of == "min" else Decimal(-5)
    return [TEXT(quantity + far), TEXT(quantity), TEXT(quantity + far)]
