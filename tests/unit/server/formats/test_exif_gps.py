"""GPS facts out of real EXIF blocks: four hemispheres, and every way of having no fix."""

from fractions import Fraction
from typing import Any

import piexif
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.formats.exif import read_block
from server.formats.exif_gps import Gps
from tests.photos.drawn import block, dms, gps

LAT, LAT_REF = piexif.GPSIFD.GPSLatitude, piexif.GPSIFD.GPSLatitudeRef
LON, LON_REF = piexif.GPSIFD.GPSLongitude, piexif.GPSIFD.GPSLongitudeRef
NOTHING = ((0, 0), (0, 0), (0, 0))


def read(tags: dict[int, Any]) -> Gps:
    return read_block(block(tags)).gps


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(23.12911, 113.26436), (-33.85678, 151.21529), (-22.95191, -43.21049), (40.68925, -74.0445), (-0.3713, 36.05642)],
)
def test_four_hemispheres(lat: float, lon: float) -> None:
    found = read(gps(lat, lon))
    assert found.state == "ok"
    assert found.latitude == pytest.approx(lat, abs=2e-8)
    assert found.longitude == pytest.approx(lon, abs=2e-8)


@given(
    lat=st.integers(-90 * 36_000_000, 90 * 36_000_000),
    lon=st.integers(-180 * 36_000_000, 180 * 36_000_000),
)
def test_every_position_comes_back_exactly(lat: int, lon: int) -> None:
    there = Fraction(lat, 36_000_000), Fraction(lon, 36_000_000)
    found = read(gps(*there))
    if lat == lon == 0:
        assert found.state == "zero"
        return
    assert (found.latitude, found.longitude) == (float(there[0]), float(there[1]))


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({LAT: ((0, 1),) * 3, LON: ((0, 1),) * 3}, "zero"),
        ({LAT: NOTHING, LON: NOTHING}, "undefined"),
        ({LAT: NOTHING, LON: NOTHING, LAT_REF: b"", LON_REF: b""}, "undefined"),
        ({LAT: ((23, 1), (7, 1), (44, 0))}, "undefined"),
        ({LAT_REF: b""}, "no_position"),
        ({LAT_REF: b"n"}, "no_position"),
        ({LON_REF: b"X"}, "no_position"),
        ({LAT: ((91, 1), (0, 1), (0, 1))}, "no_position"),
        ({LAT: ((90, 1), (0, 1), (1, 1))}, "no_position"),
        ({LON: ((180, 1), (1, 1), (0, 1))}, "no_position"),
        ({LAT: ((23, 1), (61, 1), (0, 1))}, "no_position"),
        ({LAT: ((23, 1), (0, 1), (61, 1))}, "no_position"),
        ({LAT: ((23, 1), (7, 1))}, "no_position"),
    ],
)
def test_what_is_no_position(change: dict[int, Any], state: str) -> None:
    found = read(gps(23.1, 113.2) | change)
    assert (found.state, found.latitude, found.longitude) == (state, None, None)


def test_sixty_is_what_rounding_writers_emit() -> None:
    assert read(gps(23.1, 113.2) | {LAT: ((23, 1), (59, 1), (60, 1))}).latitude == 24.0


def test_one_zero_is_a_place_and_two_are_not() -> None:
    assert read(gps(0, 113.2)).state == "ok"
    assert read(gps(51.5, 0)).state == "ok"


def test_tags_without_a_position() -> None:
    assert read({piexif.GPSIFD.GPSVersionID: (2, 3, 0, 0)}).state == "no_position"
    assert read({}).state == "absent"


def test_altitude_is_signed_and_optional() -> None:
    assert read(gps(1, 1, GPSAltitude=(1428, 100), GPSAltitudeRef=1)).altitude_m == -14.28
    assert read(gps(1, 1, GPSAltitude=(1428, 100), GPSAltitudeRef=0)).altitude_m == 14.28
    assert read(gps(1, 1, GPSAltitude=(5, 0))).altitude_m is None
    assert read(gps(1, 1)).altitude_m is None


def test_time_date_and_instant() -> None:
    clock = ((9, 1), (5, 1), (712, 100))
    found = read(gps(1, 1, GPSTimeStamp=clock, GPSDateStamp=b"2025:09:12"))
    assert (found.date, found.time, found.at) == ("2025:09:12", "09:05:07.12", "2025-09-12T09:05:07.120000+00:00")


@pytest.mark.parametrize("date", [b"2014:09:259", b"0000:00:00", b"2025:13:01", b"", b"yesterday"])
def test_dates_that_are_none(date: bytes) -> None:
    found = read(gps(1, 1, GPSTimeStamp=((9, 1), (5, 1), (7, 1)), GPSDateStamp=date))
    assert found.at is None
    assert found.time == "09:05:07"


def test_a_full_date_time_in_the_date_tag() -> None:
    found = read(gps(1, 1, GPSTimeStamp=((9, 1), (5, 1), (7, 1)), GPSDateStamp=b"2008:05:08 09:54:28"))
    assert found.at == "2008-05-08T09:05:07+00:00"


@pytest.mark.parametrize("clock", [NOTHING, ((24, 1), (0, 1), (0, 1)), ((9, 1), (60, 1), (0, 1)), ((9, 1), (5, 1))])
def test_times_that_are_none(clock: tuple[tuple[int, int], ...]) -> None:
    assert read(gps(1, 1, GPSTimeStamp=clock)).time is None


def test_errors_and_direction() -> None:
    found = read(
        gps(1, 1, GPSDOP=(29, 10), GPSHPositioningError=(65, 2), GPSImgDirection=(206, 1), GPSMapDatum=b"WGS-84")
    )
    assert (found.dop, found.error_m, found.direction, found.map_datum) == (2.9, 32.5, 206.0, "WGS-84")


def test_the_helper_writes_what_phones_write() -> None:
    assert dms(23.5) == ((23, 1), (30, 1), (0, 10_000))
