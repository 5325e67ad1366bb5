"""手机应用的文件：策略、缓存、压缩、找不到和没有构建。"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.app import create_app
from server.routes import app as rooms
from tests.factories.databases import settings_for

PAGE = b"<!doctype html><title>phone</title>"
SCRIPT = b"export const answer = 42\n" * 200


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """No database is opened: these routes touch none."""
    folder = tmp_path_factory.mktemp("app")
    return create_app(settings_for(f"sqlite:///{folder / 'unused.db'}", folder))


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small build of the app."""
    files = {
        "index.html": PAGE,
        "sw.js": b"self",
        "manifest.webmanifest": b"{}",
        "icons/icon-192.png": b"\x89PNG",
        "assets/main-1a2b.js": SCRIPT,
        "assets/main-1a2b.js.gz": gzip.compress(SCRIPT),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(rooms, "DIST", tmp_path)
    return tmp_path


@pytest.fixture
def visit(app: Flask, built: Path) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("path", ["/app/", "/app/units/0190", "/app/queue", "/app/subjects/a-b/history"])
def test_every_address_of_the_app_gives_its_page(visit: FlaskClient, path: str) -> None:
    reply = visit.get(path)
    assert (reply.status_code, reply.data, reply.mimetype) == (200, PAGE, "text/html")
    assert reply.headers["Cache-Control"] == "no-cache"


def test_an_address_without_the_slash_leads_to_the_app(visit: FlaskClient) -> None:
    reply = visit.get("/app")
    assert (reply.status_code, reply.headers["Location"]) == (308, "/app/")


def test_policy_is_strict_on_every_file(visit: FlaskClient) -> None:
    for path in ("/app/", "/app/sw.js", "/app/assets/main-1a2b.js", "/app/manifest.webmanifest"):
        policy = visit.get(path).headers["Content-Security-Policy"]
        parts = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
        assert parts["default-src"] == "'none'"
        assert parts["script-src"] == "'self'"
        assert parts["style-src"] == "'self'"
        assert parts["require-trusted-types-for"] == "'script'"
        assert parts["trusted-types"] == "vue sw-url"
        assert parts["report-uri"] == "/csp-report"
        assert not re.search(r"unsafe|https?:|\*", policy)


def test_policy_headers_beside_it(visit: FlaskClient) -> None:
    reply = visit.get("/app/")
    assert reply.headers["Permissions-Policy"] == "geolocation=(self), camera=(self), microphone=()"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Clear-Site-Data" not in reply.headers


def test_files_named_by_their_digest_are_kept_for_ever(visit: FlaskClient) -> None:
    reply = visit.get("/app/assets/main-1a2b.js")
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reply.mimetype == "text/javascript"


def test_worker_is_asked_for_again_and_may_cover_the_app(visit: FlaskClient) -> None:
    reply = visit.get("/app/sw.js")
    assert reply.headers["Cache-Control"] == "no-cache"
    assert reply.headers["Service-Worker-Allowed"] == "/app/"
    assert reply.mimetype == "text/javascript"


def test_manifest_has_its_type(visit: FlaskClient) -> None:
    assert visit.get("/app/manifest.webmanifest").mimetype == "application/manifest+json"


@pytest.mark.parametrize(
    ("accepts", "squeezed"),
    [("gzip, br", True), ("br, gzip;q=0.5", True), ("identity", False), ("gzip;q=0", False), ("", False)],
)
def test_the_compressed_copy_goes_to_those_who_read_it(visit: FlaskClient, accepts: str, squeezed: bool) -> None:
    reply = visit.get("/app/assets/main-1a2b.js", headers={"Accept-Encoding": accepts})
    assert reply.headers.get("Content-Encoding") == ("gzip" if squeezed else None)
    assert reply.headers["Vary"] == "Accept-Encoding"
    assert (gzip.decompress(reply.data) if squeezed else reply.data) == SCRIPT


def test_an_unchanged_file_costs_no_bytes(visit: FlaskClient) -> None:
    first = visit.get("/app/")
    again = visit.get("/app/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    plain = visit.get("/app/assets/main-1a2b.js").headers["ETag"]
    packed = visit.get("/app/assets/main-1a2b.js", headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert plain != packed


@pytest.mark.parametrize(
    "path",
    [
        "/app/assets/main-0000.js",
        "/app/assets/nothing",
        "/app/assets/main-1a2b.js.gz",
        "/app/missing.css",
        "/app/../pyproject.toml",
        "/app/..%2fpyproject.toml",
        "/app/%2e%2e/%2e%2e/pyproject.toml",
    ],
)
def test_a_missing_or_forbidden_file_is_never_the_page(visit: FlaskClient, path: str) -> None:
    reply = visit.get(path)
    assert reply.status_code == 404
    assert PAGE not in reply.data
    assert b"[project]" not in reply.data


def test_without_a_build_the_page_says_what_to_do(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "DIST", tmp_path / "nothing")
    reply = app.test_client().get("/app/", headers={"Accept": "text/html"})
    assert (reply.status_code, reply.mimetype) == (503, "text/html")
    assert "make web" in reply.text
    assert reply.headers["Retry-After"] == "60"
    told = app.test_client().get("/app/sw.js").get_json()
    assert told["code"] == "phone-app-not-built"


def report(app: Flask) -> Callable[..., int]:
    def send(**call: object) -> int:
        return app.test_client().post("/csp-report", **call).status_code  # type: ignore[arg-type]

    return send


def test_reports_are_counted_by_directive(app: Flask) -> None:
    app.extensions.pop("csp-reports", None)
    told = {
        "csp-report": {"violated-directive": "script-src", "blocked-uri": "inline", "document-uri": "http://x/app/"}
    }
    for _ in range(2):
        assert report(app)(json=told, content_type="application/csp-report") == 204
    assert app.extensions["csp-reports"] == {"script-src": 2}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"csp-report": 3}', b'{"csp-report": {"violated-directive": [1]}}', b"\xff\xfe", b'"a"'],
)
def test_a_report_of_nonsense_is_no_error(app: Flask, body: bytes) -> None:
    assert report(app)(data=body, content_type="application/csp-report") == 204


def test_reports_are_bounded(app: Flask) -> None:
    app.extensions.pop("csp-reports", None)
    for n in range(60):
        report(app)(json={"csp-report": {"violated-directive": f"made-up-{n}"}})
    assert len(app.extensions["csp-reports"]) == rooms.MOST_DIRECTIVES
    assert report(app)(data=b"x" * 20_000, content_type="application/csp-report") in (204, 413)
