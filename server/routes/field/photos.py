"""照片上传：边收边落盘，先存原件，再记账，然后才回答。"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import request

from schemas.photos import PhotoQuery, PhotoReceiptShape
from server.domain.errors import Conflict, Invalid, TooLarge, UnsupportedMedia
from server.domain.permissions import Permission
from server.routes import problems
from server.routes.blueprint import Rooms
from server.routes.endpoint import Caller, endpoint, house, settle_races, streaming
from server.services import evidence
from server.services.evidence import PhotoClaim
from server.uow import UnitOfWork

blp = Rooms("field-photos", __name__, url_prefix="/api/v1/field/photos", description="照片")
CHUNK = 64 * 1024
ACCEPTED = {
    "application/octet-stream",
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/tiff",
    "image/heic",
    "image/heif",
}
BODY = {
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in sorted(ACCEPTED)},
    "required": True,
}


def _chunks(expected: int | None) -> Iterator[bytes]:
    """The body in pieces; a body shorter than it promised is an error, never a shorter photo."""
    got = 0
    while chunk := request.stream.read(CHUNK):
        got += len(chunk)
        yield chunk
    if expected is not None and got != expected:
        raise Invalid("body-cut-off", "内容没有传完，请重传。", facts={"expected": expected, "got": got})


def _receive(*, vouched: bool) -> Any:
    """`vouched` says that a digest came with it: without one, nobody can tell that chunks without a length were all."""
    if request.content_length is None and not vouched and "Transfer-Encoding" in request.headers:
        raise Invalid("body-cut-off", "分块发送的照片须同时给出 sha256，否则看不出有没有传完。")
    if (request.mimetype or "application/octet-stream") not in ACCEPTED:
        raise UnsupportedMedia("photo-type-unsupported", "请以照片的类型或 application/octet-stream 上传。")
    limit = house().settings.uploads.max_photo_bytes
    request.max_content_length = limit + 1
    if (request.content_length or 0) > limit:
        raise TooLarge("upload-too-large", f"照片超过上限 {limit // 1024 // 1024} MB。", facts={"limit": limit})
    return house().storage.receive(_chunks(request.content_length), limit=limit)


@blp.route("/<uuid:photo>", methods=["PUT"])
@streaming(Permission.FIELD_PHOTO_UPLOAD, door="field", refuses=(409,))
@blp.arguments(PhotoQuery, location="query")
@blp.doc(requestBody=BODY)
@blp.response(201, PhotoReceiptShape)
@blp.alt_response(200, schema=PhotoReceiptShape, description="同一张照片已收下过", success=True)
def put_photo(query: dict[str, Any], photo: UUID, caller: Caller) -> Any:
    """上传一张照片的原件：正文就是文件本身。同样的字节再传一次得同样的回答；不同的字节为冲突，新的一张另行保留。"""
    claim = PhotoClaim(
        uuid=photo,
        check=query["check"],
        item=query["item"],
        file_name=query["name"],
        media_type=request.mimetype or "",
        taken_at=query["taken_at"],
        fix=query["fix"],
        sha256=query["sha256"],
    )
    received = _receive(vouched=query["sha256"] is not None)
    try:
        evidence.check_digest(claim, received)
        house().storage.promote(received)
    except BaseException:
        house().storage.discard(received)
        raise
    try:
        kept = settle_races(lambda: _keep(caller, claim, received))
    except Conflict as conflict:
        settle_races(lambda: _keep_aside(caller, claim, received))
        return problems.from_error(conflict).response()
    return kept.evidence, 201 if kept.created else 200


def _keep(caller: Caller, claim: PhotoClaim, received: Any) -> evidence.Kept:
    with caller.unit() as uow:
        return evidence.keep_photo(uow, claim, received)


def _keep_aside(caller: Caller, claim: PhotoClaim, received: Any) -> None:
    with caller.unit() as uow:
        evidence.keep_other_bytes(uow, claim, received)


@blp.route("/<uuid:photo>", methods=["GET"])
@endpoint(Permission.FIELD_CHECK_READ, door="field", refuses=(404,))
@blp.response(200, PhotoReceiptShape)
def show_photo(photo: UUID, uow: UnitOfWork) -> Any:
    """这张照片收到没有。"""
    return evidence.find_evidence(uow, photo)
