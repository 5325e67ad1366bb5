"""执法检查人员的请假与回避关系。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from schemas.base import Shape
from schemas.officer_facts import (
    InterestList,
    InterestShape,
    LeaveList,
    LeaveShape,
    NewInterestShape,
    NewLeaveShape,
)
from schemas.register_edits import reason_field
from server.domain.officer_facts import NewInterest, NewLeave
from server.domain.permissions import Permission
from server.queries import register_history
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import officer_facts
from server.services.officers import find_officer
from server.uow import UnitOfWork

blp = Rooms(
    "console-officer-facts", __name__, url_prefix="/api/v1/console/officers/<uuid:officer>", description="请假与回避"
)
READ, WRITE = Permission.CONSOLE_OFFICER_READ, Permission.CONSOLE_OFFICER_WRITE


class WhyQuery(Shape):
    """可写理由。"""

    reason = reason_field(load_default=None)


class ReasonQuery(Shape):
    """须写理由。"""

    reason = reason_field(required=True)


@blp.route("/leaves", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.response(200, LeaveList)
def list_leaves(officer: UUID, uow: UnitOfWork) -> Any:
    """一个人的请假，已销的也列出。"""
    return {"items": register_history.leaves(uow.session, find_officer(uow, officer).id)}


@blp.route("/leaves", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(NewLeaveShape)
@blp.response(201, LeaveShape)
def add_leave(body: NewLeave, officer: UUID, uow: UnitOfWork) -> Any:
    """登记请假、培训或借调；这些日子抽不到此人。"""
    return officer_facts.add_leave(uow, find_officer(uow, officer), body)


@blp.route("/leaves/<uuid:leave>", methods=["DELETE"])
@endpoint(WRITE, door="console", writes=True, refuses=(404,))
@blp.arguments(WhyQuery, location="query")
@blp.response(204)
def cancel_leave(query: dict[str, Any], officer: UUID, leave: UUID, uow: UnitOfWork) -> None:
    """销假（记录保留）。"""
    officer_facts.cancel_leave(uow, find_officer(uow, officer), leave, query["reason"])


@blp.route("/interests", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.response(200, InterestList)
def list_interests(officer: UUID, uow: UnitOfWork) -> Any:
    """一个人的回避关系，已撤销的也列出。"""
    return {"items": register_history.interests(uow.session, find_officer(uow, officer).id)}


@blp.route("/interests", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(NewInterestShape)
@blp.response(201, InterestShape)
def declare_interest(body: NewInterest, officer: UUID, uow: UnitOfWork) -> Any:
    """登记回避关系：本人申报、历史关系、当事人申请。"""
    found = find_officer(uow, officer)
    made = officer_facts.declare_interest(uow, found, body)
    return next(row for row in register_history.interests(uow.session, found.id) if row["uuid"] == made.uuid)


@blp.route("/interests/<uuid:interest>", methods=["DELETE"])
@endpoint(WRITE, door="console", writes=True, refuses=(404,))
@blp.arguments(ReasonQuery, location="query")
@blp.response(204)
def cancel_interest(query: dict[str, Any], officer: UUID, interest: UUID, uow: UnitOfWork) -> None:
    """撤销回避关系，写明理由（记录保留）。"""
    officer_facts.cancel_interest(uow, find_officer(uow, officer), interest, query["reason"])
