"""断点续传（tus 1.0.0）：照片一段一段地来，断在哪里就从哪里接着传。

What real clients expect beyond the protocol: an upload that is not there is 404 and nothing else; an answer that refuses never
carries Upload-Offset; a lock is 423, short, and lost by a dead connection; bodies may be chunked; `Upload-Metadata` may be
empty; a repeated last request to a finished upload is answered as if it had been the first.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any, BinaryIO
from uuid import UUID

from flask import Response, request
from flask.blueprints import BlueprintSetupState
from marshmallow import ValidationError
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date

from schemas.uploads import load_notes, reasons
from server.domain import uploads as tus
from server.domain.errors import Conflict, Locked, Mismatched, UnsupportedMedia
from server.domain.permissions import Permission
from server.domain.uploads import Checksum, Upload
from server.routes import upload_docs as docs
from server.routes.blueprint import Rooms
from server.routes.bodies import body_stream
from server.routes.endpoint import Caller, house, settle_races, streaming, unguarded
from server.services import upload_fresh, uploads
from server.services.uploads import NewUpload, UploadNotes

PREFIX = "/api/v1/field/uploads"
blp = Rooms("field-uploads", __name__, url_prefix=PREFIX, description="断点续传（tus 1.0.0）")
#: A connection that dies may take this much with it.
CHUNK = 64 * 1024
#: A body is taken at once as long as it comes within this time, in pieces of at most this size.
PROMPT_S, MOST_CHUNK = 5.0, 256 * 1024
OVERRIDE = "HTTP_X_HTTP_METHOD_OVERRIDE"
TOLD = (
    "Location, Upload-Offset, Upload-Length, Upload-Defer-Length, Upload-Metadata, Upload-Expires, "
    "Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm"
)


class Overridden:
    """`X-HTTP-Method-Override` in place of the method, for runtimes that know no PATCH; on these paths alone."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if OVERRIDE in environ and environ.get("PATH_INFO", "").startswith(PREFIX):
            environ["REQUEST_METHOD"] = environ[OVERRIDE].strip().upper()
        return self._inner(environ, start)


@blp.record_once
def _listen_to_overrides(state: BlueprintSetupState) -> None:
    state.app.wsgi_app = Overridden(state.app.wsgi_app)  # type: ignore[method-assign]


@blp.after_request
def _told_on_every_answer(reply: Response) -> Response:
    reply.headers["Tus-Resumable"] = tus.VERSION
    reply.headers["Cache-Control"] = "no-store"
    if reply.status_code < 300:
        reply.headers.pop("Content-Type", None)  # nothing good is said in a body
    reply.headers["Access-Control-Expose-Headers"] = TOLD
    if reply.status_code == 412:
        reply.headers["Tus-Version"] = tus.VERSION
    return reply


def _limit() -> int:
    return house().settings.uploads.max_photo_bytes


class Body:
    """The body in pieces, straight from the connection; one that breaks off simply ends, and what came is kept.

    Its beginning may have been taken as long as it came promptly; put back it comes first again.
    """

    def __init__(self) -> None:
        self._before: BinaryIO = BytesIO()
        self._stream = body_stream()  # how much is welcome is for the piece to say, which knows what it lacks
        self.announced = request.content_length

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._before.read(CHUNK) or self._read(CHUNK):
            yield chunk

    def promptly(self) -> Iterator[bytes]:
        """What comes within a few seconds, in growing pieces: whoever is slow shall lose no more to a dead connection."""
        until, most = time.monotonic() + PROMPT_S, CHUNK
        while time.monotonic() < until and (chunk := self._read(most)):
            yield chunk
            most = min(2 * most, MOST_CHUNK)

    def put_back(self, taken: BinaryIO) -> None:
        self._before = taken

    def _read(self, most: int) -> bytes:
        try:
            return bytes(self._stream.read(most))
        except (ClientDisconnected, OSError):
            return b""


def _tus(view: Callable[..., Response]) -> Callable[..., Response]:
    """The version comes first: whoever speaks another one changes nothing."""

    @functools.wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Response:
        tus.check_version(request.headers.get("Tus-Resumable"))
        return view(*args, **kwargs)

    return checked


@blp.route("", methods=["OPTIONS"])
@unguarded("协议的能力，不含任何数据")
@blp.doc(parameters=[], responses=docs.told(204, docs.ABILITIES))
def show_abilities() -> Response:
    """会什么：协议版本、扩展、上限、校验算法。"""
    reply = Response(status=204)
    reply.headers["Tus-Version"] = tus.VERSION
    reply.headers["Tus-Extension"] = tus.EXTENSIONS
    reply.headers["Tus-Max-Size"] = str(_limit())
    reply.headers["Tus-Checksum-Algorithm"] = ",".join(sorted(tus.ALGORITHMS))
    return reply


