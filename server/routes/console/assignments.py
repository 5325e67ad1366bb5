"""任务：列表、历程、改期、移交、登记结果、重新打开、报表。"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Response

from schemas.assignments import (
    AssignmentDetailShape,
    AssignmentPage,
    AssignmentQuery,
    AssignmentReportShape,
    HandOverShape,
    NewDueDayShape,
    ReportQuery,
    TaskOutcomeShape,
)
from server.domain.checks import shanghai_day
from server.domain.permissions import Permission
from server.formats.csvfile import write_csv
from server.queries import assignment_reports as reports
from server.queries import assignments as queries
from server.queries.assignments import Wanted
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import assignment_steps as steps
from server.uow import UnitOfWork

blp = Rooms("console-assignments", __name__, url_prefix="/api/v1/console", description="任务")
P = Permission
TEXT: dict[str, Any] = {"type": "string"}


def _shown(uow: UnitOfWork, row: Any) -> Any:
    uow.session.flush()
    return queries.assignment_detail(uow.session, row, shanghai_day(uow.now))


@blp.route("/assignments", methods=["GET"])
@endpoint(P.CONSOLE_ASSIGNMENT_READ, door="console")
@blp.arguments(AssignmentQuery, location="query")
@blp.response(200, AssignmentPage)
def list_assignments(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """任务列表，可按状态、逾期、人员、区划、抽签、专项行动筛选。"""
    after, limit = query.pop("after"), query.pop("limit")
    return queries.assignment_page(uow.session, uow.scope, Wanted(shanghai_day(uow.now), **query), after, limit)


@blp.route("/assignments/<uuid:assignment>", methods=["GET"])
@endpoint(P.CONSOLE_ASSIGNMENT_READ, door="console", refuses=(404,))
@blp.response(200, AssignmentDetailShape)
def show_assignment(assignment: UUID, uow: UnitOfWork) -> Any:
    """一项任务与它的每一步。"""
    return _shown(uow, steps.find_assignment(uow, assignment))


@blp.route("/assignments/<uuid:assignment>/postponement", methods=["POST"])
@endpoint(P.CONSOLE_ASSIGNMENT_MANAGE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(NewDueDayShape)
@blp.response(200, AssignmentDetailShape)
def postpone(body: dict[str, Any], assignment: UUID, uow: UnitOfWork) -> Any:
    """改期：新的期限与理由。"""
    return _shown(uow, steps.postpone(uow, assignment, **body))


@blp.route("/assignments/<uuid:assignment>/handover", methods=["POST"])
@endpoint(P.CONSOLE_ASSIGNMENT_MANAGE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(HandOverShape)
@blp.response(200, AssignmentDetailShape)
def hand_over(body: dict[str, Any], assignment: UUID, uow: UnitOfWork) -> Any:
    """移交给另一名执法人员；证件、回避、派人规则照样核对。"""
    return _shown(uow, steps.hand_over(uow, assignment, steps.HandOver(**body)))


@blp.route("/assignments/<uuid:assignment>/outcome", methods=["POST"])
@endpoint(P.CONSOLE_ASSIGNMENT_MANAGE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(TaskOutcomeShape)
@blp.response(200, AssignmentDetailShape)
def set_outcome(body: dict[str, Any], assignment: UUID, uow: UnitOfWork) -> Any:
    """登记结果：没能检查的写明情形并附证据；已检查的补记纸质文书。"""
    return _shown(uow, steps.settle_by_hand(uow, assignment, **body))


@blp.route("/assignments/<uuid:assignment>/reopening", methods=["POST"])
@endpoint(P.CONSOLE_ASSIGNMENT_MANAGE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(NewDueDayShape)
@blp.response(200, AssignmentDetailShape)
def reopen(body: dict[str, Any], assignment: UUID, uow: UnitOfWork) -> Any:
    """重新打开一项已结束的任务，原来的记录保留。"""
    return _shown(uow, steps.reopen(uow, assignment, **body))


@blp.route("/reports/assignments", methods=["GET"])
@endpoint(P.CONSOLE_ASSIGNMENT_READ, door="console")
@blp.arguments(ReportQuery, location="query")
@blp.response(200, AssignmentReportShape)
def report_assignments(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """完成情况：按人、区划、抽签或事项。"""
    by, wanted = query.pop("by"), Wanted(shanghai_day(uow.now), **query)
    rows = [
        row | {"done_pair": (row["done"], row["total"])} for row in reports.report(uow.session, uow.scope, by, wanted)
    ]
    return {"by": by, "on": wanted.on, "rows": rows, "totals": reports.totals(uow.session, uow.scope, wanted)}


COLUMNS = (
    ("key", "编号"),
    ("title", "名称"),
    ("total", "应检查"),
    ("done", "已检查"),
    ("ended", "未能检查"),
    ("open", "未办结"),
    ("overdue", "其中逾期"),
    ("late", "逾期办结"),
    ("provisional", "期限暂定"),
    ("no_problem", "未发现问题"),
    ("ordered", "发现问题已责令改正"),
    ("filed", "发现问题已立案待处理"),
    ("refused", "不配合检查"),
    ("unreachable", "通过登记住所无法联系"),
    ("stopped", "已停工停产不具备检查条件"),
    ("pending", "结果未定"),
    ("replaced", "已换下"),
    ("void", "已作废"),
)


@blp.route("/reports/assignments.csv", methods=["GET"])
@endpoint(P.CONSOLE_ASSIGNMENT_READ, door="console")
@blp.arguments(ReportQuery, location="query")
@blp.response(200, TEXT, content_type="text/csv")
def download_report(query: dict[str, Any], uow: UnitOfWork) -> Response:
    """同一张报表，Excel、WPS 可直接打开；最后一行是合计。"""
    by, wanted = query.pop("by"), Wanted(shanghai_day(uow.now), **query)
    rows = reports.report(uow.session, uow.scope, by, wanted)
    totals = {"key": "合计", "title": ""} | reports.totals(uow.session, uow.scope, wanted)
    chunks: Iterator[bytes] = write_csv(COLUMNS, [*rows, totals])
    reply = Response(b"".join(chunks), content_type="text/csv; charset=utf-8")
    reply.headers["Content-Disposition"] = f"attachment; filename=assignments-{by}-{wanted.on.isoformat()}.csv"
    return reply
