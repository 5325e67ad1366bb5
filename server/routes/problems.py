"""错误族 → 状态码：全屋唯一的一张表；RFC 9457 的样子也在这里。"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, has_request_context, render_template, request
from marshmallow import ValidationError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoLineFree
from werkzeug.exceptions import HTTPException

from server.domain import errors

STATUS: dict[type[errors.ZhijianError], int] = {
    errors.Unidentified: 401,
    errors.Refused: 403,
    errors.Missing: 404,
    errors.Gone: 410,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.Busy: 429,
    errors.NotReady: 503,
    errors.Malformed: 400,
    errors.Mismatched: 460,
    errors.Unsupported: 412,
    errors.Locked: 423,
}
TITLES = {
    400: "请求有误",
    401: "需要登录",
    403: "不允许",
    404: "没有找到",
    405: "不支持的方法",
    406: "无法给出所要的格式",
    408: "请求超时",
    409: "与已有记录冲突",
    410: "已撤下",
    411: "缺少长度",
    412: "前提不符",
    413: "太大",
    414: "网址太长",
    415: "内容类型不对",
    422: "内容有误",
    423: "正被占用",
    428: "需要版本号",
    429: "太频繁",
    431: "请求头太大",
    460: "校验不符",
    500: "服务器内部错误",
    503: "暂时不能服务",
}
HTTP_CODES = {
    400: ("bad-request", "请求无法解读。"),
    404: ("not-found", "没有这个地址。"),
    405: ("method-not-allowed", "这个地址不支持此方法。"),
    413: ("body-too-large", "内容超过上限。"),
    415: ("unsupported-media-type", "内容类型不是本接口接受的。"),
}
OTHER_REFUSAL = ("request-refused", "请求不能完成。")  # what the HTTP library refuses by itself and rarely does
# Named constraints that a race can still hit after the services looked first.
CONSTRAINTS = {
    "uq_checks_uuid": ("submission-raced", "同一检查正在被另一请求写入，请重试。"),
    "checks.uuid": ("submission-raced", "同一检查正在被另一请求写入，请重试。"),
    "uq_evidence_uuid": ("upload-raced", "同一照片正在被另一请求写入，请重试。"),
    "evidence.uuid": ("upload-raced", "同一照片正在被另一请求写入，请重试。"),
    "uq_users_login": ("login-taken", "这个账号已被使用。"),
    "users.login": ("login-taken", "这个账号已被使用。"),
    "uq_organisations_credit_code": ("credit-code-taken", "这个统一社会信用代码已登记。"),
    "organisations.credit_code": ("credit-code-taken", "这个统一社会信用代码已登记。"),
    "uq_subjects_code": ("subject-code-taken", "这个对象编号已登记。"),
    "subjects.code": ("subject-code-taken", "这个对象编号已登记。"),
    "uq_officers_certificate_no": ("certificate-taken", "这个执法证号已登记。"),
    "uq_assignment_steps_key": ("report-raced", "同一份报告正在被另一请求写入，请重试。"),
    "assignment_steps.key": ("report-raced", "同一份报告正在被另一请求写入，请重试。"),
    "uq_matters_code": ("matter-code-taken", "这个事项编号已在清单里。"),
    "matters.code": ("matter-code-taken", "这个事项编号已在清单里。"),
    "uq_draws_series_round": ("draw-already-announced", "这个批次已经公告过抽签；要重抽，先写明理由作废。"),
    "draws.series": ("draw-already-announced", "这个批次已经公告过抽签；要重抽，先写明理由作废。"),
    "uq_uploads_key_sha256": ("upload-raced", "同一照片正在被另一请求写入，请重试。"),
    "uploads.key_sha256": ("upload-raced", "同一照片正在被另一请求写入，请重试。"),
    "officers.certificate_no": ("certificate-taken", "这个执法证号已登记。"),
}
SYNC_RACED = ("sync-raced", "同一内容正在被另一请求写入，请重试。")
CONSTRAINTS |= dict.fromkeys(
    (
        *("uq_check_parts_uuid", "check_parts.uuid", "uq_question_replies_uuid", "question_replies.uuid"),
        *("uq_announcements_check_uuid_record_sha256_user_id", "announcements.check_uuid"),
        *("uq_check_questions_check_id_item_code", "check_questions.check_id"),
        *("pk_heartbeats", "heartbeats.device_id"),
    ),
    SYNC_RACED,
)
MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger(room="problems")


@dataclass(frozen=True, slots=True)
class Problem:
    """One answer of refusal, before it becomes bytes."""

    status: int
    code: str
    detail: str
    facts: dict[str, Any]
    errors: list[dict[str, str]]
    retry_after: int | None = None

    def body(self) -> dict[str, Any]:
        members: dict[str, Any] = {
            "type": f"/docs/problems/{self.code}",
            "title": TITLES.get(self.status) or HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": self.errors,
        }
        if has_request_context():
            members["instance"] = request.path
            members["request_id"] = g.get("request_id", "")
            if not request.path.startswith("/api/v1/public"):
                members["facts"] = self.facts
        return members

    def response(self) -> Response:
        """The problem as JSON, or as a page for a person who opened a page."""
        reply = self._page() if _reads_pages() else self._document()
        if self.retry_after is not None:
            reply.headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            reply.headers["WWW-Authenticate"] = 'Bearer realm="zhijian"'
        return reply

    def _page(self) -> Response:
        return Response(render_template("problem_page.html", **self.body()), self.status, mimetype="text/html")

    def _document(self) -> Response:
        return Response(orjson.dumps(self.body(), default=str), self.status, mimetype=MEDIA_TYPE)


def _reads_pages() -> bool:
    """A browser outside the API: it names text/html itself (a bare */* is a program)."""
    if not has_request_context() or request.path.startswith("/api/"):
        return False
    return any(kind == "text/html" for kind, _ in request.accept_mimetypes)


def from_error(error: errors.ZhijianError) -> Problem:
    status = next((STATUS[k] for k in type(error).__mro__ if k in STATUS), 500)
    rows = [{"pointer": e.pointer, "reason": e.reason, "code": e.code} for e in error.errors]
    return Problem(status, error.code, error.detail, error.facts, rows, error.retry_after)


def _pointers(messages: Any, path: str = "") -> list[dict[str, str]]:
    """Flatten marshmallow's nested messages into JSON pointers."""
    if isinstance(messages, dict):
        rows: list[dict[str, str]] = []
        for key, inner in messages.items():
            step = str(key).replace("~", "~0").replace("/", "~1")
            rows += _pointers(inner, path if step == "_schema" else f"{path}/{step}")
        return rows
    if isinstance(messages, list):
        return [row for m in messages for row in _pointers(m, path)]
    return [{"pointer": path, "reason": str(messages), "code": "invalid"}]


def from_http(error: HTTPException) -> Problem:
    """Werkzeug's and webargs' own refusals in the same dress."""
    status = error.code or 500
    data = getattr(error, "data", None) or {}
    messages = data.get("messages")
    if status == 422 and messages is not None:
        location, inner = (
            next(iter(messages.items())) if isinstance(messages, dict) and len(messages) == 1 else ("", messages)
        )
        where = {"json": "内容", "query": "查询参数", "headers": "请求头", "files": "文件"}.get(str(location), "内容")
        return Problem(422, "validation-failed", f"{where}有误，请按 errors 逐项改正。", {}, _pointers(inner)[:200])
    code, detail = HTTP_CODES.get(status, OTHER_REFUSAL)
    return Problem(status, code, detail, {}, [])


def from_integrity(error: IntegrityError) -> Problem | None:
    text = str(error.orig)
    for name, (code, detail) in CONSTRAINTS.items():
        if name in text:
            return Problem(409, code, detail, {}, [], retry_after=1 if code.endswith("raced") else None)
    return None


def _busy(error: OperationalError | NoLineFree) -> Problem | None:
    """Whether it will do to come again: a lock, a statement that took too long, no connection free in time."""
    text = str(error.orig) if isinstance(error, OperationalError) else ""
    waits = ("database is locked", "too many clients", "canceling statement")
    if isinstance(error, NoLineFree) or any(words in text for words in waits):
        return Problem(503, "database-busy", "数据库正忙，请稍后重试。", {}, [], retry_after=2)
    return None


class BodyInvalid(Exception):
    """What a shape complains of in one document inside a request; `path` is the pointer to that document."""

    def __init__(self, messages: Any, path: str) -> None:
        super().__init__("validation-failed")
        self.messages, self.path = messages, path


@contextmanager
def inside(path: str) -> Iterator[None]:
    """A shape is loading the document at this pointer: its complaints point there."""
    try:
        yield
    except ValidationError as error:
        raise BodyInvalid(error.normalized_messages(), path) from None


def from_any(error: Exception) -> Problem:
    """Whatever went wrong, as the problem that would have been the whole answer."""
    match error:
        case errors.ZhijianError():
            return from_error(error)
        case ValidationError():
            return from_any(BodyInvalid(error.normalized_messages(), ""))
        case BodyInvalid():
            rows = _pointers(error.messages, error.path)[:200]
            return Problem(422, "validation-failed", "内容有误，请按 errors 逐项改正。", {}, rows)
        case DataError():
            log.info("not-storable", reason=str(error.orig)[:200])
            return Problem(422, "text-not-storable", "内容里有数据库不能保存的字符或数值。", {}, [])
        case IntegrityError():
            return from_integrity(error) or _unknown(error)
        case OperationalError() | NoLineFree():
            return _busy(error) or _unknown(error)
    return _unknown(error)


def _unknown(error: Exception) -> Problem:
    log.error("unexpected", exc_info=error)
    return Problem(500, "internal-error", "服务器内部错误，已记录；请把请求号告诉管理员。", {}, [])


def install(app: Flask) -> None:
    """Every refusal and every surprise of `app` becomes one problem document."""

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.code and 300 <= error.code < 400:
            return error.get_response()  # type: ignore[return-value]
        reply = from_http(error).response()
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after"):
                reply.headers[name] = value
        return reply

    @app.errorhandler(Exception)
    def other(error: Exception) -> Response:
        return from_any(error).response()
