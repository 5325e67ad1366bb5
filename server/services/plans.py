"""年度计划与批次：拟订、修改、公布；批次在公告抽签之前可以改，之后只读。没有删除。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from server.domain.batches import BatchOptions, option_faults, refuse_faults
from server.domain.errors import Conflict, FieldError, Invalid, Missing
from server.domain.plans import (
    MatterFacts,
    NewBatch,
    NewPlan,
    PlanOptions,
    PlanState,
    check_plan,
    check_publishable,
    matter_faults,
    require_draft,
    settle,
    settled_faults,
)
from server.domain.registers import OrganisationKind
from server.models.checks import ChecklistVersion
from server.models.draws import AnnualPlan, Batch, BatchMatter, Draw
from server.models.matters import Matter
from server.models.subjects import Organisation
from server.queries.plans import ancestors_of, matters_by_uuid, plan_bases, plan_visible
from server.queries.scope import in_scope
from server.services.regions import require_region
from server.services.subjects import find_organisation
from server.uow import UnitOfWork


def find_plan(uow: UnitOfWork, plan: UUID) -> AnnualPlan:
    """A plan one may read: in scope, or a published one of a level above. Raises Missing `annual-plan-not-found`."""
    return _plan(uow.session.scalar(select(AnnualPlan).where(AnnualPlan.uuid == plan, plan_visible(uow.scope))))


def plan_to_change(uow: UnitOfWork, plan: UUID) -> AnnualPlan:
    """A plan of one's own regions, held against other writers. Raises Missing `annual-plan-not-found`."""
    rows = select(AnnualPlan).where(AnnualPlan.uuid == plan, in_scope(AnnualPlan.region_code, uow.scope))
    return _plan(uow.session.scalar(rows.with_for_update()))


def _plan(found: AnnualPlan | None) -> AnnualPlan:
    if found is None:
        raise Missing("annual-plan-not-found", "没有这份年度计划，或不在您的范围内。")
    return found


def create_plan(uow: UnitOfWork, command: NewPlan) -> AnnualPlan:
    """A draft. Raises Invalid `annual-plan-invalid` with a pointer for every fault."""
    plan = AnnualPlan(uuid=uow.new_id(), state=PlanState.DRAFT.value, created_at=uow.now)
    _fill_plan(uow, plan, command)
    uow.session.add(plan)
    uow.session.flush()
    return plan


def edit_plan(uow: UnitOfWork, plan: AnnualPlan, command: NewPlan) -> AnnualPlan:
    """Raises Conflict `annual-plan-published` after publication, `annual-plan-in-use` for what a batch stands on."""
    require_draft(PlanState(plan.state))
    _check_unused(uow, plan, command)
    _fill_plan(uow, plan, command)
    return plan


def publish_plan(uow: UnitOfWork, plan: AnnualPlan) -> AnnualPlan:
    """From here on nothing of the plan changes; the bases are counted now and kept with it."""
    require_draft(PlanState(plan.state))
    options = PlanOptions.from_dict(plan.options)
    check_publishable(options)
    known = matters_by_uuid(uow.session, map(UUID, options.matters))
    _refuse_plan(_unsuitable(uow, plan.region_code, options, known))
    bases = plan_bases(uow.session, plan.region_code, [known[UUID(m)] for m in options.matters])
    plan.options = replace(options, bases=bases).to_dict()
    plan.state, plan.published_at = PlanState.PUBLISHED.value, uow.now
    return plan


def _fill_plan(uow: UnitOfWork, plan: AnnualPlan, command: NewPlan) -> None:
    require_region(uow, command.region_code)
    check_plan(command)
    organiser = find_organisation(uow, command.organisation, "/organisation")
    if organiser.kind != OrganisationKind.AUTHORITY.value:
        words = "制定计划的应当是行政机关"
        _refuse_plan([FieldError("/organisation", words, "annual-plan-invalid")])
    known = matters_by_uuid(uow.session, map(UUID, command.options.matters))
    _refuse_plan(_unsuitable(uow, command.region_code, command.options, known))
    plan.year, plan.title, plan.annual_cap = command.year, command.title, command.annual_cap
    plan.region_code, plan.organisation_id = command.region_code, organiser.id
    plan.options = command.options.to_dict()
    plan.by = _author(uow)


def _author(uow: UnitOfWork) -> int:
    if uow.actor.user_id is None:
        raise AssertionError("a plan is made by a person")
    return uow.actor.user_id


def _refuse_plan(faults: Iterable[FieldError]) -> None:
    if found := list(faults):
        raise Invalid("annual-plan-invalid", "年度计划有误，请逐项改正。", errors=found)


def _unsuitable(
    uow: UnitOfWork, region_code: str, options: PlanOptions, known: dict[UUID, Matter]
) -> Iterator[FieldError]:
    above = ancestors_of(uow.session, region_code)
    asked = tuple(known.get(UUID(m)) for m in options.matters)
    facts = tuple(None if m is None else _facts(m, covers=m.region_code in above) for m in asked)
    return matter_faults(facts, None, "/items/{n}/matter")


def _facts(matter: Matter, *, covers: bool, planned: bool = True) -> MatterFacts:
    return MatterFacts(
        uuid=str(matter.uuid),
        frame=matter.frame,
        kinds=tuple(matter.kinds),
        checklists=tuple(matter.checklists),
        retired=matter.retired_at is not None,
        covers=covers,
        planned=planned,
    )


