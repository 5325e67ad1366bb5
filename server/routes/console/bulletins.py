"""通报：起草、审核、签发、发布、每个数背后的记录。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from schemas.base import PageQuery
from schemas.console import (
    BulletinPage,
    BulletinRequestShape,
    BulletinShape,
    NoteShape,
    ReasonShape,
    RecordPage,
    ReleaseShape,
)
from server.domain.errors import Missing
from server.domain.permissions import Permission
from server.formats.bulletin_html import render_html
from server.formats.bulletin_links import console_links
from server.formats.bulletin_markdown import render_markdown
from server.queries import console
from server.queries.bulletin_records import figure_records
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import bulletins
from server.services.bulletins import BulletinRequest
from server.uow import UnitOfWork

blp = Rooms("console-bulletins", __name__, url_prefix="/api/v1/console/bulletins", description="通报")
READ = Permission.CONSOLE_BULLETIN_READ
STATUS = {"drafting": "拟稿", "in_review": "送审稿", "reviewed": "待签发", "signed": "已签发", "published": ""}


def bulletin_row(uow: UnitOfWork, row: Any) -> dict[str, Any]:
    columns = ("uuid", "state", "title", "region_code", "period_from_on", "period_to_on", "checklists", "number")
    more = ("content_sha256", "failure", "requested_at", "drafted_at", "content")
    shown = {name: getattr(row, name) for name in (*columns, *more)}
    return shown | {"steps": console.steps_of(uow.session, row.id)}


@blp.route("", methods=["GET"])
@endpoint(READ, door="console")
@blp.arguments(PageQuery, location="query")
@blp.response(200, BulletinPage)
def list_bulletins(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """通报列表。"""
    return console.bulletins(uow.session, uow.scope, **query)


@blp.route("", methods=["POST"])
@endpoint(Permission.CONSOLE_BULLETIN_DRAFT, door="console", writes=True)
@blp.arguments(BulletinRequestShape)
@blp.response(202, BulletinShape)
def request_bulletin(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """请后台起草一份通报；写好之前 state 为 requested。"""
    body["issuer"] = body["issuer"] or uow.settings.publishing.authority
    for name in ("checklists", "basis", "recipients"):
        body[name] = tuple(body[name])
    return bulletin_row(uow, bulletins.request_bulletin(uow, BulletinRequest(**body)))


@blp.route("/<uuid:bulletin>", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.response(200, BulletinShape)
def show_bulletin(bulletin: UUID, uow: UnitOfWork) -> Any:
    """一份通报的全文、每个数和流转。"""
    return bulletin_row(uow, bulletins.find_bulletin(uow, bulletin))


@blp.route("/<uuid:bulletin>/redraft", methods=["POST"])
@endpoint(Permission.CONSOLE_BULLETIN_DRAFT, door="console", writes=True, refuses=(404, 409))
@blp.response(202, BulletinShape)
def redraft_bulletin(bulletin: UUID, uow: UnitOfWork) -> Any:
    """按现在的记录重新起草。"""
    return bulletin_row(uow, bulletins.redraft_bulletin(uow, bulletin))


@blp.route("/<uuid:bulletin>/submission", methods=["POST"])
@endpoint(Permission.CONSOLE_BULLETIN_DRAFT, door="console", writes=True, refuses=(404, 409))
@blp.response(200, BulletinShape)
def submit_bulletin(bulletin: UUID, uow: UnitOfWork) -> Any:
    """送审；内容从此按摘要固定。"""
    return bulletin_row(uow, bulletins.submit_bulletin(uow, bulletin))


@blp.route("/<uuid:bulletin>/review", methods=["POST"])
@endpoint(Permission.CONSOLE_BULLETIN_REVIEW, door="console", writes=True, refuses=(404, 409))
@blp.arguments(NoteShape)
@blp.response(200, BulletinShape)
def review_bulletin(body: dict[str, str], bulletin: UUID, uow: UnitOfWork) -> Any:
    """法制审核通过。"""
    return bulletin_row(uow, bulletins.review_bulletin(uow, bulletin, body["note"]))


@blp.route("/<uuid:bulletin>/return", methods=["POST"])
@endpoint(Permission.CONSOLE_BULLETIN_REVIEW, door="console", writes=True, refuses=(404, 409))
@blp.arguments(ReasonShape)
@blp.response(200, BulletinShape)
def return_bulletin(body: dict[str, str], bulletin: UUID, uow: UnitOfWork) -> Any:
    """退回起草，写明理由。"""
    return bulletin_row(uow, bulletins.return_bulletin(uow, bulletin, body["reason"]))


@blp.route("/<uuid:bulletin>/signatures", methods=["POST"])
@endpoint(Permission.CONSOLE_BULLETIN_SIGN, door="console", writes=True, refuses=(404, 409))
@blp.response(200, BulletinShape)
def sign_bulletin(bulletin: UUID, uow: UnitOfWork) -> Any:
    """签发；两名不同的人各签一次。"""
    return bulletin_row(uow, bulletins.sign_bulletin(uow, bulletin))


@blp.route("/<uuid:bulletin>/release", methods=["POST"])
@endpoint(Permission.CONSOLE_BULLETIN_PUBLISH, door="console", writes=True, refuses=(404, 409))
@blp.arguments(ReleaseShape)
@blp.response(202, BulletinShape)
def release_bulletin(body: dict[str, Any], bulletin: UUID, uow: UnitOfWork) -> Any:
    """编号发布；公开快照由后台冻结。"""
    return bulletin_row(uow, bulletins.release_bulletin(uow, bulletin, body["number"], tuple(body["photos"])))


@blp.route("/<uuid:bulletin>/withdrawal", methods=["POST"])
@endpoint(Permission.CONSOLE_DISCLOSURE_WITHDRAW, door="console", writes=True, refuses=(404, 409))
@blp.arguments(ReasonShape)
@blp.response(202, BulletinShape)
def withdraw_bulletin(body: dict[str, str], bulletin: UUID, uow: UnitOfWork) -> Any:
    """撤回已发布的通报，写明理由。"""
    return bulletin_row(uow, bulletins.withdraw_bulletin(uow, bulletin, body["reason"]))


@blp.route("/<uuid:bulletin>/figures/<path:figure>", methods=["GET"])
@endpoint(READ, door="console", refuses=(404, 409))
@blp.arguments(PageQuery, location="query")
@blp.response(200, RecordPage)
def list_records(query: dict[str, Any], bulletin: UUID, figure: str, uow: UnitOfWork) -> Any:
    """一个数背后的记录，恰好是数进去的那些。"""
    row = bulletins.find_bulletin(uow, bulletin)
    document = bulletins.document_of(row)
    known = {f.id: f for f in document.figures}
    if figure not in known:
        raise Missing("figure-not-found", "通报里没有这个数。")
    return figure_records(uow.session, row, known[figure].filter, query["after"], query["limit"])


TEXT = {"text/html": {"schema": {"type": "string"}}}


@blp.route("/<uuid:bulletin>/paper.html", methods=["GET"])
@endpoint(READ, door="console", refuses=(404, 409))
@blp.doc(responses={200: {"description": "版式", "content": TEXT}})
def show_html(bulletin: UUID, uow: UnitOfWork) -> Response:
    """按公文版式看；每个数链到它的记录。"""
    row = bulletins.find_bulletin(uow, bulletin)
    links = console_links(f"/api/v1/console/bulletins/{row.uuid}/figures")
    page = render_html(
        bulletins.document_of(row), link=links, number=row.number or "", status=STATUS.get(row.state, "")
    )
    return Response(page, mimetype="text/html")


@blp.route("/<uuid:bulletin>/paper.md", methods=["GET"])
@endpoint(READ, door="console", refuses=(404, 409))
@blp.doc(responses={200: {"description": "Markdown", "content": {"text/markdown": {"schema": {"type": "string"}}}}})
def show_markdown(bulletin: UUID, uow: UnitOfWork) -> Response:
    """Markdown 文本。"""
    row = bulletins.find_bulletin(uow, bulletin)
    return Response(render_markdown(bulletins.document_of(row), number=row.number or ""), mimetype="text/markdown")
