"""`create_app(settings)`：唯一把各间房接到一起的地方。"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask
from flask.json.provider import JSONProvider
from flask_smorest import Api

from server import logs
from server.bell import Bell
from server.config import Settings, load_settings
from server.db import Database
from server.routes import blueprint, endpoint, problems
from server.routes.rooms import API_ROOMS, PAGE_ROOMS
from server.storage.disk import DiskStorage
from server.uow import House

OPENAPI = {
    "API_TITLE": "质鉴 Zhijian",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": "建设工程质量“双随机、一公开”抽查：手机端（field）、控制台（console）、公众（public）三扇门。"
        },
        "security": [],
    },
}


class OrjsonProvider(JSONProvider):
    """orjson for every JSON answer; decimals and UUIDs as text."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)


def build_house(settings: Settings) -> House:
    """The process-wide parts; the bell rings the broker after each commit that promised something."""
    database = Database(settings)
    storage = DiskStorage(settings.storage.root)
    return House(settings, database, storage, ring=Bell(settings).ring)


def create_app(settings: Settings | None = None, house: House | None = None) -> Flask:
    settings = settings or load_settings()
    logs.configure(json_lines=settings.env != "test")
    app = Flask("server", static_folder="static", static_url_path="/static", template_folder="templates")
    app.json = OrjsonProvider(app)
    app.config.update(OPENAPI)
    app.config["MAX_CONTENT_LENGTH"] = settings.uploads.max_json_bytes
    app.config["COOKIE_SECURE"] = settings.security.cookie_secure
    app.extensions["house"] = house or build_house(settings)
    api = Api(app)
    api.DEFAULT_ERROR_RESPONSE_NAME = None  # type: ignore[assignment]
    _describe_security(api)
    blueprint.describe_problems(api.spec)
    for room in API_ROOMS:
        api.register_blueprint(room)
    for page in PAGE_ROOMS:
        app.register_blueprint(page)
    problems.install(app)
    endpoint.install(app)
    return app


def _describe_security(api: Api) -> None:
    api.spec.components.security_scheme("phone", {"type": "http", "scheme": "bearer", "description": "手机令牌"})
    api.spec.components.security_scheme(
        "console",
        {
            "type": "apiKey",
            "in": "cookie",
            "name": "zhijian_session",
            "description": "控制台会话；写操作另需 X-CSRF-Token",
        },
    )
