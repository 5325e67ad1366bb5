"""收下 Collect 的记录：一次提交里记下记录、文件和待办，其余的事后台再做。

This is the hot path of the door: statements instead of objects, and nothing is judged here. A post repeated in any order,
in parallel or in parts comes to the same rows; the unique constraints decide who was first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, insert, select, tuple_, update

from server.domain import openrosa
from server.domain.errors import Conflict, Missing, Refused
from server.domain.openrosa import Claim, FormState, Held, SubmissionState
from server.models.openrosa import OdkForm, Submission, SubmissionFile
from server.outbox import Event
from server.prepared import Prepared
from server.queries.passing import insert_or_pass
from server.queries.scope import in_scope
from server.storage.port import Received
from server.uow import UnitOfWork

SUBMISSIONS = cast(Table, Submission.__table__)
FILES = cast(Table, SubmissionFile.__table__)
FORMS = cast(Table, OdkForm.__table__)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One file of a post, its bytes already an original: NFC name, name as sent, type, digest and size."""

    name: str
    raw_name: str
    media_type: str
    received: Received


@dataclass(frozen=True, slots=True)
class Record:
    """The record of a post: what it claims, its bytes, the NFC names of the files it mentions, the region it was sent to."""

    claim: Claim
    xml: bytes
    expected: tuple[str, ...]
    region: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What the phone is told; `created` is False when the record had come before."""

    words: str
    created: bool


_NEW_FILE = Prepared(
    insert_or_pass(FILES).inline(), ("submission_id", "name", "raw_name", "sha256", "size", "media_type", "received_at")
)
_NAMED = (FORMS.c.form_id == bindparam("form"), FORMS.c.version == bindparam("version"))
_FORM = select(FORMS.c.state).where(*_NAMED)
#: Columns of a new record; its form is looked up in the same statement.
GIVEN = (
    "uuid",
    "instance_id",
    "deprecates",
    "xml",
    "xml_sha256",
    "expected",
    "state",
    "user_id",
    "device_id",
    "region_code",
    "client",
    "received_at",
)
_NEW_RECORD = Prepared(
    insert_or_pass(SUBMISSIONS)
    .from_select(
        ["form_id", *GIVEN],
        select(FORMS.c.id, *(bindparam(f"new_{name}", type_=SUBMISSIONS.c[name].type) for name in GIVEN)).where(
            *_NAMED, FORMS.c.state != FormState.CLOSED.value
        ),
    )
    .returning(SUBMISSIONS.c.id)
)


def keep_submission(uow: UnitOfWork, record: Record, files: Sequence[Arrived], client: str) -> Kept:
    """Store a record and the files that came with it.

    Raises Missing `form-not-found` or `submission-not-found`, Conflict `form-closed`, `submission-differs` or
    `submission-superseded`, Invalid for a record that does not say what it is.
    """
    claim = record.claim
    openrosa.check_claim(claim)
    if claim.deprecated_id and _stored(uow, claim.instance_id) is None:
        _check_form(uow, claim)
        _check_edit(uow, claim)
    created = _insert_record(uow, record, client)
    row_id, expected = _held(uow, record) if created is None else (created, record.expected)
    fresh = _insert_files(uow, row_id, files)
    if claim.deprecated_id:
        _replace(uow, record, row_id) if created is not None else _put_back(uow, claim, row_id, files)
    if created is not None or fresh:
        uow.promise(Event.SUBMISSION_RECEIVED, {"submission": claim.instance_id})
    names = _names(uow, row_id, files, alone=created is not None and not claim.deprecated_id)
    return told(record, expected, names, created=created is not None)


def told(record: Record, expected: Sequence[str], names: Mapping[str, Set[str]], *, created: bool) -> Kept:
    """What the phone is told of a record that is stored, whose names of files hold these digests."""
    found = openrosa.completeness(expected, names)
    beside = [name for name, digests in names.items() if len(digests) > 1]
    return Kept(openrosa.receipt_words(found, record.claim.xml_sha256, beside=beside), created)


def _insert_record(uow: UnitOfWork, record: Record, client: str) -> int | None:
    """The new row's id, or None when the instance id is taken (a repeat is accepted whatever its form's state)."""
    claim = record.claim
    row = record_row(uow, record, client)
    given = {f"new_{name}": value for name, value in row.items()} | {"form": claim.form_id, "version": claim.version}
    created = cast("int | None", _NEW_RECORD.run(uow.connection, given).scalar())
    if created is None and _stored(uow, claim.instance_id) is None:
        _check_form(uow, claim)
    return created


def record_row(uow: UnitOfWork, record: Record, client: str) -> dict[str, Any]:
    """The columns of a new record by `GIVEN`; raises Refused for somebody who may not submit in the record's region."""
    claim = record.claim
    return {
        "uuid": uow.new_id(),
        "instance_id": claim.instance_id,
        "deprecates": claim.deprecated_id or None,
        "xml": record.xml,
        "xml_sha256": claim.xml_sha256,
        "expected": list(record.expected),
        "state": SubmissionState.RECEIVED.value,
        "user_id": uow.actor.user_id,
        "device_id": uow.actor.device_id,
        "region_code": _region(uow, record),
        "client": client[:300],
        "received_at": uow.now,
    }


