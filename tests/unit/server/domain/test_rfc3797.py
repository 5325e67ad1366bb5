"""RFC 3797 to the bit: its own worked example and the public selection of 2012."""

from collections.abc import Mapping
from typing import Any

import pytest

from server.domain.entropy import encode
from server.domain.rfc3797 import MOST_POOL, picks
from tests.unit.server.domain.draw_vectors import vectors


@pytest.mark.parametrize("vector", vectors("rfc3797"), ids=lambda v: v["id"])
def test_published_selection(vector: Mapping[str, Any]) -> None:
    key = encode(vector["groups"])
    assert key == vector["key"]
    found = [[p.digest.hex().upper(), p.divisor, p.number] for p in picks(key, vector["pool"], len(vector["rows"]))]
    assert found == vector["rows"]


def test_the_whole_pool_is_a_permutation() -> None:
    assert sorted(p.number for p in picks("1./", 300, 300)) == list(range(1, 301))


@pytest.mark.parametrize(("pool", "count"), [(3, 4), (3, -1), (MOST_POOL, 1)])
def test_sizes_beyond_two_bytes_are_refused(pool: int, count: int) -> None:
    with pytest.raises(ValueError, match="65536"):
        list(picks("1./", pool, count))
