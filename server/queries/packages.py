"""资料包：任务之外手机还要带的；语句数不随任务数增长。"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from server.domain.checks import shanghai_day
from server.domain.merging import OPEN
from server.domain.permissions import Scope
from server.models.assignments import AssignmentOfficer
from server.models.checks import Check, CheckOfficer
from server.models.regions import Region
from server.models.subjects import Officer
from server.models.sync import CheckPart, CheckQuestion
from server.models.users import User
from server.queries.field_assignments import Pulled, pull
from server.queries.scope import in_scope

MOST_PEOPLE = 500
MOST_QUESTIONS = 200


def own(session: Session, user_id: int | None) -> dict[str, Any]:
    """The person who asks, and the officer of the register they are."""
    rows = select(
        User.uuid, User.login, User.name, Officer.uuid, Officer.certificate_no, Officer.certificate_expires_on
    )
    row = session.execute(
        rows.select_from(User).join(Officer, Officer.id == User.officer_id, isouter=True).where(User.id == user_id)
    ).one()
    user, login, name, officer, certificate, expires = row
    return {
        "user": user,
        "login": login,
        "name": name,
        "officer": officer,
        "certificate": certificate,
        "certificate_expires_on": expires.isoformat() if expires else None,
    }


def packed(session: Session, officer_id: int, after: str, limit: int, now: datetime) -> Pulled:
    """An officer's tasks changed after the cursor, with region names, certificates and shapes a map reads."""
    pulled = pull(session, officer_id, after, limit, now)
    regions = _regions(session, {row["subject"]["region_code"] for row in pulled.items})
    certificates = _certificates(session, {who["uuid"] for row in pulled.items for who in row["officers"]})
    for row in pulled.items:
        row["subject"] |= _place(row["subject"], regions)
        row["officers"] = [{**who, "certificate_no": certificates[who["uuid"]]} for who in row["officers"]]
        row["checklist"] = row["checklists"][0] if row["checklists"] else None
        row["last_check"] = _last(row["last_check"])
    return pulled


def _regions(session: Session, codes: Collection[str]) -> dict[str, str]:
    return dict(session.execute(select(Region.code, Region.name).where(Region.code.in_(codes))).tuples().all())


def _certificates(session: Session, officers: Collection[UUID]) -> dict[UUID, str]:
    rows = select(Officer.uuid, Officer.certificate_no).where(Officer.uuid.in_(officers))
    return dict(session.execute(rows).tuples().all())


def _place(subject: dict[str, Any], regions: dict[str, str]) -> dict[str, Any]:
    known = subject["longitude"] is not None
    rings = subject["boundary"]
    return {
        "region": regions.get(subject["region_code"], subject["region_code"]),
        "centre": [subject["longitude"], subject["latitude"]] if known else None,
        "outline": {"type": "Polygon", "coordinates": rings} if rings else None,
    }


def _last(last: dict[str, Any] | None) -> dict[str, Any] | None:
    if last is None:
        return None
    found = [
        {**row, "item_code": row["item"], "title": row["requirement"], "outcome": "failing"} for row in last["findings"]
    ]
    return {**last, "findings": found}


def people(session: Session, scope: Scope, officer_id: int, now: datetime) -> list[dict[str, Any]]:
    """Who may stand beside this officer: those of the scope and those on the same tasks, in office and certified today."""
    tasks = select(AssignmentOfficer.assignment_id).where(AssignmentOfficer.officer_id == officer_id)
    crews = select(AssignmentOfficer.officer_id).where(AssignmentOfficer.assignment_id.in_(tasks))
    rows = (
        select(Officer.uuid, Officer.name, Officer.certificate_no, Officer.unit)
        .where(or_(in_scope(Officer.region_code, scope), Officer.id.in_(crews)))
        .where(Officer.retired_at.is_(None), Officer.certificate_expires_on > shanghai_day(now))
        .order_by(Officer.name, Officer.certificate_no)
    )
    names = ("uuid", "name", "certificate_no", "unit")
    return [dict(zip(names, row, strict=True)) for row in session.execute(rows.limit(MOST_PEOPLE))]


def open_questions(session: Session, officer_id: int) -> list[CheckQuestion]:
    """Questions not yet settled of the checks this officer took part in, the oldest first."""
    rows = (
        select(CheckQuestion)
        .join(CheckOfficer, CheckOfficer.check_id == CheckQuestion.check_id)
        .where(CheckQuestion.state == OPEN, CheckOfficer.officer_id == officer_id)
        .options(joinedload(CheckQuestion.check).joinedload(Check.subject))
        .options(joinedload(CheckQuestion.check).joinedload(Check.checklist_version))
        .order_by(CheckQuestion.asked_at, CheckQuestion.id)
    )
    return list(session.scalars(rows.limit(MOST_QUESTIONS)))


def merged_checks(session: Session, officer_id: int, since: datetime) -> Sequence[Check]:
    """Checks of this officer into which a part was merged since then."""
    merged = select(CheckPart.check_uuid).where(CheckPart.merged_at >= since)
    rows = (
        select(Check)
        .join(CheckOfficer, CheckOfficer.check_id == Check.id)
        .where(CheckOfficer.officer_id == officer_id, Check.uuid.in_(merged))
        .options(joinedload(Check.subject))
        .order_by(Check.id.desc())
    )
    return session.scalars(rows.limit(MOST_QUESTIONS)).unique().all()
