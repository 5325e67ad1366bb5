"""名录的变更记录：谁、何时、改了什么；请假与回避关系的列表。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.domain.register_facts import Register
from server.models.matters import OfficerInterest, OfficerLeave, RegisterChange
from server.models.subjects import Organisation, Subject
from server.models.users import User
from server.queries.pages import Page

NOBODY = "系统"


def history(session: Session, register: Register, record_id: int, after: int, limit: int) -> Page[dict[str, Any]]:
    """The changes of one record, oldest first; `by_name` names the person, 系统 when nobody did it by hand."""
    row = RegisterChange
    rows = (
        select(row, User.uuid, User.name)
        .outerjoin(User, User.id == row.by)
        .where(row.register == register.value, row.record_id == record_id, row.id > after)
        .order_by(row.id)
        .limit(limit + 1)
    )
    found = session.execute(rows).all()
    kept = found[:limit]
    items = [
        {
            "revision": change.revision,
            "act": change.act,
            "changes": change.changes,
            "reason": change.reason,
            "at": change.at,
            "by": by,
            "by_name": name or NOBODY,
        }
        for change, by, name in kept
    ]
    return Page(items, kept[-1][0].id if len(found) > limit else None)


def leaves(session: Session, officer_id: int) -> Sequence[OfficerLeave]:
    """Every leave of an officer, cancelled ones too, by first day."""
    rows = select(OfficerLeave).where(OfficerLeave.officer_id == officer_id)
    return session.scalars(rows.order_by(OfficerLeave.from_on, OfficerLeave.id)).all()


def interests(session: Session, officer_id: int) -> list[dict[str, Any]]:
    """Every declared relation of an officer with the name of its target, cancelled ones too, oldest first."""
    row = OfficerInterest
    rows = (
        select(row, Organisation.uuid, Organisation.name, Subject.uuid, Subject.name)
        .outerjoin(Organisation, Organisation.id == row.organisation_id)
        .outerjoin(Subject, Subject.id == row.subject_id)
        .where(row.officer_id == officer_id)
        .order_by(row.id)
    )
    return [
        {
            "uuid": found.uuid,
            "kind": found.kind,
            "organisation": firm,
            "subject": subject,
            "name": firm_name or subject_name,
            "from_on": found.from_on,
            "to_on": found.to_on,
            "note": found.note,
            "at": found.at,
            "cancelled_at": found.cancelled_at,
        }
        for found, firm, firm_name, subject, subject_name in session.execute(rows)
    ]
