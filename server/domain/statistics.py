"""统计：成对的数（符合项，检查项），分表自洽。

Ratios are never stored: a `Pair` is two counts and the percentage is text made from them. Rows come from
grouped counts (one row a group, any order), tables are sums of the same rows, and `reconcile` proves that
every way of cutting them gives the same totals before a bulletin may use a single figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from server.domain.errors import Invalid


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """`conforming` out of `checked`; raises Invalid `figures-impossible` unless 0 <= conforming <=
    checked.
    """

    conforming: int = 0
    checked: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.conforming <= self.checked:
            raise Invalid(
                "figures-impossible",
                "符合项数不能大于检查项数，也不能为负。",
                facts={"conforming": self.conforming, "checked": self.checked},
            )

    def __add__(self, other: Pair) -> Pair:
        return Pair(self.conforming + other.conforming, self.checked + other.checked)

    @property
    def failing(self) -> int:
        """Checked minus conforming."""
        return self.checked - self.conforming

    @property
    def fraction(self) -> Fraction | None:
        """The exact ratio, None when nothing was checked."""
        return Fraction(self.conforming, self.checked) if self.checked else None

    def ratio_text(self) -> str:
        """Return the percentage with one decimal, half up, such as 76.6%; a dash when nothing was checked."""
        fraction = self.fraction
        return "—" if fraction is None else f"{tenths_text(fraction * 100)}%"


def tenths_text(value: Fraction) -> str:
    """Return a number with one decimal, rounded half away from zero on the exact value."""
    tenths = (abs(value) * 10 + Fraction(1, 2)).__floor__()
    sign = "-" if value < 0 and tenths else ""
    return f"{sign}{tenths // 10}.{tenths % 10}"


@dataclass(frozen=True, slots=True)
class CountRow:
    """Answers of one group: where, which frame and link of the chain, which section, who is liable, how many.

    `liable` is the set of liable parties in sorted order (empty when the item names none).
    """

    region_code: str
    frame: str
    link: str
    checklist: str
    section: str
    liable: tuple[str, ...]
    conforming: int = 0
    failing: int = 0
    not_applicable: int = 0
    needs_review: int = 0

    def __post_init__(self) -> None:
        counts = (self.conforming, self.failing, self.not_applicable, self.needs_review)
        if min(counts) < 0 or tuple(sorted(set(self.liable))) != self.liable:
            raise Invalid("figures-impossible", "计数不能为负，责任单位应去重并排序。")


@dataclass(frozen=True, slots=True)
class SubjectCount:
    """Subjects and checks of one group; `not_inspectable` were visited but could not be checked and stay
    apart.
    """

    kind: str
    frame: str
    region_code: str
    inspected: int
    with_failing: int
    checks: int
    not_inspectable: int = 0


@dataclass(frozen=True, slots=True)
class NoticeCount:
    """Documents issued, by kind, region and frame of the subject."""

    kind: str
    region_code: str
    frame: str
    issued: int


@dataclass(frozen=True, slots=True)
class FindingCount:
    """Confirmed violations of one group, counted once for the same subject and item (问题条数)."""

    region_code: str
    frame: str
    checklist: str
    section: str
    severity: str
    findings: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its key, the pair, and what stays out of the pair."""

    key: tuple[str, ...]
    pair: Pair = Pair()
    not_applicable: int = 0
    needs_review: int = 0

    def plus(self, row: CountRow) -> Line:
        """Return this line with one group of answers added."""
        pair = self.pair + Pair(row.conforming, row.conforming + row.failing)
        return Line(self.key, pair, self.not_applicable + row.not_applicable, self.needs_review + row.needs_review)


@dataclass(frozen=True, slots=True)
class Table:
    """Lines in order of key. A partition counts every answer exactly once; an overlapping table says so."""

    name: str
    partition: bool
    lines: tuple[Line, ...]

    def line(self, *key: str) -> Line:
        """Return the line of `key`, an empty one when nothing was counted there."""
        return next((line for line in self.lines if line.key == key), Line(key))

    def total(self) -> Pair:
        """Return the sum of all lines; equal to the grand total only for a partition."""
        return sum((line.pair for line in self.lines), Pair())


@dataclass(frozen=True, slots=True)
class Tally:
    """A plain count cut by one key."""

    name: str
    lines: tuple[tuple[str, int], ...]

    def count(self, key: str) -> int:
        """Return the count of `key`, 0 when absent."""
        return dict(self.lines).get(key, 0)

    def total(self) -> int:
        """Return the sum of all lines."""
        return sum(count for _, count in self.lines)


@dataclass(frozen=True, slots=True)
class Control:
    """Totals counted by separate, ungrouped questions to the store; they catch a join that doubles rows."""

    conforming: int
    failing: int
    inspected: int
    findings: int
    notices: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """All tables of one period."""

    first_on: date
    last_on: date
    total: Line
    tables: tuple[Table, ...]
    tallies: tuple[Tally, ...]
    control: Control | None = None
    previous: Pair | None = None

    def table(self, name: str) -> Table:
        """Return one table by name (KeyError for an unknown one)."""
        return {table.name: table for table in self.tables}[name]

    def tally(self, name: str) -> Tally:
        """Return one tally by name (KeyError for an unknown one)."""
        return {tally.name: tally for tally in self.tallies}[name]


