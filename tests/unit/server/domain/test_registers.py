"""名录库的规矩：谁能当检查人员，边界是不是一个面。"""

from __future__ import annotations

from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Invalid
from server.domain.registers import OrganisationKind, check_may_inspect, check_subject_code, close_ring


@pytest.mark.parametrize("kind", [k for k in OrganisationKind if k is not OrganisationKind.AUTHORITY])
def test_only_an_authority_sends_officers(kind: OrganisationKind) -> None:
    with pytest.raises(Invalid) as refusal:
        check_may_inspect(kind.value, "/organisation")
    assert refusal.value.code == "organisation-may-not-inspect"
    assert refusal.value.errors[0].pointer == "/organisation"
    check_may_inspect(OrganisationKind.AUTHORITY.value, "/organisation")


def test_an_open_ring_is_closed_and_a_closed_one_left_alone() -> None:
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    assert close_ring(corners) == (*corners, corners[0])
    assert close_ring((*corners, corners[0])) == (*corners, corners[0])


def test_two_points_are_no_boundary() -> None:
    with pytest.raises(Invalid) as refusal:
        close_ring(((0.0, 0.0), (1.0, 1.0), (0.0, 0.0)))
    assert refusal.value.code == "boundary-invalid"


def test_a_bow_tie_is_told_which_edges_cross() -> None:
    with pytest.raises(Invalid) as refusal:
        close_ring(((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)))
    assert refusal.value.code == "boundary-crosses-itself"
    assert "第 1 条边与第 3 条边" in refusal.value.detail


@given(st.integers(3, 40), st.floats(0.1, 5), st.floats(0.1, 5))
def test_a_convex_ring_never_crosses_itself(corners: int, width: float, height: float) -> None:
    ring = tuple((width * cos(2 * pi * n / corners), height * sin(2 * pi * n / corners)) for n in range(corners))
    assert close_ring(ring)[-1] == ring[0]


@pytest.mark.parametrize("code", ["330211-住宅-1", "a b", "0", "甲" * 64])
def test_a_code_that_fits_a_register_file(code: str) -> None:
    check_subject_code(code)


@pytest.mark.parametrize("code", ["", " a", "a ", "a\u3000", "a|b", "a\tb", "a\nb", "a\rb", "e\u0301"])
def test_a_code_that_would_break_a_register_file(code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_subject_code(code)
    assert (refusal.value.code, refusal.value.errors[0].pointer) == ("subject-code-invalid", "/code")
