"""断点续传各条路由在接口说明里的请求头与回答头。"""

from __future__ import annotations

from typing import Any

from server.domain.uploads import ALGORITHMS, EXTENSIONS, VERSION

BYTES = "application/offset+octet-stream"
_COUNT = {"type": "string", "pattern": "^[0-9]{1,15}$"}
_TEXT = {"type": "string"}


def _asked(name: str, words: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"in": "header", "name": name, "description": words, "required": required, "schema": schema}


_VERSION = _asked("Tus-Resumable", "协议版本", {"type": "string", "const": VERSION}, required=True)
_LENGTH = _asked("Upload-Length", "全长，字节", _COUNT)
_CHECKSUM = _asked("Upload-Checksum", f"这一段的校验：算法（{'、'.join(sorted(ALGORITHMS))}）、空格、Base64", _TEXT)
_METADATA = _asked(
    "Upload-Metadata",
    "逗号分隔的“键 Base64”：photo、check（编号）、item、filename、filetype、sha256（全件，十六进制）、taken_at、"
    "fix（位置的 JSON）、source（camera、album、in_page）；可以为空，别的键不理会",
    _TEXT,
)
VERSION_HEADER = [_VERSION]
CREATION = [
    _VERSION,
    _LENGTH,
    _asked("Upload-Defer-Length", "长度以后再说时为 1", {"type": "string", "const": "1"}),
    _METADATA,
    _CHECKSUM,
]
CONTINUATION = [_VERSION, _asked("Upload-Offset", "从哪个字节起", _COUNT, required=True), _LENGTH, _CHECKSUM]

_BINARY = {"content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}}
REQUIRED_BYTES = _BINARY | {"required": True}
OPTIONAL_BYTES = _BINARY | {"required": False}


def _said(words: str) -> dict[str, Any]:
    return {"description": words, "schema": {"type": "string"}}


_OFFSET = {"Upload-Offset": _said("已收多少字节")}
_EXPIRES = {"Upload-Expires": _said("过了这一刻就不能再续传")}
ABILITIES = {
    "Tus-Version": _said(VERSION),
    "Tus-Extension": _said(EXTENSIONS),
    "Tus-Max-Size": _said("一张照片的上限，字节"),
    "Tus-Checksum-Algorithm": _said(",".join(sorted(ALGORITHMS))),
}
CREATED = {"Location": _said("续传的地址")} | _OFFSET | _EXPIRES
CONTINUED = _OFFSET | _EXPIRES
STANDING = (
    _OFFSET
    | _EXPIRES
    | {
        "Upload-Length": _said("全长；还没有说的不给"),
        "Upload-Defer-Length": _said("还没有说长度时为 1"),
        "Upload-Metadata": _said("登记时原样"),
    }
)
_WORDS = {200: "在这里", 201: "已登记", 204: "已办"}


def told(status: int, headers: dict[str, Any]) -> dict[str, Any]:
    """The one good answer of a route."""
    return {str(status): {"description": _WORDS[status], "headers": headers}}
