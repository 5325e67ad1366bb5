"""判定结果：规则对作答的结论，含所用限值、修约前后的数值、依据和分歧。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from server.domain.answers import Verdict
from server.domain.checklists import Severity
from server.domain.legal import Clause
from server.domain.limits import LimitRow
from server.domain.numbers import decimal_text


class Outcome(StrEnum):
    """结论：符合、不符合、不适用、需复核。"""

    CONFORMING = "conforming"
    FAILING = "failing"
    NOT_APPLICABLE = "not_applicable"
    NEEDS_REVIEW = "needs_review"

    @property
    def counts(self) -> bool:
        """Whether the item stands in the denominator of a conformity pair."""
        return self is not Outcome.NOT_APPLICABLE


OUTCOME_WORDS = {
    Outcome.CONFORMING: "符合",
    Outcome.FAILING: "不符合",
    Outcome.NOT_APPLICABLE: "不适用",
    Outcome.NEEDS_REVIEW: "需复核",
}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


def shown(value: Decimal) -> str:
    """A number for a sentence: quotients without end are cut to four places, the record keeps them whole."""
    text = decimal_text(value)
    return text if len(text.partition(".")[2]) <= 6 else f"{value:.4f}…"


@dataclass(frozen=True, slots=True)
class RowCheck:
    """One limit put to one quantity: what was measured, what was compared after rounding, and whether it
    holds.
    """

    title: str
    row: LimitRow
    bound: str
    holds: bool
    unrounded: Decimal | None = None
    rounded: Decimal | None = None
    unit: str = ""

    def sentence(self) -> str:
        """`坍落度 215 mm，限值 ≤210 mm（GB/T 14902-2012），不符合`."""
        value = "" if self.rounded is None else f" {decimal_text(self.rounded)}{self.unit and ' ' + self.unit}"
        if self.rounded is not None and self.unrounded != self.rounded:
            value += f"（修约前 {shown(self.unrounded or Decimal(0))}）"
        source = f"（{self.row.standard}）" if self.row.standard else ""
        return f"{self.title}{value}，限值 {self.bound}{source}，{'符合' if self.holds else '不符合'}"

    def to_dict(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "bound": self.bound,
            "holds": self.holds,
            "unrounded": _text(self.unrounded),
            "rounded": _text(self.rounded),
            "unit": self.unit,
            "standard": self.row.standard,
            "from": self.row.from_on.isoformat() if self.row.from_on else None,
            "confidence": self.row.confidence,
            "row": self.row.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one rule says: outcome, the limits it used, missing inputs, points passed of points taken,
    facts.
    """

    outcome: Outcome
    explanation: str
    checks: tuple[RowCheck, ...] = ()
    missing: tuple[str, ...] = ()
    passed: tuple[int, int] | None = None
    facts: Mapping[str, str] | None = None
    #: True when the rule leaves the verdict to the officer (samples not yet tested, a hit to look into).
    defers: bool = False

    @property
    def decisive(self) -> RowCheck | None:
        """The limit that decided: the first that failed, else the first that was used."""
        return next((c for c in self.checks if not c.holds), self.checks[0] if self.checks else None)


@dataclass(frozen=True, slots=True)
class Finding:
    """检查项的结论。`judged` is what the rules alone say, `stated` what the officer said; both are kept."""

    item_code: str
    outcome: Outcome
    judged: Outcome | None
    stated: Verdict | None
    explanation: str
    severity: Severity
    severity_proposed: Severity | None
    severity_reason: str
    clauses: tuple[Clause, ...]
    liable: tuple[str, ...]
    dispositions: tuple[str, ...]
    confidence: str
    fact_on: date
    limit: RowCheck | None = None
    checks: tuple[RowCheck, ...] = ()
    missing: tuple[str, ...] = ()
    passed: tuple[int, int] | None = None
    reason: str = ""
    photos_required: int = 0
    photos_given: int = 0
    facts: Mapping[str, str] | None = None

    @property
    def disagreement(self) -> bool:
        """The officer said one thing and the rules another."""
        if self.stated is None or self.judged is None or self.judged is Outcome.NEEDS_REVIEW:
            return False
        return self.stated.value != self.judged.value

    @property
    def photos_missing(self) -> int:
        return max(0, self.photos_required - self.photos_given)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: decimals as strings, dates as ISO text."""
        return {
            "item_code": self.item_code,
            "outcome": self.outcome.value,
            "judged": self.judged.value if self.judged else None,
            "stated": self.stated.value if self.stated else None,
            "disagreement": self.disagreement,
            "explanation": self.explanation,
            "severity": self.severity.value,
            "severity_proposed": self.severity_proposed.value if self.severity_proposed else None,
            "severity_reason": self.severity_reason,
            "clauses": [c.to_dict() for c in self.clauses],
            "liable": list(self.liable),
            "dispositions": list(self.dispositions),
            "confidence": self.confidence,
            "fact_on": self.fact_on.isoformat(),
            "limit": self.limit.to_dict() if self.limit else None,
            "checks": [c.to_dict() for c in self.checks],
            "missing": list(self.missing),
            "passed": list(self.passed) if self.passed else None,
            "reason": self.reason,
            "photos_required": self.photos_required,
            "photos_given": self.photos_given,
            "facts": dict(self.facts or {}),
        }
