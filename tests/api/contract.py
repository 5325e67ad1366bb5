"""接口说明就是约定：测试里的每个回答都照说明核对，多一个字段、少一个状态都不行。"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

CONVERTER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
PROBLEM = "application/problem+json"


def template_of(rule: str) -> str:
    """A Flask rule as an OpenAPI path."""
    return CONVERTER.sub(r"{\1}", rule)


def document_of(app: Flask) -> dict[str, Any]:
    """The OpenAPI document the app serves."""
    known = app.extensions.get("contract")
    if known is None:
        reply = FlaskClient(app, TestResponse).get("/api/openapi.json")
        known = app.extensions["contract"] = reply.get_json()
    found: dict[str, Any] = known
    return found


class Contract:
    """Looks up what the document says of one reply."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            target: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def faults(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Where the value departs from the schema."""
        found = self._validator(_key(schema)).iter_errors(value)
        return [f"{'/'.join(map(str, e.instance_path)) or '整个正文'}: {e.message[:200]}" for e in found]

    @lru_cache(maxsize=500)  # noqa: B019 - one contract per app, gone with the tests
    def _validator(self, key: str) -> Draft202012Validator:
        whole = {**json.loads(key), "components": self.document["components"]}
        return Draft202012Validator(whole, validate_formats=True)


def _key(schema: dict[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True)


def check_reply(app: Flask, reply: TestResponse) -> None:
    """Raise AssertionError when the reply is not one the document promises."""
    request = reply.request
    assert reply.status_code < 500 or reply.status_code == 503, f"{request.method} {request.path}: {reply.text[:500]}"
    template = _template(app, reply)
    if template is None:
        assert reply.status_code in (301, 308) or reply.mimetype == PROBLEM, f"{request.path}: 无路由的回答不是问题说明"
        return
    contract = app.extensions.setdefault("contract-reader", Contract(document_of(app)))
    path = contract.document["paths"].get(template)
    if path is None:
        return
    method = "get" if request.method == "HEAD" else request.method.lower()
    if method not in path:
        return
    where = f"{request.method} {template} -> {reply.status_code}"
    promised = path[method]["responses"].get(str(reply.status_code))
    assert promised is not None, f"{where}: 说明里没有这个状态；{reply.text[:400]}"
    _check_content(contract, contract.resolved(promised), reply, where)


def _template(app: Flask, reply: TestResponse) -> str | None:
    try:
        matched, _ = app.url_map.bind("localhost").match(
            reply.request.path, method=reply.request.method, return_rule=True
        )
    except HTTPException:
        return None
    return template_of(matched.rule)


def _check_content(contract: Contract, promised: dict[str, Any], reply: TestResponse, where: str) -> None:
    content = promised.get("content", {})
    if reply.status_code == 304 or reply.request.method == "HEAD":
        return
    if not content:
        assert not reply.get_data(), f"{where}: 说明里没有正文"
        return
    assert reply.mimetype in content, f"{where}: 类型 {reply.mimetype} 不在说明里"
    if reply.mimetype.endswith("json"):
        faults = contract.faults(content[reply.mimetype].get("schema", {}), reply.get_json(force=True))
        assert not faults, f"{where}: " + "；".join(faults[:5])


class CheckedClient(FlaskClient):
    """A test client that holds every reply to the document."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        reply = super().open(*args, **kwargs)
        check_reply(self.application, reply)
        return reply
