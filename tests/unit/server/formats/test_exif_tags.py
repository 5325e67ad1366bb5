"""Values out of exifread's tags, whatever a broken photo put there."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from exifread.utils import Ratio

from server.formats.exif_tags import exact, exact_list, number, text, whole, written


@dataclass
class Tag:
    values: Any


def test_text_as_written_and_trimmed() -> None:
    tags = {"a": Tag("  x \0rest"), "b": Tag(b"caf\xe9"), "c": Tag([1]), "d": Tag("\0"), "e": Tag("a\x07b" + "c" * 300)}
    assert (written(tags, "a"), text(tags, "a")) == ("  x ", "x")
    assert text(tags, "b") == "caf\ufffd"
    assert [text(tags, name) for name in ("c", "d", "nothing")] == [None, None, None]
    assert text(tags, "e") == "ab" + "c" * 118


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (Ratio(1, 3), Fraction(1, 3)),
        (Ratio(0, 0), None),
        (Ratio(5, 0), None),
        (Fraction(2, 7), Fraction(2, 7)),
        (7, Fraction(7)),
        (0.5, Fraction(1, 2)),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        ("7", None),
        (b"7", None),
        (None, None),
    ],
)
def test_exact_numbers(value: Any, found: Fraction | None) -> None:
    assert exact(value) == found


def test_lists_of_a_given_length_and_single_numbers() -> None:
    tags = {"three": Tag([1, Ratio(0, 0), 2]), "one": Tag([Ratio(5, 2)]), "void": Tag([Ratio(0, 0)]), "text": Tag("12")}
    assert exact_list(tags, "three", 3) == [1, None, 2]
    assert exact_list(tags, "three", 2) is None
    assert exact_list(tags, "text", 2) is None
    assert [number(tags, name) for name in ("one", "void", "three", "nothing")] == [2.5, None, None, None]


@pytest.mark.parametrize(
    ("values", "found"), [([6], 6), ([0], None), ([9], None), (["6"], None), ([], None), ("6", None)]
)
def test_whole_numbers_in_range(values: Any, found: int | None) -> None:
    assert whole({"a": Tag(values)}, "a", 8) == found
