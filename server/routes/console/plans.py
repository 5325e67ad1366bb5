"""年度计划与批次：拟订、公布、模拟、完成情况。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from schemas.plans import (
    BatchPage,
    BatchQuery,
    BatchView,
    EditBatchShape,
    NewBatchShape,
    NewPlanShape,
    PlanPage,
    PlanQuery,
    PlanShape,
    ProgressShape,
    SimulationShape,
)
from server.domain.checks import shanghai_day
from server.domain.permissions import Permission
from server.domain.plans import NewBatch, NewPlan
from server.queries import plans as queries
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import plans
from server.services.simulation import simulate
from server.uow import UnitOfWork

blp = Rooms("console-plans", __name__, url_prefix="/api/v1/console", description="年度计划与批次")
READ, WRITE = Permission.CONSOLE_PLAN_READ, Permission.CONSOLE_PLAN_WRITE


def _plan(uow: UnitOfWork, plan: Any) -> dict[str, Any]:
    return queries.plan_rows(uow.session, [plan])[0]


def _batch(uow: UnitOfWork, batch: Any) -> dict[str, Any]:
    return queries.batch_rows(uow.session, [batch])[0]


@blp.route("/plans", methods=["GET"])
@endpoint(READ, door="console")
@blp.arguments(PlanQuery, location="query")
@blp.response(200, PlanPage)
def list_plans(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """年度计划：本辖区的，和上级已公布的。"""
    return queries.plan_page(uow.session, uow.scope, **query)


@blp.route("/plans", methods=["POST"])
@endpoint(WRITE, door="console", writes=True)
@blp.arguments(NewPlanShape)
@blp.response(201, PlanShape)
def create_plan(body: NewPlan, uow: UnitOfWork) -> Any:
    """拟订一份年度计划（草稿）。"""
    return _plan(uow, plans.create_plan(uow, body))


@blp.route("/plans/<uuid:plan>", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.response(200, PlanShape)
def show_plan(plan: UUID, uow: UnitOfWork) -> Any:
    """一份年度计划。"""
    return _plan(uow, plans.find_plan(uow, plan))


@blp.route("/plans/<uuid:plan>", methods=["PUT"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(NewPlanShape)
@blp.response(200, PlanShape)
def edit_plan(body: NewPlan, plan: UUID, uow: UnitOfWork) -> Any:
    """修改草稿。"""
    return _plan(uow, plans.edit_plan(uow, plans.plan_to_change(uow, plan), body))


@blp.route("/plans/<uuid:plan>/publish", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.response(200, PlanShape)
def publish_plan(plan: UUID, uow: UnitOfWork) -> Any:
    """公布：从此不改，抽查基数按此刻的实有数定下。"""
    return _plan(uow, plans.publish_plan(uow, plans.plan_to_change(uow, plan)))


@blp.route("/plans/<uuid:plan>/progress", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.response(200, ProgressShape)
def show_progress(plan: UUID, uow: UnitOfWork) -> Any:
    """完成情况：各事项、各区划应抽、已抽、查完、逾期。"""
    on = shanghai_day(uow.now)
    return {"on": on, "items": queries.plan_progress(uow.session, uow.scope, plans.find_plan(uow, plan), on)}


@blp.route("/batches", methods=["GET"])
@endpoint(READ, door="console")
@blp.arguments(BatchQuery, location="query")
@blp.response(200, BatchPage)
def list_batches(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """批次。"""
    return queries.batch_page(uow.session, uow.scope, **query)


@blp.route("/batches", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(404,))
@blp.arguments(NewBatchShape)
@blp.response(201, BatchView)
def create_batch(body: tuple[UUID, NewBatch], uow: UnitOfWork) -> Any:
    """在年度计划下立一个批次。"""
    plan, command = body
    return _batch(uow, plans.create_batch(uow, plans.find_plan(uow, plan), command))


@blp.route("/batches/<uuid:batch>", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.response(200, BatchView)
def show_batch(batch: UUID, uow: UnitOfWork) -> Any:
    """一个批次。"""
    return _batch(uow, plans.find_batch(uow, batch))


@blp.route("/batches/<uuid:batch>", methods=["PUT"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(EditBatchShape)
@blp.response(200, BatchView)
def edit_batch(body: tuple[int, NewBatch], batch: UUID, uow: UnitOfWork) -> Any:
    """修改批次；公告抽签之后不能改。"""
    revision, command = body
    return _batch(uow, plans.edit_batch(uow, plans.find_batch(uow, batch, lock=True), command, revision))


@blp.route("/batches/<uuid:batch>/simulation", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.response(200, SimulationShape)
def show_simulation(batch: UUID, uow: UnitOfWork) -> Any:
    """模拟：公告之前先看会抽多少、人手够不够。"""
    return simulate(uow, plans.find_batch(uow, batch))
