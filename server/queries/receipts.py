"""回执要写的东西：几次检查一起查，语句数与次数无关。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from server.domain.permissions import Scope
from server.models.assignments import AssignmentStep
from server.models.checks import Check, CheckNote, CheckOfficer
from server.models.evidence import Evidence
from server.models.subjects import Officer
from server.models.sync import Announcement, CheckPart, CheckQuestion, QuestionReply
from server.queries.scope import in_scope

SIGNED = "merge-signed"


def checks_of(session: Session, uuids: Collection[UUID], scope: Scope, officer_id: int | None) -> list[Check]:
    """The checks in scope, or of this officer, with their slots and officers."""
    seats = select(CheckOfficer.check_id).where(CheckOfficer.officer_id == officer_id)
    rows = (
        select(Check)
        .where(Check.uuid.in_(uuids), or_(in_scope(Check.region_code, scope), Check.id.in_(seats)))
        .options(
            selectinload(Check.slots),
            selectinload(Check.officers).joinedload(CheckOfficer.officer).lazyload(Officer.organisation),
        )
    )
    return list(session.scalars(rows))


def parts_of(session: Session, uuids: Collection[UUID]) -> dict[UUID, list[CheckPart]]:
    """Parts by check, in the order of arrival; other content that was sent under a used id is among them, marked so."""
    rows = select(CheckPart).where(CheckPart.check_uuid.in_(uuids)).order_by(CheckPart.id)
    found: dict[UUID, list[CheckPart]] = defaultdict(list)
    for row in session.scalars(rows.options(joinedload(CheckPart.officer).lazyload(Officer.organisation))):
        found[row.check_uuid].append(row)
    return found


def photos_by_id(session: Session, uuids: Collection[UUID]) -> dict[UUID, Evidence]:
    return {row.uuid: row for row in session.scalars(select(Evidence).where(Evidence.uuid.in_(uuids)))}


def photos_sent_for(session: Session, uuids: Collection[UUID], user_id: int | None) -> dict[UUID, list[Evidence]]:
    """Photos this user sent for these checks, whether or not a record mentions them."""
    rows = select(Evidence).where(Evidence.check_uuid.in_(uuids), Evidence.uploaded_by == user_id)
    found: dict[UUID, list[Evidence]] = defaultdict(list)
    for row in session.scalars(rows):
        if row.check_uuid is not None:
            found[row.check_uuid].append(row)
    return found


def reports_of(session: Session, uuids: Collection[UUID], user_id: int | None) -> dict[UUID, AssignmentStep]:
    """Reports of this user by their own id."""
    rows = select(AssignmentStep).where(AssignmentStep.key.in_(uuids), AssignmentStep.by == user_id)
    return {row.key: row for row in session.scalars(rows)}


def announced_at(session: Session, uuids: Collection[UUID]) -> dict[tuple[UUID, str], datetime]:
    """When (check, record digest) was first announced."""
    rows = (
        select(Announcement.check_uuid, Announcement.record_sha256, func.min(Announcement.arrived_at))
        .where(Announcement.check_uuid.in_(uuids))
        .group_by(Announcement.check_uuid, Announcement.record_sha256)
    )
    return {(check, digest): at for check, digest, at in session.execute(rows)}


def questions_of(session: Session, check_ids: Sequence[int]) -> dict[int, list[CheckQuestion]]:
    """Questions by check with their replies, in the order of items."""
    rows = select(CheckQuestion).where(CheckQuestion.check_id.in_(check_ids)).order_by(CheckQuestion.item_code)
    replies = selectinload(CheckQuestion.replies).joinedload(QuestionReply.officer).lazyload(Officer.organisation)
    found: dict[int, list[CheckQuestion]] = defaultdict(list)
    for row in session.scalars(rows.options(replies)):
        found[row.check_id].append(row)
    return found


def signatures_of(session: Session, check_ids: Sequence[int]) -> dict[int, list[CheckNote]]:
    """Who put their name to which merged digest."""
    rows = select(CheckNote).where(CheckNote.check_id.in_(check_ids), CheckNote.kind == SIGNED).order_by(CheckNote.id)
    found: dict[int, list[CheckNote]] = defaultdict(list)
    for row in session.scalars(rows):
        found[row.check_id].append(row)
    return found
