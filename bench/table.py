"""表：一行一个量，左边我们，右边对照，比值在同一次运行里算出。"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from bench.quiet import quietly

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Table:
    """One section of the report: a heading, columns, rows of text, and lines of remarks below."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def markdown(self) -> str:
        lines = [f"### {self.title}", "", _line(self.columns), _line(tuple("---" for _ in self.columns))]
        lines += [_line(row) for row in self.rows]
        lines += [""] + [f"- {note}" for note in self.notes] + ([""] if self.notes else [])
        return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def interleave(sides: Sequence[Callable[[], T]], rounds: int) -> list[list[T]]:
    """Measure A, B, A, B …; every other round runs backwards so that a drift of the machine favours nobody."""
    samples: list[list[T]] = [[] for _ in sides]
    for number in range(rounds):
        order = range(len(sides)) if number % 2 == 0 else reversed(range(len(sides)))
        for side in order:
            samples[side].append(quietly(sides[side]))
    return samples


def middle(values: Sequence[float]) -> float:
    return median(values)


def spread(values: Sequence[float]) -> str:
    """Lowest to highest, to show how quiet the machine was."""
    return f"{number(min(values))}～{number(max(values))}"


def number(value: float) -> str:
    """Three significant digits, no exponent."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(ours: float, theirs: float) -> str:
    """Ours over theirs as `×n`; a dash when there is nothing to compare with."""
    return f"×{number(ours / theirs)}" if theirs else "—"
