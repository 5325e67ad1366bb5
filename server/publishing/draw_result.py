"""开封之后的结果：抽中的对象和派去的人，人员按公开政策给姓名证号，或者只留化名。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from server.models.draws import Draw, DrawOfficer
from server.models.subjects import Officer, Subject
from server.publishing.draw_files import is_open, read_lines
from server.uow import UnitOfWork

NAMES = "names"


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of the result and the cursor of the next (None at the end)."""

    items: Sequence[dict[str, Any]]
    next: int | None


def read_result(uow: UnitOfWork, draw: Draw, after: int, limit: int) -> ResultPage:
    """Drawn subjects in the order of their tickets. Raises Missing `draw-not-open` before the opening."""
    page = read_lines(uow, draw, "result.tsv", after, limit)
    names = _subject_names(uow, [line[2] for line in page.lines])
    people = name_officers(uow, draw, {officer for line in page.lines for officer in line[4:]})
    return ResultPage([_line(line, names, people) for line in page.lines], page.next)


def _line(line: list[str], names: dict[str, str], people: dict[str, tuple[str, str]]) -> dict[str, Any]:
    stratum, rank, subject, ticket, *officers = line
    return {
        "stratum": stratum,
        "rank": int(rank),
        "object": subject,
        "name": names.get(subject),
        "ticket": ticket,
        "officers": [_officer(officer, people) for officer in officers],
    }


def _officer(pseudonym: str, people: dict[str, tuple[str, str]]) -> dict[str, Any]:
    name, certificate_no = people.get(pseudonym, (None, None))
    return {"id": pseudonym, "name": name, "certificate_no": certificate_no}


def _subject_names(uow: UnitOfWork, codes: Sequence[str]) -> dict[str, str]:
    return dict(uow.session.execute(select(Subject.code, Subject.name).where(Subject.code.in_(codes))).tuples().all())


def name_officers(uow: UnitOfWork, draw: Draw, pseudonyms: set[str]) -> dict[str, tuple[str, str]]:
    """Name and certificate by pseudonym once the draw is open, where the policy is to name officers; else nobody."""
    if uow.settings.publishing.officer_policy != NAMES or not is_open(draw):
        return {}
    rows = (
        select(DrawOfficer.pseudonym, Officer.name, Officer.certificate_no)
        .join(Officer, Officer.id == DrawOfficer.officer_id)
        .where(DrawOfficer.draw_id == draw.id, DrawOfficer.pseudonym.in_(pseudonyms))
    )
    return {pseudonym: (name, number) for pseudonym, name, number in uow.session.execute(rows).tuples()}
