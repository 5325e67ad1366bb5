"""年度计划与批次的网页：列表、一份计划、一个批次、拟订。"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from schemas.plans import PlanQuery
from server.domain.batches import EXCLUSION_REASONS
from server.domain.checklists import Frame
from server.domain.checks import shanghai_day
from server.domain.permissions import Permission
from server.domain.plans import PLAN_STATE_TITLES, PlanState
from server.domain.register_facts import RISK_TITLES, RiskClass
from server.queries import plans as queries
from server.queries import registers
from server.queries.console_pages import authorities, region_names, regions_in_scope
from server.routes.console.page_frame import FRAME_TITLES, page_room, query_of, show
from server.routes.endpoint import endpoint
from server.services import plans
from server.uow import UnitOfWork

pages = page_room("plan-pages")
READ, WRITE = Permission.CONSOLE_PLAN_READ, Permission.CONSOLE_PLAN_WRITE
MOST = 200
RULE_TITLES = {"any": "不另设条件", "lead": "至少一名能主办", "apart": "不同科室"}
STATES = {state.value: title for state, title in PLAN_STATE_TITLES.items()}


@pages.get("/plans")
@endpoint(READ, door="console")
def plan_list(uow: UnitOfWork) -> str:
    """年度计划和批次。"""
    page = queries.plan_page(uow.session, uow.scope, **query_of(PlanQuery))
    batches = queries.batch_page(uow.session, uow.scope, 0, MOST, "", None)
    names = region_names(uow.session, [row["region_code"] for row in [*page.items, *batches.items]])
    return show("plans.html", uow, "plans", page=page, batches=batches, regions=names, states=STATES)


@pages.get("/plans/new")
@endpoint(WRITE, door="console")
def new_plan(uow: UnitOfWork) -> str:
    """拟订年度计划。"""
    year = shanghai_day(uow.now).year
    return show(
        "plan_new.html",
        uow,
        "plans",
        year=year,
        first=date(year, 1, 1),
        last=date(year, 12, 31),
        regions=regions_in_scope(uow.session, uow.scope),
        bodies=authorities(uow.session, uow.scope),
        matters=_matters(uow),
    )


def _matters(uow: UnitOfWork) -> list[Any]:
    scope = uow.actor.scope(Permission.CONSOLE_MATTER_READ)
    return list(registers.matters(uow.session, scope, 0, MOST, "", retired=False).items)


@pages.get("/plans/<uuid:plan>")
@endpoint(READ, door="console", refuses=(404,))
def plan_page(plan: UUID, uow: UnitOfWork) -> str:
    """一份年度计划与完成情况。"""
    row = plans.find_plan(uow, plan)
    return show(
        "plan.html",
        uow,
        "plans",
        plan=queries.plan_rows(uow.session, [row])[0],
        progress=queries.plan_progress(uow.session, uow.scope, row, shanghai_day(uow.now)),
        batches=queries.batch_page(uow.session, uow.scope, 0, MOST, "", plan).items,
        states=STATES,
        published=row.state == PlanState.PUBLISHED.value,
        regions=regions_in_scope(uow.session, uow.scope),
        region=region_names(uow.session, [row.region_code]).get(row.region_code, row.region_code),
        matters=_matters(uow),
        risks=[(risk.value, title) for risk, title in RISK_TITLES.items()],
        frame_options=[(frame.value, FRAME_TITLES[frame.value]) for frame in Frame],
    )


@pages.get("/batches/<uuid:batch>")
@endpoint(READ, door="console", refuses=(404,))
def batch_page(batch: UUID, uow: UnitOfWork) -> str:
    """一个批次。"""
    row = plans.find_batch(uow, batch)
    return show(
        "batch.html",
        uow,
        "plans",
        batch=queries.batch_rows(uow.session, [row])[0],
        risks={risk.value: title for risk, title in RISK_TITLES.items()},
        unclassified=RiskClass.UNCLASSIFIED.value,
        reasons=EXCLUSION_REASONS,
        rules=RULE_TITLES,
        region=region_names(uow.session, [row.region_code]).get(row.region_code, row.region_code),
    )
