"""围住一个圆的经纬度框：圆上的每一点都在框里，框也不比圆大多少。"""

from __future__ import annotations

from math import asin, atan2, cos, degrees, radians, sin

from hypothesis import given
from hypothesis import strategies as st

from server.queries.nearby import Box, box_around, box_of

POLAR_RADIUS_M = 6_335_439.0  # the tightest curve of WGS-84: a degree is nowhere shorter


def walked(lon: float, lat: float, bearing: float, metres: float) -> tuple[float, float]:
    """Where one arrives on a sphere so small that every real walk of this length ends nearer."""
    way, start, turn = metres / POLAR_RADIUS_M, radians(lat), radians(bearing)
    end = asin(sin(start) * cos(way) + cos(start) * sin(way) * cos(turn))
    east = atan2(sin(turn) * sin(way) * cos(start), cos(way) - sin(start) * sin(end))
    return lon + degrees(east), degrees(end)


@given(st.floats(-175, 175), st.floats(-80, 80), st.floats(0, 360), st.floats(1, 50_000))
def test_every_point_of_the_circle_lies_in_the_box(lon: float, lat: float, bearing: float, metres: float) -> None:
    box = box_around(lon, lat, metres)
    x, y = walked(lon, lat, bearing, metres)
    assert box.west <= x <= box.east
    assert box.south <= y <= box.north


@given(st.floats(73, 135), st.floats(3, 54), st.floats(1, 50_000))
def test_in_the_country_the_box_is_close_to_the_circle(lon: float, lat: float, metres: float) -> None:
    box = box_around(lon, lat, metres)
    assert (box.north - box.south) * 111_700 <= 2.04 * metres
    assert (box.east - box.west) * 111_700 * cos(radians(lat)) <= 2.1 * metres


def test_a_box_over_the_date_line_or_a_pole_is_the_whole_belt() -> None:
    assert (box_around(179.99, 10, 5000).west, box_around(179.99, 10, 5000).east) == (-180.0, 180.0)
    pole = box_around(20, 89.999, 5000)
    assert (pole.west, pole.east, pole.north) == (-180.0, 180.0, 90.0)


def test_the_box_of_a_ring() -> None:
    assert box_of([(1, 5), (3, 4), (2, 9)]) == Box(1, 4, 3, 9)
