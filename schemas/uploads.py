"""随续传说明的事：Upload-Metadata 里的键。"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, ValidationError, fields, post_load, validate

from schemas.base import Shape
from schemas.fields import Instant, Sha256, Text
from schemas.registers import PositionShape
from server.domain.registers import Position

SOURCES = ("camera", "album", "in_page")


class Fix(fields.Field[Any]):
    """A position as JSON text, for headers hold nothing but text."""

    default_error_messages = {"invalid": "应为一个位置的 JSON。"}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Position:
        try:
            said = json.loads(super()._deserialize(value, attr, data, **kwargs))
        except (ValueError, RecursionError):
            raise self.make_error("invalid") from None
        if not isinstance(said, dict):
            raise self.make_error("invalid")
        found: Position = PositionShape().load(said)
        return found


class UploadNotesShape(Shape):
    """都是手机的说法，不作为凭据；别的客户端自己的键不理会。"""

    class Meta:
        unknown = EXCLUDE

    photo = fields.UUID()
    check = fields.UUID()
    item = Text(max_length=24)
    filename = Text(max_length=255)
    filetype = Text(max_length=80)
    sha256 = Sha256()
    taken_at = Instant()
    fix = Fix()
    source = Text(validate=[validate.OneOf(SOURCES, error="应为 camera、album 或 in_page。")])

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        renamed = {"filename": "file_name", "filetype": "media_type"}
        return {renamed.get(key, key): value for key, value in data.items()}


_NOTES = UploadNotesShape()


def load_notes(said: Mapping[str, str]) -> dict[str, Any]:
    """The members of a claim by name; empty values count as not said. Raises ValidationError."""
    loaded: dict[str, Any] = _NOTES.load({key: value for key, value in said.items() if value})
    return loaded


def reasons(error: ValidationError) -> dict[str, str]:
    """One sentence for each wrong key."""
    told = error.messages
    return {key: _first(inner) for key, inner in told.items()} if isinstance(told, dict) else {"": _first(told)}


def _first(told: Any) -> str:
    if isinstance(told, dict):
        return "；".join(f"{key}：{_first(inner)}" for key, inner in sorted(told.items()))
    return str(told[0]) if isinstance(told, list) else str(told)
