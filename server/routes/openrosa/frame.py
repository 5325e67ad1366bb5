"""OpenRosa 这扇门的框：每个回答都带协议要的头，拒绝也说成 OpenRosa 的 XML。"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoLineFree
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from server.domain.errors import Invalid, ZhijianError
from server.formats.openrosa import response
from server.routes import problems
from server.routes.bodies import body_stream
from server.routes.endpoint import house
from server.routes.openrosa.identity import challenge

XML = "text/xml; charset=utf-8"
VERSION = "1.0"
CHUNK = 256 * 1024
MOST_DRAINED = 256 * 1024 * 1024
log = structlog.get_logger(room="openrosa")


def xml_reply(body: bytes, status: int = 200) -> Response:
    """Bytes as Collect wants them: it accepts no other type than text/xml."""
    return Response(body, status, content_type=XML)


def told(message: str, status: int, nature: str = "") -> Response:
    """A message for the person holding the phone."""
    return xml_reply(response(message, nature), status)


def _drain() -> None:
    """Take in what is still coming: a phone in the middle of writing would see a broken line instead of the answer."""
    if request.method in ("GET", "HEAD"):
        return
    left, stream = MOST_DRAINED, body_stream()
    with suppress(HTTPException, OSError, ValueError):
        while left > 0 and (piece := stream.read(CHUNK)):
            left -= len(piece)


def _refuse(problem: problems.Problem) -> Response:
    _drain()
    log.info("openrosa-refused", status=problem.status, code=problem.code)
    reply = told(problem.detail, 400 if problem.status == 422 else problem.status, f"error {problem.code}")
    if problem.status == 401:
        with house().unit(writing=False) as uow:
            for asked in challenge(uow, problem.code):
                reply.headers.add("WWW-Authenticate", asked)
    if problem.retry_after is not None:
        reply.headers["Retry-After"] = str(problem.retry_after)
    return reply


def _known(error: ZhijianError) -> Response:
    return _refuse(problems.from_error(error))


def _http(error: HTTPException) -> Response:
    return _refuse(problems.from_http(error))


def _busy(error: IntegrityError | OperationalError | NoLineFree) -> Response:
    _drain()
    log.warning("openrosa-database", error=type(error).__name__)
    return told("数据库正忙，请稍后重发；手机上的记录不要删。", 503)


def _surprise(error: Exception) -> Response:
    _drain()
    log.exception("openrosa-failed", exc_info=error)
    return told("服务器出了意外，请稍后重发；手机上的记录不要删。", 500)


def _check_version() -> None:
    spoken = request.headers.get("X-OpenRosa-Version")
    if spoken is not None and spoken != VERSION:
        raise Invalid("openrosa-version-unsupported", "只认 OpenRosa 1.0，请更新 Collect。")


def _heads(reply: Response) -> Response:
    reply.headers.extend(
        (
            ("X-OpenRosa-Version", VERSION),
            ("X-OpenRosa-Accept-Content-Length", str(house().settings.uploads.openrosa_batch_bytes)),
            ("Content-Language", "zh"),
            ("Date", http_date(house().clock())),
        )
    )
    return reply


def pages(name: str) -> Blueprint:
    """A blueprint under this frame."""
    made = Blueprint(name, __name__, url_prefix="/odk/v1")
    handlers: tuple[tuple[Any, Any], ...] = (
        (ZhijianError, _known),
        (HTTPException, _http),
        (IntegrityError, _busy),
        (OperationalError, _busy),
        (NoLineFree, _busy),
        (Exception, _surprise),
    )
    for kind, handler in handlers:
        made.register_error_handler(kind, handler)
    made.before_request(_check_version)
    made.after_request(_heads)
    return made


def both_addresses(room: Blueprint, tail: str, view: Any, methods: tuple[str, ...] = ("GET",)) -> None:
    """One view under the address with a token and under the one that asks for a password."""
    for head, kind in (("/key/<token>", "key"), ("", "plain")):
        rule = f"{head}/projects/<project>{tail}"
        room.add_url_rule(rule, endpoint=f"{view.__name__}-{kind}", view_func=view, methods=list(methods))
