"""现场检查：收下、判定。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy import select

from server.domain.checklists import Checklist, Frame
from server.domain.checks import CheckRecord, CheckState, check_form, expected_photos
from server.domain.errors import Conflict, FieldError, Invalid, Missing, Refused
from server.domain.registers import Datum, check_may_inspect
from server.formats.datum import to_wgs84
from server.models.checks import Check, ChecklistVersion, CheckNote, CheckOfficer, CheckPlace, EvidenceSlot
from server.models.subjects import Officer, Subject
from server.models.users import User
from server.outbox import Event
from server.queries.geography import point
from server.queries.scope import covers, in_scope
from server.services.assignment_checks import take_check
from server.services.checklists import checklist_of
from server.services.judging import record_findings
from server.services.slots import link_slots
from server.uow import UnitOfWork

DIFFERING = "differing-submission"
MOST_SECONDS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Submitted:
    """The stored check; `created` is False when the same content had come before."""

    check: Check
    created: bool


def digest_of(raw: dict[str, Any]) -> str:
    """SHA-256 of the RFC 8785 canonical form of what was sent; raises Invalid for numbers JSON cannot carry exactly."""
    try:
        return sha256(rfc8785.dumps(raw)).hexdigest()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise Invalid("number-not-exact", "内容里有 JSON 不能准确表示的数或字符，请用文字传数值。") from error


def submit_check(uow: UnitOfWork, record: CheckRecord, sent_at: datetime | None) -> Submitted:
    """Store one sealed check with its expected photos; the same content again is the same answer.

    Raises Conflict `submission-differs` when the id holds other content (both shown), Invalid for what contradicts the
    registers, Refused when the sender is not one of the officers. `sent_at` is the phone's clock at sending.
    """
    digest = digest_of(record.raw)
    known = uow.session.scalar(select(Check).where(Check.uuid == record.uuid))
    if known is not None:
        return _same_or_conflict(uow, known, record, digest)
    check_form(record)
    subject = _subject(uow, record)
    version, checklist = _version(uow, record, subject)
    officers = _officers(uow, record)
    check = _sealed(uow, record, digest, subject, sent_at)
    check.checklist_version_id = version.id
    check.officers = [CheckOfficer(seat=n, officer_id=o.id) for n, o in enumerate(officers)]
    uow.session.add(check)
    uow.session.flush()
    record_findings(uow, check, checklist, record.answers)
    link_slots(uow, check.slots)
    take_check(uow, check, record.assignment)
    uow.promise(Event.CHECK_SUBMITTED, {"check": str(check.uuid)})
    return Submitted(check, created=True)


def _sealed(uow: UnitOfWork, record: CheckRecord, digest: str, subject: Subject, sent_at: datetime | None) -> Check:
    """The row of one check as it was sealed, with its place and its expected photos."""
    return Check(
        uuid=record.uuid,
        digest_sha256=digest,
        subject_id=subject.id,
        frame=subject.frame,
        region_code=subject.region_code,
        state=CheckState.SUBMITTED.value,
        source=record.source.value,
        attitude=record.representative.attitude.value,
        started_at=record.started_at,
        ended_at=record.ended_at,
        ended_on=record.ended_on,
        device_at=record.device_at,
        clock_offset_s=_clock_offset(uow, sent_at),
        record=record.raw,
        submitted_by=uow.actor.user_id,
        device_id=uow.actor.device_id,
        received_at=uow.now,
        place=_place(record),
        slots=[
            EvidenceSlot(photo_uuid=p.uuid, item_code=p.item, announced_sha256=p.sha256)
            for p in expected_photos(record)
        ],
    )


def _clock_offset(uow: UnitOfWork, sent_at: datetime | None) -> int:
    """Seconds the phone's clock is ahead; a clock more than 68 years off is recorded as that, the most a column holds."""
    if sent_at is None:
        return 0
    return max(-MOST_SECONDS, min(MOST_SECONDS, int((sent_at - uow.now).total_seconds())))


def _same_or_conflict(uow: UnitOfWork, known: Check, record: CheckRecord, digest: str) -> Submitted:
    if known.digest_sha256 == digest:
        if not covers(uow.session, uow.scope, known.region_code):
            raise Missing("check-not-found", "没有这次检查，或不在您的范围内。")
        return Submitted(known, created=False)
    visible = covers(uow.session, uow.scope, known.region_code)
    facts = {"sent": record.raw, "sent_sha256": digest}
    if visible:
        facts |= {"stored": known.record, "stored_sha256": known.digest_sha256}
    raise Conflict(
        "submission-differs", "这个编号的检查已收下另一份内容；两份都已保留，请联系科室负责人核对。", facts=facts
    )


