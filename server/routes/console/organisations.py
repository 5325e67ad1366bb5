"""名录库：单位。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from schemas.register_edits import (
    CursorQuery,
    HistoryPage,
    OrganisationEdit,
    OrganisationQuery,
    RestoreShape,
    RetireQuery,
)
from schemas.registers import NewOrganisationShape, OrganisationPage, OrganisationShape
from server.domain.permissions import Permission
from server.domain.register_facts import Register
from server.domain.registers import NewOrganisation
from server.queries import registers
from server.queries.register_history import history
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import register_edits, subjects
from server.uow import UnitOfWork

blp = Rooms("console-organisations", __name__, url_prefix="/api/v1/console/organisations", description="单位名录")
READ, WRITE = Permission.CONSOLE_SUBJECT_READ, Permission.CONSOLE_SUBJECT_WRITE


@blp.route("", methods=["GET"])
@endpoint(READ, door="console")
@blp.arguments(OrganisationQuery, location="query")
@blp.response(200, OrganisationPage)
def list_organisations(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """查找单位：名称、统一社会信用代码、类别、区划、在册与否。"""
    return registers.organisations(uow.session, uow.scope, **query)


@blp.route("", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(409,))
@blp.arguments(NewOrganisationShape)
@blp.response(201, OrganisationShape)
def create_organisation(body: NewOrganisation, uow: UnitOfWork) -> Any:
    """登记单位。"""
    return subjects.register_organisation(uow, body)


@blp.route("/<uuid:organisation>", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.response(200, OrganisationShape)
def show_organisation(organisation: UUID, uow: UnitOfWork) -> Any:
    """一家单位。"""
    return subjects.find_organisation_in_scope(uow, organisation)


@blp.route("/<uuid:organisation>", methods=["PATCH"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(OrganisationEdit)
@blp.response(200, OrganisationShape)
def edit_organisation(body: dict[str, Any], organisation: UUID, uow: UnitOfWork) -> Any:
    """修改单位，按版本号防覆盖，逐项留痕。"""
    return register_edits.edit_organisation(uow, subjects.find_organisation_in_scope(uow, organisation), **body)


@blp.route("/<uuid:organisation>", methods=["DELETE"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(RetireQuery, location="query")
@blp.response(204)
def retire_organisation(query: dict[str, Any], organisation: UUID, uow: UnitOfWork) -> None:
    """退出名录（不删除）；还有在册人员或对象的不行。"""
    subjects.retire_organisation(uow, subjects.find_organisation_in_scope(uow, organisation), **query)


@blp.route("/<uuid:organisation>/restore", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(RestoreShape)
@blp.response(200, OrganisationShape)
def restore_organisation(body: dict[str, Any], organisation: UUID, uow: UnitOfWork) -> Any:
    """恢复到名录。"""
    return subjects.restore_organisation(uow, subjects.find_organisation_in_scope(uow, organisation), **body)


@blp.route("/<uuid:organisation>/history", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.arguments(CursorQuery, location="query")
@blp.response(200, HistoryPage)
def show_organisation_history(query: dict[str, Any], organisation: UUID, uow: UnitOfWork) -> Any:
    """一家单位的变更记录：谁、何时、改了什么。"""
    found = subjects.find_organisation_in_scope(uow, organisation)
    return history(uow.session, Register.ORGANISATION, found.id, **query)
