"""EXIF facts: times, zones, text; and blocks made to hurt the reader."""

import io
import logging
import struct
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.formats.containers import find_block
from server.formats.exif import ExifFacts, parse_time, parse_zone, read_block, read_tiff, with_orientation
from tests.photos.drawn import PHONE, block, draw, gps, photo, saved

WHOLE = block(gps(23.1, 113.2), image=PHONE | {"Orientation": 6}, exif={"DateTimeOriginal": b"2025:09:12 10:20:30"})


def taken(written: bytes, offset: bytes | None = None) -> ExifFacts:
    more = {} if offset is None else {"OffsetTimeOriginal": offset}
    return read_block(block(exif={"DateTimeOriginal": written} | more))


def test_a_whole_block() -> None:
    image = PHONE | {"Orientation": 6, "Software": b"Firmware 9", "DateTime": b"2025:09:12 10:20:31"}
    exif = {
        "DateTimeOriginal": b"2025:09:12 10:20:30",
        "OffsetTimeOriginal": b"+08:00",
        "SubSecTimeOriginal": b"123",
        "PixelXDimension": 4000,
        "PixelYDimension": 3000,
    }
    found = read_block(block(gps(23.1, 113.2), image=image, exif=exif))
    assert (found.make, found.model, found.software) == ("Zhijian", "Drawn 1", "Firmware 9")
    assert (found.captured, found.captured_at) == ("2025:09:12 10:20:30", "2025-09-12T02:20:30+00:00")
    assert (found.zone, found.zone_assumed, found.subsec, found.modified) == (
        "+08:00",
        False,
        "123",
        "2025:09:12 10:20:31",
    )
    assert (found.orientation, found.width, found.height, found.notes) == (6, 4000, 3000, ())
    assert found.as_dict()["gps"]["state"] == "ok"


def test_without_a_zone_beijing_is_assumed_and_said() -> None:
    found = taken(b"2025:09:12 10:20:30")
    assert (found.captured_at, found.zone, found.zone_assumed) == ("2025-09-12T02:20:30+00:00", None, True)


def test_the_zone_of_the_last_change_is_not_the_zone_of_the_picture() -> None:
    found = read_block(block(exif={"DateTimeOriginal": b"2025:09:12 10:20:30", "OffsetTime": b"-07:00"}))
    assert found.zone_assumed
    assert found.captured_at == "2025-09-12T02:20:30+00:00"


@pytest.mark.parametrize("offset", [b"+25:00", b"+08:61", b"8", b"+14:30"])
def test_a_broken_zone_is_noted_and_not_used(offset: bytes) -> None:
    found = taken(b"2025:09:12 10:20:30", offset)
    assert (found.zone, found.zone_assumed, found.notes) == (None, True, ("zone-invalid",))


def test_a_blank_zone_is_no_zone() -> None:
    assert taken(b"2025:09:12 10:20:30", b"   :  ").zone_assumed


@pytest.mark.parametrize(
    "written",
    [
        b"    :  :     :  :  ",
        b"0000:00:00 00:00:00",
        b"2025:02:30 10:00:00",
        b"2025:09:12 24:00:00",
        b"12.09.2025",
        b"0001:01:01 00:00:00",
    ],
)
def test_times_that_are_none_are_kept_as_written(written: bytes) -> None:
    found = taken(written)
    assert found.captured == written.decode()
    assert found.captured_at is None
    assert not found.zone_assumed
    assert found.notes == ("captured-invalid",)


def test_a_fraction_of_a_second_is_passed_over() -> None:
    assert taken(b"2025:09:12 10:20:33.847").captured_at == "2025-09-12T02:20:33+00:00"


def test_bytes_that_are_no_text() -> None:
    found = read_block(block(image={"Make": b"\xff\xfeK\x00", "Model": b"\xc3\xa9t\xc3\xa9"}))
    assert found.make is not None
    assert found.make.startswith("\ufffd\ufffdK")
    assert found.model == "été"


def test_no_block_and_no_tags() -> None:
    assert read_block(None) == ExifFacts()
    assert read_block(b"rubbish").notes == ("exif-malformed",)
    assert read_block(b"II*\0\x08\0\0\0\0\0\0\0\0\0").notes == ("exif-empty",)


