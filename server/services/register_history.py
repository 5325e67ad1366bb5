"""名录变更记录：每次登记、修改、退出、恢复各写一行，谁、何时、改了什么、为什么。"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select

from server.domain.errors import Conflict
from server.domain.register_changes import check_revision, differences
from server.domain.register_facts import Register, RegisterAct
from server.models.matters import Matter, RegisterChange
from server.models.subjects import Officer, Organisation, Subject, SubjectParty, SubjectPlace
from server.uow import UnitOfWork

Record = Subject | Organisation | Officer | Matter
R = TypeVar("R", Subject, Organisation, Officer, Matter)
ORGANISATION_FIELDS = ("name", "kind", "region_code", "credit_code", "legal_representative", "address")
SUBJECT_FIELDS = (
    "code",
    "name",
    "frame",
    "kind",
    "region_code",
    "address",
    "status",
    "risk_class",
    "stage",
    "permit_no",
)
OFFICER_FIELDS = ("name", "certificate_no", "region_code", "unit", "issuer", "may_lead")
MATTER_FIELDS = (
    "code",
    "name",
    "frame",
    "kinds",
    "region_code",
    "legal_bases",
    "checklists",
    "share_num",
    "share_den",
    "times_a_year",
    "method",
    "content",
    "note",
)


def _plain(record: Record, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


def organisation_values(row: Organisation) -> dict[str, Any]:
    return _plain(row, ORGANISATION_FIELDS)


def officer_values(row: Officer) -> dict[str, Any]:
    values = _plain(row, OFFICER_FIELDS) | {"skills": list(row.skills or ())}
    values["certificate_expires_on"] = row.certificate_expires_on.isoformat()
    return values | {"organisation": str(row.organisation.uuid)}


def matter_values(uow: UnitOfWork, row: Matter) -> dict[str, Any]:
    owner = uow.session.get_one(Organisation, row.organisation_id)
    return _plain(row, MATTER_FIELDS) | {"organisation": str(owner.uuid)}


def subject_values(row: Subject) -> dict[str, Any]:
    """Flat: `details.x` for each detail, `party.client` for the firms of each role, the place as it was given."""
    values = _plain(row, SUBJECT_FIELDS)
    values["contract_price"] = None if row.contract_price is None else f"{row.contract_price:.2f}"
    values["organisation"] = None if row.organisation is None else str(row.organisation.uuid)
    values |= {f"details.{name}": value for name, value in sorted(row.details.items())}
    return values | _place_values(row.place) | _party_values(row.parties)


def _place_values(place: SubjectPlace | None) -> dict[str, Any]:
    if place is None:
        return {"datum": None, "longitude": None, "latitude": None, "boundary": None}
    lon, lat = place.given["centre"]
    ring = place.given.get("boundary")
    if ring is not None:
        ring = [list(corner) for corner in ring]
        ring = ring if ring[0] == ring[-1] else [*ring, ring[0]]
    return {"datum": place.datum, "longitude": lon, "latitude": lat, "boundary": ring}


def _party_values(parties: list[SubjectParty]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for row in parties:
        dated = f" {_day(row.from_on)}～{_day(row.to_on)}" if row.from_on or row.to_on else ""
        found.setdefault(f"party.{row.party}", []).append(f"{row.organisation.uuid}{dated}")
    return {name: sorted(rows) for name, rows in sorted(found.items())}


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""


def _values(uow: UnitOfWork, record: Record) -> dict[str, Any]:
    match record:
        case Subject():
            return subject_values(record)
        case Organisation():
            return organisation_values(record)
        case Officer():
            return officer_values(record)
        case Matter():
            return matter_values(uow, record)


def _register(record: Record) -> Register:
    known: Mapping[type[Any], Register] = {
        Subject: Register.SUBJECT,
        Organisation: Register.ORGANISATION,
        Officer: Register.OFFICER,
        Matter: Register.MATTER,
    }
    return known[type(record)]


def note_change(
    uow: UnitOfWork, record: Record, act: RegisterAct, changes: Mapping[str, list[Any]], reason: str | None = None
) -> None:
    """One row of history at the record's present revision."""
    uow.session.add(
        RegisterChange(
            register=_register(record).value,
            record_id=record.id,
            revision=record.revision,
            act=act.value,
            changes=dict(changes),
            reason=reason or None,
            by=uow.actor.user_id,
            at=uow.now,
        )
    )


def note_created(uow: UnitOfWork, record: Record) -> None:
    """The first row of a record; call it after the flush that gave the record its number."""
    values = _values(uow, record)
    note_change(uow, record, RegisterAct.CREATED, differences({}, {n: v for n, v in values.items() if v is not None}))


def lock_record(uow: UnitOfWork, record: R, expected_revision: int | None) -> R:
    """Hold the row until the commit and compare revisions; raises Conflict `stale-version`."""
    table = type(record)
    current = uow.session.scalar(select(table.revision).where(table.id == record.id).with_for_update())
    if current is not None and current != record.revision:
        uow.session.refresh(record)
    check_revision(record.revision, expected_revision)
    return record


@contextmanager
def amendment(
    uow: UnitOfWork, record: R, reason: str, expected_revision: int | None, *, act: RegisterAct = RegisterAct.EDITED
) -> Iterator[R]:
    """Change a record inside the block: what differs at its end becomes one row of history and the next revision.

    Raises Conflict `stale-version`, and `record-retired` for a record that has left the register.
    """
    lock_record(uow, record, expected_revision)
    if record.retired_at is not None:
        raise Conflict("record-retired", "这条记录已退出名录，请先恢复再修改。")
    before = _values(uow, record)
    yield record
    uow.session.flush()
    changes = differences(before, _values(uow, record))
    if changes:
        _advance(uow, record)
        note_change(uow, record, act, changes, reason)
    uow.session.flush()


def _advance(uow: UnitOfWork, record: Record) -> None:
    record.revision += 1
    record.updated_at = uow.now


def retire_record(
    uow: UnitOfWork,
    record: R,
    reason: str | None = None,
    expected_revision: int | None = None,
    check: Callable[[], None] = lambda: None,
) -> R:
    """退出名录，不删除；已退出的不再记一次。"""
    lock_record(uow, record, expected_revision)
    if record.retired_at is None:
        check()
        record.retired_at = uow.now
        _advance(uow, record)
        note_change(uow, record, RegisterAct.RETIRED, {"retired_at": [None, uow.now.isoformat()]}, reason)
    return record


def restore_record(uow: UnitOfWork, record: R, reason: str, expected_revision: int | None = None) -> R:
    """恢复到名录；在册的不再记一次。"""
    lock_record(uow, record, expected_revision)
    if record.retired_at is not None:
        left = record.retired_at.isoformat()
        record.retired_at = None
        _advance(uow, record)
        note_change(uow, record, RegisterAct.RESTORED, {"retired_at": [left, None]}, reason)
    return record
