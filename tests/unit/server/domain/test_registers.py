"""名录库的规矩：谁能执法检查，边界围不围得成一块地。"""

from __future__ import annotations

import pytest

from server.domain.errors import Invalid
from server.domain.registers import OrganisationKind, check_may_inspect, close_ring

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize("kind", [k for k in OrganisationKind if k is not OrganisationKind.AUTHORITY])
def test_only_people_of_authorities_inspect(kind: OrganisationKind) -> None:
    with pytest.raises(Invalid) as refused:
        check_may_inspect(kind, "/organisation")
    assert refused.value.errors[0].pointer == "/organisation"
    check_may_inspect("authority", "/organisation")


def test_ring_is_closed_once() -> None:
    closed = (*SQUARE, SQUARE[0])
    assert close_ring(SQUARE) == closed
    assert close_ring(closed) == closed


@pytest.mark.parametrize("ring", [((0.0, 0.0),) * 3, ((0.0, 0.0), (1.0, 1.0), (0.0, 0.0)), ((0.0, 0.0), (1.0, 1.0))])
def test_fewer_than_three_corners_are_no_site(ring: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(Invalid, match="boundary-invalid"):
        close_ring(ring)


def test_edges_that_cross_are_named() -> None:
    bow = (SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3])
    with pytest.raises(Invalid) as refused:
        close_ring(bow)
    assert refused.value.code == "boundary-crosses-itself"
    assert "第 1 条边与第 3 条边" in refused.value.detail
