"""期限与提醒。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from schemas.deadlines import DeadlinePage, DeadlineQuery, NoticeQuery, ReminderPage, ReminderShape
from server.domain.checks import shanghai_day
from server.domain.permissions import Permission
from server.queries import deadlines as queries
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services.deadlines import mark_read
from server.uow import UnitOfWork

blp = Rooms("console-deadlines", __name__, url_prefix="/api/v1/console", description="期限与提醒")
P = Permission


@blp.route("/deadlines", methods=["GET"])
@endpoint(P.CONSOLE_ASSIGNMENT_READ, door="console")
@blp.arguments(DeadlineQuery, location="query")
@blp.response(200, DeadlinePage)
def list_deadlines(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """法定期限：公示、撤回；可按种类、状态、到期日筛选。"""
    return queries.deadline_page(uow.session, uow.scope, on=shanghai_day(uow.now), **query)


@blp.route("/notices", methods=["GET"])
@endpoint(P.CONSOLE_ASSIGNMENT_READ, door="console")
@blp.arguments(NoticeQuery, location="query")
@blp.response(200, ReminderPage)
def list_notices(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """提醒。"""
    return queries.notice_page(uow.session, uow.scope, **query)


@blp.route("/notices/<uuid:notice>/reading", methods=["POST"])
@endpoint(P.CONSOLE_ASSIGNMENT_READ, door="console", writes=True, refuses=(404,))
@blp.response(200, ReminderShape)
def read_notice(notice: UUID, uow: UnitOfWork) -> Any:
    """记为已读。"""
    return mark_read(uow, queries.find_notice(uow.session, uow.scope, notice))
