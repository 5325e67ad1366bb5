"""名录库导入导出：上传试读、看报告、写入，导出表格和模板；边界文件试读。"""

from __future__ import annotations

from collections.abc import Iterator
from os import SEEK_END
from typing import IO, Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, request

from schemas.imports import (
    ApplyShape,
    BoundaryQuery,
    BoundaryShape,
    ImportPage,
    ImportQuery,
    ImportRowPage,
    ImportShape,
    ImportsQuery,
    RowsQuery,
)
from server.domain.errors import Invalid, TooLarge
from server.domain.permissions import Permission
from server.domain.register_columns import ROOM_TITLES, RegisterRoom
from server.formats.boundary_files import MAX_BYTES as MAX_BOUNDARY
from server.queries import imports as queries
from server.routes.blueprint import Rooms
from server.routes.endpoint import Caller, endpoint, streaming
from server.services import boundaries, imports, register_exports
from server.uow import UnitOfWork

blp = Rooms("console-imports", __name__, url_prefix="/api/v1/console", description="名录库导入导出")
CHUNK = 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BINARY = {"schema": {"type": "string", "format": "binary"}}
SHEET = {"responses": {200: {"content": {XLSX: BINARY}, "description": "表格"}}}
UPLOAD = {"content": {XLSX: BINARY, "application/octet-stream": BINARY}, "required": True}
DRAWING = {"content": {"application/octet-stream": BINARY}, "required": True}
SUBJECT_ROOMS = "any(projects, enterprise_sites, organisations)"


def _body(limit: int, code_words: str) -> Iterator[bytes]:
    """The body in pieces; one that breaks off is an error, never a shorter file."""
    request.max_content_length = limit + 1
    expected = request.content_length
    if (expected or 0) > limit:
        raise TooLarge("upload-too-large", f"{code_words}超过上限 {limit // 1024 // 1024} MB。", facts={"limit": limit})
    got = 0
    while piece := request.stream.read(CHUNK):
        got += len(piece)
        yield piece
    if expected is not None and got != expected:
        raise Invalid("body-cut-off", "内容没有传完，请重传。", facts={"expected": expected, "got": got})


def _examine(room: RegisterRoom, name: str, caller: Caller) -> Any:
    with imports.received(_body(imports.MAX_BYTES, "表格"), name) as upload:
        uuid = imports.examine(caller.unit, room, upload)
    return _shown(caller, uuid)


def _shown(caller: Caller, uuid: UUID) -> Any:
    with caller.unit() as uow:
        return imports.find_import(uow, uuid)


@blp.route(f"/imports/<{SUBJECT_ROOMS}:room>", methods=["POST"])
@streaming(Permission.CONSOLE_SUBJECT_WRITE, door="console")
@blp.arguments(ImportQuery, location="query")
@blp.doc(requestBody=UPLOAD)
@blp.response(201, ImportShape)
def import_subjects(query: dict[str, Any], room: str, caller: Caller) -> Any:
    """上传检查对象或单位的表格（XLSX 或 CSV），只试读，不写名录。"""
    return _examine(RegisterRoom(room), query["name"], caller)


@blp.route("/imports/officers", methods=["POST"])
@streaming(Permission.CONSOLE_OFFICER_WRITE, door="console")
@blp.arguments(ImportQuery, location="query")
@blp.doc(requestBody=UPLOAD)
@blp.response(201, ImportShape)
def import_officers(query: dict[str, Any], caller: Caller) -> Any:
    """上传执法检查人员的表格（XLSX 或 CSV），只试读，不写名录。"""
    return _examine(RegisterRoom.OFFICERS, query["name"], caller)


