"""断点续传：登记一次上传、收完后成为照片、过期清掉。

The row is written when an upload is announced and when it is finished; in between the file alone knows how far it came.
Finishing is one event: the digest is verified, the original promoted, photo and upload recorded in one commit, and only then
are the pieces dropped. A server that dies anywhere in between leaves all pieces in place, and the next question about the
upload finishes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, func, select, update

from server.domain.errors import Busy, Conflict, Mismatched
from server.domain.registers import Position
from server.domain.uploads import Upload, UploadState, settled_length, unknown_upload, upload_key
from server.models.uploads import Upload as Row
from server.prepared import Prepared, insertion
from server.services import evidence
from server.services.evidence import PhotoClaim
from server.storage.pieces import Piece
from server.storage.port import Received, Storage
from server.uow import UnitOfWork

Unit = Callable[[], AbstractContextManager[UnitOfWork]]
SWEPT_AT_ONCE = 500
_TABLE = cast(Table, Row.__table__)
_OPEN = Prepared(
    select(func.count()).where(
        _TABLE.c.user_id == bindparam("user"), _TABLE.c.completed_at.is_(None), _TABLE.c.expires_at > bindparam("now")
    )
)
_BY_KEY = Prepared(select(_TABLE.c.id).where(_TABLE.c.key_sha256 == bindparam("key")))
#: Columns of an announced upload.
ANNOUNCED = (
    "uuid",
    "key_sha256",
    "user_id",
    "device_id",
    "photo_uuid",
    "check_uuid",
    "announced_sha256",
    "notes",
    "length",
    "state",
    "created_at",
    "expires_at",
)
_NEW = insertion(Row, ANNOUNCED)
_END = Prepared(
    update(_TABLE)
    .where(_TABLE.c.uuid == bindparam("upload"), _TABLE.c.completed_at.is_(None))
    .values(state=bindparam("how"), completed_at=bindparam("at"), evidence_uuid=bindparam("photo"))
)


@dataclass(frozen=True, slots=True)
class UploadNotes:
    """What the phone says of the photo it is about to send; every word of it is a claim.

    Without `photo` the upload's own id becomes the photo's, and nothing will claim it by itself.
    """

    photo: UUID | None = None
    check: UUID | None = None
    item: str | None = None
    file_name: str = ""
    media_type: str = ""
    sha256: str | None = None
    taken_at: datetime | None = None
    fix: Position | None = None
    source: str | None = None

    def claim(self, otherwise: UUID) -> PhotoClaim:
        return PhotoClaim(
            uuid=self.photo or otherwise,
            check=self.check,
            item=self.item,
            file_name=self.file_name,
            media_type=self.media_type,
            taken_at=self.taken_at,
            fix=self.fix,
            sha256=self.sha256,
            source=self.source,
        )


@dataclass(frozen=True, slots=True)
class NewUpload:
    """An announced upload: its length in bytes if known, the notes and the header they came in."""

    length: int | None
    notes: UploadNotes
    header: str


@dataclass(frozen=True, slots=True)
class Begun:
    """The announced upload; `created` False means it had been announced before."""

    upload: Upload
    created: bool


def key_of(uow: UnitOfWork, uuid: UUID, new: NewUpload) -> str:
    """What the caller's announcement is known by; `uuid` is the upload's own if it is not known yet."""
    owner = uow.actor.uuid
    assert owner is not None  # the door of the phones lets nobody else in
    return upload_key(owner, new.notes.photo, new.notes.sha256, uuid)


def _seen(row: Row) -> Upload:
    return Upload(row.uuid, row.length, row.notes, UploadState(row.state), row.expires_at)


def begin_upload(uow: UnitOfWork, new: NewUpload) -> Begun:
    """Announce an upload; the same person, photo and digest again are the same upload, which then lives longer.

    Raises Conflict `upload-length-fixed` when it had been announced with another length, Busy `uploads-too-many`.
    """
    uuid = uow.new_id()
    key = key_of(uow, uuid, new)
    known = None if new.notes.photo is None else _BY_KEY.run(uow.connection, {"key": key}).scalar()
    row = None if known is None else uow.session.get(Row, known)  # given up a moment ago: gone
    if row is not None and row.expires_at <= uow.now:
        uow.session.delete(row)
        uow.session.flush()
        row = None
    if row is None:
        _check_room(uow)
        return Begun(_insert(uow, uuid, key, new), created=True)
    if row.completed_at is None:
        row.length = settled_length(row.length, new.length, 0)
        row.expires_at = _expiry(uow)
    return Begun(_seen(row), created=False)


def _check_room(uow: UnitOfWork) -> None:
    found = _OPEN.run(uow.connection, {"user": uow.actor.user_id, "now": uow.now}).scalar()
    if found >= uow.settings.uploads.most_open:
        words = f"没有传完的照片已有 {found} 张，请先传完或放弃一些，再传新的；照片留在手机上。"
        raise Busy("uploads-too-many", words, retry_after=60, facts={"open": found})


def _expiry(uow: UnitOfWork) -> datetime:
    return uow.now + timedelta(days=uow.settings.uploads.expiry_days)


def _insert(uow: UnitOfWork, uuid: UUID, key: str, new: NewUpload) -> Upload:
    row = upload_row(uow, uuid, key, new)
    _NEW.run(uow.connection, row)
    return Upload(uuid, new.length, new.header, UploadState.RECEIVING, row["expires_at"])


def upload_row(uow: UnitOfWork, uuid: UUID, key: str, new: NewUpload) -> dict[str, Any]:
    """The values of `ANNOUNCED`."""
    return {
        "uuid": uuid,
        "key_sha256": key,
        "user_id": uow.actor.user_id,
        "device_id": uow.actor.device_id,
        "photo_uuid": new.notes.photo or uuid,
        "check_uuid": new.notes.check,
        "announced_sha256": new.notes.sha256,
        "notes": new.header,
        "length": new.length,
        "state": UploadState.RECEIVING.value,
        "created_at": uow.now,
        "expires_at": _expiry(uow),
    }


def find_upload(uow: UnitOfWork, upload: UUID) -> Upload:
    """The caller's own upload; raises Missing `upload-not-found` for a stranger's, an unknown and an expired one alike."""
    return _seen(_row(uow, upload))


def _row(uow: UnitOfWork, upload: UUID) -> Row:
    row = uow.session.scalar(select(Row).where(Row.uuid == upload, Row.user_id == uow.actor.user_id))
    if row is None or row.expires_at <= uow.now:
        raise unknown_upload()
    return row


def state_length(uow: UnitOfWork, upload: UUID, said: int, offset: int) -> Upload:
    """Say the length that had been left open; raises Conflict `upload-length-fixed` when it is another than before."""
    row = _row(uow, upload)
    row.length = settled_length(row.length, said, offset)
    return _seen(row)


def end_upload(uow: UnitOfWork, upload: UUID) -> None:
    """The phone gives it up (or needs it no more): unknown from now on; a photo made from it stays."""
    uow.session.delete(_row(uow, upload))


def complete_upload(unit: Unit, storage: Storage, upload: Upload, notes: UploadNotes, piece: Piece) -> Upload:
    """Everything has come: verify, promote, record the photo and the end of the upload in one commit, then drop the pieces.

    May run twice. Raises Mismatched `digest-mismatch` for other bytes than announced: the pieces are gone then, and the
    upload begins again at 0. Raises Conflict `upload-differs` when the photo's id holds other bytes already: these are kept
    beside them and the upload is complete all the same.
    """
    if piece.size == 0:
        return _settle(unit, upload, notes)
    received = piece.finish()
    try:
        _verify(notes, received, piece)
        storage.promote(received)
    finally:
        storage.discard(received)
    claim = notes.claim(upload.uuid)
    try:
        done = _record(unit, upload, claim, received)
    except Conflict as conflict:
        kept_as = UUID(conflict.facts["kept_as"])
        _record_aside(unit, upload, claim, received, kept_as)
        piece.drop()
        raise
    piece.drop()
    return done


def _verify(notes: UploadNotes, received: Received, piece: Piece) -> None:
    if notes.sha256 in (None, received.sha256):
        return
    piece.drop()
    raise Mismatched(
        "digest-mismatch",
        "收到的内容与手机给出的摘要不符，已收的不作数，请从头重传。",
        facts={"announced": notes.sha256, "received": received.sha256, "size": received.size},
    )


def _settle(unit: Unit, upload: Upload, notes: UploadNotes) -> Upload:
    """Nothing was announced and nothing came: complete at once, without a photo."""
    if notes.sha256 not in (None, EMPTY_SHA256):
        facts = {"announced": notes.sha256, "received": EMPTY_SHA256, "size": 0}
        raise Mismatched("digest-mismatch", "登记的长度是 0，却给出了别的摘要；请以正确的长度重新登记。", facts=facts)
    with unit() as uow:
        return _close(uow, upload, UploadState.EMPTY, None)


EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def _record(unit: Unit, upload: Upload, claim: PhotoClaim, received: Received) -> Upload:
    with unit() as uow:
        kept = evidence.keep_photo(uow, claim, received)
        return _close(uow, upload, UploadState.KEPT, kept.evidence.uuid)


def _record_aside(unit: Unit, upload: Upload, claim: PhotoClaim, received: Received, kept_as: UUID) -> Upload:
    with unit() as uow:
        evidence.keep_other_bytes(uow, claim, received)
        return _close(uow, upload, UploadState.ASIDE, kept_as)


def _close(uow: UnitOfWork, upload: Upload, state: UploadState, photo: UUID | None) -> Upload:
    """Note the end; an upload that was given up in the meantime is none any more, the photo stays."""
    given = {"upload": upload.uuid, "how": state.value, "at": uow.now, "photo": photo}
    _END.run(uow.connection, given)
    return replace(upload, state=state)


def sweep_uploads(uow: UnitOfWork) -> None:
    """Forget expired uploads; their pieces may go once this is committed."""
    uow.session.execute(delete(Row).where(Row.expires_at <= uow.now))


def strays(uow: UnitOfWork, lying: Sequence[UUID]) -> list[UUID]:
    """Which of these pieces belong to no upload that is still to be finished."""
    found: list[UUID] = []
    for start in range(0, len(lying), SWEPT_AT_ONCE):
        some = lying[start : start + SWEPT_AT_ONCE]
        wanted = set(uow.session.scalars(select(Row.uuid).where(Row.uuid.in_(some), Row.completed_at.is_(None))))
        found += [name for name in some if name not in wanted]
    return found
