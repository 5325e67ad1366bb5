"""压缩包的护栏：炸弹、谎报、重叠、文档类型，都在读者之前被挡下。"""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from server.domain.errors import Invalid, TooLarge
from server.formats.zipped import Bounds, open_zip, read_part, walk_xml

BOUNDS = Bounds(total=4_000_000, entries=5)


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    stream.seek(0)
    return stream


def walked(stream: io.BytesIO, bounds: Bounds = BOUNDS) -> None:
    with open_zip(stream, bounds) as archive:
        walk_xml(archive, bounds)


def test_a_plain_archive_passes_and_is_read_up_to_a_limit() -> None:
    stream = packed({"a.xml": b"<a>1</a>" * 1000})
    walked(stream)
    with open_zip(stream, BOUNDS) as archive:
        assert len(read_part(archive, "a.xml", 8000)) == 8000
        with pytest.raises(TooLarge, match="archive-too-large"):
            read_part(archive, "a.xml", 7999)


@pytest.mark.parametrize(
    "parts",
    [
        {"a.xml": b"\0" * 3_900_000},  # grows a thousandfold
        {"a.xml": bytes(range(256)) * 20_000},  # more than may be unpacked
        {f"{n}.xml": b"<a/>" for n in range(6)},  # too many
    ],
    ids=["growth", "total", "entries"],
)
def test_bombs_are_refused_from_the_directory_alone(parts: dict[str, bytes]) -> None:
    with pytest.raises(TooLarge) as refusal, open_zip(packed(parts), BOUNDS):
        pytest.fail("opened")
    assert refusal.value.code == "archive-too-large"


def test_a_directory_that_lies_about_sizes_is_found_out() -> None:
    """The declared size says 100 bytes; what follows is cut there and its checksum fails."""
    stream = packed({"a.xml": b"<a/>" * 500_000})
    data = bytearray(stream.getvalue())
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<I", 100)
    with pytest.raises(Invalid) as refusal:
        walked(io.BytesIO(bytes(data)))
    assert refusal.value.code == "archive-unreadable"


@pytest.mark.parametrize("text", ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<!DOCTYPE a><a/>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", [0, 262_140])
def test_a_document_type_is_refused_wherever_it_stands(text: str, encoding: str, before: int) -> None:
    stream = packed(
        {"a.xml": (" " * (before // len(" ".encode(encoding))) + text).encode(encoding)}, zipfile.ZIP_STORED
    )
    with pytest.raises(Invalid) as refusal:
        walked(stream)
    assert refusal.value.code == "archive-unreadable"


def test_an_endless_cell_and_an_endless_row_are_refused() -> None:
    bounds = Bounds(total=20_000_000, growth=10_000)
    with pytest.raises(TooLarge, match="一格"):
        walked(packed({"xl/worksheets/sheet1.xml": b"<row><c>" + b"x" * 1_100_000}), bounds)
    with pytest.raises(TooLarge, match="一行"):
        walked(packed({"xl/worksheets/sheet1.xml": b"<row>" + b"<c/>" * 1_100_000 + b"</row>"}), bounds)
    walked(packed({"xl/worksheets/sheet1.xml": b"<sheetData>" + b"<row><c/></row>" * 500_000}), bounds)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_archive_is_said_so(data: bytes) -> None:
    with pytest.raises(Invalid) as refusal, open_zip(io.BytesIO(data), BOUNDS):
        pytest.fail("opened")
    assert refusal.value.code == "archive-unreadable"


def test_a_broken_and_an_encrypted_part_are_refused() -> None:
    stream = packed({"a.xml": b"<a>" + bytes(range(32, 127)) * 50}, zipfile.ZIP_STORED)
    data = bytearray(stream.getvalue())
    data[100] ^= 0xFF
    with pytest.raises(Invalid):
        walked(io.BytesIO(bytes(data)))
    data = bytearray(stream.getvalue())
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(signature) + offset] |= 1
    with pytest.raises(Invalid):
        walked(io.BytesIO(bytes(data)))


def test_two_parts_of_one_name_and_parts_upon_each_other_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.xml", "<a/>")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.xml", "<b/>")
    with pytest.raises(Invalid, match="同名"), open_zip(stream, BOUNDS):
        pytest.fail("opened")
    with pytest.raises(Invalid), open_zip(overlapping(), BOUNDS) as archive:
        walk_xml(archive, BOUNDS)


def overlapping() -> io.BytesIO:
    """Three directory entries that all point at the same bytes."""
    stream = packed({f"{n}.xml": bytes(range(256)) * 8 for n in range(3)}, zipfile.ZIP_STORED)
    data = bytearray(stream.getvalue())
    at = data.index(b"PK\x01\x02")
    body = bytes(data[: data.index(b"PK\x03\x04", 4)])
    entries, tail = data[at : data.index(b"PK\x05\x06")], bytearray(data[data.index(b"PK\x05\x06") :])
    size = len(entries) // 3
    for n in range(3):
        entries[n * size + 42 : n * size + 46] = struct.pack("<I", 0)
    tail[16:20] = struct.pack("<I", len(body))
    return io.BytesIO(body + bytes(entries) + bytes(tail))
