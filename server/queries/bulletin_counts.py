"""通报要数的数：每一类一条分组查询，另有一条不分组的对照。

Everything is counted from `bulletin_checks` and `bulletin_violations`, which were frozen when drafting began, so a figure
and its record list can never drift apart. Cost: a handful of scans of the bulletin's own answers, O(answers) time and
memory that grows with the number of groups only. Groups are counted a window of checks (or subjects) at a time: the
bundled SQLite keeps whatever it sorts for a GROUP BY or a DISTINCT in memory, however much that is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, case, distinct, func, insert, literal, select
from sqlalchemy.orm import Session

from server.domain.bulletin_data import ItemSpread
from server.domain.checks import CheckState
from server.domain.findings import Outcome
from server.domain.statistics import Control, CountRow, FindingCount, Pair, SubjectCount
from server.domain.violations import COUNTED_STATES
from server.models.bulletins import Bulletin, BulletinCheck, BulletinViolation
from server.models.checks import Answer, Check, ChecklistVersion
from server.models.subjects import Subject
from server.models.violations import Violation
from server.queries.scope import in_subtree

WINDOW = 1000
JUDGED = (Outcome.CONFORMING.value, Outcome.FAILING.value)


def checks_in(region: str, checklists: Sequence[str], first_on: date, last_on: date) -> Select[Any]:
    """Ids of the judged checks that ended within the days (inclusive), in the region's subtree, by these checklists."""
    rows = select(Check.id).where(
        Check.state == CheckState.JUDGED.value,
        Check.ended_on >= first_on,
        Check.ended_on <= last_on,
        in_subtree(Check.region_code, region),
    )
    if checklists:
        rows = rows.join(ChecklistVersion).where(ChecklistVersion.code.in_(checklists))
    return rows


def freeze_records(session: Session, bulletin: Bulletin) -> None:
    """Write which checks and confirmed violations this bulletin counts; the same item on one subject counts once."""
    chosen = checks_in(
        bulletin.region_code, bulletin.checklists, bulletin.period_from_on, bulletin.period_to_on
    ).subquery()
    session.execute(
        insert(BulletinCheck).from_select(["bulletin_id", "check_id"], select(literal(bulletin.id), chosen.c.id))
    )
    rank = func.row_number().over(
        partition_by=(Violation.subject_id, Violation.item_code), order_by=(_severity_rank().desc(), Violation.uuid)
    )
    held = (
        select(literal(bulletin.id), Violation.id, Violation.severity, case((rank == 1, 1), else_=0))
        .select_from(Violation)
        .join(BulletinCheck, BulletinCheck.check_id == Violation.check_id)
        .where(BulletinCheck.bulletin_id == bulletin.id, Violation.state.in_([s.value for s in COUNTED_STATES]))
    )
    columns = ["bulletin_id", "violation_id", "severity", "counted"]
    session.execute(insert(BulletinViolation).from_select(columns, held))


def _severity_rank() -> Any:
    return case({"minor": 0, "major": 1, "critical": 2}, value=Violation.severity, else_=0)


def _windows(session: Session, bulletin_id: int, column: Any) -> Iterator[tuple[int, int]]:
    """(first, last) ids covering `column` of the bulletin's checks; empty windows cost one look into an index."""
    mine = select(func.min(column), func.max(column)).join(BulletinCheck, BulletinCheck.check_id == Check.id)
    lowest, highest = session.execute(mine.where(BulletinCheck.bulletin_id == bulletin_id)).one()
    if lowest is not None:
        yield from ((first, first + WINDOW - 1) for first in range(lowest, highest + 1, WINDOW))


def count_rows(session: Session, bulletin_id: int) -> Iterator[CountRow]:
    """Answers by region, frame, link, checklist, section and liable set; a group may come in several rows, to be added."""
    keys = (
        Check.region_code,
        Check.frame,
        Answer.chain_link,
        ChecklistVersion.code,
        Answer.section_code,
        Answer.liable,
    )
    counts = [func.sum(case((Answer.outcome == outcome.value, 1), else_=0)) for outcome in Outcome]
    rows = (
        select(*keys, *counts)
        .select_from(Answer)
        .join(Check, Check.id == Answer.check_id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == bulletin_id)
        .group_by(*keys)
    )
    for window in _windows(session, bulletin_id, Check.id):
        found = session.execute(rows.where(BulletinCheck.check_id.between(*window)))
        for region, frame, link, code, section, liable, *numbers in found:
            parties = tuple(sorted(liable.split("、"))) if liable else ()
            yield CountRow(region, frame, link, code, section.removeprefix(f"{code}-"), parties, *map(int, numbers))


