"""断点续传的客户端，按协议一句一句地说：登记、传一段、问到哪里了。"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Any
from uuid import uuid4

from werkzeug.test import TestResponse

from tests.api.desk import Desk, refused

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}
PREFIX = "/api/v1/field"


def said(**pairs: Any) -> str:
    """Upload-Metadata."""
    return ",".join(f"{key} {b64encode(str(value).encode()).decode()}" for key, value in pairs.items())


def of_photo(data: bytes, uuid: object = None, **more: Any) -> dict[str, str]:
    """Headers that announce these bytes as a photo."""
    notes = said(photo=uuid or uuid4(), sha256=sha256(data).hexdigest(), filename="IMG_1.jpg", **more)
    return {"Upload-Length": str(len(data)), "Upload-Metadata": notes}


def create(desk: Desk, headers: dict[str, str], login: str = "lin", data: bytes | None = None) -> TestResponse:
    return desk.phone(login).post("/uploads", headers=TUS | headers, data=data)


def begun(desk: Desk, headers: dict[str, str], login: str = "lin") -> str:
    reply = create(desk, headers, login)
    assert (reply.status_code, reply.headers["Upload-Offset"]) == (201, "0"), reply.text
    return reply.headers["Location"].removeprefix(PREFIX)


def send(desk: Desk, place: str, offset: int, data: bytes, login: str = "lin", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return desk.phone(login).patch(place, headers=TUS | BYTES | {"Upload-Offset": str(offset)} | named, data=data)


def ask(desk: Desk, place: str, login: str = "lin") -> TestResponse:
    return desk.phone(login).open("HEAD", place, headers=TUS)


def offset_of(reply: TestResponse) -> int:
    assert reply.status_code in (200, 201, 204), reply.text
    return int(reply.headers["Upload-Offset"])


def told(reply: TestResponse, status: int, code: str) -> dict[str, Any]:
    """A refusal: with the version, without an offset (one client looks at nothing else)."""
    assert reply.headers["Tus-Resumable"] == "1.0.0"
    assert "Upload-Offset" not in reply.headers
    return refused(reply, status, code)


def gone(desk: Desk, place: str) -> None:
    """404, never 410 or 403, to a question and to a piece."""
    reply = ask(desk, place)
    assert (reply.status_code, "Upload-Offset" in reply.headers) == (404, False)
    told(send(desk, place, 0, b"x"), 404, "upload-not-found")
