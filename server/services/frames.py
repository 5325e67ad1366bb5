"""抽样框：公告那一刻把名录里的对象、人员、回避关系按批次的规则取齐；每样一条语句，不逐个问。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from server.domain.batches import BatchOptions, Candidate, Frame, sort_frame
from server.domain.checks import SHANGHAI
from server.domain.draw_files import DrawFiles
from server.domain.register_facts import RiskClass, SubjectStatus
from server.models.checks import Check, ChecklistVersion
from server.models.draws import Batch
from server.models.matters import OfficerInterest, OfficerLeave
from server.models.subjects import Officer, Organisation, Subject, SubjectParty
from server.queries.scope import in_subtree
from server.uow import UnitOfWork

PAGE = 5000


@dataclass(frozen=True, slots=True)
class FrozenFrame:
    """What a plan freezes: the frame, the lists as they are written, and who hides behind which word."""

    frame: Frame
    files: DrawFiles
    officers: tuple[tuple[str, int], ...]


def freeze(uow: UnitOfWork, batch: Batch, on: date, due_on: date) -> FrozenFrame:
    """The lists of a batch as the registers stand now. `on` to `due_on` is when the officers must be at hand."""
    options = BatchOptions.from_dict(batch.options)
    frame = sort_frame(_candidates(uow, batch, options, on), options, batch.plan.annual_cap)
    crew = _crew(uow, batch, options, on, due_on)
    officers = tuple((f"F{n:03d}", officer.id) for n, officer in enumerate(crew, 1))
    return FrozenFrame(frame, _files(uow, batch, options, frame, list(zip(officers, crew, strict=True)), on), officers)


def _files(
    uow: UnitOfWork,
    batch: Batch,
    options: BatchOptions,
    frame: Frame,
    crew: Sequence[tuple[tuple[str, int], Officer]],
    on: date,
) -> DrawFiles:
    names = {officer_id: word for (word, officer_id), _ in crew}
    in_frame = {code for _, code, _ in frame.objects}
    recusals = {(code, names[who]) for code, who in _recusals(uow, batch, list(names), on) if code in in_frame}
    lead, apart = options.rule == "lead", options.rule == "apart"
    return DrawFiles(
        objects=frame.objects,
        officers=tuple(names.values()),
        recusals=tuple(sorted(recusals)),
        excluded=frame.excluded,
        leads=tuple(word for (word, _), o in crew if o.may_lead) if lead else None,
        units=tuple((word, _unit(o)) for (word, _), o in crew) if apart else None,
        skills=tuple((w, s) for (w, _), o in crew for s in sorted(set(o.skills))) if options.skills else None,
        needs=tuple((code, s) for code in sorted(in_frame) for s in options.skills) if options.skills else None,
    )


def _unit(officer: Officer) -> str:
    """The office an officer belongs to: two bodies may both have a 一科."""
    return f"{officer.organisation_id}-{officer.unit or '未分科'}"


def _candidates(uow: UnitOfWork, batch: Batch, options: BatchOptions, on: date) -> Iterator[Candidate]:
    """The frame in one streamed statement, beside two grouped ones for what happened before."""
    recent = set(uow.session.scalars(_recently_checked(options, on)))
    times = dict(uow.session.execute(_times_this_year(on)).tuples().all())
    rows = (
        select(Subject.id, Subject.code, Subject.risk_class, Subject.status, Subject.organisation_id)
        .where(
            in_subtree(Subject.region_code, batch.region_code),
            Subject.frame == batch.frame,
            Subject.retired_at.is_(None),
        )
        .order_by(Subject.code)
        .execution_options(yield_per=PAGE)
    )
    if options.kinds:
        rows = rows.where(Subject.kind.in_(options.kinds))
    for subject, code, risk, status, owner in uow.session.execute(rows):
        yield Candidate(code, RiskClass(risk), SubjectStatus(status), subject in recent, times.get(owner, 0))


def _recently_checked(options: BatchOptions, on: date) -> Select[tuple[int]]:
    """Subjects checked with one of the batch's checklists within the last `recent_days`."""
    since = on - timedelta(days=options.exclusions.recent_days)
    rows = (
        select(Check.subject_id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .where(ChecklistVersion.code.in_(options.checklists), Check.ended_on > since, Check.ended_on <= on)
    )
    return rows.distinct() if options.exclusions.recent_days else rows.where(Check.id < 0)


def _times_this_year(on: date) -> Select[tuple[int | None, int]]:
    """Planned checks of each enterprise this year; reports, referrals and reinspections do not count towards the cap."""
    counted = ("double_random", "campaign")
    return (
        select(Subject.organisation_id, func.count())
        .join(Check, Check.subject_id == Subject.id)
        .where(Subject.organisation_id.is_not(None), Check.ended_on >= date(on.year, 1, 1), Check.ended_on <= on)
        .where(Check.source.in_(counted))
        .group_by(Subject.organisation_id)
    )


def _crew(uow: UnitOfWork, batch: Batch, options: BatchOptions, on: date, due_on: date) -> Sequence[Officer]:
    """Officers at hand: of this subtree or an invited team, certified through the last day, not away on any of them."""
    away = select(OfficerLeave.officer_id).where(
        OfficerLeave.cancelled_at.is_(None), OfficerLeave.from_on <= due_on, OfficerLeave.to_on >= on
    )
    invited = select(Organisation.id).where(Organisation.uuid.in_([UUID(team) for team in options.teams]))
    rows = (
        select(Officer)
        .join(Organisation, Organisation.id == Officer.organisation_id)
        .where(or_(in_subtree(Officer.region_code, batch.region_code), Officer.organisation_id.in_(invited)))
        .where(Officer.retired_at.is_(None), Officer.certificate_expires_on > due_on, Officer.id.not_in(away))
        .where(Organisation.kind == "authority")
        .order_by(Officer.certificate_no)
    )
    return uow.session.scalars(rows).all()


def _recusals(uow: UnitOfWork, batch: Batch, officers: Sequence[int], on: date) -> Iterator[tuple[str, int]]:
    """(subject code, officer) from what was declared about the subject, its owner, or a party of it on that day."""
    live = (
        OfficerInterest.cancelled_at.is_(None),
        OfficerInterest.officer_id.in_(officers),
        or_(OfficerInterest.to_on.is_(None), OfficerInterest.to_on >= on),
    )
    of_party = (
        select(Subject.code, OfficerInterest.officer_id)
        .join(SubjectParty, SubjectParty.subject_id == Subject.id)
        .join(OfficerInterest, OfficerInterest.organisation_id == SubjectParty.organisation_id)
        .where(or_(SubjectParty.to_on.is_(None), SubjectParty.to_on >= on))
    )
    owned = Subject.organisation_id == OfficerInterest.organisation_id
    direct = select(Subject.code, OfficerInterest.officer_id).join(
        OfficerInterest, or_(OfficerInterest.subject_id == Subject.id, owned)
    )
    for rows in (of_party, direct):
        yield from uow.session.execute(rows.where(*live, Subject.frame == batch.frame)).tuples()


def today(at: datetime) -> date:
    """The day in Shanghai."""
    return at.astimezone(SHANGHAI).date()
