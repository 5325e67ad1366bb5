"""接口说明书（OpenAPI）：第一次有人要的时候才写，写一次。

Describing three hundred operations takes longer than everything else that happens at start, and a server that was killed must
be back before a phone gives up; so the rooms are described on the side, in an application that serves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from flask import Flask, Response
from flask_smorest import Api

from server.routes.blueprint import Rooms, describe_problems
from server.routes.endpoint import unguarded

ABOUT = {
    "API_TITLE": "质鉴 Zhijian",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": "建设工程质量“双随机、一公开”抽查：手机端（field）、控制台（console）、公众（public）三扇门。"
        },
        "security": [],
    },
}
SCHEMES = {
    "phone": {"type": "http", "scheme": "bearer", "description": "手机令牌"},
    "console": {
        "type": "apiKey",
        "in": "cookie",
        "name": "zhijian_session",
        "description": "控制台会话；写操作另需 X-CSRF-Token",
    },
}


def describe(rooms: tuple[Rooms, ...]) -> dict[str, Any]:
    """The OpenAPI document of these rooms."""
    aside = Flask("openapi")
    aside.config.update(ABOUT)
    api = Api(aside)
    api.DEFAULT_ERROR_RESPONSE_NAME = None  # type: ignore[assignment]
    for name, scheme in SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    describe_problems(api.spec)
    for room in rooms:
        api.register_blueprint(room)
    found: dict[str, Any] = api.spec.to_dict()
    return found


@cache
def _document(rooms: tuple[Rooms, ...]) -> bytes:
    return orjson.dumps(describe(rooms), option=orjson.OPT_INDENT_2)


def document_of(rooms: tuple[Rooms, ...]) -> Callable[[], Response]:
    """The view that serves it."""

    @unguarded("接口说明是公开的")
    def openapi_document() -> Response:
        """接口说明书，JSON。"""
        return Response(_document(rooms), content_type="application/json")

    return openapi_document
