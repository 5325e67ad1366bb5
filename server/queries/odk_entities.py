"""Collect 离线用的名单：本人的任务、辖区的检查对象、可同行的执法人员。

Three statements, one a list, whatever their length; O(rows) for the digest that tells a phone whether to fetch again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from hashlib import md5
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from server.domain.assignments import OPEN
from server.domain.permissions import Scope
from server.formats.csvfile import write_csv
from server.models.assignments import Assignment, AssignmentOfficer
from server.models.checks import ChecklistVersion
from server.models.subjects import Officer, Subject
from server.queries.scope import in_scope

Row = dict[str, Any]
COLUMNS: dict[str, tuple[str, ...]] = {
    "assignments": ("subject", "checklists", "frame", "source", "officer_1", "officer_2", "state"),
    "subjects": ("frame", "region_code", "address"),
    "officers": ("certificate_no",),
}
HEAD = ("name", "label", "__version")


def assignments(session: Session, _scope: Scope, officer_id: int, _on: date) -> Iterator[Row]:
    """The officer's own tasks that are open."""
    own = select(AssignmentOfficer.assignment_id).where(AssignmentOfficer.officer_id == officer_id)
    rows = session.scalars(
        select(Assignment)
        .where(Assignment.id.in_(own), Assignment.state.in_([s.value for s in OPEN]))
        .options(
            joinedload(Assignment.subject),
            selectinload(Assignment.officers).joinedload(AssignmentOfficer.officer).lazyload(Officer.organisation),
        )
        .order_by(Assignment.due_on, Assignment.id)
    ).all()
    codes = _codes(session, {v for row in rows for v in row.checklist_version_ids})
    for row in rows:
        crew = [str(seat.officer.uuid) for seat in row.officers] + ["", ""]
        yield {
            "name": row.uuid,
            "label": f"{row.subject.name}（{row.due_on} 前）",
            "__version": row.revision,
            "subject": row.subject.uuid,
            "checklists": " ".join(codes[v] for v in row.checklist_version_ids if v in codes),
            "frame": row.subject.frame,
            "source": "double_random" if row.draw_id else "campaign",
            "officer_1": crew[0],
            "officer_2": crew[1],
            "state": "open",
        }


def _codes(session: Session, ids: set[int]) -> dict[int, str]:
    rows = session.execute(select(ChecklistVersion.id, ChecklistVersion.code).where(ChecklistVersion.id.in_(ids)))
    return dict(rows.tuples().all())


def subjects(session: Session, scope: Scope, _officer_id: int, _on: date) -> Iterator[Row]:
    """Subjects of the scope that are in the register today."""
    rows = session.execute(
        select(Subject.uuid, Subject.name, Subject.revision, Subject.frame, Subject.region_code, Subject.address)
        .where(in_scope(Subject.region_code, scope), Subject.retired_at.is_(None))
        .order_by(Subject.name, Subject.id)
    )
    for row in rows:
        yield dict(zip((*HEAD, *COLUMNS["subjects"]), row, strict=True))


def officers(session: Session, scope: Scope, _officer_id: int, on: date) -> Iterator[Row]:
    """Officers of the scope whose certificate is valid."""
    rows = session.execute(
        select(Officer.uuid, Officer.name, Officer.revision, Officer.certificate_no)
        .where(in_scope(Officer.region_code, scope), Officer.retired_at.is_(None), Officer.certificate_expires_on > on)
        .order_by(Officer.name, Officer.id)
    )
    for row in rows:
        yield dict(zip((*HEAD, *COLUMNS["officers"]), row, strict=True))


LISTS: dict[str, Callable[[Session, Scope, int, date], Iterator[Row]]] = {
    "assignments": assignments,
    "subjects": subjects,
    "officers": officers,
}


def list_csv(session: Session, word: str, scope: Scope, officer_id: int, on: date) -> Iterator[bytes]:
    """One list as CSV, in pieces."""
    columns = [(name, name) for name in (*HEAD, *COLUMNS[word])]
    return write_csv(columns, LISTS[word](session, scope, officer_id, on), spreadsheet=False)


def list_hash(session: Session, word: str, scope: Scope, officer_id: int, on: date) -> str:
    """MD5 of the list as served now."""
    found = md5(usedforsecurity=False)
    for piece in list_csv(session, word, scope, officer_id, on):
        found.update(piece)
    return found.hexdigest()


def gone(session: Session, word: str, scope: Scope, officer_id: int, on: date, ids: list[UUID]) -> dict[UUID, bool]:
    """For each id whether it is no longer in the list."""
    here = {UUID(str(row["name"])) for row in LISTS[word](session, scope, officer_id, on)}
    return {uuid: uuid not in here for uuid in ids}
