"""十进制与日期字段。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from marshmallow import Schema, ValidationError

from schemas.decimals import DayField, DecimalText, pointers, read_decimal


class Both(Schema):
    value = DecimalText()
    day = DayField()


@pytest.mark.parametrize(("given", "expected"), [(0.1, "0.1"), (1e3, "1000.0"), (7, "7"), ("０.０３０", "0.030")])
def test_numbers_become_decimals_through_their_text(given: object, expected: str) -> None:
    assert str(read_decimal(given)) == expected


@pytest.mark.parametrize("given", [True, None, float("nan"), float("inf"), "1e400", [], {}, 1e300])
def test_anything_else_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        read_decimal(given)


def test_fields_load_and_dump() -> None:
    loaded = Both().load({"value": "0.030", "day": "2025-09-30"})
    assert loaded == {"value": D("0.030"), "day": date(2025, 9, 30)}
    assert Both().dump(loaded) == {"value": "0.030", "day": "2025-09-30"}
    assert Both().load({"day": date(2025, 1, 1)})["day"] == date(2025, 1, 1)


@pytest.mark.parametrize("day", ["2025-9-30", "20250930", 20250930, "2025-02-30", "2025-09-30T00:00"])
def test_days_that_are_not_plain_are_refused(day: object) -> None:
    with pytest.raises(ValidationError):
        Both().load({"day": day})


def test_messages_become_pointers() -> None:
    messages = {"sections": {0: {"a/b": ["坏"]}}, "_schema": ["错"]}
    assert [(e.pointer, e.reason) for e in pointers(messages)] == [("/sections/0/a~1b", "坏"), ("/", "错")]
