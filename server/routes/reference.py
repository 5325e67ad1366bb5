"""接口说明页与问题说明页；样式与脚本都在本机。"""

from __future__ import annotations

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, abort, render_template, send_from_directory

from server.domain.errors import Missing
from server.routes.endpoint import unguarded

pages = Blueprint("reference", __name__)
SWAGGER = Path(flask_swagger_ui.__file__).parent / "dist"
SWAGGER_FILES = {
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "favicon-32x32.png",
}
PROBLEMS = Path(__file__).parents[2] / "docs" / "problems"


@pages.get("/api/docs")
@unguarded("接口说明是公开的")
def api_docs() -> str:
    """可浏览的接口说明。"""
    return render_template("api_docs.html")


@pages.get("/api/docs/assets/<name>")
@unguarded("接口说明是公开的")
def api_docs_asset(name: str) -> Response:
    """说明页的样式与脚本，随软件包安装在本机。"""
    if name not in SWAGGER_FILES:
        abort(404)
    return send_from_directory(SWAGGER, name, max_age=86_400)


@pages.get("/docs/problems/<code>")
@unguarded("问题说明是公开的")
def problem_page(code: str) -> str:
    """一个问题代码的说明；每个错误的 `type` 指到这里。"""
    page = PROBLEMS / f"{code}.md"
    if not code.replace("-", "").isalnum() or not page.is_file():
        raise Missing("problem-page-not-found", "没有这个问题代码的说明。")
    return render_template("problem.html", code=code, text=page.read_text(encoding="utf-8"))
