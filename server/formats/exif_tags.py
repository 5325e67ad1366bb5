"""从 exifread 的标签里取值：文字、整数、分数；取不出来就是没有。

exifread gives lists of ints or of `Ratio` (which keeps a zero denominator), text, or bytes when the text was not UTF-8; broken
photos put any of them under any name.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

Tags = dict[str, Any]
MAX_TEXT = 120


def values_of(tags: Tags, name: str) -> Any:
    """The raw values of a tag; None without it."""
    return getattr(tags.get(name), "values", None)


def written(tags: Tags, name: str) -> str | None:
    """Text as the camera wrote it up to the first NUL, without control characters; None when nothing is left."""
    values = values_of(tags, name)
    if isinstance(values, bytes):
        values = values.decode("utf-8", "replace")
    if not isinstance(values, str):
        return None
    return "".join(c for c in values.split("\0")[0] if c.isprintable())[:MAX_TEXT] or None


def text(tags: Tags, name: str) -> str | None:
    """`written`, with blanks at both ends taken off."""
    return (written(tags, name) or "").strip() or None


def whole(tags: Tags, name: str, most: int) -> int | None:
    """The first value when it is an integer of 1 to `most`."""
    values = values_of(tags, name)
    if not isinstance(values, list) or not values or not isinstance(values[0], int):
        return None
    return int(values[0]) if 1 <= values[0] <= most else None


def exact(value: Any) -> Fraction | None:
    """A number exactly as written; None for a zero denominator, for infinities and for anything that is no number."""
    if isinstance(value, Fraction):
        num, den = getattr(value, "num", value.numerator), getattr(value, "den", value.denominator)
        return Fraction(num, den) if den else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return Fraction(value)
    except (ValueError, OverflowError):
        return None


def exact_list(tags: Tags, name: str, length: int) -> list[Fraction | None] | None:
    """Exactly `length` numbers (None for each one without a value), or None when the tag holds anything else."""
    values = values_of(tags, name)
    if not isinstance(values, list) or len(values) != length:
        return None
    return [exact(v) for v in values]


def number(tags: Tags, name: str) -> float | None:
    """A single number as a float."""
    found = exact_list(tags, name, 1)
    if found is None or found[0] is None:
        return None
    return float(found[0])
