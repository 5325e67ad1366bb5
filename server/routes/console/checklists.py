"""检查单：查看、导出表格、从表格导入（先试读，逐格报错，没有错误才发布）。"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Response, request, send_file
from marshmallow import fields

from schemas.base import Shape
from schemas.checklist_file import load_checklist, load_vocabulary
from server.domain.checklists import Frame
from server.domain.errors import Invalid, Missing, UnsupportedMedia
from server.domain.permissions import Permission
from server.domain.vocabulary import Vocabulary
from server.formats.checklist_files import read_vocabulary
from server.formats.checklist_xlsx import export_checklist, import_checklist
from server.formats.xform import build_form, form_id
from server.formats.xlsform import export_xlsform
from server.queries import checklists as queries
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import odk_forms
from server.services.checklists import checklist_of, find_version, publish_checklist
from server.uow import UnitOfWork

blp = Rooms("console-checklists", __name__, url_prefix="/api/v1/console/checklists", description="检查单")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XML = "application/xml"
FORM = {"content": {XML: {"schema": {"type": "string", "format": "binary"}}}}
SHEET = {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
FOLDER = Path(__file__).parents[3] / "checklists"


class VersionShape(Shape):
    """一个检查单版本。"""

    code = fields.String(required=True)
    version = fields.String(required=True)
    title = fields.String(required=True)
    digest_sha256 = fields.String(required=True)


class VersionList(Shape):
    """已发布的检查单。"""

    items = fields.List(fields.Nested(VersionShape), required=True)


class ImportQuery(Shape):
    """`publish=true` 才真正发布；否则只试读。"""

    publish = fields.Boolean(load_default=False)


class CellFault(Shape):
    """表格里错的一格。"""

    sheet = fields.String(required=True)
    row = fields.Integer(required=True)
    column = fields.String(required=True)
    reason = fields.String(required=True)


class ImportReport(Shape):
    """试读或导入的结果；有错误就什么也没有发布。"""

    code = fields.String(required=True, allow_none=True)
    version = fields.String(required=True, allow_none=True)
    items = fields.Integer(required=True)
    published = fields.Boolean(required=True)
    faults = fields.List(fields.Nested(CellFault), required=True)


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    return load_vocabulary(read_vocabulary(FOLDER))


@blp.route("", methods=["GET"])
@endpoint(Permission.CONSOLE_CHECKLIST_READ, door="console")
@blp.response(200, VersionList)
def list_checklists(uow: UnitOfWork) -> Any:
    """已发布的检查单版本。"""
    return {"items": queries.published(uow.session)}


@blp.route("/<code>/<version>.xlsx", methods=["GET"])
@endpoint(Permission.CONSOLE_CHECKLIST_READ, door="console", refuses=(404,))
@blp.doc(responses={200: SHEET | {"description": "表格"}})
def export_sheet(code: str, version: str, uow: UnitOfWork) -> Response:
    """把一个版本导出为表格。"""
    row = find_version(uow, code, version)
    data = export_checklist(checklist_of(row), vocabulary())
    return send_file(BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=f"{row.code}-{row.version}.xlsx")


@blp.route("/<code>/<version>/<frame>.xml", methods=["GET"])
@endpoint(Permission.CONSOLE_CHECKLIST_READ, door="console", refuses=(404, 422))
@blp.doc(responses={200: FORM | {"description": "XForm"}})
def export_form(code: str, version: str, frame: str, uow: UnitOfWork) -> Response:
    """把一个版本对一类检查对象的部分导出为 ODK 表单（XForm），与发给手机的字节相同。"""
    form = build_form(checklist_of(find_version(uow, code, version)), read_frame(frame))
    return send_file(BytesIO(form.xml), mimetype=XML, as_attachment=True, download_name=f"{form.form_id}.xml")


@blp.route("/<code>/<version>/<frame>.xlsx", methods=["GET"])
@endpoint(Permission.CONSOLE_CHECKLIST_READ, door="console", refuses=(404, 422))
@blp.doc(responses={200: SHEET | {"description": "XLSForm"}})
def export_form_sheet(code: str, version: str, frame: str, uow: UnitOfWork) -> Response:
    """把一个版本对一类检查对象的部分导出为 XLSForm。"""
    checklist, found = checklist_of(find_version(uow, code, version)), read_frame(frame)
    data = export_xlsform(checklist, found)
    name = f"{form_id(checklist.code, found)}.xlsx"
    return send_file(BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name)


def read_frame(word: str) -> Frame:
    """The kind of subject in an address. Raises Missing (`frame-unknown`)."""
    if word not in set(Frame):
        raise Missing("frame-unknown", f"没有“{word}”这类检查对象。")
    return Frame(word)


@blp.route("/import", methods=["POST"])
@endpoint(Permission.CONSOLE_CHECKLIST_PUBLISH, door="console", writes=True, refuses=(409,))
@blp.arguments(ImportQuery, location="query")
@blp.doc(requestBody=SHEET | {"required": True})
@blp.response(200, ImportReport)
def import_sheet(query: dict[str, bool], uow: UnitOfWork) -> Any:
    """读入表格（正文就是 XLSX 文件），逐格报错；没有错误且 publish=true 才发布。"""
    if request.mimetype != XLSX:
        raise UnsupportedMedia("sheet-type-unsupported", "请上传 XLSX 表格。")
    found = import_checklist(BytesIO(request.get_data()), vocabulary())
    faults, checklist = list(found.errors), None
    if not faults:
        try:
            checklist = load_checklist(found.data, vocabulary())
        except Invalid as refusal:
            faults = found.explain(refusal.errors)
            if not faults:
                raise
    published = bool(checklist and query["publish"] and publish_checklist(uow, checklist))
    if published:
        uow.session.flush()
        odk_forms.ensure_forms(uow)
    return {
        "code": checklist.code if checklist else None,
        "version": checklist.version if checklist else None,
        "items": len(list(checklist.items)) if checklist else 0,
        "published": published,
        "faults": faults,
    }
