"""年度计划、批次的查询：看得到哪些、基数、完成情况。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from server.domain.assignments import AssignmentState
from server.domain.permissions import Scope
from server.domain.plans import PlanBase, PlanOptions, PlanState, planned_checks
from server.domain.register_facts import SubjectStatus
from server.models.assignments import Assignment
from server.models.draws import AnnualPlan, Batch, BatchMatter, Draw
from server.models.matters import Matter
from server.models.regions import Region, RegionAncestor
from server.models.subjects import Organisation, Subject
from server.queries.pages import Page, contains, page
from server.queries.scope import in_scope, in_subtree

PLAN_COLUMNS = ("uuid", "year", "title", "region_code", "annual_cap", "state", "created_at", "published_at")
BATCH_COLUMNS = ("uuid", "title", "region_code", "frame", "campaign", "revision", "created_at", "updated_at")


def plan_visible(scope: Scope) -> ColumnElement[bool]:
    """Plans of one's own regions, and published ones of the levels above: a district works under its city's plan."""
    above = select(RegionAncestor.ancestor_code).where(RegionAncestor.region_code.in_(scope.regions))
    published = AnnualPlan.state == PlanState.PUBLISHED.value
    return or_(in_scope(AnnualPlan.region_code, scope), and_(published, AnnualPlan.region_code.in_(above)))


def plan_page(session: Session, scope: Scope, after: int, limit: int, q: str, year: int) -> Page[Any]:
    rows = select(AnnualPlan).where(plan_visible(scope))
    if q:
        rows = rows.where(contains(AnnualPlan.title, q))
    if year:
        rows = rows.where(AnnualPlan.year == year)
    found = page(session, rows, AnnualPlan.id, after, limit)
    return Page(plan_rows(session, found.items), found.next)


def plan_rows(session: Session, plans: Sequence[AnnualPlan]) -> list[dict[str, Any]]:
    """What the console shows of these plans; two more statements whatever the number."""
    contents = [PlanOptions.from_dict(plan.options) for plan in plans]
    matters = matters_by_uuid(session, {UUID(m) for content in contents for m in content.matters})
    ids = [plan.organisation_id for plan in plans]
    bodies = {o.id: o for o in session.scalars(select(Organisation).where(Organisation.id.in_(ids)))}
    return [_plan(p, c, bodies[p.organisation_id], matters) for p, c in zip(plans, contents, strict=True)]


def _plan(plan: AnnualPlan, content: PlanOptions, body: Organisation, matters: Mapping[UUID, Matter]) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in PLAN_COLUMNS} | {
        "organisation": body.uuid,
        "organisation_name": body.name,
        "content": content.content,
        "use_of_results": content.use_of_results,
        "items": [
            {
                "matter": matters[UUID(item.matter)].uuid,
                "code": matters[UUID(item.matter)].code,
                "name": matters[UUID(item.matter)].name,
                "from_on": item.from_on,
                "to_on": item.to_on,
                "departments": list(item.departments),
            }
            for item in content.items
        ],
    }


def matters_by_uuid(session: Session, uuids: Iterable[UUID]) -> dict[UUID, Matter]:
    return {m.uuid: m for m in session.scalars(select(Matter).where(Matter.uuid.in_(list(uuids))))}


def ancestors_of(session: Session, region_code: str) -> frozenset[str]:
    """The region and everything above it."""
    rows = select(RegionAncestor.ancestor_code).where(RegionAncestor.region_code == region_code)
    return frozenset(session.scalars(rows))


def batch_page(session: Session, scope: Scope, after: int, limit: int, q: str, plan: UUID | None) -> Page[Any]:
    rows = select(Batch).where(in_scope(Batch.region_code, scope)).options(joinedload(Batch.plan))
    if q:
        rows = rows.where(or_(contains(Batch.title, q), Batch.campaign == q))
    if plan is not None:
        rows = rows.where(Batch.plan_id.in_(select(AnnualPlan.id).where(AnnualPlan.uuid == plan)))
    found = page(session, rows, Batch.id, after, limit)
    return Page(batch_rows(session, found.items), found.next)


def batch_rows(session: Session, batches: Sequence[Batch]) -> list[dict[str, Any]]:
    """What the console shows of these batches; two more statements whatever the number."""
    ids = [batch.id for batch in batches]
    matters: dict[int, list[dict[str, Any]]] = {}
    named = select(BatchMatter.batch_id, Matter.uuid, Matter.code, Matter.name).join(Matter)
    for batch, uuid, code, name in session.execute(named.where(BatchMatter.batch_id.in_(ids)).order_by(Matter.code)):
        matters.setdefault(batch, []).append({"uuid": uuid, "code": code, "name": name})
    draws: dict[int, list[dict[str, Any]]] = {}
    announced = select(Draw.batch_id, Draw.code, Draw.state).where(Draw.batch_id.in_(ids)).order_by(Draw.round)
    for batch, code, state in session.execute(announced):
        draws.setdefault(batch, []).append({"code": code, "state": state})
    return [
        {name: getattr(b, name) for name in BATCH_COLUMNS}
        | b.options
        | {
            "plan": b.plan.uuid,
            "plan_title": b.plan.title,
            "matters": matters.get(b.id, []),
            "draws": draws.get(b.id, []),
        }
        for b in batches
    ]


def plan_bases(session: Session, region_code: str, matters: Iterable[Matter]) -> tuple[PlanBase, ...]:
    """Subjects in the register by matter and region, those finished left out; one grouped statement."""
    rows = (
        select(Subject.region_code, Subject.frame, Subject.kind, func.count())
        .where(in_subtree(Subject.region_code, region_code), Subject.retired_at.is_(None))
        .where(Subject.status != SubjectStatus.FINISHED.value)
        .group_by(Subject.region_code, Subject.frame, Subject.kind)
    )
    counted = session.execute(rows).tuples().all()
    return tuple(base for matter in matters for base in _bases(matter, counted))


def _bases(matter: Matter, counted: Sequence[tuple[str, str, str, int]]) -> Iterable[PlanBase]:
    totals: dict[str, int] = {}
    for region, frame, kind, n in counted:
        if frame == matter.frame and (not matter.kinds or kind in matter.kinds):
            totals[region] = totals.get(region, 0) + n
    share = matter.share_num, matter.share_den, matter.times_a_year
    return (PlanBase(str(matter.uuid), region, totals[region], *share) for region in sorted(totals))


@dataclass(frozen=True, slots=True)
class Work:
    """任务数：派出、查完（有记录）、没查成而结束、逾期未完；已换下、已作废的不算。"""

    drawn: int = 0
    done: int = 0
    without_check: int = 0
    overdue: int = 0

    def __add__(self, other: Work) -> Work:
        parts = (self.drawn + other.drawn, self.done + other.done, self.without_check + other.without_check)
        return Work(*parts, self.overdue + other.overdue)


def plan_progress(session: Session, scope: Scope, plan: AnnualPlan, on: date) -> list[dict[str, Any]]:
    """One row a matter (region null) followed by one row a region of it, within the scope. `on` judges what is overdue.

    A draft is measured against the register as it stands, a published plan against the bases it was published with.
    """
    options = PlanOptions.from_dict(plan.options)
    matters = matters_by_uuid(session, map(UUID, options.matters))
    listed = [matters[UUID(uuid)] for uuid in options.matters]
    bases = options.bases if plan.published_at else plan_bases(session, plan.region_code, listed)
    inside = _region_names(session, scope)
    work = _work(session, scope, plan.id, on)
    rows: list[dict[str, Any]] = []
    for matter in listed:
        own = [b for b in bases if b.matter == str(matter.uuid) and b.region_code in inside]
        rows += _progress_of(matter, own, {r: w for (m, r), w in work.items() if m == matter.id}, inside)
    return rows


def _progress_of(
    matter: Matter, bases: Sequence[PlanBase], work: Mapping[str, Work], names: Mapping[str, str]
) -> Iterable[dict[str, Any]]:
    yield _row(matter, None, None, bases, sum(work.values(), Work()))
    for region in sorted({b.region_code for b in bases} | work.keys()):
        own = [b for b in bases if b.region_code == region]
        yield _row(matter, region, names[region], own, work.get(region, Work()))


def _row(matter: Matter, region: str | None, name: str | None, bases: Sequence[PlanBase], work: Work) -> dict[str, Any]:
    ended = work.done + work.without_check
    return {
        "matter": matter.uuid,
        "code": matter.code,
        "name": matter.name,
        "region_code": region,
        "region_name": name,
        "base": sum(b.total for b in bases),
        "drawn": {"count": work.drawn, "of": planned_checks(bases)},
        "done": {"count": work.done, "of": work.drawn},
        "without_check": {"count": work.without_check, "of": work.drawn},
        "overdue": {"count": work.overdue, "of": work.drawn - ended},
    }


def _region_names(session: Session, scope: Scope) -> dict[str, str]:
    rows = select(Region.code, Region.name).where(in_scope(Region.code, scope))
    return dict(session.execute(rows).tuples().all())


def _work(session: Session, scope: Scope, plan_id: int, on: date) -> dict[tuple[int, str], Work]:
    """Tasks by (matter, region), one grouped statement; a task counts once for each matter of its batch."""
    left = (AssignmentState.REPLACED.value, AssignmentState.VOID.value)
    ended, checked = Assignment.ended_at.is_not(None), Assignment.state == AssignmentState.DONE.value
    rows = (
        select(
            BatchMatter.matter_id,
            Assignment.region_code,
            func.count(),
            _count(and_(ended, checked)),
            _count(and_(ended, ~checked)),
            _count(and_(~ended, Assignment.due_on < on)),
        )
        .join(Batch, Batch.id == Assignment.batch_id)
        .join(BatchMatter, BatchMatter.batch_id == Batch.id)
        .where(Batch.plan_id == plan_id, Assignment.state.not_in(left), in_scope(Assignment.region_code, scope))
        .group_by(BatchMatter.matter_id, Assignment.region_code)
    )
    return {(matter, region): Work(*counts) for matter, region, *counts in session.execute(rows).tuples()}


def _count(condition: ColumnElement[bool]) -> Any:
    return func.count(case((condition, 1)))
