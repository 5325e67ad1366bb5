"""手机应用：构建好的文件在 /app/ 之下，由本机送出，策略最严，不认任何外来的东西。

Every path below /app/ that names no file answers the one page, because the app keeps its own addresses. Files under
`assets/` carry their digest in their name and may be kept for ever; everything else is asked for again each time.
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as Redirection

from server.domain.errors import Missing, NotReady
from server.routes.endpoint import unguarded

pages = Blueprint("phone-app", __name__)
DIST = Path(__file__).parents[2] / "web" / "dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types vue sw-url; "
    "report-uri /csp-report"
)
FOREVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
MOST_REPORT_BYTES = 16 * 1024
MOST_DIRECTIVES = 40
log = structlog.get_logger(room="phone-app")


@pages.get("/app")
@unguarded("应用本身是公开的，资料要登录才有")
def app_root() -> Redirection:
    """没有斜杠的地址。"""
    return redirect("/app/", 308)


@pages.get("/app/")
@pages.get("/app/<path:name>")
@unguarded("应用本身是公开的，资料要登录才有")
def app_file(name: str = "") -> Response:
    """应用的一个文件；不是文件的地址都是应用自己的，给它的页面。"""
    if not (DIST / "index.html").is_file():
        raise NotReady("phone-app-not-built", "手机应用还没有构建，请在服务器上执行 make web。", retry_after=60)
    found = safe_join(str(DIST), name) if name else None
    if found is not None and Path(found).is_file() and not name.endswith(".gz"):
        return _send(Path(found), name)
    if "." in name.rpartition("/")[2] or name.startswith("assets/"):
        raise Missing("app-file-not-found", "应用里没有这个文件，可能已换了新版，请重新打开应用。")
    return _send(DIST / "index.html", "index.html")


def _send(path: Path, name: str) -> Response:
    squeezed = path.with_name(path.name + ".gz")
    gzip = squeezed.is_file() and request.accept_encodings.quality("gzip") > 0
    content = (squeezed if gzip else path).read_bytes()  # the whole app is smaller than one photo
    reply = Response(content, mimetype=TYPES.get(path.suffix, "application/octet-stream"))
    reply.set_etag(sha256(content).hexdigest()[:32])
    if gzip:
        reply.headers["Content-Encoding"] = "gzip"
    reply.headers["Vary"] = "Accept-Encoding"
    reply.headers["Cache-Control"] = FOREVER if name.startswith("assets/") else ASK_AGAIN
    reply.headers["Content-Security-Policy"] = POLICY
    if name == "sw.js":
        reply.headers["Service-Worker-Allowed"] = "/app/"
    made: Response = reply.make_conditional(request)
    return made


def csp_reports() -> Counter[str]:
    """How often which directive was broken since this process began."""
    found: Counter[str] = current_app.extensions.setdefault("csp-reports", Counter())
    return found


@pages.post("/csp-report")
@unguarded("浏览器代为报告，没有身份；只记一行，不存内容")
def csp_report() -> tuple[str, int]:
    """浏览器报告页面违反了策略：记一行日志，计一次数。"""
    request.max_content_length = MOST_REPORT_BYTES
    told = request.get_json(force=True, silent=True)
    report = told.get("csp-report") if isinstance(told, dict) else None
    directive = _short(report, "violated-directive")
    count = csp_reports()
    if directive in count or len(count) < MOST_DIRECTIVES:
        count[directive] += 1
    where = {"document": _short(report, "document-uri"), "blocked": _short(report, "blocked-uri")}
    log.warning("csp-violated", directive=directive, **where)
    return "", 204


def _short(report: Any, name: str) -> str:
    """One member of a report, cut short: anybody may post here."""
    value = report.get(name) if isinstance(report, dict) else None
    return value[:200] if isinstance(value, str) else ""
