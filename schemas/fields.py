"""共用字段：文字、摘要、时刻、坐标。"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def has_control(text: str) -> bool:
    """Whether the text holds characters nobody sees and one of the databases cannot keep."""
    return _CONTROL.search(text) is not None


class Text(fields.String):
    """NFC text, trimmed, without control characters; `min_length` counts after trimming."""

    default_error_messages = {
        "required": "必填。",
        "null": "不能为空。",
        "invalid": "应为文字。",
        "control": "含有不可见的控制字符。",
        "surrogate": "含有不成对的字符。",
    }

    def __init__(self, *, min_length: int = 0, max_length: int = 200, **kwargs: Any) -> None:
        checks = list(kwargs.pop("validate", []) or [])
        checks.append(validate.Length(min_length, max_length, error="长度应在 {min} 到 {max} 个字之间。"))
        super().__init__(validate=checks, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        raw = super()._deserialize(value, attr, data, **kwargs)
        if has_control(raw):
            raise self.make_error("control")
        try:
            raw.encode("utf-8")
        except UnicodeEncodeError:
            raise self.make_error("surrogate") from None
        return unicodedata.normalize("NFC", raw).strip()


class Sha256(fields.String):
    """小写十六进制的 SHA-256。"""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("metadata", {"example": "0" * 64})
        super().__init__(validate=validate.Regexp(r"\A[0-9a-f]{64}\Z", error="应为 64 位小写十六进制。"), **kwargs)


class Instant(fields.AwareDateTime):
    """An RFC 3339 instant with an offset, between 2000 and 2100; dumped in UTC."""

    default_error_messages = {
        "required": "必填。",
        "null": "不能为空。",
        "invalid": "应为带时区的时刻，例如 2026-09-01T08:30:00+08:00。",
        "invalid_awareness": "缺少时区。",
        "range": "时刻应在 2000 年到 2100 年之间。",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type="datetime")
        try:
            moment = super()._deserialize(value, attr, data, **kwargs).astimezone(UTC)
        except (OverflowError, ValueError):
            raise self.make_error("range") from None
        if not _EARLIEST <= moment <= _LATEST:
            raise self.make_error("range")
        return moment


class Degrees(fields.Float):
    """A finite number of degrees within ±`limit`; numbers only, text is refused."""

    def __init__(self, limit: float, **kwargs: Any) -> None:
        super().__init__(
            allow_nan=False,
            validate=validate.Range(-limit, limit, error="应在 {min} 到 {max} 之间。"),
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, bool | str):
            raise ValidationError("应为数字。")
        return super()._deserialize(value, attr, data, **kwargs)


class Integer(fields.Integer):
    """A JSON integer; 2.6 and "3" are refused, never rounded."""

    def __init__(self, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(low, high, error="应在 {min} 到 {max} 之间。"), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, bool | str):
            raise ValidationError("应为整数。")
        return super()._deserialize(value, attr, data, **kwargs)


class Calendar(fields.Date):
    """A date `YYYY-MM-DD`."""

    default_error_messages = {
        "invalid": "应为日期，例如 2026-09-01。",
        "required": "必填。",
        "null": "不能为空。",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str) or len(value) != 10:
            raise self.make_error("invalid", input=value, obj_type="date")
        return super()._deserialize(value, attr, data, **kwargs)
