"""数值：十进制读数、GB/T 8170 修约、均值与标准差。

Every quantity that meets a limit is a `decimal.Decimal`; binary floats never enter. Square roots carry 28
significant digits and are rounded afterwards, once. Source of the rounding rule: GB/T 8170-2008 (interval
rounding, ties to the even multiple, sign handled on the absolute value).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from server.domain.errors import Invalid

_CONTEXT = Context(prec=28, rounding=ROUND_HALF_EVEN)
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_PLAIN = re.compile(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,2})?")
MAX_ABS = Decimal("1e15")
MAX_PLACES = 15
MAX_TEXT = 40
_SIGNS = str.maketrans({"－": "-", "−": "-", "—": "-", "﹣": "-"})


def parse_decimal(text: str | int | Decimal) -> Decimal:
    """Read a decimal as people type it: full-width digits and signs accepted, spaces around it ignored.

    Raises `Invalid` (code `number-invalid`) for NaN, infinity, more than 15 integer digits or 15 decimals,
    and anything that is not a plain number.
    """
    if isinstance(text, bool):
        raise Invalid("number-invalid", "应为数字")
    if isinstance(text, int):
        return _bounded(Decimal(text)) if abs(text) < 10**15 else _refuse()
    if isinstance(text, Decimal):
        return _bounded(text)
    if len(text) > MAX_TEXT:
        return _refuse()
    plain = unicodedata.normalize("NFKC", text).translate(_SIGNS).strip()
    if not plain.isascii() or not _PLAIN.fullmatch(plain):
        return _refuse()
    return _bounded(Decimal(plain))


def _refuse() -> Decimal:
    raise Invalid("number-invalid", "应为不超过15位整数、15位小数的数字")


def _bounded(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value) >= MAX_ABS:
        return _refuse()
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -MAX_PLACES or exponent > MAX_PLACES:
        return _refuse()
    plain = value.quantize(Decimal(1), context=_WIDE) if exponent > 0 else value
    return plain if plain else abs(plain)


def decimal_text(value: Decimal) -> str:
    """Plain text without exponent, trailing zeros kept as given: `0.030`, `1500`."""
    return format(value, "f")


def canonical_text(value: Decimal) -> str:
    """The one text of a number, for digests: `0.030` and `0.03` give `0.03`, `-0` gives `0`."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def round_to(value: Decimal, interval: Decimal) -> Decimal:
    """Round to a multiple of `interval` (0.1, 0.5, 100 ...) by GB/T 8170: half to even, once only."""
    if interval <= 0:
        raise Invalid("number-invalid", "修约间隔应大于零")
    try:
        steps = _WIDE.divide(abs(value), interval).to_integral_value(ROUND_HALF_EVEN)
        rounded = _WIDE.multiply(steps, interval)
        kept = rounded.quantize(interval.normalize(_WIDE), context=_WIDE) if interval < 1 else rounded
    except InvalidOperation:
        return _refuse()
    return -kept if value < 0 and kept else kept


def mean(values: Sequence[Decimal]) -> Decimal:
    """Arithmetic mean to 28 significant digits; the caller rounds, once."""
    return _CONTEXT.divide(sum(values, Decimal(0)), Decimal(len(values)))


def sample_deviation(values: Sequence[Decimal]) -> Decimal:
    """Standard deviation with n-1, to 28 significant digits; zero for fewer than two values."""
    if len(values) < 2:
        return Decimal(0)
    total = sum(values, Decimal(0))
    squares = sum((_WIDE.multiply(v, v) for v in values), Decimal(0))
    spread = _WIDE.subtract(squares, _WIDE.divide(_WIDE.multiply(total, total), Decimal(len(values))))
    return _CONTEXT.sqrt(_WIDE.divide(max(spread, Decimal(0)), Decimal(len(values) - 1)))


def ceil_div(value: Decimal, per: Decimal) -> int:
    """How many portions of `per` are needed to cover `value`: exact, never through floats."""
    whole, rest = _WIDE.divide_int(value, per), _WIDE.remainder(value, per)
    return int(whole) + (1 if rest > 0 else 0)
