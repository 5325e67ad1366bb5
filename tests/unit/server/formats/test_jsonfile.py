"""A streamed JSON array."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from server.formats.jsonfile import dump_json, write_json


def test_rows_become_one_array() -> None:
    rows = [{"b": 1, "a": "甲"}, {"on": date(2026, 9, 4), "yuan": Decimal("1.50")}]
    data = b"".join(write_json(rows))
    assert json.loads(data) == [{"a": "甲", "b": 1}, {"on": "2026-09-04", "yuan": "1.50"}]
    assert data.startswith('[\n{"a":"甲","b":1},\n'.encode())


def test_nothing_is_an_empty_array() -> None:
    assert json.loads(b"".join(write_json([]))) == []


def test_instants_and_refusals() -> None:
    assert dump_json(datetime(2026, 9, 4, tzinfo=UTC)) == b'"2026-09-04T00:00:00+00:00"'
    with pytest.raises(TypeError):
        dump_json({"x": object()})
    with pytest.raises(ValueError, match="JSON"):
        dump_json(float("nan"))
