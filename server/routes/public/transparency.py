"""公开日志：给人看的一页，给镜像的检查点与瓦片，给程序的条目与证明。

`/log` follows C2SP tlog-tiles, so that any monitor or static mirror can read it; `/api/v1/public/log` is the same in JSON
with its description.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from marshmallow import fields, validate

from schemas.base import Shape
from schemas.fields import Text
from schemas.public.transparency import ExtensionSchema, InclusionSchema, LogEntryPage, SignedLogSchema
from server.domain.permissions import ROLE_NAMES, Permission
from server.domain.tiles import Tile
from server.formats.jsonfile import dump_json
from server.publishing import transparency
from server.routes.blueprint import Rooms, StrictJsonParser
from server.routes.endpoint import endpoint
from server.routes.streams import stream
from server.uow import UnitOfWork

blp = Rooms("public-log", __name__, url_prefix="/api/v1/public/log", description="公开日志")
pages = Blueprint("log", __name__, url_prefix="/log")
READ = Permission.PUBLIC_READ
FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_DAY = "public, max-age=86400"
ENTRIES_A_PAGE, ENTRIES_ON_SCREEN = 50, 20
TYPE_WORDS = {
    "draw.announced": "公告",
    "draw.numbers": "公布数字",
    "draw.sealed": "结果封存",
    "draw.changed": "结果变更",
    "draw.opened": "结果公开",
    "draw.void": "作废",
    "draw.closed": "公布一次性码",
}
ROLE_WORDS = {**{role.value: words for role, words in ROLE_NAMES.items()}, "system": "系统"}
asked = StrictJsonParser().use_args


def _number(**kwargs: Any) -> fields.Integer:
    return fields.Integer(validate=validate.Range(0, 2**53), **kwargs)


class EntryQuery(Shape):
    """一页条目：`q` 是抽签编号、摘要或条目号，`before` 是上一页给的 `next`。"""

    q = Text(load_default="", max_length=80, metadata={"description": "抽签编号、摘要或条目号"})
    before = _number(load_default=None, metadata={"description": "上一页的 next"})
    limit = fields.Integer(load_default=ENTRIES_A_PAGE, validate=validate.Range(1, 200))


class EntryPageQuery(EntryQuery):
    """网页上的一页，短一些。"""

    limit = fields.Integer(load_default=ENTRIES_ON_SCREEN, validate=validate.Range(1, 200))


class RangeQuery(Shape):
    """从 `from` 到 `to`（不含），默认全部。"""

    start = _number(load_default=0, data_key="from")
    end = _number(load_default=None, data_key="to")


class InclusionQuery(Shape):
    """第 `index` 条在 `size` 条的树里；`size` 默认为最近的检查点。"""

    index = _number(required=True)
    size = _number(load_default=None)


class ExtensionQuery(Shape):
    """`to` 条的树是 `from` 条的延续；`to` 默认为最近的检查点。"""

    older = _number(required=True, data_key="from")
    newer = _number(load_default=None, data_key="to")


# ------------------------------------------------------------------------------------------------ for programs


@blp.route("", methods=["GET"])
@endpoint(READ, door="public")
@blp.response(200, SignedLogSchema)
def show_log(uow: UnitOfWork) -> Any:
    """最近的检查点；还没有条目时 `size` 为 0。"""
    return transparency.signed_log(uow)


@blp.route("/entries", methods=["GET"])
@endpoint(READ, door="public")
@blp.arguments(EntryQuery, location="query")
@blp.response(200, LogEntryPage)
def list_entries(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """条目，新的在前。"""
    return transparency.find_entries(uow, query["q"], query["before"], query["limit"])


@blp.route("/proof", methods=["GET"])
@endpoint(READ, door="public")
@blp.arguments(InclusionQuery, location="query")
@blp.response(200, InclusionSchema)
def show_proof(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """在列证明：某条确在日志里（RFC 6962）。"""
    return transparency.proof_of_inclusion(uow, **query)


@blp.route("/consistency", methods=["GET"])
@endpoint(READ, door="public")
@blp.arguments(ExtensionQuery, location="query")
@blp.response(200, ExtensionSchema)
def show_consistency(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """延续证明：后来的日志只添不改（RFC 6962）。"""
    return transparency.proof_of_extension(uow, **query)


# ------------------------------------------------------------------------------------------------ for mirrors


@pages.get("/checkpoint")
@endpoint(READ, door="public", refuses=(404,))
def checkpoint(uow: UnitOfWork) -> Response:
    """签名的检查点。"""
    row = transparency.checkpoint(uow)
    reply = Response(row.note, mimetype="text/plain")
    reply.headers["Cache-Control"] = "no-cache"
    reply.set_etag(f"{row.size}-{row.root_sha256[:16]}")
    return reply.make_conditional(request)


@pages.get("/key")
@endpoint(READ, door="public", refuses=(503,))
def verifier_key(uow: UnitOfWork) -> Response:
    """验证公钥。"""
    return _kept(Response(transparency.verifier_key(uow) + "\n", mimetype="text/plain"), FOR_A_DAY)


@pages.get("/tile/<path:where>")
@endpoint(READ, door="public", refuses=(404,))
def tile(where: str, uow: UnitOfWork) -> Response:
    """一个瓦片或一包条目；满的永不改变。"""
    found, data = transparency.tile(uow, where)
    return _kept(Response(data, mimetype="application/octet-stream"), _keeping(found))


@pages.get("/entries.jsonl")
@endpoint(READ, door="public")
@asked(RangeQuery, location="query")
def entries(query: dict[str, Any], uow: UnitOfWork) -> Response:
    """条目，一行一条，从头到尾。"""
    start, end = transparency.checked_range(uow, **query)
    reply = stream(
        lambda reading: transparency.entries_jsonl(reading, start, end),
        media_type="application/jsonl",
        name="entries.jsonl",
    )
    return reply if query["end"] is None else _kept(reply, FOR_GOOD)


@pages.get("/proof")
@endpoint(READ, door="public")
@asked(InclusionQuery, location="query")
def proof(query: dict[str, Any], uow: UnitOfWork) -> Response:
    """在列证明。"""
    return _proof(transparency.proof_of_inclusion(uow, **query), pinned=query["size"] is not None)


@pages.get("/consistency")
@endpoint(READ, door="public")
@asked(ExtensionQuery, location="query")
def consistency(query: dict[str, Any], uow: UnitOfWork) -> Response:
    """延续证明。"""
    return _proof(transparency.proof_of_extension(uow, **query), pinned=query["newer"] is not None)


def _proof(told: dict[str, Any], *, pinned: bool) -> Response:
    """A proof between named sizes never changes."""
    return _kept(Response(dump_json(told) + b"\n", mimetype="application/json"), FOR_GOOD if pinned else "no-cache")


def _keeping(found: Tile) -> str:
    return FOR_GOOD if found.full else FOR_A_DAY


def _kept(reply: Response, how: str) -> Response:
    reply.headers["Cache-Control"] = how
    return reply


# ------------------------------------------------------------------------------------------------ for people


@pages.get("")
@endpoint(READ, door="public")
@asked(EntryPageQuery, location="query")
def show_page(query: dict[str, Any], uow: UnitOfWork) -> str:
    """公开日志的网页。"""
    return render_template(
        "log.html",
        place="log",
        log=transparency.signed_log(uow),
        key=transparency.verifier_key(uow),
        asked=query,
        page=transparency.find_entries(uow, query["q"], query["before"], query["limit"]),
        type_words=TYPE_WORDS,
        role_words=ROLE_WORDS,
    )
