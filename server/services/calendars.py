"""工作日历：随软件带的放假通知，加上管理员录入的年份和地方临时改动。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, func, or_, select

from server.domain.calendar_data import NOTICES, CalendarRow, seed_rows, statutory_days
from server.domain.errors import FieldError, Invalid
from server.domain.workdays import WorkCalendar, build_calendar
from server.models.assignments import CalendarDay, CalendarYear
from server.queries.deadlines import entered_days
from server.services.terms import recompute
from server.uow import UnitOfWork

LOCK = 8_300_121
EDGE = timedelta(days=10)  # a notice may name a day or two of the years beside its own


@dataclass(frozen=True, slots=True)
class YearEntry:
    """What is entered for one year: the notice with its days (empty: none published yet), and local changes."""

    notice: str
    days: tuple[CalendarRow, ...]
    local: tuple[CalendarRow, ...]


def work_calendar(uow: UnitOfWork) -> WorkCalendar:
    """The calendar as it stands now; a row entered here outweighs the one that came with the software."""
    entered = uow.run(_ENTERED).all()
    announced = uow.run(_ANNOUNCED).scalars().all()
    return _calendar(tuple(CalendarRow(*day) for day in entered), frozenset(announced))


_ENTERED = select(CalendarDay.on, CalendarDay.works, CalendarDay.name, CalendarDay.source)
_ANNOUNCED = select(CalendarYear.year)


@lru_cache(maxsize=8)
def _calendar(entered: tuple[CalendarRow, ...], announced: frozenset[int]) -> WorkCalendar:
    """Built again only when somebody has entered something."""
    days = {row.on: row for row in seed_rows()} | {row.on: row for row in entered}
    return build_calendar(days.values(), {notice.year for notice in NOTICES} | announced)


def announce_year(uow: UnitOfWork, year: int, entry: YearEntry) -> int:
    """Replace what was entered for `year`, then compute every open term again, all in this commit; returns how many moved.

    Raises Invalid `calendar-day-outside-year`, `calendar-notice-missing`, `calendar-contradicts-itself`.
    """
    _check(year, entry)
    _take_turns(uow)
    kept = uow.session.get(CalendarYear, year)
    own = (CalendarDay.on >= date(year, 1, 1)) & (CalendarDay.on <= date(year, 12, 31))
    old = [own, CalendarDay.source == kept.notice] if kept is not None else [own]
    uow.session.execute(delete(CalendarDay).where(or_(*old)))
    uow.session.expire_all()
    _keep_notice(uow, year, entry, kept)
    for row in {row.on: row for row in (*entry.days, *entry.local)}.values():
        uow.session.merge(CalendarDay(on=row.on, works=row.works, name=row.name, source=row.notice))
    uow.session.flush()
    return recompute(uow, work_calendar(uow), f"{year}年工作日历更新")


def _take_turns(uow: UnitOfWork) -> None:
    """Two administrators entering at once do so one after the other; SQLite writes in turn anyway."""
    if uow.session.get_bind().dialect.name == "postgresql":
        uow.session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def _keep_notice(uow: UnitOfWork, year: int, entry: YearEntry, kept: CalendarYear | None) -> None:
    if not entry.notice:
        if kept is not None:
            uow.session.delete(kept)
        return
    if kept is None:
        uow.session.add(CalendarYear(year=year, notice=entry.notice, by=uow.actor.user_id, at=uow.now))
        return
    kept.notice, kept.by, kept.at = entry.notice, uow.actor.user_id, uow.now


def _check(year: int, entry: YearEntry) -> None:
    if entry.days and not entry.notice:
        raise Invalid("calendar-notice-missing", "请写明放假通知的文号。", errors=[FieldError("/notice", "必填")])
    first, last = date(year, 1, 1) - EDGE, date(year, 12, 31) + EDGE
    faults = [
        FieldError(f"/{name}/{n}/on", f"不在{year}年")
        for name, rows, low, high in (
            ("days", entry.days, first, last),
            ("local", entry.local, date(year, 1, 1), date(year, 12, 31)),
        )
        for n, row in enumerate(rows)
        if not low <= row.on <= high
    ]
    if faults:
        raise Invalid("calendar-day-outside-year", f"有{len(faults)}天不在{year}年。", errors=faults)
    for rows in (entry.days, entry.local):
        build_calendar(rows, [])


def year_of(uow: UnitOfWork, year: int) -> dict[str, Any]:
    """One year as it stands: its notice, whether it is announced, and every day that differs from the ordinary week."""
    entered = {row.on: row for row in entered_days(uow.session, year)}
    seeds = {row.on: row for row in seed_rows() if row.on.year == year and row.on not in entered}
    kept = uow.session.get(CalendarYear, year)
    seeded = next((notice.notice for notice in NOTICES if notice.year == year), "")
    days = [_day(row.on, row.works, row.name, row.source, entered=True) for row in entered.values()]
    days += [_day(row.on, row.works, row.name, row.notice, entered=False) for row in seeds.values()]
    announced = kept is not None or bool(seeded)
    if not announced:
        days += [
            _day(on, False, "法定节日（暂定）", "", entered=False) for on in statutory_days(year) if on not in entered
        ]
    return {
        "year": year,
        "announced": announced,
        "notice": kept.notice if kept is not None else seeded,
        "entered_at": kept.at if kept is not None else None,
        "version": work_calendar(uow).version,
        "days": sorted(days, key=lambda day: str(day["on"])),
    }


def _day(on: date, works: bool, name: str, source: str, *, entered: bool) -> dict[str, Any]:
    return {"on": on, "works": works, "name": name, "source": source, "entered": entered}
