"""手机交来的现场检查。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from marshmallow import fields

from schemas.base import Shape
from schemas.checks import CheckRecordShape, ReceiptShape
from schemas.fields import Instant
from server.domain.checks import CheckRecord
from server.domain.errors import Conflict
from server.domain.permissions import Permission
from server.routes import problems
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.routes.receipts import receipt_of
from server.services import checks
from server.uow import UnitOfWork

blp = Rooms("field-checks", __name__, url_prefix="/api/v1/field/checks", description="现场检查")


class SentAt(Shape):
    """发送时手机的钟，用来算钟差；不计入内容。"""

    sent_at = Instant(load_default=None, allow_none=True, data_key="sent_at")
    trace = fields.String(load_default="", metadata={"description": "客户端自用，不保存"})


@blp.route("/<uuid:check>", methods=["PUT"])
@endpoint(Permission.FIELD_CHECK_SUBMIT, door="field", writes=True, refuses=(404, 409))
@blp.arguments(SentAt, location="query")
@blp.arguments(CheckRecordShape)
@blp.response(201, ReceiptShape)
@blp.alt_response(200, schema=ReceiptShape, description="同样的内容已收下过", success=True)
def put_check(query: dict[str, Any], body: dict[str, Any], check: UUID, uow: UnitOfWork) -> Any:
    """交一次检查：编号由手机生成；同样的内容再交一次得同样的回答，不同的内容为冲突并附上两份。"""
    record = CheckRecord(uuid=check, raw=request.get_json(), **body)
    try:
        done = checks.submit_check(uow, record, query["sent_at"])
    except Conflict as conflict:
        # The refusal is an answer, not a failure of the unit: the other content is kept and committed with it.
        checks.keep_differing(uow, record)
        return problems.from_error(conflict).response()
    return receipt_of(done.check), 201 if done.created else 200


@blp.route("/<uuid:check>", methods=["GET"])
@endpoint(Permission.FIELD_CHECK_READ, door="field", refuses=(404,))
@blp.response(200, ReceiptShape)
def show_receipt(check: UUID, uow: UnitOfWork) -> Any:
    """服务器收到了什么：记录摘要、每张照片的状态、是否齐全。"""
    return receipt_of(checks.find_check(uow, check))
