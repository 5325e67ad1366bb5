"""先报的摘要：盖上到达时间；此后的记录和照片与之不符，就给科室负责人留一句话，从不因此拒收。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.domain.errors import Invalid
from server.domain.sync import Announced, extend_photos, is_late, stamp_fault, was_announced
from server.models.checks import Check, CheckNote, EvidenceSlot
from server.models.evidence import Evidence
from server.models.sync import Announcement
from server.outbox import Event
from server.services.receipts import stamp_now, stamped_at
from server.uow import UnitOfWork

DIFFERS, UNANNOUNCED = "announced-differs", "photo-unannounced"
STAMP_UNKNOWN, STAMP_LATER = "stamp-unknown", "stamp-later"


@dataclass(frozen=True, slots=True)
class Stamped:
    """When the announcement of one sealed check first arrived, and the signed proof of it."""

    check: UUID
    record_sha256: str
    arrived_at: datetime
    stamp: str


def announce(uow: UnitOfWork, told: Sequence[Announced]) -> list[Stamped]:
    """Keep what phones say they have sealed, one row per check, record digest and person; again gives the first time again.

    Another digest of the same check is kept beside the first. Photos named later are added with their own time.
    """
    known = _known(uow, told)
    rows = []
    for one in told:
        row = known.get((one.check, one.record_sha256))
        if row is None:
            row = known[one.check, one.record_sha256] = _insert(uow, one)
        row.photos = extend_photos(row.photos, one.photos, uow.now)
        rows.append(row)
    for check in dict.fromkeys(row.check_uuid for row in rows):
        uow.promise(Event.CHECK_SUPPLEMENTED, {"check": str(check)})
    return [_stamped(uow, row) for row in rows]


def _known(uow: UnitOfWork, told: Sequence[Announced]) -> dict[tuple[UUID, str], Announcement]:
    rows = select(Announcement).where(
        Announcement.check_uuid.in_({one.check for one in told}), Announcement.user_id == uow.actor.user_id
    )
    return {(row.check_uuid, row.record_sha256): row for row in uow.session.scalars(rows.with_for_update())}


def _insert(uow: UnitOfWork, told: Announced) -> Announcement:
    row = Announcement(
        check_uuid=told.check,
        record_sha256=told.record_sha256,
        photos=[],
        sealed_at=told.sealed_at,
        arrived_at=uow.now,
        user_id=uow.actor.user_id,
        device_id=uow.actor.device_id,
    )
    uow.session.add(row)
    return row


def _stamped(uow: UnitOfWork, row: Announcement) -> Stamped:
    about = {"check": str(row.check_uuid), "record_sha256": row.record_sha256}
    return Stamped(row.check_uuid, row.record_sha256, row.arrived_at, stamp_now(uow, about, row.arrived_at))


# ------------------------------------------------------------------------------------------------ comparing


def compare(uow: UnitOfWork, check_uuid: UUID) -> None:
    """Put a stored check beside what was announced of it; what does not fit becomes a note, once."""
    check = uow.session.scalar(select(Check).where(Check.uuid == check_uuid).with_for_update())
    if check is None:
        return
    rows = _announced(uow, check.uuid)
    digests = sorted({row.record_sha256 for row in rows})
    if digests and check.digest_sha256 not in digests:
        note_once(uow, check, DIFFERS, {"announced": digests, "received": check.digest_sha256})
    _compare_stamp(uow, check)
    held = select(EvidenceSlot, Evidence).join(Evidence, Evidence.id == EvidenceSlot.evidence_id)
    for slot, photo in uow.session.execute(held.where(EvidenceSlot.check_id == check.id)).tuples():
        _compare_photo(uow, check, slot, photo, rows)


def _announced(uow: UnitOfWork, check: UUID) -> Sequence[Announcement]:
    return uow.session.scalars(select(Announcement).where(Announcement.check_uuid == check)).all()


def _compare_stamp(uow: UnitOfWork, check: Check) -> None:
    token = check.record.get("stamp")
    if not token:
        return
    try:
        at = stamped_at(uow, str(token))
    except Invalid:
        note_once(uow, check, STAMP_UNKNOWN, {})
        return
    if stamp_fault(at, check.ended_at, check.clock_offset_s):
        note_once(uow, check, STAMP_LATER, {"stamp_at": at.isoformat(), "ended_at": check.ended_at.isoformat()})


def compare_photo(uow: UnitOfWork, evidence_uuid: UUID) -> None:
    """Put one photo beside what was announced, for every check that mentions it."""
    rows = (
        select(EvidenceSlot, Evidence, Check)
        .join(Evidence, Evidence.id == EvidenceSlot.evidence_id)
        .join(Check, Check.id == EvidenceSlot.check_id)
        .where(Evidence.uuid == evidence_uuid)
        .order_by(Check.id)
        .with_for_update(of=Check)
    )
    for slot, photo, check in uow.session.execute(rows).tuples():
        _compare_photo(uow, check, slot, photo, _announced(uow, check.uuid))


def _compare_photo(
    uow: UnitOfWork, check: Check, slot: EvidenceSlot, photo: Evidence, rows: Sequence[Announcement]
) -> None:
    """A photo that came late and whose bytes nobody had named before: neither an announcement nor the record itself."""
    if not is_late(check.ended_at, check.clock_offset_s, photo.received_at):
        return
    named = [row for announcement in rows for row in announcement.photos]
    if slot.announced_sha256 == photo.sha256:
        named.append({"uuid": str(photo.uuid), "sha256": photo.sha256, "at": check.received_at.isoformat()})
    if not was_announced(photo.uuid, photo.sha256, photo.received_at, named):
        body = {"photo": str(photo.uuid), "sha256": photo.sha256, "received_at": photo.received_at.isoformat()}
        note_once(uow, check, UNANNOUNCED, body)


def note_once(uow: UnitOfWork, check: Check, kind: str, body: dict[str, Any]) -> None:
    """A note for the supervisor; the same one is not written twice. The caller holds the check's row."""
    notes = select(CheckNote).where(CheckNote.check_id == check.id, CheckNote.kind == kind)
    if all(note.body != body for note in uow.session.scalars(notes)):
        note = CheckNote(check_id=check.id, kind=kind, body=body, at=uow.now, by=uow.actor.user_id, shown=True)
        uow.session.add(note)
        uow.session.flush()
