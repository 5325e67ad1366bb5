"""边界的规矩：闭合、不自交、有面积、离区划不远。"""

from __future__ import annotations

import random
import time
from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.boundaries import Extent, area_m2, distance_km, far_reason, tidy_ring
from server.domain.errors import Invalid

NINGBO = Extent("330200", "宁波市", 121.5, 29.8, 100)
SQUARE = ((121.0, 29.0), (121.01, 29.0), (121.01, 29.01), (121.0, 29.01))


def refusal(ring: tuple[tuple[float, float], ...]) -> Invalid:
    with pytest.raises(Invalid) as refused:
        tidy_ring(ring)
    return refused.value


def star(corners: int, depth: float = 0.3) -> tuple[tuple[float, float], ...]:
    angles = [2 * pi * n / corners for n in range(corners)]
    return tuple(
        (121 + 0.01 * cos(a) * (1 + depth * sin(20 * a)), 29 + 0.01 * sin(a) * (1 + depth * sin(20 * a)))
        for a in angles
    )


def test_a_ring_is_closed_and_repeated_points_are_dropped() -> None:
    assert tidy_ring((*SQUARE[:2], SQUARE[1], *SQUARE[2:])) == (*SQUARE, SQUARE[0])


def test_area_is_near_the_truth() -> None:
    assert area_m2((*SQUARE, SQUARE[0])) == pytest.approx(1081.5e3, rel=0.01)


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        ((), "boundary-invalid"),
        (SQUARE[:2], "boundary-invalid"),
        ((*SQUARE[:2], SQUARE[0], SQUARE[1]), "boundary-invalid"),
        ((SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]), "boundary-crosses-itself"),
        (((121.0, 29.0), (121.02, 29.0), (121.01, 29.0), (121.01, 29.01)), "boundary-crosses-itself"),
        (((121.0, 29.0), (121.001, 29.0000000001), (121.002, 29.0000000003)), "boundary-without-area"),
        (star(2001), "boundary-too-many-points"),
    ],
    ids=["nothing", "edge", "there-and-back", "bow-tie", "spike", "sliver", "long"],
)
def test_what_is_no_area_is_refused(ring: tuple[tuple[float, float], ...], code: str) -> None:
    assert refusal(ring).code == code


def test_touching_at_a_corner_is_crossing() -> None:
    eight = ((0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (2.0, 2.0), (1.0, 1.0), (0.0, 2.0))
    assert refusal(eight).code == "boundary-crosses-itself"


def test_edges_are_named_from_one() -> None:
    assert "第 1 条边与第 3 条边" in refusal((SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3])).detail


@given(st.integers(3, 60), st.floats(0, 0.9))
def test_stars_are_whole(corners: int, depth: float) -> None:
    assert len(tidy_ring(star(corners, depth))) == corners + 1


@given(st.integers(5, 60), st.integers(0, 59))
def test_a_swapped_pair_of_corners_of_a_round_field_is_found(corners: int, at: int) -> None:
    """Of a round one only: the corners of a spiky one may change places without any crossing."""
    at %= corners - 1
    swapped = [*star(corners, 0)]
    swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
    assert refusal(tuple(swapped)).code == "boundary-crosses-itself"


def test_two_thousand_points_are_quick_also_when_they_are_a_scribble() -> None:
    comb = [(121.0, 29.0)]
    for n in range(499):
        y = 29.0 + n * 1e-4
        comb += [(121.001, y + 1e-5), (122.0, y + 1e-5), (122.0, y + 5e-5), (121.001, y + 5e-5)]
    comb += [(121.001, 29.06), (121.0, 29.06)]
    maker = random.Random(7)
    scribble = tuple((121 + maker.random(), 29 + maker.random()) for _ in range(2000))
    began = time.process_time()
    tidy_ring(tuple(comb))
    tidy_ring(star(2000))
    assert refusal(scribble).code == "boundary-crosses-itself"
    assert time.process_time() - began < 8


def test_distances_agree_with_known_ones() -> None:
    assert distance_km((121.55, 29.87), (114.42, 23.11)) == pytest.approx(1026, rel=0.01)
    assert NINGBO.beyond_km(121.55, 29.87) == 0


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ((121.7, 29.9), None),
        ((122.9, 29.8), None),  # 35 km beyond the circle
        ((114.4, 23.1), "超过 50 公里；请核对坐标系和区划"),
        ((29.8, 121.5), "经度与纬度可能写反了"),
    ],
)
def test_far_away_is_more_than_fifty_km_outside(point: tuple[float, float], words: str | None) -> None:
    reason = far_reason([point], NINGBO)
    assert reason is None if words is None else words in (reason or "")
    assert far_reason([point], None) is None
