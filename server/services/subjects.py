"""检查对象与单位：登记、退出名录。"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from server.domain.errors import Conflict, FieldError, Invalid, Missing
from server.domain.identifiers import judge_credit_code
from server.domain.registers import Datum, NewOrganisation, NewParty, NewSubject, Ring, close_ring
from server.formats.datum import to_wgs84
from server.models.subjects import Organisation, Subject, SubjectParty, SubjectPlace
from server.queries.geography import point, polygon
from server.queries.scope import in_scope
from server.services.regions import require_region
from server.uow import UnitOfWork


def register_organisation(uow: UnitOfWork, command: NewOrganisation) -> Organisation:
    """Add an organisation; raises Invalid for a wrong credit code, Conflict when it is registered already."""
    require_region(uow, command.region_code)
    code = _credit_code(command.credit_code) if command.credit_code else None
    if code and uow.session.scalar(select(Organisation.id).where(Organisation.credit_code == code)):
        raise Conflict("credit-code-taken", "这个统一社会信用代码已登记。", facts={"credit_code": code})
    organisation = Organisation(
        uuid=uow.new_id(),
        name=command.name,
        kind=command.kind.value,
        credit_code=code,
        region_code=command.region_code,
        created_at=uow.now,
    )
    uow.session.add(organisation)
    uow.session.flush()
    return organisation


def find_organisation(uow: UnitOfWork, organisation: UUID, pointer: str) -> Organisation:
    found = uow.session.scalar(select(Organisation).where(Organisation.uuid == organisation))
    if found is None:
        raise Invalid("organisation-unknown", "名录库里没有这家单位。", errors=[FieldError(pointer, "没有这家单位")])
    return found


def register_subject(uow: UnitOfWork, command: NewSubject) -> Subject:
    """Add a subject with its place and parties; the boundary is kept as given and converted to WGS-84."""
    require_region(uow, command.region_code)
    if uow.session.scalar(select(Subject.id).where(Subject.code == command.code)):
        raise Conflict("subject-code-taken", "这个对象编号已登记。", facts={"code": command.code})
    subject = Subject(
        uuid=uow.new_id(),
        code=command.code,
        name=command.name,
        frame=command.frame.value,
        kind=command.kind,
        region_code=command.region_code,
        address=command.address,
        organisation_id=_organisation_id(uow, command.organisation),
        details=command.details,
        created_at=uow.now,
        parties=[_party(uow, p, n) for n, p in enumerate(command.parties)],
        place=_place(command),
    )
    uow.session.add(subject)
    uow.session.flush()
    return subject


def _organisation_id(uow: UnitOfWork, organisation: UUID | None) -> int | None:
    return None if organisation is None else find_organisation(uow, organisation, "/organisation").id


def _party(uow: UnitOfWork, party: NewParty, n: int) -> SubjectParty:
    organisation = find_organisation(uow, party.organisation, f"/parties/{n}/organisation")
    return SubjectParty(party=party.party, organisation_id=organisation.id, from_on=party.from_on, to_on=party.to_on)


def _place(command: NewSubject) -> SubjectPlace:
    datum = command.centre.datum
    if datum is Datum.UNKNOWN:
        raise Invalid("datum-unknown", "请说明坐标系。", errors=[FieldError("/centre/datum", "不能为 unknown")])
    given = {"centre": [command.centre.longitude, command.centre.latitude], "boundary": command.boundary}
    boundary = None
    if command.boundary is not None:
        boundary = polygon(list(_converted(close_ring(command.boundary), datum)))
    centre = to_wgs84(command.centre.longitude, command.centre.latitude, datum.value)
    return SubjectPlace(datum=datum.value, given=given, centre=point(*centre), boundary=boundary)


def _converted(ring: Ring, datum: Datum) -> Ring:
    return tuple(to_wgs84(lon, lat, datum.value) for lon, lat in ring)


def find_subject(uow: UnitOfWork, subject: UUID) -> Subject:
    """The subject if it lies in scope; raises Missing."""
    found = uow.session.scalar(select(Subject).where(Subject.uuid == subject, in_scope(Subject.region_code, uow.scope)))
    if found is None:
        raise Missing("subject-not-found", "没有这个检查对象，或不在您的范围内。")
    return found


def retire_subject(uow: UnitOfWork, subject: Subject) -> None:
    """退出名录；记录保留。"""
    if subject.retired_at is None:
        subject.retired_at = uow.now


def _credit_code(text: str) -> str:
    """The normalised code; raises Invalid with the reason when a check fails."""
    judged = judge_credit_code(text)
    if not judged.valid:
        reasons = "；".join(judged.errors)
        raise Invalid(
            "credit-code-invalid", f"统一社会信用代码有误：{reasons}。", errors=[FieldError("/credit_code", reasons)]
        )
    return judged.normalised
