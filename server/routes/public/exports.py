"""开放数据：案例的 JSON、CSV、GeoJSON、Atom，和写明条数、字节数、校验值的清单。"""

from __future__ import annotations

from typing import Any

from flask import Response

from server.domain.permissions import Permission
from server.publishing import exports
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.routes.streams import stream, unchanged
from server.uow import UnitOfWork

blp = Rooms("public-exports", __name__, url_prefix="/api/v1/public/exports", description="开放数据")
READ = Permission.PUBLIC_READ
TEXT: dict[str, Any] = {"type": "string"}
ARRAY: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
OBJECT: dict[str, Any] = {"type": "object"}


UNCHANGED = "与 If-None-Match 所说的相同"


def _download(uow: UnitOfWork, name: str) -> Response:
    """The file as it is made, or 304 when the asker holds the present state of the data."""
    token = exports.snapshot_of(uow).token
    return unchanged(token) or stream(
        lambda reading: exports.export_file(reading, name), media_type=exports.FILES[name].media_type, token=token
    )


@blp.route("/cases.json", methods=["GET"])
@endpoint(READ, door="public")
@blp.response(200, ARRAY)
@blp.alt_response(304, description=UNCHANGED, success=True)
def cases_json(uow: UnitOfWork) -> Response:
    """全部公开案例，JSON 数组。"""
    return _download(uow, "cases.json")


@blp.route("/cases.csv", methods=["GET"])
@endpoint(READ, door="public")
@blp.response(200, TEXT, content_type="text/csv")
@blp.alt_response(304, description=UNCHANGED, success=True)
def cases_csv(uow: UnitOfWork) -> Response:
    """全部公开案例，CSV（UTF-8 带 BOM，Excel 和 WPS 可直接打开）。"""
    return _download(uow, "cases.csv")


@blp.route("/cases.geojson", methods=["GET"])
@endpoint(READ, door="public")
@blp.response(200, OBJECT, content_type="application/geo+json")
@blp.alt_response(304, description=UNCHANGED, success=True)
def cases_geojson(uow: UnitOfWork) -> Response:
    """全部公开案例，GeoJSON（CRS84，位置按公开政策取到两位小数）。"""
    return _download(uow, "cases.geojson")


@blp.route("/cases.atom", methods=["GET"])
@endpoint(READ, door="public")
@blp.response(200, TEXT, content_type="application/atom+xml")
@blp.alt_response(304, description=UNCHANGED, success=True)
def cases_atom(uow: UnitOfWork) -> Response:
    """公开案例的订阅；撤下的留有记号。"""
    return _download(uow, "cases.atom")


@blp.route("/manifest.json", methods=["GET"])
@endpoint(READ, door="public")
@blp.response(200, OBJECT)
@blp.alt_response(304, description=UNCHANGED, success=True)
def manifest(uow: UnitOfWork) -> Response:
    """清单：每个文件的条数、字节数和 SHA-256。"""
    token = exports.snapshot_of(uow).token
    reply = unchanged(token) or Response(exports.manifest(uow), mimetype=exports.MANIFEST_TYPE)
    reply.set_etag(token, weak=True)
    reply.headers["Cache-Control"] = "no-cache"
    return reply