def test_orientations_out_of_range_are_none() -> None:
    assert read_block(block(image={"Orientation": 9})).orientation is None
    assert with_orientation(ExifFacts(orientation=1), 6).orientation == 6
    for odd in (None, 0, 9, "6"):
        assert with_orientation(ExifFacts(orientation=3), odd).orientation == 3


def test_a_tiff_file_is_read_as_it_is() -> None:
    assert read_tiff(io.BytesIO(saved(draw(), "TIFF"))).has_exif


@given(
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    minutes=st.integers(-14 * 60, 14 * 60),
)
def test_every_time_with_a_zone_comes_back(moment: datetime, minutes: int) -> None:
    sign, size = ("-" if minutes < 0 else "+"), abs(minutes)
    zone = parse_zone(f"{sign}{size // 60:02}:{size % 60:02}")
    assert zone is not None
    found = parse_time(f"{moment:%Y:%m:%d %H:%M:%S}", zone)
    assert found == moment.replace(microsecond=0, tzinfo=UTC) - timedelta(minutes=minutes)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=600))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    for head in (b"", b"II*\0", b"MM\0*\0\0\0\x08", b"Exif\0\0II*\0\x08\0\0\0"):
        assert read_block(head + data).gps.state in {"ok", "zero", "undefined", "no_position", "absent"}


@settings(max_examples=300, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_mutated_photos_never_raise(changes: list[tuple[int, int]]) -> None:
    bent = bytearray(WHOLE)
    for at, value in changes:
        bent[at] = value
    found = read_block(bytes(bent))
    inside = found.gps.latitude is None or (abs(found.gps.latitude) <= 90 and abs(found.gps.longitude or 0) <= 180)
    assert inside


@given(cut=st.integers(0, len(WHOLE)))
def test_cut_blocks_never_raise(cut: int) -> None:
    found = read_block(WHOLE[:cut])
    assert found.gps.state in ({"ok"} if cut == len(WHOLE) else {"ok", "absent", "no_position", "undefined", "zero"})


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, value)


def directory(*entries: bytes) -> bytes:
    return struct.pack("<H", len(entries)) + b"".join(entries) + b"\0\0\0\0"


def swift(data: bytes, most: float) -> ExifFacts:
    began = time.perf_counter()
    found = read_block(data)
    assert time.perf_counter() - began < most
    return found


def test_a_maker_note_that_claims_a_billion_values() -> None:
    head = b"II*\0\x08\0\0\0" + directory(entry(0x8769, 4, 1, 26)) + directory(entry(0x927C, 7, 10**9, 0))
    assert swift(head, 1.0).gps.state == "absent"


def test_a_gps_pointer_repeated_over_long_lists_spends_the_budget() -> None:
    pointers, tags = 60, 60
    at = 8 + 2 + 12 * pointers + 4
    attack = b"II*\0\x08\0\0\0" + directory(*[entry(0x8825, 4, 1, at)] * pointers)
    attack += directory(*[entry(0x0100 + n, 3, 999, 8) for n in range(tags)])
    assert swift(attack, 2.0).notes == ("exif-budget-spent",)


def test_a_directory_that_points_at_itself() -> None:
    assert swift(b"II*\0\x08\0\0\0" + struct.pack("<H", 0) + struct.pack("<I", 8), 1.0).notes == ("exif-empty",)


def test_long_texts_over_and_over_spend_the_budget() -> None:
    tags = [entry(0x010E + n, 2, 250_000, 8) for n in range(600)]
    attack = b"II*\0\x08\0\0\0" + directory(*tags)
    attack += b"a" * (256 * 1024 - len(attack))
    assert swift(attack, 3.0).notes == ("exif-budget-spent",)


def test_the_library_does_not_fill_the_log() -> None:
    assert logging.getLogger("exifread").level == logging.ERROR


def test_the_drawn_phone_photo_has_all_three_witnesses() -> None:
    found = read_block(find_block(io.BytesIO(photo(-33.86, 151.21)), "jpeg"))
    assert found.gps.state == "ok"
    assert found.gps.latitude == pytest.approx(-33.86, abs=1e-7)
    assert found.captured_at == "2025-09-12T02:20:30+00:00"
    assert found.make == "Zhijian"
