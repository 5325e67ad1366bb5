"""手机上的任务：拉自己的，报现场的事。"""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import Response, jsonify

from schemas.assignments import PullQuery, SiteReportedShape, SiteReportShape, TaskPullShape
from server.domain.assignments import Report
from server.domain.permissions import Permission
from server.queries import field_assignments as queries
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.routes.streams import unchanged
from server.services import assignment_steps as steps
from server.uow import UnitOfWork

blp = Rooms("field-assignments", __name__, url_prefix="/api/v1/field/assignments", description="任务")


@blp.route("", methods=["GET"])
@endpoint(Permission.FIELD_ASSIGNMENT_READ, door="field")
@blp.arguments(PullQuery, location="query")
@blp.response(200, TaskPullShape)
@blp.alt_response(304, description="与 If-None-Match 所说的相同", success=True)
def pull_assignments(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """我的任务：不给 after 得全部未办结的，给了得此后变动的；同样的回答用 ETag 省流量。"""
    officer = steps.own_officer_id(uow)
    pulled = queries.pull(uow.session, officer or 0, query["after"], query["limit"], uow.now)
    body = TaskPullShape().dump({"items": pulled.items, "open": pulled.open, "more": pulled.more})
    return _tagged(body, {"next": pulled.next, "now": uow.now})


def _tagged(body: dict[str, Any], moving: dict[str, Any]) -> Response:
    """The answer under an ETag of what it says; the clock and the cursor do not count as a change."""
    reply: Response = jsonify(body | TaskPullShape(only=("next", "now")).dump(moving))
    token = sha256(jsonify(body).get_data()).hexdigest()[:32]
    reply.set_etag(token, weak=True)
    reply.headers["Cache-Control"] = "private, no-cache"
    return unchanged(token) or reply


@blp.route("/<uuid:assignment>/reports/<uuid:report>", methods=["PUT"])
@endpoint(Permission.FIELD_ASSIGNMENT_REPORT, door="field", writes=True, refuses=(404, 409))
@blp.arguments(SiteReportShape)
@blp.response(201, SiteReportedShape)
@blp.alt_response(200, schema=SiteReportedShape, description="同样的报告已收下过", success=True)
def put_report(body: Report, assignment: UUID, report: UUID, uow: UnitOfWork) -> Any:
    """报一步：编号由手机生成；同样的再报一次得同样的回答，不同的内容为冲突。"""
    done = steps.report(uow, assignment, report, body)
    return done.assignment, 201 if done.created else 200
