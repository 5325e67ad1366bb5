"""名录库：单位、检查对象、执法人员、区划。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from schemas.base import PageQuery, Shape
from schemas.fields import Text
from schemas.registers import (
    NewOfficerShape,
    NewOrganisationShape,
    NewSubjectShape,
    OfficerPage,
    OfficerShape,
    OrganisationPage,
    OrganisationShape,
    RegionShape,
    SubjectPage,
    SubjectShape,
)
from server.domain.permissions import Permission
from server.domain.registers import NewOfficer, NewOrganisation, NewSubject
from server.queries import registers
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import officers, subjects
from server.uow import UnitOfWork

blp = Rooms("console-registers", __name__, url_prefix="/api/v1/console", description="名录库")


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


@blp.route("/organisations", methods=["GET"])
@endpoint(Permission.CONSOLE_SUBJECT_READ, door="console")
@blp.arguments(PageQuery, location="query")
@blp.response(200, OrganisationPage)
def list_organisations(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """单位名录。"""
    return registers.organisations(uow.session, uow.scope, **query)


@blp.route("/organisations", methods=["POST"])
@endpoint(Permission.CONSOLE_SUBJECT_WRITE, door="console", writes=True, refuses=(409,))
@blp.arguments(NewOrganisationShape)
@blp.response(201, OrganisationShape)
def create_organisation(body: NewOrganisation, uow: UnitOfWork) -> Any:
    """登记单位。"""
    return subjects.register_organisation(uow, body)


@blp.route("/subjects", methods=["GET"])
@endpoint(Permission.CONSOLE_SUBJECT_READ, door="console")
@blp.arguments(PageQuery, location="query")
@blp.response(200, SubjectPage)
def list_subjects(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """检查对象名录。"""
    return registers.subjects(uow.session, uow.scope, **query)


@blp.route("/subjects", methods=["POST"])
@endpoint(Permission.CONSOLE_SUBJECT_WRITE, door="console", writes=True, refuses=(409,))
@blp.arguments(NewSubjectShape)
@blp.response(201, SubjectShape)
def create_subject(body: NewSubject, uow: UnitOfWork) -> Any:
    """登记检查对象。"""
    return subjects.register_subject(uow, body)


@blp.route("/subjects/<uuid:subject>", methods=["GET"])
@endpoint(Permission.CONSOLE_SUBJECT_READ, door="console", refuses=(404,))
@blp.response(200, SubjectShape)
def show_subject(subject: UUID, uow: UnitOfWork) -> Any:
    """一个检查对象。"""
    return subjects.find_subject(uow, subject)


@blp.route("/subjects/<uuid:subject>", methods=["DELETE"])
@endpoint(Permission.CONSOLE_SUBJECT_WRITE, door="console", writes=True, refuses=(404,))
@blp.response(204)
def retire_subject(subject: UUID, uow: UnitOfWork) -> None:
    """退出名录（不删除）。"""
    subjects.retire_subject(uow, subjects.find_subject(uow, subject))


@blp.route("/officers", methods=["GET"])
@endpoint(Permission.CONSOLE_OFFICER_READ, door="console")
@blp.arguments(PageQuery, location="query")
@blp.response(200, OfficerPage)
def list_officers(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """执法检查人员名录。"""
    return registers.officers(uow.session, uow.scope, **query)


@blp.route("/officers", methods=["POST"])
@endpoint(Permission.CONSOLE_OFFICER_WRITE, door="console", writes=True, refuses=(409,))
@blp.arguments(NewOfficerShape)
@blp.response(201, OfficerShape)
def create_officer(body: NewOfficer, uow: UnitOfWork) -> Any:
    """登记执法检查人员。"""
    return officers.register_officer(uow, body)


@blp.route("/officers/<uuid:officer>", methods=["DELETE"])
@endpoint(Permission.CONSOLE_OFFICER_WRITE, door="console", writes=True, refuses=(404,))
@blp.response(204)
def retire_officer(officer: UUID, uow: UnitOfWork) -> None:
    """退出名录（不删除）。"""
    officers.retire_officer(uow, officers.find_officer(uow, officer))
