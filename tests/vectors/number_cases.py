"""数值：读法、修约、均值、标准差、份数，各自的边角；数由固定的种子给出。"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from server.domain.errors import Invalid
from server.domain.findings import shown
from server.domain.numbers import (
    canonical_text,
    ceil_div,
    decimal_text,
    mean,
    parse_decimal,
    round_to,
    sample_deviation,
)

TEXTS = (
    "0", "-0", "+0.00", "1", "01", "-1.50", "+.5", "5.", ".", "", " ", "　12　", "１２．５", "－３", "−3", "—3", "﹣3", "--3", "+-3",
    "1e2", "1E-2", "1e+15", "1e15", "1e14", "0e15", "0e16", "1e-15", "1e-16", "1.5e1", "1.5e-15", "1e100", "1e", "e1",
    "999999999999999", "9999999999999999", "0.999999999999999", "0.9999999999999999", "999999999999999.999999999999999",
    "99999999999999.999999999999999", "1_000", "1,000", "1 000", "NaN", "Infinity", "0x10", "½", "²", "①", "一", "٣", "𝟏𝟐", "1\n",
    "\x1c7\x1f", "\ufeff7", "7\u2028", "1" * 41, "0" * 40, "3。5", "3．5", "3｡5", "3،5", "C30", "30%",
)  # fmt: skip
INTERVALS = ("0.001", "0.01", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "25", "100", "0.10", "0.03", "7")


def number_rows() -> Iterator[dict[str, Any]]:
    """Rows of {do, with, gives}."""
    for text in TEXTS:
        yield {"do": "parse", "with": [text], "gives": _parsed(text)}
    chance = Random(8170)
    for _ in range(200):
        value, interval = _any(chance), Decimal(chance.choice(INTERVALS))
        yield _row("round", [value, interval], round_to(value, interval))
    for interval in map(Decimal, INTERVALS):
        for halves in (1, 3, 5, -1, -3):
            tie = interval * halves / 2
            yield _row("round", [tie, interval], round_to(tie, interval))
    for size in (1, 2, 3, 5, 7, 13, 20):
        for _ in range(5):
            values = [_any(chance) for _ in range(size)]
            yield _row("mean", values, mean(values))
            yield _row("deviation", values, sample_deviation(values))
            yield {"do": "shown", "with": [decimal_text(mean(values))], "gives": shown(mean(values))}
    yield _row("deviation", [Decimal("30.0")] * 4, sample_deviation([Decimal("30.0")] * 4))
    for _ in range(40):
        value, per = abs(_any(chance)), Decimal(chance.choice(INTERVALS))
        yield {"do": "portions", "with": [decimal_text(value), str(per)], "gives": str(ceil_div(value, per))}
    for text in ("0.030", "-0.0", "1500", "0.1000000", "-2.50", "100.00"):
        yield {"do": "canonical", "with": [text], "gives": canonical_text(parse_decimal(text))}
    for text in ("-0.00001234", "0.12345", "0.1234567", "-1.00005000", "2.00015000", "99.99999999"):
        yield {"do": "shown", "with": [text], "gives": shown(Decimal(text))}


def _parsed(text: str) -> str | None:
    try:
        return decimal_text(parse_decimal(text))
    except Invalid:
        return None


def _any(chance: Random) -> Decimal:
    places = chance.randint(0, 15) if chance.random() < 0.2 else chance.randint(0, 3)
    whole = chance.randint(0, 10 ** chance.randint(1, 15) - 1 if chance.random() < 0.2 else 999)
    text = f"{'-' if chance.random() < 0.3 else ''}{whole}"
    return parse_decimal(text + (f".{chance.randint(0, 10**places - 1):0{places}d}" if places else ""))


def _row(do: str, given: list[Decimal], gives: Decimal) -> dict[str, Any]:
    return {"do": do, "with": [decimal_text(d) for d in given], "gives": decimal_text(gives)}
