"""一次传完的新照片：PostgreSQL 上一句话写完照片、保管链的第一条、待办和收完的续传。

Most phones on a good line send a photo whole with its announcement. Then nothing has to be remembered in between: the bytes
become an original, and one statement writes what announcing, receiving and finishing would have written, asking again whether
the phone may still send. Whatever is not plainly a new photo (a repeat, a used id, a slot that waits for it, other bytes than
announced, a phone that was revoked) writes no row, and is left to `begin_upload` and `complete_upload`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import CTE, BindParameter, Table, bindparam, exists, insert, select
from sqlalchemy.exc import IntegrityError

from server.config import Settings
from server.domain.custody import Act, Entry, next_entry
from server.domain.permissions import Permission
from server.domain.uploads import Upload, UploadState
from server.models.checks import EvidenceSlot
from server.models.evidence import CustodyEntry, Evidence
from server.models.uploads import Upload as Row
from server.outbox import Event
from server.prepared import Prepared
from server.queries.fresh import Asker, may_still, owing
from server.queries.passing import insert_or_pass
from server.services.evidence import evidence_row, received_facts
from server.services.uploads import ANNOUNCED, NewUpload, Unit, key_of, upload_row
from server.storage.port import Received, Storage
from server.uow import UnitOfWork

#: Larger ones come in steps: what has come of them is worth keeping when the line breaks.
MOST_BYTES = 8 * 1024 * 1024
PHOTOS = cast(Table, Evidence.__table__)
LEDGER = cast(Table, CustodyEntry.__table__)
UPLOADS = cast(Table, Row.__table__)
SLOTS = cast(Table, EvidenceSlot.__table__)
PHOTO = (
    "uuid",
    "sha256",
    "size",
    "file_name",
    "media_type",
    "announced",
    "check_uuid",
    "item_code",
    "region_code",
    "state",
    "uploaded_by",
    "device_id",
    "received_at",
)
UPLOAD = (*ANNOUNCED, "completed_at", "evidence_uuid")


def _given(table: Table, name: str) -> BindParameter[Any]:
    return bindparam(f"{table.name}_{name}", type_=table.c[name].type)


def _photo() -> CTE:
    """The photo, unless anything about it is known already; everything else hangs on it."""
    uuid, region, at = (_given(PHOTOS, name) for name in ("uuid", "region_code", "received_at"))
    asker = Asker(_given(PHOTOS, "uploaded_by"), _given(PHOTOS, "device_id"), region, at)
    source = select(*(_given(PHOTOS, name) for name in PHOTO)).where(
        may_still(Permission.FIELD_PHOTO_UPLOAD, asker),
        ~exists(select(PHOTOS.c.id).where(PHOTOS.c.uuid == uuid)),
        ~exists(select(UPLOADS.c.id).where(UPLOADS.c.key_sha256 == _given(UPLOADS, "key_sha256"))),
        ~exists(select(SLOTS.c.id).where(SLOTS.c.photo_uuid == uuid, SLOTS.c.evidence_id.is_(None))),
    )
    return insert_or_pass(PHOTOS).from_select(list(PHOTO), source).returning(PHOTOS.c.id).cte("photo")


def _line(photo: CTE) -> CTE:
    names = Entry.__slots__
    source = select(photo.c.id, *(_given(LEDGER, name) for name in names)).select_from(photo)
    return insert(LEDGER).from_select(["evidence_id", *names], source).returning(LEDGER.c.id).cte("line")


def _upload(photo: CTE) -> CTE:
    """It does not pass over: announced by another request in this very moment, nothing of the statement may stay."""
    source = select(*(_given(UPLOADS, name) for name in UPLOAD)).select_from(photo)
    return insert(UPLOADS).from_select(list(UPLOAD), source).returning(UPLOADS.c.id).cte("upload")


def _statement() -> Prepared:
    photo = _photo()
    beside = (_line(photo), _upload(photo), owing(photo, _given(PHOTOS, "received_at")))
    return Prepared(select(photo.c.id).add_cte(*beside))


_FRESH = _statement()


def may_be_whole(settings: Settings, new: NewUpload, body: int | None) -> bool:
    """Whether a creation whose body has this many bytes may be tried at once."""
    if settings.spatialite or new.notes.photo is None:
        return False
    return body is not None and body == new.length and 0 < body <= MOST_BYTES


def keep_whole(single: Unit, storage: Storage, new: NewUpload, received: Received) -> Upload | None:
    """Make a photo and its finished upload of what came with the announcement; the answer is durable.

    `single` opens a unit of one statement. None, and no row written, when it did not come whole or is not plainly new.
    """
    if received.size != new.length or new.notes.sha256 not in (None, received.sha256):
        return None
    storage.promote(received)
    try:
        with single() as uow:
            return _keep(uow, new, received)
    except IntegrityError:  # the same upload was announced meanwhile
        return None


def _keep(uow: UnitOfWork, new: NewUpload, received: Received) -> Upload | None:
    uuid = uow.new_id()
    photo = evidence_row(uow, new.notes.claim(uuid), new.notes.photo or uuid, received)
    upload = upload_row(uow, uuid, key_of(uow, uuid, new), new)
    upload |= {"state": UploadState.KEPT.value, "completed_at": uow.now, "evidence_uuid": photo["uuid"]}
    entry = next_entry(None, Act.RECEIVED, uow.actor.label, uow.now, received_facts(received))
    given = _named(PHOTOS, photo) | _named(UPLOADS, upload)
    given |= _named(LEDGER, {name: getattr(entry, name) for name in Entry.__slots__})
    given |= {"event": Event.EVIDENCE_RECEIVED.value, "payload": {"evidence": str(photo["uuid"])}}
    if not _FRESH.run(uow.line, given).rows:
        return None
    uow.promised += 1
    return Upload(uuid, new.length, new.header, UploadState.KEPT, upload["expires_at"])


def _named(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{table.name}_{name}": value for name, value in row.items()}