def subject_counts(session: Session, bulletin_id: int) -> list[SubjectCount]:
    """Subjects and checks by kind, frame and region."""
    failing = (
        select(distinct(Check.subject_id))
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .join(Answer, Answer.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == bulletin_id, Answer.outcome == Outcome.FAILING.value)
    )
    rows = (
        select(
            Subject.kind,
            Check.frame,
            Check.region_code,
            func.count(distinct(Check.subject_id)),
            func.count(distinct(case((Check.subject_id.in_(failing), Check.subject_id)))),
            func.count(Check.id),
        )
        .select_from(Check)
        .join(Subject, Subject.id == Check.subject_id)
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == bulletin_id)
        .group_by(Subject.kind, Check.frame, Check.region_code)
    )
    return [SubjectCount(*row) for row in session.execute(rows)]


def finding_counts(session: Session, bulletin_id: int) -> list[FindingCount]:
    """Confirmed violations, once per subject and item."""
    keys = (Check.region_code, Check.frame, ChecklistVersion.code, Violation.section_code, BulletinViolation.severity)
    rows = (
        select(*keys, func.count())
        .select_from(BulletinViolation)
        .join(Violation, Violation.id == BulletinViolation.violation_id)
        .join(Check, Check.id == Violation.check_id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .where(BulletinViolation.bulletin_id == bulletin_id, BulletinViolation.counted == 1)
        .group_by(*keys)
    )
    return [
        FindingCount(region, frame, code, section.removeprefix(f"{code}-"), severity, number)
        for region, frame, code, section, severity, number in session.execute(rows)
    ]


def control(session: Session, bulletin_id: int, notices: int) -> Control:
    """The same totals by separate, ungrouped questions, so that a join that doubles rows is caught."""
    mine = select(BulletinCheck.check_id).where(BulletinCheck.bulletin_id == bulletin_id)
    # Sums, not groups: two counters need no sorting.
    totals = [func.sum(case((Answer.outcome == outcome, 1), else_=0)) for outcome in JUDGED]
    conforming, failing = session.execute(select(*totals).where(Answer.check_id.in_(mine))).one()
    inspected = session.scalar(select(func.count(distinct(Check.subject_id))).where(Check.id.in_(mine))) or 0
    findings = session.scalar(
        select(func.count())
        .select_from(BulletinViolation)
        .where(BulletinViolation.bulletin_id == bulletin_id, BulletinViolation.counted == 1)
    )
    return Control(int(conforming or 0), int(failing or 0), inspected, findings or 0, notices)


def previous_pair(
    session: Session, region: str, checklists: Sequence[str], first_on: date, last_on: date
) -> Pair | None:
    """The pair of the period before; None when nothing was checked then."""
    mine = checks_in(region, checklists, first_on, last_on)
    conforming, checked = session.execute(
        select(
            func.coalesce(func.sum(case((Answer.outcome == JUDGED[0], 1), else_=0)), 0),
            func.coalesce(func.sum(case((Answer.outcome.in_(JUDGED), 1), else_=0)), 0),
        ).where(Answer.check_id.in_(mine))
    ).one()
    return Pair(int(conforming), int(checked)) if checked else None


def item_spread(session: Session, bulletin_id: int, texts: dict[str, str]) -> list[ItemSpread]:
    """For each item with a confirmed violation: subjects failing it among subjects judged on it, by frame."""
    failing = (
        select(
            Check.frame,
            ChecklistVersion.code,
            Violation.section_code,
            Violation.item_code,
            func.count(distinct(Violation.subject_id)),
        )
        .select_from(BulletinViolation)
        .join(Violation, Violation.id == BulletinViolation.violation_id)
        .join(Check, Check.id == Violation.check_id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .where(BulletinViolation.bulletin_id == bulletin_id)
        .group_by(Check.frame, ChecklistVersion.code, Violation.section_code, Violation.item_code)
    )
    rows = session.execute(failing).all()
    judged = _judged_subjects(session, bulletin_id, [row[3] for row in rows])
    return [
        ItemSpread(
            checklist=code,
            section=section.removeprefix(f"{code}-"),
            item_code=item,
            frame=frame,
            text=texts.get(item, item),
            failing_subjects=number,
            checked_subjects=judged[(frame, item)],
        )
        for frame, code, section, item, number in rows
    ]


def _judged_subjects(session: Session, bulletin_id: int, items: list[str]) -> Counter[tuple[str, str]]:
    """Distinct subjects judged on each item, by frame; windows share no subject, so their counts add up."""
    rows = (
        select(Check.frame, Answer.item_code, func.count(distinct(Check.subject_id)))
        .select_from(Answer)
        .join(Check, Check.id == Answer.check_id)
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == bulletin_id, Answer.item_code.in_(items), Answer.outcome.in_(JUDGED))
        .group_by(Check.frame, Answer.item_code)
    )
    found: Counter[tuple[str, str]] = Counter()
    for window in _windows(session, bulletin_id, Check.subject_id):
        for frame, item, number in session.execute(rows.where(Check.subject_id.between(*window))):
            found[(frame, item)] += number
    return found
