"""作答列表的快读：写法平常的作答直接读，其余原样交给 `AnswerSchema`。

A check has forty answers and most are a code, a verdict and perhaps a reason; reading them field by field took a third of a
check's time. Anything the quick reader does not know at sight sends the whole list through the schema, so what is refused,
and in which words, is decided in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError, fields

from schemas.answers import ITEM_CODE, MAX_WORD, AnswerSchema
from schemas.fields import has_control
from server.domain.answers import MAX_COUNT, MAX_TEXT, Answer, Verdict

_VERDICTS: dict[Any, Verdict | None] = {None: None} | {verdict.value: verdict for verdict in Verdict}


class _Unusual(Exception):
    """不是一眼能读的写法。"""


def _words(most: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if type(value) is not str or len(value) > most or has_control(value):
            raise _Unusual
        return value

    return read


def _item_code(value: Any) -> str:
    if type(value) is not str or ITEM_CODE.match(value) is None:
        raise _Unusual
    return value


def _verdict(value: Any) -> Verdict | None:
    if value is not None and (type(value) is not str or value not in _VERDICTS):
        raise _Unusual
    return _VERDICTS[value]


def _count(value: Any) -> int | None:
    if value is not None and (type(value) is not int or not 0 <= value <= MAX_COUNT):
        raise _Unusual
    return value


_QUICK: dict[str, Callable[[Any], Any]] = {
    "item_code": _item_code,
    "verdict": _verdict,
    "count": _count,
    "reason": _words(MAX_TEXT),
    "text": _words(MAX_TEXT),
    "note": _words(MAX_TEXT),
    "severity_reason": _words(MAX_TEXT),
    "choice": _words(MAX_WORD),
}


class AnswersField(fields.List[Any]):
    """A list of answers, each an `Answer`."""

    def __init__(self, **kwargs: Any) -> None:
        self._schema = AnswerSchema()
        super().__init__(fields.Nested(AnswerSchema), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if type(value) is list and not kwargs.get("partial"):
            try:
                return [self._read(answer) for answer in value]
            except (_Unusual, ValidationError):
                pass  # the schema says what is wrong, and where
        return super()._deserialize(value, attr, data, **kwargs)

    def _read(self, given: Any) -> Answer:
        if type(given) is not dict or "item_code" not in given:
            raise _Unusual
        made: Answer = self._schema.build({name: self._value(name, value, given) for name, value in given.items()})
        return made

    def _value(self, name: str, value: Any, given: dict[str, Any]) -> Any:
        quick = _QUICK.get(name)
        if quick is not None:
            return quick(value)
        field = self._schema.fields.get(name)
        if field is None:
            raise _Unusual
        return field.deserialize(value, name, given)