@blp.route("/<uuid:upload>", methods=["OPTIONS"])
@unguarded("协议的能力，不含任何数据")
@blp.doc(responses=docs.told(204, docs.ABILITIES))
def show_upload_abilities(upload: UUID) -> Response:  # noqa: ARG001 - the same for every upload
    """会什么：与登记的地址所答相同。"""
    return show_abilities()


@blp.route("", methods=["POST"])
@streaming(Permission.FIELD_PHOTO_UPLOAD, door="field", refuses=(404, 409, 412, 423, 460), asks_again=True)
@blp.doc(parameters=docs.CREATION, requestBody=docs.OPTIONAL_BYTES, responses=docs.told(201, docs.CREATED))
@_tus
def create_upload(caller: Caller) -> Response:
    """登记一次上传：同一人、同一照片编号、同一摘要再登记得同一个地址；可以带上开头的字节。"""
    body = Body()
    header = request.headers.get("Upload-Metadata", "").strip()
    new = NewUpload(_new_length(), _notes(header), header)
    checksum = tus.read_checksum(request.headers.get("Upload-Checksum"))
    if _carries_bytes(body):
        whole = checksum is None and upload_fresh.may_be_whole(house().settings, new, body.announced)
        found, offset = _at_once(caller, new, body) if whole else _in_steps(caller.asked(), new, body, checksum)
    else:
        found, offset = _in_steps(caller.asked(), new, None, checksum)
    reply = _reply(201, found, offset)
    reply.headers["Location"] = f"{PREFIX}/{found.uuid}"
    return reply


def _at_once(caller: Caller, new: NewUpload, body: Body) -> tuple[Upload, int | None]:
    """A photo that comes whole and is new takes one statement; whatever else it turns out to be, its bytes go on in steps."""
    storage = house().storage
    received = storage.receive(body.promptly(), limit=_limit())
    try:
        kept = upload_fresh.keep_whole(caller.single, storage, new, received)
        if kept is not None:
            return kept, kept.length
        with storage.reopen(received) as taken:
            body.put_back(taken)
            return _in_steps(caller.certain(), new, body, None)
    finally:
        storage.discard(received)


def _in_steps(
    caller: Caller, new: NewUpload, body: Body | None, checksum: Checksum | None
) -> tuple[Upload, int | None]:
    """Announce it, then take the body if there is one; what came is kept wherever it breaks off."""
    begun = settle_races(lambda: _begin(caller, new))
    found, offset = (begun.upload, 0) if begun.created else _standing(caller, begun.upload.uuid)
    if offset == 0 and not found.complete and (body is not None or found.length == 0):
        found, offset = _append(caller, found.uuid, 0, body or Body(), checksum, found if begun.created else None)
    return found, offset


def _new_length() -> int | None:
    tus.refuse_parts(request.headers.get("Upload-Concat"))
    return tus.read_length(request.headers.get("Upload-Length"), request.headers.get("Upload-Defer-Length"), _limit())


@functools.lru_cache(maxsize=256)
def _notes(header: str) -> UploadNotes:
    """The claim in a header: read when it is announced and again when the last byte is in, mostly in the same request."""
    try:
        return UploadNotes(**load_notes(tus.read_metadata(header)))
    except ValidationError as error:
        raise tus.metadata_fault(reasons(error)) from None


def _begin(caller: Caller, new: NewUpload) -> uploads.Begun:
    with caller.unit() as uow:
        return uploads.begin_upload(uow, new)


def _carries_bytes(body: Body) -> bool:
    """Whether the creation brings bytes along; raises UnsupportedMedia when they are of another kind."""
    if request.mimetype == docs.BYTES:
        return True
    if body.announced:
        raise _other_type()
    return False


def _other_type() -> UnsupportedMedia:
    return UnsupportedMedia("upload-type-unsupported", f"字节应以 {docs.BYTES} 类型传来。")


def _find(caller: Caller, upload: UUID) -> Upload:
    with caller.glance() as uow:
        return uploads.find_upload(uow, upload)


def _standing(caller: Caller, upload: UUID) -> tuple[Upload, int | None]:
    """A known upload and its offset; None for the offset while another connection is busy with it."""
    try:
        return _settled(caller, upload)
    except Locked:
        return _find(caller, upload), None


