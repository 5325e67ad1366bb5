"""一圈点、一块面、一个坐标系：各种文件共用的规矩。"""

from __future__ import annotations

import pytest

from server.domain.errors import Invalid
from server.domain.registers import Datum
from server.formats.outline import Part, agreed_datum, corner, single_ring
from tests.factories.drawings import SQUARE


@pytest.mark.parametrize(
    ("declared", "told", "agreed"),
    [
        (None, Datum.WGS84, Datum.WGS84),
        (Datum.UNKNOWN, Datum.CGCS2000, Datum.CGCS2000),
        (Datum.GCJ02, None, Datum.GCJ02),
        (Datum.WGS84, Datum.CGCS2000, Datum.WGS84),
    ],
)
def test_a_datum_is_declared_or_told(declared: Datum | None, told: Datum | None, agreed: Datum) -> None:
    assert agreed_datum(declared, told) is agreed


@pytest.mark.parametrize(
    ("declared", "told", "code"),
    [
        (None, None, "datum-unknown"),
        (Datum.UNKNOWN, None, "datum-unknown"),
        (Datum.BD09, Datum.WGS84, "boundary-datum-conflict"),
    ],
)
def test_a_datum_is_never_guessed(declared: Datum | None, told: Datum | None, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        agreed_datum(declared, told)
    assert refusal.value.code == code


def test_a_height_is_left_out_and_nonsense_named() -> None:
    assert corner([121.5, "29.5", 7], "第 1 个点") == (121.5, 29.5)
    for numbers, code in (
        ([121.5], "boundary-file-unreadable"),
        ([None, 1], "boundary-file-unreadable"),
        ([float("nan"), 1], "position-invalid"),
        ([181, 1], "position-invalid"),
    ):
        with pytest.raises(Invalid, match="第 1 个点") as refusal:
            corner(numbers, "第 1 个点")
        assert refusal.value.code == code


def test_one_part_without_holes_is_taken() -> None:
    assert single_ring([Part("地", SQUARE)]) == SQUARE
    for parts, code in (
        ([], "boundary-no-polygon"),
        ([Part("甲", SQUARE), Part("乙", SQUARE)], "boundary-several-parts"),
        ([Part("甲", SQUARE, 2)], "boundary-has-holes"),
        ([Part("甲", SQUARE * 500)], "boundary-too-many-points"),
    ):
        with pytest.raises(Invalid) as refusal:
            single_ring(parts)
        assert refusal.value.code == code
