"""签发回执：几次检查一起签；时间戳。"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from server.domain.errors import Missing
from server.domain.merging import ASIDE, MERGED, Settlement, merged_digest
from server.domain.receipts import Held, Officer, PublishedKey, Receipt, Signed, make_stamp, read_stamp, sign_receipt
from server.formats.ed25519 import verify
from server.keys import receipt_key, receipt_keys
from server.models.assignments import AssignmentStep
from server.models.checks import Check, CheckNote
from server.models.evidence import Evidence
from server.models.sync import CheckPart, CheckQuestion
from server.queries import receipts as queries
from server.services.assignment_steps import own_officer_id
from server.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database holds of the checks asked for."""

    parts: Mapping[UUID, list[CheckPart]]
    photos: Mapping[UUID, Evidence]
    sent: Mapping[UUID, list[Evidence]]
    announced: Mapping[tuple[UUID, str], datetime]
    reports: Mapping[UUID, AssignmentStep]
    questions: Mapping[int, list[CheckQuestion]] = field(default_factory=dict)
    signed: Mapping[int, list[CheckNote]] = field(default_factory=dict)


def receipt_of(uow: UnitOfWork, check: UUID) -> Signed:
    """The signed receipt of one check. Raises Missing `check-not-found` when there is nothing of it for this person."""
    found = receipts_of(uow, [check])
    if not found:
        raise Missing("check-not-found", "没有这次检查，或不在您的范围内。")
    return found[0]


def receipts_of(uow: UnitOfWork, checks: Collection[UUID]) -> list[Signed]:
    """Signed receipts of those of the checks that this person may see, in the order asked for.

    A check whose record has not come yet has one when this person's part of it, or a photo for it, has. A report of this
    person's has one under its own id.
    """
    uow.session.flush()
    officer = own_officer_id(uow)
    rows = {row.uuid: row for row in queries.checks_of(uow.session, checks, uow.scope, officer)}
    found = _find(uow, checks, rows)
    signer = receipt_key(uow.settings)
    key = PublishedKey(signer.public)
    made = []
    for uuid in dict.fromkeys(checks):
        receipt = _receipt(uow, uuid, rows.get(uuid), found, officer)
        if receipt is not None:
            made.append(sign_receipt(receipt, key, signer.sign))
    return made


def _find(uow: UnitOfWork, checks: Collection[UUID], rows: Mapping[UUID, Check]) -> _Found:
    session = uow.session
    parts = queries.parts_of(session, checks)
    mentioned = {slot.photo_uuid for row in rows.values() for slot in row.slots}
    mentioned |= {photo for held in parts.values() for part in held for photo in photos_of_part(part)}
    reports = queries.reports_of(session, checks, uow.actor.user_id)
    mentioned |= {photo for step in reports.values() for photo in photos_of_report(step)}
    merged = [rows[uuid].id for uuid in parts if uuid in rows]
    return _Found(
        parts,
        queries.photos_by_id(session, mentioned) if mentioned else {},
        queries.photos_sent_for(session, checks, uow.actor.user_id),
        queries.announced_at(session, checks),
        reports,
        queries.questions_of(session, merged) if merged else {},
        queries.signatures_of(session, merged) if merged else {},
    )


def photos_of_part(part: CheckPart) -> set[UUID]:
    """Every photo that a part mentions."""
    named = {UUID(row["uuid"]) for row in part.body.get("photos", ())}
    return named | {UUID(photo) for answer in part.body.get("answers", ()) for photo in answer.get("photos", ())}


def photos_of_report(step: AssignmentStep) -> set[UUID]:
    """Every photo that a report mentions."""
    return {UUID(photo) for photo in step.body.get("photos", ())}


def _receipt(uow: UnitOfWork, uuid: UUID, check: Check | None, found: _Found, officer: int | None) -> Receipt | None:
    parts = [p for p in found.parts.get(uuid, ()) if check is not None or p.officer_id == officer]
    sent = found.sent.get(uuid, [])
    report = found.reports.get(uuid)
    if check is None and not parts and not sent and report is None:
        return None
    wanted = {slot.photo_uuid for slot in check.slots} if check else set()
    wanted |= photos_of_report(report) if report else set()
    wanted |= {photo for part in parts if part.state != ASIDE for photo in photos_of_part(part)}
    held = {photo: found.photos[photo] for photo in wanted if photo in found.photos} | {row.uuid: row for row in sent}
    receipt = Receipt(
        authority=uow.settings.publishing.authority,
        check=uuid,
        record_sha256=check.digest_sha256 if check else None,
        arrived_at=check.received_at if check else None,
        announced_at=found.announced.get((uuid, check.digest_sha256)) if check else None,
        officers=_officers(check, parts),
        photos=tuple(_photo(row) for row in held.values()),
        missing=tuple(wanted - set(held)),
        parts=tuple(Held(p.uuid, p.digest_sha256, p.arrived_at, officer=p.officer.uuid) for p in parts),
        reports=tuple(Held(r.key, r.body["sha256"], r.at) for r in (report,) if r is not None and "sha256" in r.body),
    )
    merged = [part for part in parts if part.state == MERGED]
    return _with_merge(receipt, check, merged, found) if check and merged else receipt


def _with_merge(receipt: Receipt, check: Check, merged: Sequence[CheckPart], found: _Found) -> Receipt:
    questions = found.questions.get(check.id, [])
    digest = digest_of_merged(check, merged, questions)
    replies = (
        Held(r.uuid, r.digest_sha256, r.at, item=q.item_code, officer=r.officer.uuid)
        for q in questions
        for r in q.replies
    )
    signed = (_signature(note) for note in found.signed.get(check.id, ()) if _signs(note, digest))
    return replace(receipt, merged_sha256=digest, replies=tuple(replies), signed_by=tuple(signed))


def digest_of_merged(check: Check, parts: Iterable[CheckPart], questions: Iterable[CheckQuestion]) -> str:
    """What both officers' signatures cover."""
    settled = [Settlement(q.item_code, q.state, (q.settlement or {}).get("sha256", "")) for q in questions]
    return merged_digest(check.uuid, check.digest_sha256, (p.digest_sha256 for p in parts), settled)


def _signs(note: CheckNote, digest: str) -> bool:
    return bool(note.body.get("merged_sha256") == digest)


def _signature(note: CheckNote) -> Held:
    return Held(UUID(note.body["uuid"]), note.body["sha256"], note.at, officer=UUID(note.body["officer"]))


def _photo(row: Evidence) -> Held:
    return Held(row.uuid, row.sha256, row.received_at, row.size, row.item_code)


def _officers(check: Check | None, parts: Iterable[CheckPart]) -> tuple[Officer, ...]:
    """Those on the check by seat; before the record has come, those whose parts have."""
    rows = [seat.officer for seat in check.officers] if check else [part.officer for part in parts]
    return tuple(Officer(row.uuid, row.name, row.certificate_no) for row in dict.fromkeys(rows))


# ------------------------------------------------------------------------------------------------ stamps


def stamp_now(uow: UnitOfWork, about: Mapping[str, str] | None = None, at: datetime | None = None) -> str:
    """A signed token of the server's clock, of now or of an instant that was stamped before."""
    signer = receipt_key(uow.settings)
    return make_stamp(at or uow.now, PublishedKey(signer.public), signer.sign, about)


def stamped_at(uow: UnitOfWork, token: str) -> datetime:
    """What the server's clock showed when it signed this. Raises Invalid `stamp-invalid`."""
    told = read_stamp(token, receipt_keys(uow.settings), verify)
    at: datetime = told["at"]
    return at
