"""应有照片：检查与照片谁先到都一样，最后都对得上。

Linking runs when the check is stored, when the photo is stored and again in both background effects: whichever of two
simultaneous commits is later, one effect runs after both and fills the slot.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from server.domain.custody import Act
from server.models.checks import EvidenceSlot
from server.models.evidence import Evidence
from server.outbox import Event
from server.prepared import Prepared
from server.services.custody import record_custody
from server.uow import UnitOfWork

_WAITING = Prepared(
    select(EvidenceSlot.id).where(EvidenceSlot.photo_uuid == bindparam("photo"), EvidenceSlot.evidence_id.is_(None))
)
MISMATCH = "与手机预报的摘要不符"


def slot_state(slot: EvidenceSlot) -> str:
    """expected, received, verified or mismatch."""
    if slot.complaint:
        return "mismatch"
    if slot.verified_at is not None:
        return "verified"
    return "received" if slot.evidence_id is not None else "expected"


def is_complete(slots: Sequence[EvidenceSlot]) -> bool:
    """A check is complete when every slot is verified (a check without photos is complete)."""
    return all(slot.verified_at is not None for slot in slots)


def link_slots(uow: UnitOfWork, slots: Sequence[EvidenceSlot]) -> None:
    """Fill the given slots with photos that have come already."""
    open_slots = {s.photo_uuid: s for s in slots if s.evidence_id is None}
    if not open_slots:
        return
    rows = uow.session.scalars(select(Evidence).where(Evidence.uuid.in_(open_slots)))
    for evidence in rows:
        _fill(uow, open_slots[evidence.uuid], evidence)


def link_evidence(uow: UnitOfWork, evidence: Evidence) -> None:
    """Fill every slot that waits for this photo; most photos come before their check, so that is asked first."""
    if not _WAITING.run(uow.connection, {"photo": evidence.uuid}).rows:
        return
    waiting = select(EvidenceSlot).where(EvidenceSlot.photo_uuid == evidence.uuid, EvidenceSlot.evidence_id.is_(None))
    for slot in uow.session.scalars(waiting.order_by(EvidenceSlot.id).with_for_update()):
        _fill(uow, slot, evidence)


def _fill(uow: UnitOfWork, slot: EvidenceSlot, evidence: Evidence) -> None:
    slot.evidence_id = evidence.id
    if slot.announced_sha256 not in (None, evidence.sha256):
        slot.complaint = MISMATCH
    elif evidence.examined_at is not None:
        slot.verified_at = uow.now
    record_custody(uow, evidence, Act.LINKED, {"check_id": slot.check_id, "item": slot.item_code})
    if evidence.examined_at is not None:
        uow.promise(Event.EVIDENCE_EXAMINED, {"evidence": str(evidence.uuid)})


def verify_slots(uow: UnitOfWork, evidence: Evidence) -> list[EvidenceSlot]:
    """After examination: every matching slot of the photo is verified; returns the photo's slots."""
    slots = list(uow.session.scalars(select(EvidenceSlot).where(EvidenceSlot.evidence_id == evidence.id)))
    for slot in slots:
        if slot.complaint is None and slot.verified_at is None:
            slot.verified_at = uow.now
    return slots


def first_slot(uow: UnitOfWork, evidence_id: int) -> EvidenceSlot | None:
    """The slot that decides in whose context a photo is judged: the earliest check that mentions it."""
    rows = select(EvidenceSlot).where(EvidenceSlot.evidence_id == evidence_id).order_by(EvidenceSlot.check_id)
    return uow.session.scalar(rows.limit(1))


def slots_of(uow: UnitOfWork, evidence_ids: Sequence[int]) -> dict[int, EvidenceSlot]:
    """First slot per photo."""
    rows = select(EvidenceSlot).where(EvidenceSlot.evidence_id.in_(evidence_ids)).order_by(EvidenceSlot.check_id.desc())
    return {row.evidence_id: row for row in uow.session.scalars(rows) if row.evidence_id is not None}


def photo_ids(slots: Sequence[EvidenceSlot]) -> set[UUID]:
    return {slot.photo_uuid for slot in slots}
