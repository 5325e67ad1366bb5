"""名录的修改：按版本号防覆盖，改了什么逐项留痕。

`changes` holds only the fields to change, under the names of NewSubject, NewOrganisation and NewOfficer. The code and the
frame of a subject are fixed: frozen register files and old checks name it by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, select

from server.domain.checks import shanghai_day
from server.domain.errors import Conflict, FieldError
from server.domain.register_changes import PartySpan, check_fields, check_parties, plan_parties
from server.domain.registers import MAY_INSPECT, NewParty
from server.models.subjects import Officer, Organisation, Subject
from server.services.officers import check_certificate_free, inspecting_organisation
from server.services.regions import require_region
from server.services.register_history import amendment
from server.services.subject_places import change_place
from server.services.subjects import free_credit_code, owner_of, party_row, party_spans
from server.uow import UnitOfWork

Changes = Mapping[str, Any]
_SUBJECT_PLAIN = frozenset(
    {
        "name",
        "kind",
        "region_code",
        "address",
        "details",
        "status",
        "risk_class",
        "stage",
        "permit_no",
        "contract_price",
    }
)
SUBJECT_EDITABLE = _SUBJECT_PLAIN | {"organisation", "centre", "boundary", "parties"}
_ORGANISATION_PLAIN = frozenset({"name", "region_code", "legal_representative", "address"})
ORGANISATION_EDITABLE = _ORGANISATION_PLAIN | {"kind", "credit_code"}
_OFFICER_PLAIN = frozenset(
    {"name", "certificate_no", "certificate_expires_on", "region_code", "unit", "issuer", "may_lead"}
)
OFFICER_EDITABLE = _OFFICER_PLAIN | {"organisation", "skills"}


def edit_subject(
    uow: UnitOfWork, subject: Subject, changes: Changes, reason: str, expected_revision: int | None
) -> Subject:
    """Change a subject; `parties` replaces the list (those left out end, their rows stay), `boundary` comes with `centre`.

    Raises Conflict `stale-version`, `record-retired`; Invalid for what a registration would refuse.
    """
    check_fields(changes, SUBJECT_EDITABLE)
    with amendment(uow, subject, reason, expected_revision):
        _check_region(uow, changes)
        _assign(subject, changes, _SUBJECT_PLAIN)
        if "organisation" in changes:
            subject.organisation = owner_of(uow, changes["organisation"])
        if changes.keys() & {"centre", "boundary"}:
            change_place(subject, changes)
        if "parties" in changes:
            _replace_parties(uow, subject, changes["parties"])
    return subject


def edit_organisation(
    uow: UnitOfWork, organisation: Organisation, changes: Changes, reason: str, expected_revision: int | None
) -> Organisation:
    """Change an organisation; raises Conflict `organisation-in-use` when its officers could no longer inspect."""
    check_fields(changes, ORGANISATION_EDITABLE)
    with amendment(uow, organisation, reason, expected_revision):
        _check_region(uow, changes)
        if "credit_code" in changes:
            code = changes["credit_code"]
            organisation.credit_code = free_credit_code(uow, code, but=organisation.id) if code else None
        if "kind" in changes:
            _change_kind(uow, organisation, str(changes["kind"]))
        _assign(organisation, changes, _ORGANISATION_PLAIN)
    return organisation


def edit_officer(
    uow: UnitOfWork, officer: Officer, changes: Changes, reason: str, expected_revision: int | None
) -> Officer:
    """Change an officer; raises Conflict `certificate-taken`, Invalid `organisation-may-not-inspect`."""
    check_fields(changes, OFFICER_EDITABLE)
    with amendment(uow, officer, reason, expected_revision):
        _check_region(uow, changes)
        if "certificate_no" in changes:
            check_certificate_free(uow, changes["certificate_no"], but=officer.id)
        if "organisation" in changes:
            officer.organisation = inspecting_organisation(uow, changes["organisation"])
        if "skills" in changes:
            officer.skills = list(changes["skills"])
        _assign(officer, changes, _OFFICER_PLAIN)
    return officer


def _check_region(uow: UnitOfWork, changes: Changes) -> None:
    if "region_code" in changes:
        require_region(uow, changes["region_code"])


def _assign(record: Any, changes: Changes, names: frozenset[str]) -> None:
    for name in sorted(names & changes.keys()):
        value = changes[name]
        setattr(record, name, value.value if isinstance(value, StrEnum) else value)


def _change_kind(uow: UnitOfWork, organisation: Organisation, kind: str) -> None:
    officers = exists().where(Officer.organisation_id == organisation.id, Officer.retired_at.is_(None))
    if kind not in MAY_INSPECT and uow.session.scalar(select(officers)):
        raise Conflict(
            "organisation-in-use",
            "这家单位还有在册的执法检查人员，不能改成不得实施检查的类别。",
            errors=[FieldError("/kind", "还有在册的执法检查人员", "organisation-in-use")],
        )
    organisation.kind = kind


def _replace_parties(uow: UnitOfWork, subject: Subject, parties: Sequence[NewParty]) -> None:
    wanted = party_spans(uow, list(parties))
    check_parties(wanted)
    rows = {row.id: row for row in subject.parties}
    held = [PartySpan(r.party, r.organisation_id, r.from_on, r.to_on, r.id) for r in subject.parties]
    plan = plan_parties(held, wanted, shanghai_day(uow.now))
    for number, (from_on, to_on) in plan.keep.items():
        rows[number].from_on, rows[number].to_on = from_on, to_on
    for number, last_on in plan.end.items():
        rows[number].to_on = last_on
    subject.parties.extend(party_row(span) for span in plan.add)
