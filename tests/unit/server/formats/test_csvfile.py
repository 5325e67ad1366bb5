"""CSV by RFC 4180; record vectors are those of csv-spectrum."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.formats.csvfile import neutralise_formula, write_csv


def written(columns: list[str], rows: list[dict[str, object]], spreadsheet: bool = False) -> bytes:
    return b"".join(write_csv([(name, name) for name in columns], rows, spreadsheet=spreadsheet))


SPECTRUM = [
    [{"first": "John", "last": "Doe", "address": "120 any st.", "city": "Anytown, WW", "zip": "08123"}],
    [{"a": "1", "b": "2", "c": "3"}, {"a": "Once upon \na time", "b": "5", "c": "6"}],
    [{"a": "1", "b": "", "c": ""}, {"a": "2", "b": "3", "c": "4"}],
    [{"a": '他说"停"', "b": "x\r\ny"}],
]


@pytest.mark.parametrize("records", SPECTRUM)
def test_records_survive(records: list[dict[str, object]]) -> None:
    data = written(list(records[0]), records)
    assert list(csv.DictReader(io.StringIO(data.decode(), newline=""))) == records


def test_lines_end_with_crlf_and_quotes_are_doubled() -> None:
    assert written(["a"], [{"a": 'x"y'}]) == b'a\r\n"x""y"\r\n'


def test_the_spreadsheet_variant_has_a_bom_and_the_plain_one_has_none() -> None:
    assert written(["名称"], [], spreadsheet=True) == b"\xef\xbb\xbf" + "名称\r\n".encode()
    assert written(["名称"], []) == "名称\r\n".encode()


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5℃", "@x", "\tx", "＝1", "－1"])
def test_formulas_get_an_apostrophe_in_spreadsheets_only(text: str) -> None:
    assert neutralise_formula(text) == f"'{text}"
    assert f"'{text}" in written(["a"], [{"a": text}], spreadsheet=True).decode()
    assert f"'{text}" not in written(["a"], [{"a": text}]).decode()


def test_numbers_lists_and_nothing() -> None:
    row = {"a": -5, "b": Decimal("-1.50"), "c": None, "d": ["甲", "乙"]}
    assert written(["a", "b", "c", "d", "e"], [row], spreadsheet=True).decode("utf-8-sig") == (
        "a,b,c,d,e\r\n-5,-1.50,,甲、乙,\r\n"
    )


def test_rows_are_pulled_as_they_are_written() -> None:
    pulled = 0

    def rows() -> Iterator[dict[str, object]]:
        nonlocal pulled
        for pulled in range(1, 100_001):  # noqa: B007
            yield {"a": "x" * 100}

    chunks = write_csv([("a", "a")], rows())
    next(chunks)
    assert len(next(chunks)) < 70_000
    assert pulled < 1_000


@given(st.lists(st.fixed_dictionaries({"a": st.text(), "b": st.text()})))
def test_any_text_survives_the_plain_variant(records: list[dict[str, str]]) -> None:
    storable = [{k: v.encode("utf-8", "ignore").decode().replace("\x00", "") for k, v in r.items()} for r in records]
    data = b"".join(write_csv([("a", "a"), ("b", "b")], storable, spreadsheet=False))
    assert list(csv.DictReader(io.StringIO(data.decode(), newline=""))) == storable
