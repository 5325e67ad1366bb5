"""起草通报：冻结记录、取齐数据、写成文。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from server.domain.bulletin_composition import compose
from server.domain.bulletin_data import BulletinData, CaseFacts, Demands, Handling, ItemSpread, Names, SubjectResult
from server.domain.bulletin_workflow import BulletinState
from server.domain.bulletins import BulletinKind, digest, to_dict
from server.domain.cases import PenaltyKind, Stage, stage_on
from server.domain.checklists import Severity
from server.domain.statistics import NoticeCount, Pair, Statistics, tabulate
from server.domain.typical_cases import Candidate, Choice, choose_cases
from server.domain.wording import Quantifiers
from server.models.bulletins import Bulletin, BulletinCheck, BulletinViolation
from server.models.checks import ChecklistVersion
from server.models.regions import Region
from server.models.violations import Case, Violation
from server.queries import bulletin_cases, bulletin_counts
from server.queries.case_facts import case_facts
from server.queries.case_values import case_value
from server.services.checklists import checklist_of
from server.uow import UnitOfWork

MOST_RESULT_ROWS = 300
REQUESTED, FAILED = "requested", "failed"


def draft_bulletin(uow: UnitOfWork, bulletin_uuid: UUID) -> Bulletin:
    """Freeze the records of a requested bulletin and compose it; the same data gives the same bytes."""
    row = uow.session.scalars(select(Bulletin).where(Bulletin.uuid == bulletin_uuid).with_for_update()).one()
    if row.state not in (REQUESTED, FAILED):
        return row
    for table in (BulletinCheck, BulletinViolation):
        uow.session.execute(delete(table).where(table.bulletin_id == row.id))
    bulletin_counts.freeze_records(uow.session, row)
    document = compose(_gather(uow, row))
    row.content, row.content_sha256 = to_dict(document), digest(document)
    row.title, row.state = document.title, BulletinState.DRAFTING.value
    row.drafted_at, row.failure = uow.now, None
    return row


def _gather(uow: UnitOfWork, row: Bulletin) -> BulletinData:
    session, options = uow.session, row.options
    dated_on = date.fromisoformat(options["dated_on"])
    snapshot = sha256("\n".join(bulletin_cases.snapshot_lines(session, row.id)).encode()).hexdigest()
    names, texts = _names(uow)
    frequent = bulletin_counts.item_spread(session, row.id, texts)
    cases = bulletin_cases.cases_of(session, row.id)
    statistics = _statistics(uow, row, _notice_counts(cases))
    selection, facts = _typical(uow, row, cases, frequent, dated_on)
    publishing = uow.settings.publishing
    return BulletinData(
        id=f"B-{_parameters(row, snapshot)[:20]}",
        kind=BulletinKind.CHECK_RESULTS,
        issuer=options["issuer"],
        recipients=tuple(options["recipients"]),
        occasion=options["occasion"],
        basis=tuple(options["basis"]),
        method=options["method"],
        statistics=statistics,
        demands=_demands(options, cases),
        dated_on=dated_on,
        snapshot=snapshot,
        frequent=tuple(frequent),
        cases=facts,
        selection=selection,
        handling=_handling(cases, dated_on),
        results=_results(uow, row, cases),
        names=names,
        quantifiers=Quantifiers(publishing.majority_percent, publishing.minority_percent),
        region_codes=(row.region_code,),
        checklists=tuple(row.checklists),
        publicity=options["publicity"],
    )


def _statistics(uow: UnitOfWork, row: Bulletin, notices: list[NoticeCount]) -> Statistics:
    session = uow.session
    return tabulate(
        row.period_from_on,
        row.period_to_on,
        bulletin_counts.count_rows(session, row.id),
        subjects=bulletin_counts.subject_counts(session, row.id),
        notices=notices,
        findings=bulletin_counts.finding_counts(session, row.id),
        control=bulletin_counts.control(session, row.id, sum(n.issued for n in notices)),
        previous=_previous(uow, row),
    )


def _parameters(row: Bulletin, snapshot: str) -> str:
    """The bulletin's own id follows from what it is about, so drafting it again names it the same."""
    about = [row.region_code, str(row.period_from_on), str(row.period_to_on), *sorted(row.checklists), snapshot]
    return sha256("\n".join(about).encode()).hexdigest()


def _names(uow: UnitOfWork) -> tuple[Names, dict[str, str]]:
    regions = dict(uow.session.execute(select(Region.code, Region.name)).tuples().all())
    checklists, sections, texts = {}, {}, {}
    for version in uow.session.scalars(select(ChecklistVersion).order_by(ChecklistVersion.version)):
        checklist = checklist_of(version.digest_sha256, version.content)
        checklists[checklist.code] = checklist.title
        sections.update({f"{checklist.code}-{s.no}": s.name for s in checklist.sections})
        texts.update({item.code: item.text for item in checklist.items})
    return Names(regions, checklists, sections), texts


def _previous(uow: UnitOfWork, row: Bulletin) -> Pair | None:
    """The equally long stretch of days just before."""
    span = row.period_to_on - row.period_from_on + timedelta(days=1)
    last_on = row.period_from_on - timedelta(days=1)
    return bulletin_counts.previous_pair(
        uow.session, row.region_code, row.checklists, last_on - span + timedelta(days=1), last_on
    )


