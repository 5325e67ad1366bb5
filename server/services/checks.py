"""现场检查：收下、判定。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from server.domain.checklists import Checklist, Frame
from server.domain.checks import CheckRecord, CheckState, check_form, expected_photos
from server.domain.errors import Conflict, FieldError, Invalid, Missing, Refused
from server.domain.registers import Datum, check_may_inspect
from server.formats.canonical import NotCanonical, canonical_json
from server.formats.datum import to_wgs84
from server.models.checks import Check, ChecklistVersion, CheckNote, CheckOfficer, CheckPlace, EvidenceSlot
from server.models.regions import RegionAncestor
from server.models.subjects import Officer, Organisation, Subject
from server.outbox import Event
from server.prepared import Prepared
from server.queries.geography import point
from server.queries.scope import covers, in_scope
from server.services.assignment_checks import take_check
from server.services.assignment_steps import own_officer_id
from server.services.checklists import checklist_of, kept_checklist, prepared
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


class _Subject(NamedTuple):
    """What a check takes over from its subject."""

    id: int
    frame: str
    region_code: str
    name: str


class _Officer(NamedTuple):
    """What decides whether somebody may inspect."""

    uuid: UUID
    id: int
    certificate_expires_on: date
    organisation_kind: str


# Plain columns and statements built once: of a check's time at the door, objects nobody changes were a large part.
_KNOWN = Prepared(select(Check.id).where(Check.uuid == bindparam("check")))
_SUBJECT = select(Subject.id, Subject.frame, Subject.region_code, Subject.name).where(
    Subject.uuid == bindparam("subject"),
    Subject.region_code.in_(
        select(RegionAncestor.region_code).where(RegionAncestor.ancestor_code.in_(bindparam("roots", expanding=True)))
    ),
)
_VERSION = Prepared(
    select(ChecklistVersion.id, ChecklistVersion.digest_sha256).where(
        ChecklistVersion.code == bindparam("code"), ChecklistVersion.version == bindparam("version")
    )
)
_OFFICERS = (
    select(Officer.uuid, Officer.id, Officer.certificate_expires_on, Organisation.kind)
    .join(Organisation, Organisation.id == Officer.organisation_id)
    .where(Officer.uuid.in_(bindparam("officers", expanding=True)))
)


def digest_of(raw: dict[str, Any]) -> str:
    """SHA-256 of the RFC 8785 canonical form of what was sent; raises Invalid for numbers JSON cannot carry exactly."""
    try:
        return sha256(canonical_json(raw)).hexdigest()
    except NotCanonical as error:
        raise Invalid("number-not-exact", "内容里有 JSON 不能准确表示的数或字符，请用文字传数值。") from error


def submit_check(uow: UnitOfWork, record: CheckRecord, sent_at: datetime | None) -> Submitted:
    """Store one sealed check with its expected photos; the same content again is the same answer.

    Raises Conflict `submission-differs` when the id holds other content (both shown), Invalid for what contradicts the
    registers, Refused when the sender is not one of the officers. `sent_at` is the phone's clock at sending.
    """
    digest = digest_of(record.raw)
    known = _KNOWN.run(uow.connection, {"check": record.uuid}).scalar()
    if known is not None:
        return _same_or_conflict(uow, uow.session.get_one(Check, known), record, digest)
    check_form(record)
    subject = _subject(uow, record)
    version_id, checklist = _version(uow, record, subject)
    officers = _officers(uow, record)
    check = _sealed(uow, record, digest, subject, sent_at)
    check.checklist_version_id = version_id
    uow.session.add(check)
    uow.session.flush()
    _insert_parts(uow, check.id, officers, record)
    record_findings(uow, check, checklist, record.answers)
    link_slots(uow, check.slots)
    take_check(uow, check, subject.name, officers, record.assignment)
    uow.promise(Event.CHECK_SUBMITTED, {"check": str(check.uuid)})
    return Submitted(check, created=True)


def _insert_parts(uow: UnitOfWork, check_id: int, officers: list[int], record: CheckRecord) -> None:
    """Who was there and where: rows that nobody reads again in this unit."""
    seats = [{"check_id": check_id, "seat": n, "officer_id": officer} for n, officer in enumerate(officers)]
    uow.run(insert(CheckOfficer.__table__), seats)  # type: ignore[arg-type]
    place = _place(record)
    if place is not None:
        uow.run(insert(CheckPlace.__table__).values(check_id=check_id, **place))  # type: ignore[arg-type]


def _sealed(uow: UnitOfWork, record: CheckRecord, digest: str, subject: _Subject, sent_at: datetime | None) -> Check:
    """The row of one check as it was sealed, with its expected photos."""
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


def _subject(uow: UnitOfWork, record: CheckRecord) -> _Subject:
    asked = {"subject": record.subject, "roots": list(uow.scope.regions)}
    found = uow.run(_SUBJECT, asked).first()
    if found is None:
        raise Invalid(
            "subject-unknown",
            "名录库里没有这个检查对象，或不在您的范围内。",
            errors=[FieldError("/subject", "没有这个检查对象", "subject-unknown")],
        )
    return _Subject(*found)


def _version(uow: UnitOfWork, record: CheckRecord, subject: _Subject) -> tuple[int, Checklist]:
    """Any published version is accepted, retired ones too: a phone may come years late."""
    asked = {"code": record.checklist_code, "version": record.checklist_version}
    found = _VERSION.run(uow.connection, asked).rows
    if not found:
        raise Invalid(
            "checklist-unknown",
            f"没有检查单 {record.checklist_code} {record.checklist_version}。",
            errors=[FieldError("/checklist", "没有这个版本", "checklist-unknown")],
        )
    [(version_id, digest)] = found
    checklist = kept_checklist(digest)
    if checklist is None:
        checklist = checklist_of(uow.session.get_one(ChecklistVersion, version_id))
    _check_items(checklist, Frame(subject.frame), record)
    return version_id, checklist


def _check_items(checklist: Checklist, frame: Frame, record: CheckRecord) -> None:
    allowed = prepared(checklist).codes[frame]
    faults = [
        FieldError(f"/answers/{n}/item_code", f"{a.item_code} 不在这份检查单对此类对象的条目里", "item-unknown")
        for n, a in enumerate(record.answers)
        if a.item_code not in allowed
    ]
    if faults:
        raise Invalid("items-unknown", f"有 {len(faults)} 个条目不属于这份检查单。", errors=faults)


def _officers(uow: UnitOfWork, record: CheckRecord) -> list[int]:
    """The officers' numbers, seat by seat."""
    rows = uow.run(_OFFICERS, {"officers": record.officers})
    known = {row.uuid: _Officer(*row) for row in rows}
    faults = []
    for n, uuid in enumerate(record.officers):
        fault = _officer_fault(known.get(uuid), record, f"/officers/{n}")
        if fault:
            faults.append(fault)
    if faults:
        raise Invalid("officers-invalid", "执法人员不符合规定。", errors=faults)
    _check_sender(uow, known.values())
    return [known[uuid].id for uuid in record.officers]


