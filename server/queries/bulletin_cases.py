"""通报要写的案件与一览表。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from server.models.bulletins import BulletinCheck, BulletinViolation
from server.models.checks import Answer, Check, ChecklistVersion, EvidenceSlot
from server.models.evidence import Evidence
from server.models.subjects import Subject, SubjectParty
from server.models.violations import Case, Violation


def cases_of(session: Session, bulletin_id: int) -> Sequence[Case]:
    """Cases of the bulletin's checks with everything a paragraph may say, in order of id."""
    mine = select(BulletinCheck.check_id).where(BulletinCheck.bulletin_id == bulletin_id)
    rows = (
        select(Case)
        .where(Case.check_id.in_(mine))
        .options(
            joinedload(Case.subject).options(
                joinedload(Subject.organisation),
                selectinload(Subject.parties).joinedload(SubjectParty.organisation),
            ),
            joinedload(Case.check).options(
                joinedload(Check.checklist_version).load_only(ChecklistVersion.code, ChecklistVersion.version)
            ),
        )
        .order_by(Case.uuid)
    )
    return session.scalars(rows).unique().all()


def violations_of(session: Session, bulletin_id: int) -> dict[int, list[Violation]]:
    """Held violations by check id, in order of item; `severity` is the one frozen with the bulletin."""
    rows = (
        select(Violation)
        .join(BulletinViolation, BulletinViolation.violation_id == Violation.id)
        .where(BulletinViolation.bulletin_id == bulletin_id)
        .order_by(Violation.check_id, Violation.item_code)
    )
    found: dict[int, list[Violation]] = defaultdict(list)
    for row in session.scalars(rows):
        found[row.check_id].append(row)
    return found


@dataclass(frozen=True, slots=True)
class PhotoStanding:
    """Photos of one check: verified of expected, and those whose time and place agree of those judged."""

    verified: int
    expected: int
    agreeing: int
    judged: int


def photo_standing(session: Session, check_ids: Sequence[int]) -> dict[int, PhotoStanding]:
    rows = (
        select(EvidenceSlot.check_id, EvidenceSlot.verified_at, Evidence.agreement)
        .outerjoin(Evidence, Evidence.id == EvidenceSlot.evidence_id)
        .where(EvidenceSlot.check_id.in_(check_ids))
    )
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for check_id, verified_at, agreement in session.execute(rows):
        line = sums[check_id]
        line[1] += 1
        line[0] += verified_at is not None
        if agreement:
            line[3] += 1
            line[2] += agreement.get("place") == "agrees" and agreement.get("time") == "agrees"
    return {check_id: PhotoStanding(*line) for check_id, line in sums.items()}


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


def snapshot_lines(session: Session, bulletin_id: int) -> list[str]:
    """What the bulletin rests on, one sorted line per check, violation and case: hashing them names the snapshot."""
    checks = select(Check.uuid, Check.digest_sha256).join(BulletinCheck, BulletinCheck.check_id == Check.id)
    lines = [f"check {u} {d}" for u, d in session.execute(checks.where(BulletinCheck.bulletin_id == bulletin_id))]
    held = select(Violation.uuid, BulletinViolation.severity).join(
        BulletinViolation, BulletinViolation.violation_id == Violation.id
    )
    rows = session.execute(held.where(BulletinViolation.bulletin_id == bulletin_id))
    lines += [f"violation {u} {s}" for u, s in rows]
    lines += [
        f"case {c.uuid} {c.state} {c.filing_no} {(c.decision or {}).get('number', '')} {len(c.notices)}"
        for c in cases_of(session, bulletin_id)
    ]
    return sorted(lines)
