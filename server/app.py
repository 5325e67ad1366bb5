"""`create_app(settings)`：唯一把各间房接到一起的地方。"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Flask
from flask.json.provider import JSONProvider

from server import logs
from server.config import Settings, load_settings
from server.house import build_house
from server.routes import endpoint, openapi, problems
from server.routes.rooms import API_ROOMS, PAGE_ROOMS
from server.uow import House


class OrjsonProvider(JSONProvider):
    """orjson for every JSON answer; decimals and UUIDs as text."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)


class Application(Flask):
    """Flask without its search for coroutines: every view and hook here is a plain function, on every request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: Settings | None = None, house: House | None = None) -> Flask:
    settings = settings or load_settings()
    logs.configure(json_lines=settings.env != "test")
    app = Application("server", static_folder="static", static_url_path="/static", template_folder="templates")
    app.json = OrjsonProvider(app)
    app.config["MAX_CONTENT_LENGTH"] = settings.uploads.max_json_bytes
    app.config["COOKIE_SECURE"] = settings.security.cookie_secure
    app.extensions["house"] = house or build_house(settings)
    for room in (*API_ROOMS, *PAGE_ROOMS):
        app.register_blueprint(room)
    app.add_url_rule("/api/openapi.json", view_func=openapi.document_of(API_ROOMS))
    problems.install(app)
    endpoint.install(app)
    return app
