"""名录库：区划、检查对象。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from schemas.base import Shape
from schemas.fields import Text
from schemas.register_edits import (
    CursorQuery,
    HistoryPage,
    NearList,
    NearQuery,
    RestoreShape,
    RetireQuery,
    RingShape,
    SubjectEdit,
    SubjectQuery,
)
from schemas.registers import NewSubjectShape, RegionShape, SubjectFile, SubjectPage
from server.domain.permissions import Permission
from server.domain.register_facts import Register
from server.domain.registers import NewSubject
from server.queries import registers
from server.queries.register_history import history
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import nearby, register_edits, subjects
from server.uow import UnitOfWork

blp = Rooms("console-registers", __name__, url_prefix="/api/v1/console", description="名录库")
READ, WRITE = Permission.CONSOLE_SUBJECT_READ, Permission.CONSOLE_SUBJECT_WRITE


class RegionQuery(Shape):
    """上级区划代码；不给则全部。"""

    parent = Text(load_default=None, max_length=12)


class RegionList(Shape):
    """区划列表。"""

    items = fields.List(fields.Nested(RegionShape), required=True)


@blp.route("/regions", methods=["GET"])
@endpoint(Permission.CONSOLE_SESSION_OWN, door="console")
@blp.arguments(RegionQuery, location="query")
@blp.response(200, RegionList)
def list_regions(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """行政区划。"""
    return {"items": registers.regions_under(uow.session, query["parent"])}


@blp.route("/subjects", methods=["GET"])
@endpoint(READ, door="console")
@blp.arguments(SubjectQuery, location="query")
@blp.response(200, SubjectPage)
def list_subjects(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """查找检查对象：词、抽样框、类别、状态、风险分类、区划、在册与否。"""
    return registers.subjects(uow.session, uow.scope, **query)


@blp.route("/subjects", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(409,))
@blp.arguments(NewSubjectShape)
@blp.response(201, SubjectFile)
def create_subject(body: NewSubject, uow: UnitOfWork) -> Any:
    """登记检查对象。"""
    return subjects.register_subject(uow, body)


@blp.route("/subjects/near", methods=["GET"])
@endpoint(READ, door="console")
@blp.arguments(NearQuery, location="query")
@blp.response(200, NearList)
def list_near(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """一处附近的检查对象，由近到远。"""
    return nearby.subjects_near(uow, **query)


@blp.route("/subjects/inside", methods=["POST"])
@endpoint(READ, door="console", writes=True)
@blp.arguments(RingShape)
@blp.response(200, NearList)
def list_inside(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """一圈之内的检查对象。"""
    return nearby.subjects_inside(uow, tuple(body["ring"]), body["datum"])


@blp.route("/subjects/<uuid:subject>", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.response(200, SubjectFile)
def show_subject(subject: UUID, uow: UnitOfWork) -> Any:
    """一个检查对象。"""
    return subjects.find_subject(uow, subject)


@blp.route("/subjects/<uuid:subject>", methods=["PATCH"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(SubjectEdit)
@blp.response(200, SubjectFile)
def edit_subject(body: dict[str, Any], subject: UUID, uow: UnitOfWork) -> Any:
    """修改检查对象，按版本号防覆盖，逐项留痕。"""
    return register_edits.edit_subject(uow, subjects.find_subject(uow, subject), **body)


@blp.route("/subjects/<uuid:subject>", methods=["DELETE"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(RetireQuery, location="query")
@blp.response(204)
def retire_subject(query: dict[str, Any], subject: UUID, uow: UnitOfWork) -> None:
    """退出名录（不删除）。"""
    subjects.retire_subject(uow, subjects.find_subject(uow, subject), **query)


@blp.route("/subjects/<uuid:subject>/restore", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(RestoreShape)
@blp.response(200, SubjectFile)
def restore_subject(body: dict[str, Any], subject: UUID, uow: UnitOfWork) -> Any:
    """恢复到名录。"""
    return subjects.restore_subject(uow, subjects.find_subject(uow, subject), **body)


@blp.route("/subjects/<uuid:subject>/history", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.arguments(CursorQuery, location="query")
@blp.response(200, HistoryPage)
def show_subject_history(query: dict[str, Any], subject: UUID, uow: UnitOfWork) -> Any:
    """一个检查对象的变更记录：谁、何时、改了什么。"""
    return history(uow.session, Register.SUBJECT, subjects.find_subject(uow, subject).id, **query)
