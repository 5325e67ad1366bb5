"""Collect 记录里要人看一眼的：转不成检查的，文件还没到齐的。"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.domain.openrosa import SubmissionState, completeness
from server.domain.permissions import Scope
from server.models.openrosa import Submission, SubmissionFile
from server.models.users import User
from server.queries.scope import in_scope

MOST = 200


def unfinished(session: Session, scope: Scope) -> list[dict[str, Any]]:
    """Blocked records first, then recent ones; three statements. `missing` and `orphans` are file names."""
    rows = session.scalars(
        select(Submission)
        .where(in_scope(Submission.region_code, scope))
        .options(joinedload(Submission.form))
        .order_by((Submission.state == SubmissionState.BLOCKED.value).desc(), Submission.id.desc())
        .limit(MOST)
    ).all()
    files = _files(session, [row.id for row in rows])
    people = _people(session, {row.user_id for row in rows})
    return [_row(row, files.get(row.id, []), people) for row in rows]


def _files(session: Session, ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    wanted = select(SubmissionFile.submission_id, SubmissionFile.name).where(
        SubmissionFile.submission_id.in_(list(ids))
    )
    for row_id, name in session.execute(wanted).tuples():
        found.setdefault(row_id, []).append(name)
    return found


def _people(session: Session, ids: set[int]) -> dict[int, str]:
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(ids))).tuples().all())


def _row(row: Submission, names: list[str], people: dict[int, str]) -> dict[str, Any]:
    found = completeness(row.expected, names)
    return {
        "uuid": row.uuid,
        "instance_id": row.instance_id,
        "form": row.form.title,
        "person": people.get(row.user_id, ""),
        "received_at": row.received_at,
        "state": row.state,
        "problem": row.problem,
        "check": row.check_uuid,
        "held": len(found.held),
        "missing": found.missing,
        "orphans": found.orphans,
        "beside": sorted({name for name in names if names.count(name) > 1}),
    }
