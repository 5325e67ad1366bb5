"""公开案例与公开照片。"""

from __future__ import annotations

from typing import Any

from flask import Response, request

from schemas.public.cases import PublishedCasePage, PublishedCaseSchema
from server.domain.permissions import Permission
from server.publishing import cases, photos
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.routes.public.questions import CaseQuery
from server.uow import UnitOfWork

blp = Rooms("public-cases", __name__, url_prefix="/api/v1/public", description="公开案例")
READ = Permission.PUBLIC_READ
PHOTO = {"type": "string", "format": "binary"}
FOR_GOOD = "public, max-age=31536000, immutable"


@blp.route("/cases", methods=["GET"])
@endpoint(READ, door="public")
@blp.arguments(CaseQuery, location="query")
@blp.response(200, PublishedCasePage)
def list_cases(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """公开的案例，新的在前。"""
    return cases.find_cases(uow, **query)


@blp.route("/cases/<number>", methods=["GET"])
@endpoint(READ, door="public", refuses=(404, 410))
@blp.response(200, PublishedCaseSchema)
def show_case(number: str, uow: UnitOfWork) -> Any:
    """一个案例。去掉 sha256、published_at，按键排序、紧凑写成 UTF-8，其 SHA-256 即 sha256。"""
    return cases.public_value(cases.find_public_case(uow, number))


@blp.route("/photos/<sha256>.jpg", methods=["GET"])
@endpoint(READ, door="public", refuses=(404, 410))
@blp.response(200, PHOTO, content_type="image/jpeg")
@blp.alt_response(304, description="与 If-None-Match 所说的相同", success=True)
def show_photo(sha256: str, uow: UnitOfWork) -> Response:
    """公开副本：去尽元数据，地址就是它的校验值，永不改变。"""
    with photos.open_public_photo(uow, sha256) as copy:
        reply = Response(copy.read(), mimetype="image/jpeg")
    reply.headers["Cache-Control"] = FOR_GOOD
    reply.set_etag(sha256)
    return reply.make_conditional(request)