_TABLE_KEYS: tuple[tuple[str, Callable[[CountRow], tuple[str, ...]]], ...] = (
    ("region", lambda row: (row.region_code,)),
    ("frame", lambda row: (row.frame,)),
    ("link", lambda row: (row.link,)),
    ("checklist", lambda row: (row.checklist,)),
    ("section", lambda row: (row.checklist, row.section)),
    ("liable_set", lambda row: row.liable),
)
PARTITION_TABLES = tuple(name for name, _ in _TABLE_KEYS)


@dataclass(slots=True)
class _Sums:
    """Running sums; memory grows with the number of groups, not with the number of rows."""

    total: Line = Line(())
    cuts: dict[str, dict[tuple[str, ...], Line]] = field(
        default_factory=lambda: {name: {} for name in (*PARTITION_TABLES, "party")}
    )

    def add(self, row: CountRow) -> None:
        self.total = self.total.plus(row)
        for name, key_of in _TABLE_KEYS:
            self._add_to(name, key_of(row), row)
        for party in row.liable:
            self._add_to("party", (party,), row)

    def _add_to(self, name: str, key: tuple[str, ...], row: CountRow) -> None:
        lines = self.cuts[name]
        lines[key] = lines.get(key, Line(key)).plus(row)

    def tables(self) -> tuple[Table, ...]:
        return tuple(
            Table(name, name != "party", tuple(lines[key] for key in sorted(lines)))
            for name, lines in self.cuts.items()
        )


def tabulate(
    first_on: date,
    last_on: date,
    rows: Iterable[CountRow],
    *,
    subjects: Iterable[SubjectCount] = (),
    notices: Iterable[NoticeCount] = (),
    findings: Iterable[FindingCount] = (),
    control: Control | None = None,
    previous: Pair | None = None,
) -> Statistics:
    """Sum grouped counts into tables; the order of rows never matters.

    Raises Invalid `period-reversed` when the period ends before it starts.
    """
    if last_on < first_on:
        raise Invalid("period-reversed", "统计期间的结束日期早于开始日期。")
    sums = _Sums()
    for row in rows:
        sums.add(row)
    tallies = (
        *_subject_tallies(tuple(subjects)),
        *_notice_tallies(tuple(notices)),
        *_finding_tallies(tuple(findings)),
    )
    return Statistics(first_on, last_on, sums.total, sums.tables(), tallies, control, previous)


def _subject_tallies(rows: tuple[SubjectCount, ...]) -> tuple[Tally, ...]:
    return (
        _tally("subjects.kind", rows, lambda row: row.kind, lambda row: row.inspected),
        _tally("subjects.frame", rows, lambda row: row.frame, lambda row: row.inspected),
        _tally("subjects.region", rows, lambda row: row.region_code, lambda row: row.inspected),
        _tally("subjects.with_failing", rows, lambda row: row.frame, lambda row: row.with_failing),
        _tally("subjects.not_inspectable", rows, lambda row: row.frame, lambda row: row.not_inspectable),
        _tally("checks.frame", rows, lambda row: row.frame, lambda row: row.checks),
    )


def _notice_tallies(rows: tuple[NoticeCount, ...]) -> tuple[Tally, ...]:
    return (
        _tally("notices.kind", rows, lambda row: row.kind, lambda row: row.issued),
        _tally("notices.region", rows, lambda row: row.region_code, lambda row: row.issued),
        _tally("notices.frame", rows, lambda row: row.frame, lambda row: row.issued),
    )


def _finding_tallies(rows: tuple[FindingCount, ...]) -> tuple[Tally, ...]:
    def section(row: FindingCount) -> str:
        return f"{row.checklist}-{row.section}"

    return (
        _tally("findings.severity", rows, lambda row: row.severity, lambda row: row.findings),
        _tally("findings.section", rows, section, lambda row: row.findings),
        _tally("findings.region", rows, lambda row: row.region_code, lambda row: row.findings),
        _tally("findings.frame", rows, lambda row: row.frame, lambda row: row.findings),
    )


def _tally(name: str, rows: Iterable[Any], key_of: Callable[[Any], str], count_of: Callable[[Any], int]) -> Tally:
    counts: dict[str, int] = {}
    for row in rows:
        counts[key_of(row)] = counts.get(key_of(row), 0) + count_of(row)
    return Tally(name, tuple(sorted(counts.items())))


def change_text(current: Pair, previous: Pair | None) -> str:
    """Return the change of the ratio in percentage points, computed from the two pairs and rounded once.

    Examples: 比上期上升2.2个百分点, 与上期持平, and 上期无可比数据 when there is nothing to compare.
    """
    if previous is None or previous.fraction is None or current.fraction is None:
        return "上期无可比数据"
    points = (current.fraction - previous.fraction) * 100
    text = tenths_text(abs(points))
    if text == "0.0":
        return "与上期持平"
    return f"比上期{'上升' if points > 0 else '下降'}{text}个百分点"
