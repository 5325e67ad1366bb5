"""Collect 的记录变成检查：与我们自己的门交来的是同一个命令，照片也走同一条路。

Runs in the background and may run any number of times: what is made is found again by ids that follow from the record.
A record that cannot become a check stays whole, with its problem, until a person has mended the cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from server.domain.checklists import Checklist, Frame
from server.domain.checks import CheckRecord
from server.domain.errors import ZhijianError
from server.domain.openrosa import SubmissionState, nfc
from server.domain.permissions import Actor, Permission, Scope
from server.formats.openrosa import read_xml
from server.formats.xform_record import check_uuid, file_refs, photo_uuid
from server.models.checks import Check, CheckNote
from server.models.evidence import Evidence
from server.models.openrosa import Submission, SubmissionFile
from server.models.users import User
from server.services.checklists import checklist_of
from server.services.checks import submit_check
from server.services.evidence import PhotoClaim, keep_photo
from server.services.sessions import actor_from
from server.storage.port import Received
from server.uow import UnitOfWork

EDITED = "edited-submission"
LONGEST_CHAIN = 200


@dataclass(frozen=True, slots=True)
class Pending:
    """A stored record with what is needed to read it: its checklist, its frame, the check it becomes, its sender."""

    instance_id: str
    xml: bytes
    checklist: Checklist
    frame: Frame
    check: UUID
    actor: Actor

    @property
    def scope(self) -> Scope:
        return self.actor.scope(Permission.FIELD_CHECK_SUBMIT)


def read_pending(uow: UnitOfWork, instance_id: str) -> Pending:
    """The stored record under this instance id; raises Invalid `instance-id-invalid` when it names no check."""
    row = _row(uow, instance_id)
    device_user = uow.session.get_one(User, row.user_id)
    actor = actor_from(device_user, device_id=row.device_id)
    checklist = checklist_of(row.form.checklist_version)
    return Pending(instance_id, row.xml, checklist, Frame(row.form.frame), check_uuid(_root(uow, row)), actor)


def owed_before(uow: UnitOfWork, instance_id: str) -> list[str]:
    """The versions that this one replaced and that are not processed yet, oldest first: what was sealed first comes first."""
    found: list[str] = []
    row = _row(uow, instance_id)
    while row.deprecates is not None and len(found) < LONGEST_CHAIN:
        row = _row(uow, row.deprecates)
        if row.processed_at is None:
            found.append(row.instance_id)
    return found[::-1]


def _row(uow: UnitOfWork, instance_id: str) -> Submission:
    return uow.session.scalars(select(Submission).where(Submission.instance_id == instance_id)).one()


def _root(uow: UnitOfWork, row: Submission) -> str:
    """The first id of a chain of edits: all its versions are one check."""
    for _ in range(LONGEST_CHAIN):
        if row.deprecates is None:
            break
        row = _row(uow, row.deprecates)
    return row.instance_id


def make_check(uow: UnitOfWork, pending: Pending, record: CheckRecord) -> None:
    """Store the check and every file of the record; what is there already is left as it is."""
    row = _row(uow, pending.instance_id)
    known = uow.session.scalar(select(Check).where(Check.uuid == record.uuid))
    if known is None or not _made_here(uow, record.uuid):
        made = submit_check(uow, record, None)
        if made.created:
            made.check.received_at = row.received_at
    elif row.processed_at is None and row.deprecates is not None:
        _note_edit(uow, known, record)
    _keep_files(uow, row, pending)
    if row.state != SubmissionState.SUPERSEDED.value:
        row.state, row.problem = SubmissionState.PROCESSED.value, None
    row.check_uuid = pending.check
    row.processed_at = row.processed_at or uow.now


def _made_here(uow: UnitOfWork, check: UUID) -> bool:
    """Whether a version of this record is that check already; a check from another door is not touched under its id."""
    return uow.session.scalar(select(Submission.id).where(Submission.check_uuid == check).limit(1)) is not None


def _note_edit(uow: UnitOfWork, check: Check, record: CheckRecord) -> None:
    """A sealed check never changes: the edited version is shown beside it for the supervisor."""
    body = {"record": record.raw}
    uow.session.add(CheckNote(check_id=check.id, kind=EDITED, body=body, at=uow.now, by=uow.actor.user_id, shown=True))


def _keep_files(uow: UnitOfWork, row: Submission, pending: Pending) -> None:
    """Each stored file once: the first under a name fills its place, others are kept as photos of their own."""
    refs = {nfc(ref.name): ref for ref in file_refs(read_xml(row.xml, len(row.xml)))}
    files = select(SubmissionFile).where(SubmissionFile.submission_id == row.id).order_by(SubmissionFile.id)
    taken: set[str] = set()
    for file in uow.session.scalars(files):
        ref = refs.get(file.name)
        uuid = photo_uuid(row.instance_id, file.name)
        if file.name in taken:
            uuid = uuid5(uuid, file.sha256)
        taken.add(file.name)
        if file.evidence_uuid is None and (ref is None or ref.kind != "audit"):
            _keep_file(uow, file, uuid, pending.check, ref.item if ref else None)


def _keep_file(uow: UnitOfWork, file: SubmissionFile, uuid: UUID, check: UUID, item: str | None) -> None:
    place = uow.storage.local_path(file.sha256)
    claim = PhotoClaim(uuid, check, item, file.raw_name, file.media_type, None, None, file.sha256)
    kept: Evidence = keep_photo(uow, claim, Received(place, file.sha256, file.size)).evidence
    kept.received_at = file.received_at
    file.evidence_uuid = uuid


def note_problem(uow: UnitOfWork, instance_id: str, refusal: ZhijianError) -> None:
    """Keep why a record could not become a check."""
    row = _row(uow, instance_id)
    if row.state == SubmissionState.RECEIVED.value or row.state == SubmissionState.BLOCKED.value:
        row.state, row.problem = SubmissionState.BLOCKED.value, problem_of(refusal)


def problem_of(refusal: ZhijianError) -> dict[str, Any]:
    """A refusal as it is kept and shown: code, Chinese detail, places."""
    places = [{"pointer": e.pointer, "reason": e.reason, "code": e.code} for e in refusal.errors[:50]]
    return {"code": refusal.code, "detail": refusal.detail, "errors": places}
