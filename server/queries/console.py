"""控制台列表与详情的查询；每条都带范围。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from server.domain.evidence import reuse_flag
from server.domain.permissions import Scope
from server.models.bulletins import Bulletin, BulletinStep
from server.models.checks import Answer, Check, CheckNote, EvidenceSlot
from server.models.evidence import Evidence, Likeness
from server.models.subjects import Subject
from server.models.users import User
from server.models.violations import Case, Violation
from server.queries.pages import Page, contains, page
from server.queries.scope import in_scope


def checks(session: Session, scope: Scope, after: int, limit: int, q: str) -> Page[Check]:
    rows = select(Check).where(in_scope(Check.region_code, scope))
    rows = rows.options(joinedload(Check.subject), joinedload(Check.checklist_version))
    if q:
        rows = rows.where(Check.subject_id.in_(select(Subject.id).where(contains(Subject.name, q))))
    return page(session, rows, Check.id, after, limit)


def slot_counts(session: Session, check_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(expected, verified) photos per check."""
    rows = select(EvidenceSlot.check_id, func.count(), func.count(EvidenceSlot.verified_at))
    rows = rows.where(EvidenceSlot.check_id.in_(check_ids)).group_by(EvidenceSlot.check_id)
    return {check: (expected, verified) for check, expected, verified in session.execute(rows)}


def failing_counts(session: Session, check_ids: Sequence[int]) -> dict[int, int]:
    rows = select(Answer.check_id, func.count()).where(Answer.check_id.in_(check_ids), Answer.outcome == "failing")
    return dict(session.execute(rows.group_by(Answer.check_id)).tuples().all())


def answers_of(session: Session, check_id: int) -> Sequence[Answer]:
    return session.scalars(select(Answer).where(Answer.check_id == check_id).order_by(Answer.item_code)).all()


def notes_of(session: Session, check_id: int) -> Sequence[CheckNote]:
    return session.scalars(select(CheckNote).where(CheckNote.check_id == check_id).order_by(CheckNote.id)).all()


def evidence(
    session: Session, scope: Scope, after: int, limit: int, *, check: UUID | None, unmatched: bool
) -> Page[Evidence]:
    """Photos in scope; of one check (as its slots say), or those no check has claimed."""
    rows = select(Evidence).where(in_scope(Evidence.region_code, scope)).options(joinedload(Evidence.place))
    claimed = select(EvidenceSlot.evidence_id).where(EvidenceSlot.evidence_id.is_not(None))
    if check is not None:
        mine = claimed.join(Check, Check.id == EvidenceSlot.check_id).where(Check.uuid == check)
        rows = rows.where(Evidence.id.in_(mine))
    if unmatched:
        rows = rows.where(Evidence.id.not_in(claimed))
    return page(session, rows, Evidence.id, after, limit)


def slots_of(session: Session, evidence_ids: Sequence[int]) -> dict[int, tuple[UUID, str | None]]:
    """(check, item) of the earliest check that claims each photo."""
    rows = (
        select(EvidenceSlot.evidence_id, Check.uuid, EvidenceSlot.item_code)
        .join(Check, Check.id == EvidenceSlot.check_id)
        .where(EvidenceSlot.evidence_id.in_(evidence_ids))
        .order_by(EvidenceSlot.check_id.desc())
    )
    return {evidence_id: (check, item) for evidence_id, check, item in session.execute(rows)}


def reuse_flags(session: Session, evidence_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Likeness with earlier photos as flags, computed when looked at, so that the order of processing never matters."""
    rows = (
        select(Likeness, Evidence.received_at)
        .join(Evidence, Evidence.id == Likeness.earlier_id)
        .where(Likeness.later_id.in_(evidence_ids))
        .order_by(Likeness.later_id, Likeness.exact.desc(), Likeness.distance, Likeness.earlier_id)
    )
    found = [(row, received) for row, received in session.execute(rows)]
    places = slots_of(session, [r.earlier_id for r, _ in found] + [r.later_id for r, _ in found])
    flags: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row, received in found:
        earlier, later = places.get(row.earlier_id), places.get(row.later_id)
        same = earlier is not None and later is not None and earlier[0] == later[0]
        where = "本次检查" if same else f"{received:%Y-%m-%d} 收到的另一次检查" if earlier else "未认领"
        flag = reuse_flag(exact=bool(row.exact), distance=row.distance, where=where, same_check=same)
        flags[row.later_id].append(flag.as_dict())
    return flags


def violations(
    session: Session, scope: Scope, after: int, limit: int, *, state: str, severity: str, check: UUID | None
) -> Page[Violation]:
    rows = select(Violation).where(in_scope(Violation.region_code, scope))
    rows = rows.options(joinedload(Violation.subject), joinedload(Violation.check))
    if state:
        rows = rows.where(Violation.state == state)
    if severity:
        rows = rows.where(Violation.severity == severity)
    if check is not None:
        rows = rows.where(Violation.check_id == select(Check.id).where(Check.uuid == check).scalar_subquery())
    return page(session, rows, Violation.id, after, limit)


def photos_of_violations(session: Session, rows: Sequence[Violation]) -> dict[tuple[int, str], list[UUID]]:
    """Photos claimed for the item of each violation, by (check id, item)."""
    slots = select(EvidenceSlot).where(EvidenceSlot.check_id.in_({v.check_id for v in rows}))
    found: dict[tuple[int, str], list[UUID]] = defaultdict(list)
    for slot in session.scalars(slots.order_by(EvidenceSlot.id)):
        if slot.item_code:
            found[(slot.check_id, slot.item_code)].append(slot.photo_uuid)
    return found


def case_ids(session: Session, ids: Sequence[int | None]) -> dict[int, UUID]:
    rows = select(Case.id, Case.uuid).where(Case.id.in_([i for i in ids if i is not None]))
    return dict(session.execute(rows).tuples().all())


def cases(session: Session, scope: Scope, after: int, limit: int, q: str) -> Page[Case]:
    rows = select(Case).where(in_scope(Case.region_code, scope))
    rows = rows.options(joinedload(Case.subject), joinedload(Case.check))
    if q:
        rows = rows.where(Case.subject_id.in_(select(Subject.id).where(contains(Subject.name, q))))
    return page(session, rows, Case.id, after, limit)


def violations_of_cases(session: Session, ids: Sequence[int]) -> dict[int, list[UUID]]:
    rows = select(Violation.case_id, Violation.uuid).where(Violation.case_id.in_(ids)).order_by(Violation.item_code)
    found: dict[int, list[UUID]] = defaultdict(list)
    for case_id, uuid in session.execute(rows):
        found[case_id].append(uuid)
    return found


def bulletins(session: Session, scope: Scope, after: int, limit: int, q: str) -> Page[Bulletin]:
    rows = select(Bulletin).where(in_scope(Bulletin.region_code, scope))
    if q:
        rows = rows.where(contains(Bulletin.title, q))
    return page(session, rows, Bulletin.id, after, limit)


def steps_of(session: Session, bulletin_id: int) -> list[dict[str, Any]]:
    rows = select(BulletinStep, User.name).join(User, User.id == BulletinStep.by)
    rows = rows.where(BulletinStep.bulletin_id == bulletin_id).order_by(BulletinStep.id)
    return [{"act": s.act, "by": name, "at": s.at, "note": s.note} for s, name in session.execute(rows)]
