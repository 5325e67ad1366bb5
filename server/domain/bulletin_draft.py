"""拟稿本：边写边登记“数”。

`Draft` is the only way to put text into a bulletin. Plain text is redacted on the way in; numbers must be
registered as figures first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from server.domain.bulletins import Figure, FigureRef, FilterValue, Paragraph, Run, Text
from server.domain.redaction import redact_text
from server.domain.statistics import Pair
from server.domain.wording import money_text, points_text

Part = str | FigureRef


@dataclass(slots=True)
class Draft:
    """Figures of one bulletin in the order of first use."""

    keep_prefixes: tuple[str, ...] = ()
    figures: dict[str, Figure] = field(default_factory=dict)

    def count(
        self, identity: str, number: int, definition: str, records: Mapping[str, FilterValue]
    ) -> FigureRef:
        """Register a count."""
        return self._register(identity, str(number), {"count": number}, definition, records)

    def ratio(
        self, identity: str, pair: Pair, definition: str, records: Mapping[str, FilterValue]
    ) -> FigureRef:
        """Register a percentage of a pair; the pair itself is what is kept."""
        value = {"conforming": pair.conforming, "checked": pair.checked}
        return self._register(identity, pair.ratio_text(), value, definition, records)

    def share(
        self, identity: str, pair: Pair, definition: str, records: Mapping[str, FilterValue]
    ) -> FigureRef:
        """Register a share of subjects: (subjects with the problem, subjects checked)."""
        value = {"part": pair.conforming, "whole": pair.checked}
        return self._register(identity, pair.ratio_text(), value, definition, records)

    def amount(
        self, identity: str, yuan: Decimal, definition: str, records: Mapping[str, FilterValue]
    ) -> FigureRef:
        """Register an amount of money in yuan, kept as decimal text."""
        return self._register(identity, money_text(yuan), {"yuan": f"{yuan:f}"}, definition, records)

    def points(
        self, identity: str, points: Decimal, definition: str, records: Mapping[str, FilterValue]
    ) -> FigureRef:
        """Register credit points, kept as decimal text."""
        return self._register(identity, points_text(points), {"points": f"{points:f}"}, definition, records)

    def shown(
        self,
        identity: str,
        text: str,
        value: Mapping[str, int | str],
        definition: str,
        records: Mapping[str, FilterValue],
    ) -> FigureRef:
        """Register a figure whose text is made elsewhere, such as a change or a measured value."""
        return self._register(identity, text, value, definition, records)

    def _register(
        self,
        identity: str,
        text: str,
        value: Mapping[str, Any],
        definition: str,
        records: Mapping[str, FilterValue],
    ) -> FigureRef:
        figure = Figure(identity, text, dict(value), definition, dict(records))
        known = self.figures.setdefault(identity, figure)
        if known != figure:
            raise ValueError(f"two different figures share the id {identity}")
        return FigureRef(identity)

    def runs(self, parts: Iterable[Part]) -> tuple[Run, ...]:
        """Turn parts into runs: neighbouring strings are joined, then personal numbers are hidden."""
        runs: list[Run] = []
        pending = ""
        for part in parts:
            if isinstance(part, str):
                pending += part
                continue
            runs += [*self._text(pending), part]
            pending = ""
        return (*runs, *self._text(pending))

    def paragraph(self, *parts: Part, role: str = "body") -> Paragraph:
        """Make one paragraph of parts."""
        return Paragraph(self.runs(parts), role)

    def clean(self, text: str) -> str:
        """Return text with personal numbers hidden."""
        return redact_text(text, keep_prefixes=self.keep_prefixes).text

    def _text(self, text: str) -> list[Run]:
        return [Text(self.clean(text))] if text else []
