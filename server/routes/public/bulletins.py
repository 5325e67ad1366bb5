"""公开通报：列表、全文、网页与文本、逐条记录。"""

from __future__ import annotations

from typing import Any

from flask import Response

from schemas.public.bulletins import PublicBulletinPage, PublicBulletinSchema
from schemas.public.records import PublicRecordPage
from server.domain.permissions import Permission
from server.publishing import bulletins, records
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.routes.public.questions import CursorQuery, NarrowingQuery, RecordQuery, narrowing_of
from server.routes.streams import stream
from server.uow import UnitOfWork

blp = Rooms("public-bulletins", __name__, url_prefix="/api/v1/public/bulletins", description="公开通报")
READ = Permission.PUBLIC_READ
TEXT = {"type": "string"}


@blp.route("", methods=["GET"])
@endpoint(READ, door="public")
@blp.arguments(CursorQuery, location="query")
@blp.response(200, PublicBulletinPage)
def list_bulletins(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """已发布的通报，新的在前。"""
    return bulletins.list_bulletins(uow, **query)


@blp.route("/<slug>", methods=["GET"])
@endpoint(READ, door="public", refuses=(404, 410))
@blp.response(200, PublicBulletinSchema)
def show_bulletin(slug: str, uow: UnitOfWork) -> Any:
    """一份通报的全文和每个数。去掉 sha256、published_at，按键排序、紧凑写成 UTF-8，其 SHA-256 即 sha256。"""
    return bulletins.bulletin_facts(bulletins.find_bulletin(uow, slug))


@blp.route("/<slug>.html", methods=["GET"])
@endpoint(READ, door="public", refuses=(404, 410))
@blp.response(200, TEXT, content_type="text/html")
def show_html(slug: str, uow: UnitOfWork) -> Response:
    """通报的网页版式。"""
    page = bulletins.bulletin_html(bulletins.find_bulletin(uow, slug))
    return Response(page, mimetype="text/html")


@blp.route("/<slug>.md", methods=["GET"])
@endpoint(READ, door="public", refuses=(404, 410))
@blp.response(200, TEXT, content_type="text/markdown")
def show_markdown(slug: str, uow: UnitOfWork) -> Response:
    """通报的 Markdown 文本。"""
    text = bulletins.bulletin_markdown(bulletins.find_bulletin(uow, slug))
    return Response(text, mimetype="text/markdown")


@blp.route("/<slug>/records", methods=["GET"])
@endpoint(READ, door="public", refuses=(404, 410))
@blp.arguments(RecordQuery, location="query")
@blp.response(200, PublicRecordPage)
def list_records(query: dict[str, Any], slug: str, uow: UnitOfWork) -> Any:
    """通报所数的逐条记录；`total` 是符合条件的总数，与通报里的数相同。"""
    row = bulletins.find_bulletin(uow, slug)
    return records.public_records(uow, row, narrowing_of(query), query["after"], query["limit"])


@blp.route("/<slug>/records.csv", methods=["GET"])
@endpoint(READ, door="public", refuses=(404, 410))
@blp.arguments(NarrowingQuery, location="query")
@blp.response(200, TEXT, content_type="text/csv")
def download_records(query: dict[str, Any], slug: str, uow: UnitOfWork) -> Response:  # noqa: ARG001 - the frame gives it
    """同一份清单的 CSV（UTF-8 带 BOM，Excel 和 WPS 可直接打开）。"""
    narrowing = narrowing_of(query)
    return stream(
        lambda reading: records.records_csv(reading, bulletins.find_bulletin(reading, slug), narrowing),
        media_type="text/csv",
        name=f"{slug}-records.csv",
    )
