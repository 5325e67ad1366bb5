"""规范 JSON：与参考写法逐字节相同，不能准确表示的被拒。"""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from server.formats.canonical import NotCanonical, canonical_json

NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-180, 180, places=6).map(float),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)),
    max_leaves=12,
)


@given(VALUES)
def test_the_bytes_are_those_of_the_reference_writer(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        {"longitude": 114.41, "accuracy_m": 8.0, "small": 1e-7, "large": 1e21, "zero": -0.0, "tenth": 0.1},
        {"😀": 1, "\uffff": 2, "中": 3, "b": 4},
        ['a"b\\c', "\x00\x1f\x7f/\u2028", "1e5", "\\"],
        9007199254740991,
        -9007199254740991,
        1000000000000000.0,
    ],
)
def test_where_writers_differ_the_reference_decides(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, -(2**60), 2**70, float("nan"), float("inf"), "\ud800", {"\udfff": 1}])
def test_what_has_no_exact_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)
