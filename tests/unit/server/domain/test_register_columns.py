"""一格怎么读：空的是不改，认不得的要说出为什么。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from server.domain import register_columns as c
from server.domain.register_columns import Cell, CellFault, ErrorCell, Formula, cell_text, normalise_header
from server.domain.registers import Datum, OrganisationKind

READERS: tuple[Callable[[Cell], Any], ...] = (
    c.text_of(1, 10),
    c.read_code,
    c.read_credit_code,
    c.read_date,
    c.read_degrees(180),
    c.read_datum,
    c.read_corners,
    c.read_kind,
    c.read_money(1),
    c.read_status,
    c.read_risk,
    c.read_skills,
    c.read_yes_no,
)


@pytest.mark.parametrize("read", READERS)
def test_blank_is_nothing_and_formulas_and_errors_are_never_read(read: Callable[[Cell], Any]) -> None:
    assert read(None) is None
    assert read("  ") is None
    for cell, code in ((Formula("=1"), "formula-not-allowed"), (ErrorCell("#N/A"), "cell-is-error")):
        with pytest.raises(CellFault) as fault:
            read(cell)
        assert fault.value.code == code


@pytest.mark.parametrize(
    ("cell", "text"),
    [(5, "5"), (5.0, "5"), (0.1, "0.1"), (True, "是"), (False, "否"), (date(2026, 9, 1), "2026-09-01"), (" x ", "x")],
)
def test_anything_can_be_text(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


def test_a_time_of_day_is_no_part_of_a_date() -> None:
    assert c.read_date(datetime(2026, 9, 1, 8, 30)) == date(2026, 9, 1)


@pytest.mark.parametrize("digits", [10**15, -(10**15), 9.13302e17])
def test_long_numbers_have_lost_their_end(digits: float) -> None:
    with pytest.raises(CellFault) as fault:
        cell_text(digits)
    assert fault.value.code == "digits-lost"
    assert cell_text(10**15 - 1) == "999999999999999"


@pytest.mark.parametrize(("words", "datum"), [("wgs84", "wgs84"), ("ＷＧＳ-84", "wgs84"), ("高德", "gcj02"), ("CGCS2000", "cgcs2000")])  # fmt: skip
def test_a_datum_by_its_names(words: str, datum: str) -> None:
    assert c.read_datum(words) is Datum(datum)


def test_money_is_exact() -> None:
    assert c.read_money(10_000)("1234.567891") == Decimal("12345678.91")
    assert c.read_money(10_000)(0.1) == Decimal("1000.00")
    with pytest.raises(CellFault):
        c.read_money(10_000)("0.0000001")
    with pytest.raises(CellFault):
        c.read_money(1)("100000000000000")


def test_lists_keep_their_places() -> None:
    assert c.read_names("甲方；乙方\n丙方;") == ("甲方", "乙方", "丙方")
    assert c.read_credit_codes(None) == ()


def test_kinds_have_one_title_each_and_know_their_own_code() -> None:
    assert set(c.KIND_TITLES) == set(OrganisationKind)
    assert {c.read_kind(kind.value) for kind in OrganisationKind} == set(OrganisationKind)


def test_headers_are_compared_without_their_dress() -> None:
    assert normalise_header("合同价（万元）\n*") == normalise_header(" 合同价(万元)")
