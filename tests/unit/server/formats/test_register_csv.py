"""名录库的 CSV：两种编码，公式不收，坏引号说清楚。"""

from __future__ import annotations

import io

import pytest

from server.domain.errors import Invalid, TooLarge
from server.domain.register_columns import Formula
from server.formats import register_csv
from server.formats.register_csv import detect_encoding, read_register_csv

TEXT = '项目编号,项目名称\r\nP-1,"带,逗号和\n换行"\r\n\r\nP-2,𠮷屋\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_both_encodings_give_the_same_rows(encoding: str) -> None:
    rows = list(read_register_csv(io.BytesIO(TEXT.encode(encoding))))
    assert [(r.number, r.cells) for r in rows] == [
        (1, ("项目编号", "项目名称")),
        (2, ("P-1", "带,逗号和\n换行")),
        (4, ("P-2", "𠮷屋")),
    ]


def test_the_stream_stays_open_for_its_owner() -> None:
    stream = io.BytesIO(TEXT.encode())
    list(read_register_csv(stream))
    assert not stream.closed


@pytest.mark.parametrize("text", ["=1+1", " =cmd()", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd()"])
def test_what_a_spreadsheet_would_run_is_a_formula(text: str) -> None:
    assert next(read_register_csv(io.BytesIO(f'x,"{text}"'.encode()))).cells[1] == Formula(text.strip())


@pytest.mark.parametrize("text", ["-12.5", "+86 574 8888 0000", "1-2", "a=b", "x@y"])
def test_signed_numbers_and_plain_text_are_not(text: str) -> None:
    assert next(read_register_csv(io.BytesIO(f"x,{text}".encode()))).cells[1] == text


@pytest.mark.parametrize("data", [b"\xff\xfe\x00\x01", b"a\x00b", b"\x80\xff\xff"])
def test_an_unknown_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        detect_encoding(io.BytesIO(data))
    assert refusal.value.code == "csv-encoding-unknown"


@pytest.mark.parametrize("text", ['a,"b', 'a,"b"c"\n', "a," + "x" * 140_000])
def test_broken_quotes_and_endless_cells_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        list(read_register_csv(io.BytesIO(text.encode())))
    assert refusal.value.code == "csv-invalid"


def test_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_csv, "MAX_ROWS", 3)
    with pytest.raises(TooLarge) as refusal:
        list(read_register_csv(io.BytesIO(b"a\n" * 4)))
    assert refusal.value.code == "spreadsheet-too-large"
