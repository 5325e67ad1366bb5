"""起草通报：冻结记录、取齐数据、写成文。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from hashlib import sha256
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import delete, func, select

from server.domain.bulletin_composition import compose
from server.domain.bulletin_data import BulletinData, CaseFacts, Demands, ItemSpread, Names, SubjectResult
from server.domain.bulletin_workflow import BulletinState
from server.domain.bulletins import BulletinKind, digest, to_dict
from server.domain.cases import Stage, stage_on
from server.domain.checklists import Severity
from server.domain.statistics import NoticeCount, Pair, Statistics, tabulate
from server.domain.typical_cases import Candidate, Choice, choose_cases, shortlist
from server.domain.wording import Quantifiers
from server.models.bulletins import Bulletin, BulletinCheck, BulletinViolation
from server.models.checks import ChecklistVersion
from server.models.regions import Region
from server.queries import bulletin_cases, bulletin_counts
from server.queries.case_facts import case_facts
from server.services.case_totals import total_cases
from server.services.checklists import checklist_of
from server.uow import UnitOfWork

MOST_RESULT_ROWS = 300
REQUESTED, FAILED = "requested", "failed"
T = TypeVar("T")


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
    snapshot = _snapshot(bulletin_cases.snapshot_lines(session, row.id))
    names, texts = _names(uow)
    frequent = bulletin_counts.item_spread(session, row.id, texts)
    totals = total_cases(bulletin_cases.case_lines(session, row.id), dated_on)
    statistics = _statistics(uow, row, totals.notice_counts())
    selection, facts = _typical(uow, row, frequent, dated_on)
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
        demands=_demands(options, totals.latest_due),
        dated_on=dated_on,
        snapshot=snapshot,
        frequent=tuple(frequent),
        cases=facts,
        selection=selection,
        handling=totals.handling,
        results=_results(uow, row),
        names=names,
        quantifiers=Quantifiers(publishing.majority_percent, publishing.minority_percent),
        region_codes=(row.region_code,),
        checklists=tuple(row.checklists),
        publicity=options["publicity"],
    )


def _snapshot(lines: Iterable[str]) -> str:
    """SHA-256 of the lines joined by line feeds, without holding them all."""
    found, separator = sha256(), b""
    for line in lines:
        found.update(separator + line.encode())
        separator = b"\n"
    return found.hexdigest()


def _statistics(uow: UnitOfWork, row: Bulletin, notices: list[NoticeCount]) -> Statistics:
    """Every table of the period, with the separately counted totals and the period before beside them."""
    return tabulate(
        row.period_from_on,
        row.period_to_on,
        bulletin_counts.count_rows(uow.session, row.id),
        subjects=bulletin_counts.subject_counts(uow.session, row.id),
        notices=notices,
        findings=bulletin_counts.finding_counts(uow.session, row.id),
        control=bulletin_counts.control(uow.session, row.id, sum(n.issued for n in notices)),
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
        checklist = checklist_of(version)
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


def _demands(options: dict[str, Any], latest_due: date | None) -> Demands:
    wanted = date.fromisoformat(options["report_by_on"])
    return Demands(max(wanted, latest_due or wanted), options["report_to"], latest_due)


def _typical(
    uow: UnitOfWork, row: Bulletin, frequent: Sequence[ItemSpread], on: date
) -> tuple[tuple[Choice, ...], tuple[CaseFacts, ...]]:
    """Score every publishable case as it streams by, and gather the facts of those chosen."""
    most = row.options["typical_cases"]
    selection = choose_cases(shortlist(_candidates(uow, row.id, frequent, on), most), most)
    chosen = bulletin_cases.full_cases(uow.session, [UUID(choice.id) for choice in selection])
    ordered = [chosen[UUID(choice.id)] for choice in selection]
    photos = bulletin_cases.photos_of_items(uow.session, [c.check_id for c in ordered])
    facts = tuple(
        case_facts(
            c,
            bulletin_cases.held_violations(uow.session, row.id, c.check_id),
            photos,
            c.check.checklist_version.code,
        )
        for c in ordered
    )
    return selection, facts


def _candidates(uow: UnitOfWork, bulletin_id: int, frequent: Sequence[ItemSpread], on: date) -> Iterator[Candidate]:
    """Cases, their held violations and their photos, three streams in order of check walked side by side."""
    spread = {(s.item_code, s.frame): (s.failing_subjects, s.checked_subjects) for s in frequent}
    held = _Beside(bulletin_cases.held_items(uow.session, bulletin_id))
    photos = _Beside(bulletin_cases.photo_standing(uow.session, bulletin_id))
    for line in bulletin_cases.case_lines(uow.session, bulletin_id):
        items, standing = held.at(line.check_id), photos.at(line.check_id)
        stage = stage_on(line.value, on)
        if items and stage is not Stage.SILENT:
            yield _candidate(line, items, standing, spread, stage)


class _Beside(Generic[T]):
    """A stream of (check id, something) in order of check, read only as far as it is asked for."""

    def __init__(self, groups: Iterator[tuple[int, T]]) -> None:
        self._groups = groups
        self._head = next(groups, None)

    def at(self, check_id: int) -> T | None:
        """What stands at this check; ask in rising order."""
        while self._head is not None and self._head[0] < check_id:
            self._head = next(self._groups, None)
        return self._head[1] if self._head is not None and self._head[0] == check_id else None


def _candidate(
    line: bulletin_cases.CaseLine,
    held: Sequence[tuple[str, str]],
    photos: bulletin_cases.PhotoStanding | None,
    spread: dict[tuple[str, str], tuple[int, int]],
    stage: Stage,
) -> Candidate:
    widest = max((spread[(item, line.frame)] for item, _ in held), key=lambda pair: Fraction(*pair))
    return Candidate(
        id=line.value.id,
        region_code=line.region_code,
        checklist=line.checklist,
        severity=max((Severity(severity) for _, severity in held), key=lambda s: s.rank),
        spread=widest,
        slots=(photos.verified, photos.expected) if photos else (0, 0),
        agreement=(photos.agreeing, photos.judged) if photos else (0, 0),
        stage=stage,
    )


def _results(uow: UnitOfWork, row: Bulletin) -> tuple[SubjectResult, ...]:
    """The attached list; left out of the paper when it would be longer than `MOST_RESULT_ROWS` (it is in the data)."""
    if _groups(uow, row.id) > MOST_RESULT_ROWS:
        return ()
    severities = bulletin_cases.result_severities(uow.session, row.id)
    papers: dict[tuple[int, str, date], list[dict[str, Any]]] = {}
    for case in bulletin_cases.case_lines(uow.session, row.id):
        papers.setdefault((case.subject_id, case.checklist, case.ended_on), []).extend(case.notices)
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