def keep_differing(uow: UnitOfWork, record: CheckRecord) -> None:
    """Keep the other content beside the stored check, once per content: nothing sent is dropped."""
    digest = digest_of(record.raw)
    check_id = uow.session.scalar(select(Check.id).where(Check.uuid == record.uuid))
    notes = select(CheckNote).where(CheckNote.check_id == check_id, CheckNote.kind == DIFFERING)
    if check_id is None or any(note.body.get("sha256") == digest for note in uow.session.scalars(notes)):
        return
    body = {"sha256": digest, "record": record.raw}
    uow.session.add(
        CheckNote(check_id=check_id, kind=DIFFERING, body=body, at=uow.now, by=uow.actor.user_id, shown=True)
    )


def _subject(uow: UnitOfWork, record: CheckRecord) -> Subject:
    found = uow.session.scalar(
        select(Subject).where(Subject.uuid == record.subject, in_scope(Subject.region_code, uow.scope))
    )
    if found is None:
        raise Invalid(
            "subject-unknown",
            "名录库里没有这个检查对象，或不在您的范围内。",
            errors=[FieldError("/subject", "没有这个检查对象", "subject-unknown")],
        )
    return found


def _version(uow: UnitOfWork, record: CheckRecord, subject: Subject) -> tuple[ChecklistVersion, Checklist]:
    """Any published version is accepted, retired ones too: a phone may come years late."""
    version = uow.session.scalar(
        select(ChecklistVersion).where(
            ChecklistVersion.code == record.checklist_code, ChecklistVersion.version == record.checklist_version
        )
    )
    if version is None:
        raise Invalid(
            "checklist-unknown",
            f"没有检查单 {record.checklist_code} {record.checklist_version}。",
            errors=[FieldError("/checklist", "没有这个版本", "checklist-unknown")],
        )
    checklist = checklist_of(version)
    _check_items(checklist, Frame(subject.frame), record)
    return version, checklist


def _check_items(checklist: Checklist, frame: Frame, record: CheckRecord) -> None:
    allowed = {item.code for item in checklist.items_for(frame)}
    faults = [
        FieldError(f"/answers/{n}/item_code", f"{a.item_code} 不在这份检查单对此类对象的条目里", "item-unknown")
        for n, a in enumerate(record.answers)
        if a.item_code not in allowed
    ]
    if faults:
        raise Invalid("items-unknown", f"有 {len(faults)} 个条目不属于这份检查单。", errors=faults)


def _officers(uow: UnitOfWork, record: CheckRecord) -> list[Officer]:
    rows = {o.uuid: o for o in uow.session.scalars(select(Officer).where(Officer.uuid.in_(record.officers)))}
    faults = []
    for n, uuid in enumerate(record.officers):
        fault = _officer_fault(rows.get(uuid), record, f"/officers/{n}")
        if fault:
            faults.append(fault)
    if faults:
        raise Invalid("officers-invalid", "执法人员不符合规定。", errors=faults)
    _check_sender(uow, rows)
    return [rows[uuid] for uuid in record.officers]


def _officer_fault(officer: Officer | None, record: CheckRecord, pointer: str) -> FieldError | None:
    if officer is None:
        return FieldError(pointer, "名录库里没有此人", "officer-unknown")
    try:
        check_may_inspect(officer.organisation.kind, pointer)
    except Invalid as refusal:
        return FieldError(pointer, "检测机构、企业等单位的人员不能作为检查人员", refusal.code)
    if officer.certificate_expires_on <= record.ended_on:
        return FieldError(pointer, f"执法证已于 {officer.certificate_expires_on} 到期", "certificate-expired")
    return None


def _check_sender(uow: UnitOfWork, rows: dict[UUID, Officer]) -> None:
    user = uow.session.get(User, uow.actor.user_id)
    if user is None or user.officer_id not in {o.id for o in rows.values()}:
        raise Refused("sender-not-officer", "只能提交自己参加的检查。")


def _place(record: CheckRecord) -> CheckPlace | None:
    """The fix in WGS-84; an unknown datum is kept in the record but never converted."""
    fix = record.fix
    if fix is None or fix.datum is Datum.UNKNOWN:
        return None
    lon, lat = to_wgs84(fix.longitude, fix.latitude, fix.datum.value)
    return CheckPlace(point=point(lon, lat), accuracy_m=fix.accuracy_m)


def find_check(uow: UnitOfWork, check: UUID) -> Check:
    """The check if it lies in scope; raises Missing."""
    found = uow.session.scalar(select(Check).where(Check.uuid == check, in_scope(Check.region_code, uow.scope)))
    if found is None:
        raise Missing("check-not-found", "没有这次检查，或不在您的范围内。")
    return found
