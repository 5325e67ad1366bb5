"""工作日：按放假调休表数日子。

The table is data passed in. A deadline that touches a year without a notice is computed from weekends and
statutory days and marked provisional: it is recomputed and announced again when the notice is entered.
Counting follows 行政处罚法第85条 practice: the day of the event is not counted, the term ends with day n.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from server.domain.calendar_data import CalendarRow, statutory_days
from server.domain.errors import Invalid

_SATURDAY = 5
_MAX_TERM = 2000


@dataclass(frozen=True, slots=True)
class Deadline:
    """A computed end of term: `on` is the last day, `provisional` when a touched year has no notice yet."""

    on: date
    provisional: bool
    calendar_version: str
    unannounced_years: tuple[int, ...] = ()


@dataclass(frozen=True)
class WorkCalendar:
    """Working days from rows of exceptions and the set of years whose notice is known."""

    rows: tuple[CalendarRow, ...]
    announced_years: frozenset[int]
    version: str = field(init=False)
    _works: dict[date, bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        works: dict[date, bool] = {}
        for row in sorted(self.rows, key=lambda row: (row.on, row.works)):
            if works.setdefault(row.on, row.works) is not row.works:
                raise Invalid(
                    "calendar-contradicts-itself",
                    f"{row.on.isoformat()} 同时列为放假和上班，请核对放假通知。",
                )
        object.__setattr__(self, "_works", works)
        object.__setattr__(self, "version", _version(works, self.announced_years))

    def is_workday(self, on: date) -> bool:
        """Tell whether `on` is a working day; in a year without a notice this is only the provisional
        answer.
        """
        listed = self._works.get(on)
        if listed is not None:
            return listed
        if on.weekday() >= _SATURDAY:
            return False
        return on.year in self.announced_years or on not in statutory_days(on.year)

    def is_provisional(self, on: date) -> bool:
        """Tell whether the answer for `on` may still change because its year has no notice."""
        return on.year not in self.announced_years

    def add_workdays(self, start_on: date, days: int) -> Deadline:
        """Return the last day of a term of `days` working days after `start_on` (not counted).

        Raises Invalid `term-out-of-range` unless 1 <= days <= 2000.
        """
        _check_term(days)
        current = start_on
        left = days
        while left:
            current += timedelta(days=1)
            left -= self.is_workday(current)
        return self._deadline(start_on, current)

    def add_days(self, start_on: date, days: int) -> Deadline:
        """Return the end of a term in calendar days; an end on a day off moves to the next working day."""
        _check_term(days)
        current = start_on + timedelta(days=days)
        while not self.is_workday(current):
            current += timedelta(days=1)
        return self._deadline(start_on, current)

    def count_workdays(self, first_on: date, last_on: date) -> int:
        """Count the working days from `first_on` to `last_on`, both included; 0 when the span is empty."""
        return sum(self.is_workday(on) for on in _days(first_on, last_on))

    def _deadline(self, start_on: date, end_on: date) -> Deadline:
        first = (start_on + timedelta(days=1)).year
        missing = tuple(year for year in range(first, end_on.year + 1) if year not in self.announced_years)
        return Deadline(end_on, bool(missing), self.version, missing)


def build_calendar(rows: Iterable[CalendarRow], announced_years: Iterable[int]) -> WorkCalendar:
    """Build a calendar from rows in any order; raises Invalid `calendar-contradicts-itself`."""
    return WorkCalendar(tuple(sorted(rows, key=lambda row: (row.on, row.works))), frozenset(announced_years))


def _check_term(days: int) -> None:
    if not 1 <= days <= _MAX_TERM:
        raise Invalid("term-out-of-range", f"期限应在1至{_MAX_TERM}日之间。", facts={"days": days})


def _days(first_on: date, last_on: date) -> Iterator[date]:
    current = first_on
    while current <= last_on:
        yield current
        current += timedelta(days=1)


def _version(works: dict[date, bool], years: frozenset[int]) -> str:
    lines = [f"{on.isoformat()} {int(value)}" for on, value in sorted(works.items())]
    text = "\n".join([",".join(map(str, sorted(years))), *lines])
    return hashlib.sha256(text.encode()).hexdigest()[:12]