@blp.route("/imports", methods=["GET"])
@endpoint(Permission.CONSOLE_SUBJECT_WRITE, door="console")
@blp.arguments(ImportsQuery, location="query")
@blp.response(200, ImportPage)
def list_imports(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """自己上传过的表格。"""
    rooms = tuple(room.value for room in RegisterRoom if uow.actor.may(imports.PERMISSIONS[room]))
    return queries.own_imports(uow.session, uow.actor.user_id, rooms, **query)


@blp.route("/imports/<uuid:uuid>", methods=["GET"])
@endpoint(Permission.CONSOLE_SUBJECT_WRITE, door="console", refuses=(404,))
@blp.response(200, ImportShape)
def show_import(uuid: UUID, uow: UnitOfWork) -> Any:
    """一次导入的结论。"""
    return imports.find_import(uow, uuid)


@blp.route("/imports/<uuid:uuid>/rows", methods=["GET"])
@endpoint(Permission.CONSOLE_SUBJECT_WRITE, door="console", refuses=(404,))
@blp.arguments(RowsQuery, location="query")
@blp.response(200, ImportRowPage)
def list_rows(query: dict[str, Any], uuid: UUID, uow: UnitOfWork) -> Any:
    """一次导入的各行，逐格说明错在哪里。"""
    account = imports.find_import(uow, uuid)
    verdict = query.pop("verdict")
    return queries.rows_of(uow.session, account.id, verdict.value if verdict else None, **query)


@blp.route("/imports/<uuid:uuid>/report.xlsx", methods=["GET"])
@endpoint(Permission.CONSOLE_SUBJECT_WRITE, door="console", refuses=(404,))
@blp.doc(**SHEET)
def download_report(uuid: UUID, uow: UnitOfWork) -> Response:
    """导入报告，一格一行。"""
    account = imports.find_import(uow, uuid)
    return _sheet(register_exports.report_of(uow, account), f"导入报告-{account.file_name[:60]}.xlsx")


@blp.route("/imports/<uuid:uuid>/apply", methods=["POST"])
@streaming(Permission.CONSOLE_SUBJECT_WRITE, door="console", refuses=(404, 409))
@blp.arguments(ApplyShape)
@blp.response(200, ImportShape)
def apply_import(body: dict[str, Any], uuid: UUID, caller: Caller) -> Any:
    """写进名录：整份，或只写没有错的行；写过的再写一遍什么也不会发生。"""
    imports.apply_import(caller.unit, uuid, body["mode"])
    return _shown(caller, uuid)


def _sheet(file: IO[bytes], name: str) -> Response:
    """A finished file as the answer, closed when it has been read or nobody reads on."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    reply = Response(_pieces(file), content_type=XLSX)
    reply.call_on_close(file.close)
    reply.headers["Content-Length"] = str(size)
    reply.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return reply


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def _export(room: RegisterRoom, uow: UnitOfWork) -> Response:
    return _sheet(register_exports.export_register(uow, room), f"{ROOM_TITLES[room]}.xlsx")


def _template(room: RegisterRoom) -> Response:
    return _sheet(register_exports.template_of(room), f"{ROOM_TITLES[room]}-模板.xlsx")


@blp.route(f"/exports/<{SUBJECT_ROOMS}:room>.xlsx", methods=["GET"])
@endpoint(Permission.CONSOLE_SUBJECT_READ, door="console")
@blp.doc(**SHEET)
def export_subjects(room: str, uow: UnitOfWork) -> Response:
    """导出检查对象或单位，列名与导入相同。"""
    return _export(RegisterRoom(room), uow)


@blp.route("/exports/officers.xlsx", methods=["GET"])
@endpoint(Permission.CONSOLE_OFFICER_READ, door="console")
@blp.doc(**SHEET)
def export_officers(uow: UnitOfWork) -> Response:
    """导出执法检查人员，列名与导入相同。"""
    return _export(RegisterRoom.OFFICERS, uow)


@blp.route(f"/exports/<{SUBJECT_ROOMS}:room>-template.xlsx", methods=["GET"])
@endpoint(Permission.CONSOLE_SUBJECT_READ, door="console")
@blp.doc(**SHEET)
def subject_template(room: str, uow: UnitOfWork) -> Response:  # noqa: ARG001 - the frame gives it
    """检查对象或单位的空模板。"""
    return _template(RegisterRoom(room))


@blp.route("/exports/officers-template.xlsx", methods=["GET"])
@endpoint(Permission.CONSOLE_OFFICER_READ, door="console")
@blp.doc(**SHEET)
def officer_template(uow: UnitOfWork) -> Response:  # noqa: ARG001 - the frame gives it
    """执法检查人员的空模板。"""
    return _template(RegisterRoom.OFFICERS)


@blp.route("/boundaries", methods=["POST"])
@streaming(Permission.CONSOLE_SUBJECT_WRITE, door="console")
@blp.arguments(BoundaryQuery, location="query")
@blp.doc(requestBody=DRAWING)
@blp.response(200, BoundaryShape)
def preview_boundary(query: dict[str, Any], caller: Caller) -> Any:
    """试读一份边界文件（GeoJSON、KML、KMZ、压缩的 Shapefile、点表）：画出一圈，列出毛病，不保存。"""
    data = b"".join(_body(MAX_BOUNDARY, "边界文件"))
    with caller.unit() as uow:
        return boundaries.preview_boundary(uow, data, query["datum"], query["region_code"])