def _notice_counts(cases: Sequence[Case]) -> list[NoticeCount]:
    counts: dict[tuple[str, str, str], int] = {}
    for case in cases:
        for notice in case.notices:
            key = (notice["kind"], case.region_code, case.subject.frame)
            counts[key] = counts.get(key, 0) + 1
    return [NoticeCount(*key, number) for key, number in sorted(counts.items())]


def _demands(options: dict[str, Any], cases: Sequence[Case]) -> Demands:
    due = [date.fromisoformat(n["due_on"]) for c in cases for n in c.notices if n["due_on"]]
    latest = max(due, default=None)
    wanted = date.fromisoformat(options["report_by_on"])
    return Demands(max(wanted, latest) if latest else wanted, options["report_to"], latest)


def _handling(cases: Sequence[Case], on: date) -> Handling:
    values = [case_value(c) for c in cases]
    decided = [v.decision for v in values if v.decision and stage_on(v, on) is Stage.DECIDED]
    fines = [p for d in decided for p in d.penalties if p.kind is PenaltyKind.FINE]
    deducted = [d for d in decided if d.points]
    return Handling(
        filed=sum(v.filed_on is not None for v in values),
        decided=len(decided),
        fined_parties=len(fines),
        fines=sum((p.amount or Decimal(0) for p in fines), Decimal(0)),
        points=sum((d.points for d in deducted), Decimal(0)),
        deducted_parties=len(deducted),
    )


def _typical(
    uow: UnitOfWork, row: Bulletin, cases: Sequence[Case], frequent: Sequence[ItemSpread], on: date
) -> tuple[tuple[Choice, ...], tuple[CaseFacts, ...]]:
    """Score every publishable case and gather the facts of those chosen."""
    held = bulletin_cases.violations_of(uow.session, row.id)
    open_cases = {
        str(c.uuid): c for c in cases if held.get(c.check_id) and stage_on(case_value(c), on) is not Stage.SILENT
    }
    standing = bulletin_cases.photo_standing(uow.session, [c.check_id for c in open_cases.values()])
    spread = {(s.item_code, s.frame): (s.failing_subjects, s.checked_subjects) for s in frequent}
    candidates = [
        _candidate(c, held[c.check_id], standing.get(c.check_id), spread, stage_on(case_value(c), on))
        for c in open_cases.values()
    ]
    selection = choose_cases(candidates, row.options["typical_cases"])
    chosen = [open_cases[choice.id] for choice in selection]
    photos = bulletin_cases.photos_of_items(uow.session, [c.check_id for c in chosen])
    facts = tuple(case_facts(c, held[c.check_id], photos, c.check.checklist_version.code) for c in chosen)
    return selection, facts


def _candidate(
    case: Case,
    violations: Sequence[Violation],
    photos: bulletin_cases.PhotoStanding | None,
    spread: dict[tuple[str, str], tuple[int, int]],
    stage: Stage,
) -> Candidate:
    widest = max((spread[(v.item_code, case.subject.frame)] for v in violations), key=lambda pair: Fraction(*pair))
    return Candidate(
        id=str(case.uuid),
        region_code=case.region_code,
        checklist=case.check.checklist_version.code,
        severity=max((Severity(v.severity) for v in violations), key=lambda s: s.rank),
        spread=widest,
        slots=(photos.verified, photos.expected) if photos else (0, 0),
        agreement=(photos.agreeing, photos.judged) if photos else (0, 0),
        stage=stage,
    )


def _results(uow: UnitOfWork, row: Bulletin, cases: Sequence[Case]) -> tuple[SubjectResult, ...]:
    """The attached list; left out of the paper when it would be longer than `MOST_RESULT_ROWS` (it is in the data)."""
    if _groups(uow, row.id) > MOST_RESULT_ROWS:
        return ()
    severities = bulletin_cases.result_severities(uow.session, row.id)
    papers: dict[tuple[int, str, date], list[dict[str, Any]]] = {}
    for case in cases:
        key = (case.subject_id, case.check.checklist_version.code, case.check.ended_on)
        papers.setdefault(key, []).extend(case.notices)
    lines = []
    for subject, code, on, conforming, judged in bulletin_cases.result_rows(uow.session, row.id):
        notices = papers.get((subject.id, code, on), [])
        due = [date.fromisoformat(n["due_on"]) for n in notices if n["due_on"]]
        counts = [severities.get((subject.id, code, on, s.value), 0) for s in Severity]
        lines.append(
            SubjectResult(
                subject_id=str(subject.uuid),
                region_code=subject.region_code,
                subject=subject.name,
                frame=subject.frame,
                credit_code=(subject.organisation.credit_code or "") if subject.organisation else "",
                checked_on=on,
                checklist=code,
                pair=Pair(int(conforming), int(judged)),
                minor=counts[0],
                major=counts[1],
                critical=counts[2],
                notices=tuple(sorted(n["number"] for n in notices)),
                due_on=max(due, default=None),
                rectification="整改中" if notices else "",
            )
        )
    return tuple(lines)


def _groups(uow: UnitOfWork, bulletin_id: int) -> int:
    mine = select(func.count()).select_from(BulletinCheck).where(BulletinCheck.bulletin_id == bulletin_id)
    return uow.session.scalar(mine) or 0


def note_failure(uow: UnitOfWork, bulletin_uuid: UUID, words: str) -> None:
    """起草不成的原因，给起草人看。"""
    row = uow.session.scalars(select(Bulletin).where(Bulletin.uuid == bulletin_uuid)).one()
    row.state, row.failure = FAILED, words