def _check_unused(uow: UnitOfWork, plan: AnnualPlan, command: NewPlan) -> None:
    """A matter or a region on which a batch stands can't be taken out from under it."""
    used = select(Matter.uuid).join(BatchMatter).join(Batch, Batch.id == BatchMatter.batch_id)
    missing = {str(m) for m in uow.session.scalars(used.where(Batch.plan_id == plan.id))} - set(command.options.matters)
    moved = command.region_code != plan.region_code
    batches = select(Batch.id).where(Batch.plan_id == plan.id).limit(1)
    if missing or (moved and uow.session.scalar(batches) is not None):
        raise Conflict(
            "annual-plan-in-use", "已有批次用到这份计划的事项或区划，请先改批次。", facts={"matters": sorted(missing)}
        )


def find_batch(uow: UnitOfWork, batch: UUID, *, lock: bool = False) -> Batch:
    """The batch if it lies in scope, held against other writers with `lock`; raises Missing `batch-not-found`."""
    rows = select(Batch).where(Batch.uuid == batch, in_scope(Batch.region_code, uow.scope))
    rows = rows.options(joinedload(Batch.plan))
    found = uow.session.scalar(rows.with_for_update(of=Batch) if lock else rows)
    if found is None:
        raise Missing("batch-not-found", "没有这个批次，或不在您的范围内。")
    return found


def create_batch(uow: UnitOfWork, plan: AnnualPlan, command: NewBatch) -> Batch:
    """A batch of the plan. Raises Invalid `batch-invalid` with a pointer for every fault."""
    batch = Batch(uuid=uow.new_id(), plan_id=plan.id, plan=plan, revision=1, created_at=uow.now)
    matters = _fill_batch(uow, batch, command)
    uow.session.add(batch)
    uow.session.flush()
    _write_matters(uow, batch, matters)
    return batch


def edit_batch(uow: UnitOfWork, batch: Batch, command: NewBatch, revision: int) -> Batch:
    """Raises Conflict `batch-announced` once a draw was announced, `batch-changed` when `revision` is not the last."""
    if uow.session.scalar(select(Draw.id).where(Draw.batch_id == batch.id).limit(1)) is not None:
        raise Conflict("batch-announced", "这个批次已经公告过抽签，不能再改；需要调整的，另立批次。")
    if batch.revision != revision:
        raise Conflict(
            "batch-changed", "这个批次刚被别人改过，请看过最新内容再改。", facts={"revision": batch.revision}
        )
    matters = _fill_batch(uow, batch, command)
    uow.session.execute(delete(BatchMatter).where(BatchMatter.batch_id == batch.id))
    _write_matters(uow, batch, matters)
    batch.revision += 1
    return batch


def _write_matters(uow: UnitOfWork, batch: Batch, matters: Iterable[Matter]) -> None:
    uow.session.add_all(BatchMatter(batch_id=batch.id, matter_id=matter.id) for matter in matters)
    uow.session.flush()


def _fill_batch(uow: UnitOfWork, batch: Batch, command: NewBatch) -> list[Matter]:
    """Settle and set every member but the revision; returns the matters."""
    require_region(uow, command.region_code)
    above = ancestors_of(uow.session, command.region_code)
    if batch.plan.region_code not in above:
        refuse_faults([FieldError("/region_code", "不在年度计划的区划之内", "batch-invalid")])
    matters, facts = _batch_matters(uow, batch.plan, command, above)
    settled = settle(command.options, facts)
    options = replace(command.options, kinds=settled.kinds, checklists=settled.checklists)
    refuse_faults([*option_faults(options), *settled_faults(settled, facts), *_stranger_faults(uow, options)])
    batch.title, batch.region_code, batch.frame = command.title, command.region_code, command.frame.value
    batch.campaign, batch.options = command.campaign, options.to_dict()
    batch.by, batch.updated_at = _author(uow), uow.now
    return matters


def _batch_matters(
    uow: UnitOfWork, plan: AnnualPlan, command: NewBatch, above: frozenset[str]
) -> tuple[list[Matter], tuple[MatterFacts, ...]]:
    planned = set(PlanOptions.from_dict(plan.options).matters)
    known = matters_by_uuid(uow.session, command.matters)
    asked = [known.get(uuid) for uuid in dict.fromkeys(command.matters)]
    facts = tuple(
        None if m is None else _facts(m, covers=m.region_code in above, planned=str(m.uuid) in planned) for m in asked
    )
    refuse_faults(matter_faults(facts, command.frame.value, "/matters/{n}"))
    return [m for m in asked if m is not None], tuple(f for f in facts if f is not None)


def _stranger_faults(uow: UnitOfWork, options: BatchOptions) -> Iterator[FieldError]:
    """Checklists nobody published, teams that are no authority."""
    rows = select(ChecklistVersion.code).where(ChecklistVersion.retired_at.is_(None))
    published = set(uow.session.scalars(rows.where(ChecklistVersion.code.in_(options.checklists))))
    for n, code in enumerate(options.checklists):
        if code not in published:
            yield FieldError(f"/checklists/{n}", "这份检查单还没有发布", "checklist-unknown")
    teams = select(Organisation.uuid).where(Organisation.uuid.in_([UUID(team) for team in options.teams]))
    serving = teams.where(Organisation.kind == OrganisationKind.AUTHORITY.value, Organisation.retired_at.is_(None))
    bodies = {str(uuid) for uuid in uow.session.scalars(serving)}
    for n, team in enumerate(options.teams):
        if team not in bodies:
            yield FieldError(f"/teams/{n}", "名录里没有这个行政机关", "organisation-unknown")
