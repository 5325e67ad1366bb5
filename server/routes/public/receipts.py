"""回执：公布的公钥，浏览器里验回执的一页，陌生人也能用的验证程序。"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request

from schemas.public.receipts import ReceiptKeyList
from server.domain.permissions import Permission
from server.publishing import receipts
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.uow import UnitOfWork

blp = Rooms("public-receipts", __name__, url_prefix="/api/v1/public/receipt-keys", description="回执的公钥")
pages = Blueprint("receipts", __name__)
READ = Permission.PUBLIC_READ


@blp.route("", methods=["GET"])
@endpoint(READ, door="public")
@blp.response(200, ReceiptKeyList)
def list_keys(uow: UnitOfWork) -> Any:
    """回执用过的全部公钥，现用的在前。"""
    return receipts.published_keys(uow)


@pages.get("/receipts")
@endpoint(READ, door="public")
def show_page(uow: UnitOfWork) -> str:
    """贴上一份回执，在自己的浏览器里验。"""
    return render_template("receipts.html", place="receipts", keys=receipts.published_keys(uow)["items"])


@pages.get("/verify_receipt.py")
@endpoint(READ, door="public")
def download_script(uow: UnitOfWork) -> Response:  # noqa: ARG001 - the frame gives it
    """验证程序，一个文件，只用 Python 自带的东西。"""
    reply = Response(receipts.read_script(), mimetype="text/x-python")
    reply.headers["Content-Disposition"] = f"attachment; filename={receipts.SCRIPT_NAME}"
    reply.headers["Cache-Control"] = "no-cache"
    reply.add_etag()
    return reply.make_conditional(request)