def _officer_fault(officer: _Officer | None, record: CheckRecord, pointer: str) -> FieldError | None:
    if officer is None:
        return FieldError(pointer, "名录库里没有此人", "officer-unknown")
    try:
        check_may_inspect(officer.organisation_kind, pointer)
    except Invalid as refusal:
        return FieldError(pointer, "检测机构、企业等单位的人员不能作为检查人员", refusal.code)
    if officer.certificate_expires_on <= record.ended_on:
        return FieldError(pointer, f"执法证已于 {officer.certificate_expires_on} 到期", "certificate-expired")
    return None


def _check_sender(uow: UnitOfWork, officers: Iterable[_Officer]) -> None:
    sender = own_officer_id(uow)
    if sender is None or sender not in {officer.id for officer in officers}:
        raise Refused("sender-not-officer", "只能提交自己参加的检查。")


def _place(record: CheckRecord) -> dict[str, Any] | None:
    """The fix in WGS-84; an unknown datum is kept in the record but never converted."""
    fix = record.fix
    if fix is None or fix.datum is Datum.UNKNOWN:
        return None
    lon, lat = to_wgs84(fix.longitude, fix.latitude, fix.datum.value)
    return {"point": point(lon, lat), "accuracy_m": fix.accuracy_m}


def find_check(uow: UnitOfWork, check: UUID) -> Check:
    """The check if it lies in scope; raises Missing."""
    found = uow.session.scalar(select(Check).where(Check.uuid == check, in_scope(Check.region_code, uow.scope)))
    if found is None:
        raise Missing("check-not-found", "没有这次检查，或不在您的范围内。")
    return found
