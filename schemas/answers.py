"""作答的形状：手机和控制台送来的一份作答，读成领域的 `Answer`，也从它写回。

Everything is bounded: at most 200 readings, 50 photos, 40 conditions, 2000 characters; NaN, infinity and
outsized
exponents are refused. Numbers may be JSON strings or numbers (full-width digits too) and become decimals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from schemas.decimals import DayField, DecimalText, read_decimal
from schemas.fields import has_control
from server.domain.answers import (
    MAX_COUNT,
    MAX_GROUP_VALUES,
    MAX_GROUPS,
    MAX_INPUTS,
    MAX_PHOTOS,
    MAX_READINGS,
    MAX_TEXT,
    Answer,
    SampleGroup,
    Verdict,
)
from server.domain.checklists import Severity
from server.domain.limits import InputValue
from server.domain.numbers import canonical_text, decimal_text

MAX_NAME = 40
MAX_WORD = 200
ITEM_CODE = re.compile(r"[A-Z]{2,5}-\d{2}-\d{2,3}\Z")
_ERRORS: dict[str, Any] = {"required": "缺少此项", "null": "不能为空", "invalid": "格式不对"}


def _short(most: int, required: bool = False) -> fields.String:
    error = f"长度应为 {int(required)}~{most} 字"
    return fields.String(
        required=required,
        error_messages=_ERRORS,
        validate=[validate.Length(min=int(required), max=most, error=error), _visible],
    )


def _visible(text: str) -> None:
    if has_control(text):
        raise ValidationError("含有不可见的控制字符")


def _at_most(most: int) -> validate.Length:
    return validate.Length(max=most, error=f"最多 {most} 项")


class InputsField(fields.Field[Mapping[str, InputValue]]):
    """Named conditions. Words, numbers, yes/no, dates as ISO text, or a list of words; numbers are kept
    as text.
    """

    def _serialize(self, value: Mapping[str, InputValue] | None, *_: Any, **__: Any) -> dict[str, Any]:
        return {name: _dump_input(v) for name, v in (value or {}).items()}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Mapping[str, InputValue]:
        if not isinstance(value, Mapping):
            raise ValidationError("应为条件的键值")
        if len(value) > MAX_INPUTS:
            raise ValidationError(f"最多 {MAX_INPUTS} 个条件")
        return MappingProxyType({_name(name): _load_input(name, v) for name, v in value.items()})


def _name(name: Any) -> str:
    if not isinstance(name, str) or not (name.isascii() and name.isidentifier()) or len(name) > MAX_NAME:
        raise ValidationError("条件名应为英文代码")
    return name


def _load_input(name: str, value: Any) -> InputValue:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= MAX_WORD and not has_control(value):
        return value.strip()
    if isinstance(value, (int, float, Decimal)):
        return canonical_text(read_decimal(value))
    if type(value) is date:
        return value.isoformat()
    if isinstance(value, list) and len(value) <= MAX_INPUTS and all(_is_word(v) for v in value):
        return tuple(value)
    raise ValidationError({name: [f"应为不超过 {MAX_WORD} 字的文字、数字、是否，或文字列表"]})


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_WORD and not has_control(value)


def _dump_input(value: InputValue) -> Any:
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


class AnswerShape(Schema):
    """Shared manners: unknown keys are mistakes, told in Chinese."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "没有这一项", "type": "应为一组键值"}


class SampleGroupSchema(AnswerShape):
    """样品组: 检样编号、备样编号、封条号、各块数值."""

    sample_no = _short(60, required=True)
    spare_no = _short(60)
    seal_no = _short(60)
    values = fields.List(DecimalText(), validate=_at_most(MAX_GROUP_VALUES))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> SampleGroup:
        return SampleGroup(**{**data, "values": tuple(data.get("values", ()))})


class AnswerSchema(AnswerShape):
    """One answer; `load` gives `Answer`, `dump` gives the same JSON back (decimals as strings)."""

    item_code = fields.String(
        required=True,
        error_messages=_ERRORS,
        validate=validate.Regexp(ITEM_CODE, error="应形如 RMC-01-01"),
    )
    verdict = fields.Enum(Verdict, by_value=True, allow_none=True, load_default=None)
    reason = _short(MAX_TEXT)
    value = DecimalText(allow_none=True, load_default=None)
    inputs = InputsField()
    count = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(min=0, max=MAX_COUNT, error=f"应为 0~{MAX_COUNT}"),
    )
    text = _short(MAX_TEXT)
    on = DayField(allow_none=True, load_default=None)
    choice = _short(MAX_WORD)
    readings = fields.List(DecimalText(), validate=_at_most(MAX_READINGS))
    groups = fields.List(fields.Nested(SampleGroupSchema), validate=_at_most(MAX_GROUPS))
    photos = fields.List(fields.UUID(), validate=_at_most(MAX_PHOTOS))
    severity = fields.Enum(Severity, by_value=True, allow_none=True, load_default=None)
    severity_reason = _short(MAX_TEXT)
    note = _short(MAX_TEXT)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Answer:
        for name in ("readings", "groups"):
            data[name] = tuple(data.get(name, ()))
        data["photos"] = tuple(dict.fromkeys(data.get("photos", ())))
        return Answer(**data)
