"""名录库：执法检查人员。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from schemas.register_edits import (
    CursorQuery,
    HistoryPage,
    OfficerEdit,
    RegisterQuery,
    RestoreShape,
    RetireQuery,
)
from schemas.registers import NewOfficerShape, OfficerPage, OfficerShape
from server.domain.permissions import Permission
from server.domain.register_facts import Register
from server.domain.registers import NewOfficer
from server.queries import registers
from server.queries.register_history import history
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import officers, register_edits
from server.uow import UnitOfWork

blp = Rooms("console-officers", __name__, url_prefix="/api/v1/console/officers", description="执法检查人员名录")
READ, WRITE = Permission.CONSOLE_OFFICER_READ, Permission.CONSOLE_OFFICER_WRITE


@blp.route("", methods=["GET"])
@endpoint(READ, door="console")
@blp.arguments(RegisterQuery, location="query")
@blp.response(200, OfficerPage)
def list_officers(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """查找执法检查人员：姓名、证号、科室、单位、区划、在册与否。"""
    return registers.officers(uow.session, uow.scope, **query)


@blp.route("", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(409,))
@blp.arguments(NewOfficerShape)
@blp.response(201, OfficerShape)
def create_officer(body: NewOfficer, uow: UnitOfWork) -> Any:
    """登记执法检查人员。"""
    return officers.register_officer(uow, body)


@blp.route("/<uuid:officer>", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.response(200, OfficerShape)
def show_officer(officer: UUID, uow: UnitOfWork) -> Any:
    """一名执法检查人员。"""
    return officers.find_officer(uow, officer)


@blp.route("/<uuid:officer>", methods=["PATCH"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(OfficerEdit)
@blp.response(200, OfficerShape)
def edit_officer(body: dict[str, Any], officer: UUID, uow: UnitOfWork) -> Any:
    """修改执法检查人员，按版本号防覆盖，逐项留痕。"""
    return register_edits.edit_officer(uow, officers.find_officer(uow, officer), **body)


@blp.route("/<uuid:officer>", methods=["DELETE"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(RetireQuery, location="query")
@blp.response(204)
def retire_officer(query: dict[str, Any], officer: UUID, uow: UnitOfWork) -> None:
    """退出名录（不删除）。"""
    officers.retire_officer(uow, officers.find_officer(uow, officer), **query)


@blp.route("/<uuid:officer>/restore", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(RestoreShape)
@blp.response(200, OfficerShape)
def restore_officer(body: dict[str, Any], officer: UUID, uow: UnitOfWork) -> Any:
    """恢复到名录。"""
    return officers.restore_officer(uow, officers.find_officer(uow, officer), **body)


@blp.route("/<uuid:officer>/history", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.arguments(CursorQuery, location="query")
@blp.response(200, HistoryPage)
def show_officer_history(query: dict[str, Any], officer: UUID, uow: UnitOfWork) -> Any:
    """一名执法检查人员的变更记录，请假和回避关系也在内。"""
    return history(uow.session, Register.OFFICER, officers.find_officer(uow, officer).id, **query)
