"""十进制与日期字段：数字从 JSON 文本或数值得到 Decimal，从不经二进制浮点比较。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from server.domain.errors import FieldError, Invalid
from server.domain.numbers import decimal_text, parse_decimal


def read_decimal(value: Any) -> Decimal:
    """Decimal from text, int, Decimal or a JSON number (through its shortest text). Raises
    `ValidationError`.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise ValidationError("应为数字")
    try:
        return parse_decimal(repr(value) if isinstance(value, float) else value)
    except Invalid as error:
        raise ValidationError(error.detail) from None


class DecimalText(fields.Field[Decimal]):
    """A bounded decimal; dumped as plain text so that no reader rounds it."""

    def _serialize(self, value: Decimal | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else decimal_text(value)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        return read_decimal(value)


class DayField(fields.Field[date]):
    """A calendar day, ISO text or (from TOML and spreadsheets) a date already read."""

    def _serialize(self, value: date | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else value.isoformat()

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if type(value) is date:
            return value
        try:
            return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else _bad_day()
        except ValueError:
            return _bad_day()


def _bad_day() -> date:
    raise ValidationError("应为日期，形如 2025-09-30")


def pointers(messages: Any, at: str = "") -> Iterable[FieldError]:
    """marshmallow's nested messages as JSON pointers with one reason each."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            part = "" if key == "_schema" else f"/{str(key).replace('~', '~0').replace('/', '~1')}"
            yield from pointers(inner, at + part)
    elif isinstance(messages, list):
        for inner in messages:
            yield from pointers(inner, at)
    else:
        yield FieldError(at or "/", str(messages))
