"""批次模拟：公告之前演算一遍，只读名录，什么也不留下。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.domain.batches import EXCLUSION_REASONS, BatchOptions
from server.domain.checks import shanghai_day
from server.domain.draws import ticket_maker
from server.domain.simulation import NOTE, Crew, KindShare, Shortage, kind_shares, try_crew
from server.models.draws import Batch
from server.services.calendars import work_calendar
from server.services.frames import absent_officers, count_frame, enterprises_over_cap, freeze
from server.uow import UnitOfWork

ABSENCES = {"certificate": "执法证在期限内到期", "leave": "期限内请假或不在岗"}


@dataclass(frozen=True, slots=True)
class Counted:
    """一个理由码、它的说法和数目。"""

    code: str
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """Sizes by stratum and by kind, who is left out and why, what the crew would carry and what is short."""

    on: date
    due_on: date
    due_provisional: bool
    total: int
    take: int
    strata: tuple[dict[str, Any], ...]
    excluded: tuple[Counted, ...]
    kinds: tuple[KindShare, ...]
    crew: Crew
    absent: tuple[Counted, ...]
    shortages: tuple[Shortage, ...]
    warnings: tuple[str, ...]
    note: str = NOTE


def simulate(uow: UnitOfWork, batch: Batch) -> Simulation:
    """What a draw of this batch would look like if it were announced and drawn today; nothing is written."""
    options = BatchOptions.from_dict(batch.options)
    on = shanghai_day(uow.now)
    term = work_calendar(uow).add_workdays(on, options.due_workdays)
    frozen = freeze(uow, batch, on, term.on)
    frame = frozen.frame
    counts = count_frame(uow, batch, frame)
    crew, shortages = try_crew(frame, frozen.files, options, ticket_maker(uow.new_token().encode()))
    return Simulation(
        on=on,
        due_on=term.on,
        due_provisional=term.provisional,
        total=len(frame.objects),
        take=sum(stratum.take for stratum in frame.strata),
        strata=tuple(stratum.to_dict() for stratum in frame.strata),
        excluded=_counted(Counter(reason for _, reason in frame.excluded), EXCLUSION_REASONS),
        kinds=kind_shares(frame, counts.kinds),
        crew=crew,
        absent=_counted(absent_officers(uow, batch, on, term.on), ABSENCES),
        shortages=shortages,
        warnings=(*frame.warnings, *_over_cap(enterprises_over_cap(uow, batch, frame, counts, on))),
    )


def _counted(found: Mapping[str, int], titles: Mapping[str, str]) -> tuple[Counted, ...]:
    return tuple(Counted(code, text, found[code]) for code, text in titles.items() if found.get(code))


def _over_cap(enterprises: int) -> tuple[str, ...]:
    words = f"有{enterprises}家单位列入的对象较多，一次抽中几个就会超过年度上限；请合并检查，或调整批次。"
    return (words,) if enterprises else ()
