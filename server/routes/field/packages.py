"""手机要带到现场的资料：检查单、检查对象。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from schemas.base import PageQuery, Shape
from schemas.register_edits import NearList, NearQuery
from schemas.registers import SubjectPage, SubjectShape
from server.domain.permissions import Permission
from server.queries import checklists, registers
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import nearby, subjects
from server.services.checklists import find_version
from server.uow import UnitOfWork

blp = Rooms("field-packages", __name__, url_prefix="/api/v1/field", description="带到现场的资料")


class ChecklistBrief(Shape):
    """一个检查单版本。"""

    code = fields.String(required=True)
    version = fields.String(required=True)
    title = fields.String(required=True)
    digest_sha256 = fields.String(required=True)


class ChecklistList(Shape):
    """已发布的检查单。"""

    items = fields.List(fields.Nested(ChecklistBrief), required=True)


class ChecklistFull(ChecklistBrief):
    """检查单全文。"""

    content = fields.Dict(keys=fields.String(), required=True)


@blp.route("/checklists", methods=["GET"])
@endpoint(Permission.FIELD_CHECKLIST_READ, door="field")
@blp.response(200, ChecklistList)
def list_checklists(uow: UnitOfWork) -> Any:
    """已发布的检查单版本。"""
    return {"items": checklists.published(uow.session)}


@blp.route("/checklists/<code>/<version>", methods=["GET"])
@endpoint(Permission.FIELD_CHECKLIST_READ, door="field", refuses=(404,))
@blp.response(200, ChecklistFull)
def show_checklist(code: str, version: str, uow: UnitOfWork) -> Any:
    """一份检查单全文；按摘要冻结，可以长期缓存。"""
    return find_version(uow, code, version)


@blp.route("/subjects", methods=["GET"])
@endpoint(Permission.FIELD_SUBJECT_READ, door="field")
@blp.arguments(PageQuery, location="query")
@blp.response(200, SubjectPage)
def list_subjects(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """我的范围内的检查对象。"""
    return registers.subjects(uow.session, uow.scope, **query)


@blp.route("/subjects/near", methods=["GET"])
@endpoint(Permission.FIELD_SUBJECT_READ, door="field")
@blp.arguments(NearQuery, location="query")
@blp.response(200, NearList)
def list_near(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """我附近的检查对象，由近到远。"""
    return nearby.subjects_near(uow, **query)


@blp.route("/subjects/<uuid:subject>", methods=["GET"])
@endpoint(Permission.FIELD_SUBJECT_READ, door="field", refuses=(404,))
@blp.response(200, SubjectShape)
def show_subject(subject: UUID, uow: UnitOfWork) -> Any:
    """一个检查对象。"""
    return subjects.find_subject(uow, subject)
