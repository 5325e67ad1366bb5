"""抽样框：公告那一刻把名录里的对象、人员、回避关系按批次的规则取齐；每样一条语句，不逐个问。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from server.domain.batches import BatchOptions, Candidate, Frame, sort_frame
from server.domain.draw_files import DrawFiles
from server.domain.register_facts import RiskClass, SubjectStatus
from server.domain.registers import OrganisationKind
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
    rows = select(Subject.id, Subject.code, Subject.risk_class, Subject.status, Subject.organisation_id)
    rows = rows.where(*_listed(batch, options)).execution_options(yield_per=PAGE)
    for subject, code, risk, status, owner in uow.session.execute(rows):
        yield Candidate(code, RiskClass(risk), SubjectStatus(status), subject in recent, times.get(owner, 0))


def _listed(batch: Batch, options: BatchOptions) -> tuple[ColumnElement[bool], ...]:
    """The subjects a batch is about, before anybody is left out."""
    found = (
        in_subtree(Subject.region_code, batch.region_code),
        Subject.frame == batch.frame,
        Subject.retired_at.is_(None),
    )
    return (*found, Subject.kind.in_(options.kinds)) if options.kinds else found


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Subjects of the frame by (stratum, kind) and by (stratum, enterprise)."""

    kinds: Mapping[tuple[str, str], int]
    owners: Mapping[tuple[str, int], int]


def count_frame(uow: UnitOfWork, batch: Batch, frame: Frame) -> FrameCounts:
    """Who is in the frame, in one streamed statement."""
    stratum = {code: name for name, code, _ in frame.objects}
    rows = select(Subject.code, Subject.kind, Subject.organisation_id)
    rows = rows.where(*_listed(batch, BatchOptions.from_dict(batch.options))).execution_options(yield_per=PAGE)
    kinds: Counter[tuple[str, str]] = Counter()
    owners: Counter[tuple[str, int]] = Counter()
    for code, kind, owner in uow.session.execute(rows):
        if code not in stratum:
            continue
        kinds[stratum[code], kind] += 1
        if owner is not None:
            owners[stratum[code], owner] += 1
    return FrameCounts(kinds, owners)


def enterprises_over_cap(uow: UnitOfWork, batch: Batch, frame: Frame, counts: FrameCounts, on: date) -> int:
    """How many enterprises own so much of the frame that one draw could take them over the yearly cap.

    The cap leaves out who has reached it; several sites of one enterprise drawn together can still pass it.
    """
    cap = batch.plan.annual_cap
    if not cap or not BatchOptions.from_dict(batch.options).exclusions.cap:
        return 0
    most = Counter(dict(uow.session.execute(_times_this_year(on)).tuples().all()))
    take = {stratum.id: stratum.take for stratum in frame.strata}
    drawable = {owner for _, owner in counts.owners}
    for (stratum, owner), n in counts.owners.items():
        most[owner] += min(n, take[stratum])
    return sum(1 for owner in drawable if most[owner] > cap)


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
    """Planned checks of each enterprise this year; reports, referrals and reinspections do not count towards the cap.

    Tasks still to be done do not count either: who is left out is public, and would tell who was drawn elsewhere.
    """
    counted = ("double_random", "campaign")
    return (
        select(Subject.organisation_id, func.count())
        .join(Check, Check.subject_id == Subject.id)
        .where(Subject.organisation_id.is_not(None), Check.ended_on >= date(on.year, 1, 1), Check.ended_on <= on)
        .where(Check.source.in_(counted))
        .group_by(Subject.organisation_id)
    )


def _crew(uow: UnitOfWork, batch: Batch, options: BatchOptions, on: date, due_on: date) -> Sequence[Officer]:
    """Officers at hand: of the pool, certified through the last day, not away on any of them; in certificate order."""
    rows = select(Officer).where(
        *_pool(batch, options), Officer.certificate_expires_on > due_on, Officer.id.not_in(_away(on, due_on))
    )
    # Sorted here: what comes first must not hang on the collation of a database.
    return sorted(uow.session.scalars(rows), key=lambda officer: officer.certificate_no.encode())


def _pool(batch: Batch, options: BatchOptions) -> tuple[ColumnElement[bool], ...]:
    """Officers of the batch's subtree and of invited teams, as long as they serve an authority."""
    invited = select(Organisation.id).where(Organisation.uuid.in_([UUID(team) for team in options.teams]))
    authorities = select(Organisation.id).where(Organisation.kind == OrganisationKind.AUTHORITY.value)
    return (
        or_(in_subtree(Officer.region_code, batch.region_code), Officer.organisation_id.in_(invited)),
        Officer.organisation_id.in_(authorities),
        Officer.retired_at.is_(None),
    )


def _away(on: date, due_on: date) -> Select[tuple[int]]:
    return select(OfficerLeave.officer_id).where(
        OfficerLeave.cancelled_at.is_(None), OfficerLeave.from_on <= due_on, OfficerLeave.to_on >= on
    )


def absent_officers(uow: UnitOfWork, batch: Batch, on: date, due_on: date) -> dict[str, int]:
    """How many of the pool can't serve and why: `certificate` runs out first, else `leave`."""
    expires, leaves = Officer.certificate_expires_on <= due_on, Officer.id.in_(_away(on, due_on))
    why = case((expires, "certificate"), (leaves, "leave"))
    options = BatchOptions.from_dict(batch.options)
    rows = select(why, func.count()).where(*_pool(batch, options), or_(expires, leaves)).group_by(why)
    return dict(uow.session.execute(rows).tuples().all())


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
    # One join each: joined by OR, neither index would be used.
    pairs = select(Subject.code, OfficerInterest.officer_id)
    owned = pairs.join(OfficerInterest, OfficerInterest.organisation_id == Subject.organisation_id)
    direct = pairs.join(OfficerInterest, OfficerInterest.subject_id == Subject.id)
    for rows in (of_party, owned, direct):
        yield from uow.session.execute(rows.where(*live, Subject.frame == batch.frame)).tuples()