def _settled(caller: Caller, upload: UUID) -> tuple[Upload, int]:
    """The upload and its offset, told with the upload held so that it stays true.

    One whose last byte came just before the server died is finished now. Bytes that turn out to be others than announced are
    gone, so the offset is 0 again.
    """
    with _held(upload) as piece:
        found = _find(caller, upload)
        offset = _offset(found, piece)
        try:
            return _finished(caller, found, piece), offset
        except Mismatched:
            return found, 0
        except Conflict:
            return _find(caller, upload), offset


def _held(upload: UUID) -> Any:
    """The pieces of an upload, before its row is read: whoever finishes it meanwhile takes them away."""
    return house().storage.pieces.take(upload, patience_s=house().settings.uploads.lock_s)


def _offset(found: Upload, piece: Any) -> int:
    return (found.length or 0) if found.complete else int(piece.size)


def _append(
    caller: Caller, upload: UUID, said: int, body: Body, checksum: Checksum | None, new: Upload | None = None
) -> tuple[Upload, int]:
    """Take the body at this offset; `new` is the upload when nobody else can know of it yet."""
    with _held(upload) as piece:
        found = new or _find(caller, upload)
        offset = _offset(found, piece)
        tus.check_offset(offset, said)
        found = _with_length(caller, found, offset)
        room = tus.room_for(found.length, offset, _limit(), body.announced)
        if not found.complete and room:
            offset = piece.append(body, room=room, checksum=checksum)
        return _finished(caller, found, piece), offset


def _with_length(caller: Caller, found: Upload, offset: int) -> Upload:
    said = request.headers.get("Upload-Length")
    if said is None or request.method != "PATCH":
        return found
    length = tus.check_size(tus.read_number("Upload-Length", said), _limit())
    if length == found.length:
        return found
    with caller.unit() as uow:
        return uploads.state_length(uow, found.uuid, length, offset)


def _finished(caller: Caller, found: Upload, piece: Any) -> Upload:
    """The upload, complete when its last byte is there."""
    if found.complete or piece.size != found.length:
        return found
    storage, notes = house().storage, _notes(found.notes)
    return settle_races(lambda: uploads.complete_upload(caller.unit, storage, found, notes, piece))


def _reply(status: int, found: Upload, offset: int | None) -> Response:
    reply = Response(status=status)
    reply.headers["Upload-Expires"] = http_date(found.expires_at)
    if offset is not None:
        reply.headers["Upload-Offset"] = str(offset)
    return reply


@blp.route("/<uuid:upload>", methods=["HEAD"])
@streaming(Permission.FIELD_PHOTO_UPLOAD, door="field", refuses=(404, 412))
@blp.doc(parameters=docs.VERSION_HEADER, responses=docs.told(200, docs.STANDING))
@_tus
def ask_upload(upload: UUID, caller: Caller) -> Response:
    """收到哪里了：从所答的 Upload-Offset 接着传；收完的在过期之前一直答全长。"""
    found, offset = _settled(caller, upload)
    reply = _reply(200, found, offset)
    if found.notes:
        reply.headers["Upload-Metadata"] = found.notes
    if found.length is None:
        reply.headers["Upload-Defer-Length"] = "1"
    else:
        reply.headers["Upload-Length"] = str(found.length)
    return reply


@blp.route("/<uuid:upload>", methods=["PATCH"])
@streaming(Permission.FIELD_PHOTO_UPLOAD, door="field", refuses=(404, 409, 412, 423, 460))
@blp.doc(parameters=docs.CONTINUATION, requestBody=docs.REQUIRED_BYTES, responses=docs.told(204, docs.CONTINUED))
@_tus
def continue_upload(upload: UUID, caller: Caller) -> Response:
    """接着传：断在半路的，收到的那些字节照样算数；最后一个字节到了就核对摘要、收存、记账，然后才回答。"""
    if request.mimetype != docs.BYTES:
        raise _other_type()
    said = tus.read_number("Upload-Offset", request.headers.get("Upload-Offset"))
    checksum = tus.read_checksum(request.headers.get("Upload-Checksum"))
    found, offset = _append(caller, upload, said, Body(), checksum)
    return _reply(204, found, offset)


@blp.route("/<uuid:upload>", methods=["DELETE"])
@streaming(Permission.FIELD_PHOTO_UPLOAD, door="field", refuses=(404, 412))
@blp.doc(parameters=docs.VERSION_HEADER, responses=docs.told(204, {}))
@_tus
def end_upload(upload: UUID, caller: Caller) -> Response:
    """不传了：此后这个地址是 404；已经成为照片的，照片还在。"""
    with caller.unit() as uow:
        uploads.end_upload(uow, upload)
    house().storage.pieces.remove(upload)
    return Response(status=204)


for _view in (create_upload, continue_upload, end_upload, ask_upload):
    _view.provide_automatic_options = False  # type: ignore[attr-defined]
