"""规范 JSON（RFC 8785）：同样的内容总是同样的字节，摘要和签名才有得比。

The reference writer walks every value in Python. What a phone sends is nearly always plain, and there orjson writes the same
bytes fifty times faster; where the two could part (a number written with an exponent, a whole number kept as a fraction, a key
beyond the basic plane) the reference writer decides.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

import orjson
import rfc8785

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
#: Between strings: numbers that both write alike, words, brackets. Fifteen digits stay below 2^53.
_PLAIN = re.compile(rb"(?:-?[0-9]{1,15}(?:\.[0-9]{0,16}[1-9])?(?![0-9.eE])|true|false|null|[\[\]{},:])*")
_BEYOND_BASIC_PLANE = re.compile(rb"[\xf0-\xf4]")


class NotCanonical(ValueError):
    """有 JSON 不能准确表示的数或字符。"""


def canonical_json(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value; raises NotCanonical for what has none (an integer beyond 2^53, half a character)."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return _reference(value)
    bare = _STRING.sub(b"", text)
    if _BEYOND_BASIC_PLANE.search(text) or not _PLAIN.fullmatch(bare) or (b"null" in bare and _hides_nan(value)):
        return _reference(value)
    return text


def _hides_nan(value: Any) -> bool:
    """orjson writes a number that is none as null, without a word."""
    if isinstance(value, dict):
        return any(_hides_nan(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(_hides_nan(inner) for inner in value)
    return isinstance(value, float) and not isfinite(value)


def _reference(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotCanonical(str(error)) from error
