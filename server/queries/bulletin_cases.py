"""通报要写的案件与一览表。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from server.domain.cases import Case as CaseValue
from server.models.bulletins import BulletinCheck, BulletinViolation
from server.models.checks import Answer, Check, ChecklistVersion, EvidenceSlot
from server.models.evidence import Evidence
from server.models.subjects import Subject, SubjectParty
from server.models.violations import Case, Violation
from server.queries.case_values import case_value

BATCH = 500


@dataclass(frozen=True, slots=True)
class CaseLine:
    """What counting and choosing need of one case; its documents as stored, its state as a domain value."""

    check_id: int
    subject_id: int
    region_code: str
    frame: str
    checklist: str
    ended_on: date
    notices: list[dict[str, Any]]
    value: CaseValue


def case_lines(session: Session, bulletin_id: int) -> Iterator[CaseLine]:
    """Every case of the bulletin's checks in order of check, streamed: memory does not grow with their number."""
    columns = (Case.uuid, Case.state, Case.filed_on, Case.filing_no, Case.decision, Case.change_note, Case.notices)
    rows = (
        select(*columns, Case.check_id, Case.subject_id, Case.region_code, Subject.frame, Check.ended_on)
        .add_columns(ChecklistVersion.code)
        .join(BulletinCheck, BulletinCheck.check_id == Case.check_id)
        .join(Check, Check.id == Case.check_id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .join(Subject, Subject.id == Case.subject_id)
        .where(BulletinCheck.bulletin_id == bulletin_id)
        .order_by(Case.check_id)
    )
    row: Any
    for row in _streamed(session, rows):
        yield CaseLine(
            check_id=row.check_id,
            subject_id=row.subject_id,
            region_code=row.region_code,
            frame=row.frame,
            checklist=row.code,
            ended_on=row.ended_on,
            notices=row.notices,
            value=case_value(row),
        )


def held_items(session: Session, bulletin_id: int) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Per check, in order of check: (item, severity frozen with the bulletin) of each held violation."""
    rows = (
        select(Violation.check_id, Violation.item_code, BulletinViolation.severity)
        .join(BulletinViolation, BulletinViolation.violation_id == Violation.id)
        .where(BulletinViolation.bulletin_id == bulletin_id)
        .order_by(Violation.check_id, Violation.item_code)
    )
    for check_id, group in groupby(_streamed(session, rows), key=lambda row: row[0]):
        yield check_id, [(item, severity) for _, item, severity in group]


def full_cases(session: Session, uuids: Sequence[UUID]) -> dict[UUID, Case]:
    """A few chosen cases with everything a paragraph may say."""
    rows = (
        select(Case)
        .where(Case.uuid.in_(uuids))
        .options(
            joinedload(Case.subject).options(
                joinedload(Subject.organisation),
                selectinload(Subject.parties).joinedload(SubjectParty.organisation),
            ),
            joinedload(Case.check).options(
                joinedload(Check.checklist_version).load_only(ChecklistVersion.code, ChecklistVersion.version)
            ),
        )
    )
    return {row.uuid: row for row in session.scalars(rows).unique()}


def held_violations(session: Session, bulletin_id: int, check_id: int) -> Sequence[Violation]:
    """Held violations of one check, in order of item."""
    rows = (
        select(Violation)
        .join(BulletinViolation, BulletinViolation.violation_id == Violation.id)
        .where(BulletinViolation.bulletin_id == bulletin_id, Violation.check_id == check_id)
        .order_by(Violation.item_code)
    )
    return session.scalars(rows).all()


def _streamed(session: Session, rows: Select[Any]) -> Iterator[Any]:
    """Rows as they come: a server-side cursor on PostgreSQL, the driver's own stepping on SQLite."""
    with session.execute(rows, execution_options={"yield_per": BATCH}) as result:
        yield from result


@dataclass(frozen=True, slots=True)
class PhotoStanding:
    """Photos of one check: verified of expected, and those whose time and place agree of those judged."""

    verified: int
    expected: int
    agreeing: int
    judged: int


def photo_standing(session: Session, bulletin_id: int) -> Iterator[tuple[int, PhotoStanding]]:
    """Per check that has a case and photos, in order of check."""
    rows = (
        select(EvidenceSlot.check_id, EvidenceSlot.verified_at, Evidence.agreement)
        .join(BulletinCheck, BulletinCheck.check_id == EvidenceSlot.check_id)
        .join(Case, Case.check_id == EvidenceSlot.check_id)
        .outerjoin(Evidence, Evidence.id == EvidenceSlot.evidence_id)
        .where(BulletinCheck.bulletin_id == bulletin_id)
        .order_by(EvidenceSlot.check_id)
    )
    for check_id, group in groupby(_streamed(session, rows), key=lambda row: row[0]):
        line = [0, 0, 0, 0]
        for _, verified_at, agreement in group:
            line[1] += 1
            line[0] += verified_at is not None
            if agreement:
                line[3] += 1
                line[2] += agreement.get("place") == "agrees" and agreement.get("time") == "agrees"
        yield check_id, PhotoStanding(*line)


def photos_of_items(session: Session, check_ids: Sequence[int]) -> dict[tuple[int, str], tuple[str, ...]]:
    """Short digests of the photos behind each item, for the drafters' notes."""
    rows = (
        select(EvidenceSlot.check_id, EvidenceSlot.item_code, Evidence.sha256)
        .join(Evidence, Evidence.id == EvidenceSlot.evidence_id)
        .where(EvidenceSlot.check_id.in_(check_ids), EvidenceSlot.item_code.is_not(None))
        .order_by(Evidence.sha256)
    )
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for check_id, item, digest in session.execute(rows):
        found[(check_id, item)].append(digest[:12])
    return {key: tuple(dict.fromkeys(digests)) for key, digests in found.items()}


def result_rows(session: Session, bulletin_id: int) -> list[Any]:
    """One row per subject, checklist and day: (subject, checklist code, day, conforming, judged)."""
    keys = (Check.subject_id, ChecklistVersion.code, Check.ended_on)
    rows = (
        select(
            *keys,
            func.sum(case((Answer.outcome == "conforming", 1), else_=0)),
            func.sum(case((Answer.outcome.in_(("conforming", "failing")), 1), else_=0)),
        )
        .select_from(Check)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .outerjoin(Answer, Answer.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == bulletin_id)
        .group_by(*keys)
    )
    found = session.execute(rows).all()
    subjects = (
        select(Subject).where(Subject.id.in_({row[0] for row in found})).options(joinedload(Subject.organisation))
    )
    by_id = {subject.id: subject for subject in session.scalars(subjects)}
    return [(by_id[subject_id], *rest) for subject_id, *rest in found]


def result_severities(session: Session, bulletin_id: int) -> dict[tuple[int, str, Any, str], int]:
    """Held violations by subject, checklist, day and severity."""
    keys = (Violation.subject_id, ChecklistVersion.code, Check.ended_on, BulletinViolation.severity)
    rows = (
        select(*keys, func.count())
        .select_from(BulletinViolation)
        .join(Violation, Violation.id == BulletinViolation.violation_id)
        .join(Check, Check.id == Violation.check_id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .where(BulletinViolation.bulletin_id == bulletin_id)
        .group_by(*keys)
    )
    return {tuple(row[:4]): row[4] for row in session.execute(rows)}


def snapshot_lines(session: Session, bulletin_id: int) -> Iterator[str]:
    """What the bulletin rests on, one line per case, check and violation, in order of kind and id, streamed.

    Hashing the lines names the snapshot, so the words and their order must never change.
    """
    cases = (
        select(Case.uuid, Case.state, Case.filing_no, Case.decision, Case.notices)
        .join(BulletinCheck, BulletinCheck.check_id == Case.check_id)
        .where(BulletinCheck.bulletin_id == bulletin_id)
        .order_by(Case.uuid)
    )
    for uuid, state, filing_no, decision, notices in _streamed(session, cases):
        yield f"case {uuid} {state} {filing_no} {(decision or {}).get('number', '')} {len(notices)}"
    checks = (
        select(Check.uuid, Check.digest_sha256)
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == bulletin_id)
        .order_by(Check.uuid)
    )
    yield from (f"check {uuid} {digest}" for uuid, digest in _streamed(session, checks))
    held = (
        select(Violation.uuid, BulletinViolation.severity)
        .join(BulletinViolation, BulletinViolation.violation_id == Violation.id)
        .where(BulletinViolation.bulletin_id == bulletin_id)
        .order_by(Violation.uuid)
    )
    yield from (f"violation {uuid} {severity}" for uuid, severity in _streamed(session, held))