def _check_form(uow: UnitOfWork, claim: Claim) -> None:
    """Whether there is such a form and it still takes new records. Raises Missing, Conflict."""
    row = uow.run(_FORM, {"form": claim.form_id, "version": claim.version}).first()
    openrosa.check_form(FormState(row.state) if row else None)


def _region(uow: UnitOfWork, record: Record) -> str:
    if record.region not in uow.scope.regions:
        raise Refused("permission-denied", "您在这个地区不能交检查。")
    return record.region


def _stored(uow: UnitOfWork, instance_id: str) -> Any:
    return uow.session.execute(
        select(Submission.id, Submission.xml_sha256, Submission.state, Submission.expected).where(
            Submission.instance_id == instance_id
        )
    ).first()


def _held(uow: UnitOfWork, record: Record) -> tuple[int, Sequence[str]]:
    """The stored record that this post repeats; raises Conflict when its bytes are others."""
    row = _stored(uow, record.claim.instance_id)
    if row is None:  # taken by `deprecates`: two edits of one record at once
        openrosa.check_edit(Held("", SubmissionState.SUPERSEDED), "", record.claim)
    openrosa.check_repeat(Held(row[1], SubmissionState(row[2])), record.claim)
    return row[0], row[3]


def _check_edit(uow: UnitOfWork, claim: Claim) -> None:
    old = _stored(uow, claim.deprecated_id)
    held = Held(old[1], SubmissionState(old[2])) if old else None
    newer = uow.session.scalar(select(Submission.instance_id).where(Submission.deprecates == claim.deprecated_id))
    openrosa.check_edit(held, newer, claim)


def _replace(uow: UnitOfWork, record: Record, row_id: int) -> None:
    """Files the edit still mentions and did not send again are carried over; the old version keeps its own."""
    old_id = uow.session.scalar(select(Submission.id).where(Submission.instance_id == record.claim.deprecated_id))
    new = select(SubmissionFile.name).where(SubmissionFile.submission_id == row_id).scalar_subquery()
    columns = ("name", "raw_name", "sha256", "size", "media_type", "received_at")
    first = (
        select(*(FILES.c[name] for name in columns))
        .where(FILES.c.submission_id == old_id, FILES.c.name.in_(record.expected), FILES.c.name.not_in(new))
        .order_by(FILES.c.id)
    )
    rows = [dict(zip(columns, row, strict=True)) | {"submission_id": row_id} for row in uow.session.execute(first)]
    if rows:
        uow.session.execute(insert(FILES), rows)
    superseded = {"state": SubmissionState.SUPERSEDED.value}
    uow.session.execute(update(SUBMISSIONS).where(SUBMISSIONS.c.id == old_id).values(superseded))


def _put_back(uow: UnitOfWork, claim: Claim, row_id: int, files: Sequence[Arrived]) -> None:
    """A later part of an edit brings other bytes for a name that was carried over: the old version alone keeps those."""
    old = select(FILES.c.name, FILES.c.sha256).where(
        FILES.c.submission_id
        == select(Submission.id).where(Submission.instance_id == claim.deprecated_id).scalar_subquery()
    )
    sent = {f.name for f in files}
    uow.session.execute(
        delete(FILES).where(
            FILES.c.submission_id == row_id,
            FILES.c.name.in_(sent),
            FILES.c.sha256.not_in([f.received.sha256 for f in files]),
            FILES.c.evidence_uuid.is_(None),
            tuple_(FILES.c.name, FILES.c.sha256).in_(old),
        )
    )


def _insert_files(uow: UnitOfWork, row_id: int, files: Sequence[Arrived]) -> int:
    """How many of the files are new to this record."""
    return sum(
        _NEW_FILE.run(
            uow.connection,
            {
                "submission_id": row_id,
                "name": f.name,
                "raw_name": f.raw_name,
                "sha256": f.received.sha256,
                "size": f.received.size,
                "media_type": f.media_type,
                "received_at": uow.now,
            },
        ).touched
        for f in files
    )


def _names(uow: UnitOfWork, row_id: int, files: Sequence[Arrived], *, alone: bool) -> dict[str, set[str]]:
    """Digests held under each name; a record that came just now holds what came with it."""
    if alone:
        return names_of((f.name, f.received.sha256) for f in files)
    rows = uow.session.execute(select(FILES.c.name, FILES.c.sha256).where(FILES.c.submission_id == row_id))
    return names_of((row[0], row[1]) for row in rows)


def names_of(held: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Digests by name."""
    names: dict[str, set[str]] = {}
    for name, digest in held:
        names.setdefault(name, set()).add(digest)
    return names


def retry_submission(uow: UnitOfWork, uuid: UUID) -> None:
    """Try a blocked record again, after its cause was mended. Raises Missing, Conflict `submission-not-blocked`."""
    row = uow.session.scalar(
        select(Submission).where(Submission.uuid == uuid, in_scope(Submission.region_code, uow.scope))
    )
    if row is None:
        raise Missing("submission-not-found", "没有这份记录，或不在您的范围内。")
    if row.state != SubmissionState.BLOCKED.value:
        raise Conflict("submission-not-blocked", "这份记录已转成检查，或正在转。")
    row.state = SubmissionState.RECEIVED.value
    uow.promise(Event.SUBMISSION_RECEIVED, {"submission": row.instance_id})
