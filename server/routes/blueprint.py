"""本屋的蓝图：每条路由的权限、门和可能的拒绝都写进 OpenAPI。"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Request
from flask_smorest import Blueprint
from webargs.core import is_json, missing
from webargs.flaskparser import FlaskParser

from schemas.problem import ProblemShape

COMMON = {"field": (401, 403, 429), "console": (401, 403, 429), "public": (429,)}
SECURITY = {"field": [{"phone": []}], "console": [{"console": []}], "public": []}
PHRASES = {
    400: "请求有误",
    401: "需要登录",
    403: "不允许",
    404: "没有找到",
    405: "不支持的方法",
    409: "与已有记录冲突",
    410: "已撤下",
    411: "缺少长度",
    412: "前提不符",
    413: "太大",
    415: "内容类型不对",
    422: "内容有误",
    423: "正被占用",
    429: "太频繁",
    460: "校验不符",
    503: "暂时不能服务",
}
ALWAYS = (400, 413, 415, 422, 503)


def problem_name(status: int) -> str:
    return f"Problem{status}"


def describe_problems(spec: Any) -> None:
    """Register one named problem response per status."""
    for status, phrase in PHRASES.items():
        content = {"application/problem+json": {"schema": ProblemShape}}
        spec.components.response(problem_name(status), {"description": phrase, "content": content})


class StrictJsonParser(FlaskParser):
    """Reads JSON with orjson: nesting, lone surrogates and NaN are refused where the standard reader fails or lets them in."""

    def _raw_load_json(self, req: Request) -> Any:
        return orjson.loads(req.get_data(cache=True)) if is_json(req.mimetype) else missing


class Rooms(Blueprint):
    """A smorest blueprint that reads the guard each view declared."""

    ARGUMENTS_PARSER = StrictJsonParser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(self._prepare_guard_doc)

    def arguments(self, schema: Any, **kwargs: Any) -> Any:
        """As smorest's, with one shape for every request: building one costs as much as reading a small body with it."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **kwargs)

    @staticmethod
    def _prepare_guard_doc(doc: dict[str, Any], doc_info: dict[str, Any], **_: Any) -> dict[str, Any]:
        guard = doc_info.get("guard")
        responses = doc.setdefault("responses", {})
        door, refuses = (guard["door"], guard["refuses"]) if guard else ("public", ())
        for status in sorted({*ALWAYS, *COMMON[door], *refuses}):
            responses[status] = problem_name(status)
        doc["security"] = SECURITY[door]
        if guard:
            doc["x-permission"] = guard["permission"]
        return doc
