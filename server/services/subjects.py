"""检查对象与单位：登记、退出名录。"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, or_, select

from server.domain.errors import Conflict, FieldError, Invalid, Missing
from server.domain.identifiers import judge_credit_code
from server.domain.register_changes import PartySpan, check_parties
from server.domain.registers import NewOrganisation, NewParty, NewSubject, check_subject_code
from server.models.subjects import Officer, Organisation, Subject, SubjectParty
from server.queries.scope import in_scope
from server.services.regions import require_region
from server.services.register_history import note_created, restore_record, retire_record
from server.services.subject_places import make_place
from server.uow import UnitOfWork


def register_organisation(uow: UnitOfWork, command: NewOrganisation) -> Organisation:
    """Add an organisation; raises Invalid for a wrong credit code, Conflict when it is registered already."""
    require_region(uow, command.region_code)
    code = free_credit_code(uow, command.credit_code) if command.credit_code else None
    organisation = Organisation(
        uuid=uow.new_id(),
        name=command.name,
        kind=command.kind.value,
        credit_code=code,
        region_code=command.region_code,
        legal_representative=command.legal_representative,
        address=command.address,
        created_at=uow.now,
        revision=1,
    )
    uow.session.add(organisation)
    uow.session.flush()
    note_created(uow, organisation)
    return organisation


def free_credit_code(uow: UnitOfWork, text: str, but: int | None = None) -> str:
    """The normalised code when no organisation (other than number `but`) has it."""
    code = _credit_code(text)
    known = uow.session.scalar(select(Organisation.id).where(Organisation.credit_code == code))
    if known is not None and known != but:
        raise Conflict("credit-code-taken", "这个统一社会信用代码已登记。", facts={"credit_code": code})
    return code


def find_organisation(uow: UnitOfWork, organisation: UUID, pointer: str) -> Organisation:
    found = uow.session.scalar(select(Organisation).where(Organisation.uuid == organisation))
    if found is None:
        raise Invalid("organisation-unknown", "名录库里没有这家单位。", errors=[FieldError(pointer, "没有这家单位")])
    return found


def require_active(organisation: Organisation, pointer: str) -> Organisation:
    """Raise Invalid `organisation-retired` for a firm that has left the register: nothing new is tied to it."""
    if organisation.retired_at is not None:
        raise Invalid(
            "organisation-retired",
            f"{organisation.name}已退出名录。",
            errors=[FieldError(pointer, "已退出名录", "organisation-retired")],
        )
    return organisation


def find_organisation_in_scope(uow: UnitOfWork, organisation: UUID) -> Organisation:
    """The organisation if it lies in scope; raises Missing."""
    rows = select(Organisation).where(Organisation.uuid == organisation)
    found = uow.session.scalar(rows.where(in_scope(Organisation.region_code, uow.scope)))
    if found is None:
        raise Missing("organisation-not-found", "没有这家单位，或不在您的范围内。")
    return found


def retire_organisation(
    uow: UnitOfWork, organisation: Organisation, reason: str | None = None, expected_revision: int | None = None
) -> Organisation:
    """退出名录；仍有在册人员或对象的不行（Conflict `organisation-in-use`）。"""

    def free() -> None:
        officers = exists().where(Officer.organisation_id == organisation.id, Officer.retired_at.is_(None))
        subjects = exists().where(Subject.organisation_id == organisation.id, Subject.retired_at.is_(None))
        if uow.session.scalar(select(or_(officers, subjects))):
            raise Conflict("organisation-in-use", "这家单位还有在册的执法人员或检查对象，请先处理。")

    return retire_record(uow, organisation, reason, expected_revision, free)


def restore_organisation(
    uow: UnitOfWork, organisation: Organisation, reason: str, expected_revision: int | None = None
) -> Organisation:
    return restore_record(uow, organisation, reason, expected_revision)


def register_subject(uow: UnitOfWork, command: NewSubject) -> Subject:
    """Add a subject with its place and parties; the boundary is kept as given and converted to WGS-84."""
    require_region(uow, command.region_code)
    check_subject_code(command.code)
    if uow.session.scalar(select(Subject.id).where(Subject.code == command.code)):
        raise Conflict("subject-code-taken", "这个对象编号已登记。", facts={"code": command.code})
    spans = party_spans(uow, command.parties)
    check_parties(spans)
    subject = Subject(
        uuid=uow.new_id(),
        code=command.code,
        name=command.name,
        frame=command.frame.value,
        kind=command.kind,
        region_code=command.region_code,
        address=command.address,
        organisation=owner_of(uow, command.organisation),
        details=command.details,
        status=command.status.value,
        risk_class=command.risk_class.value,
        stage=command.stage,
        permit_no=command.permit_no,
        contract_price=command.contract_price,
        created_at=uow.now,
        revision=1,
        parties=[party_row(span) for span in spans],
        place=make_place(command.centre, command.boundary),
    )
    uow.session.add(subject)
    uow.session.flush()
    note_created(uow, subject)
    return subject


def owner_of(uow: UnitOfWork, organisation: UUID | None) -> Organisation | None:
    """The firm a subject belongs to; raises Invalid for one unknown or retired."""
    if organisation is None:
        return None
    return require_active(find_organisation(uow, organisation, "/organisation"), "/organisation")


def party_spans(uow: UnitOfWork, parties: tuple[NewParty, ...] | list[NewParty]) -> list[PartySpan]:
    """The parties with their firms looked up; raises Invalid with the pointer of the one unknown."""
    firms = [find_organisation(uow, p.organisation, f"/parties/{n}/organisation") for n, p in enumerate(parties)]
    return [PartySpan(p.party, firm.id, p.from_on, p.to_on) for p, firm in zip(parties, firms, strict=True)]


def party_row(span: PartySpan) -> SubjectParty:
    return SubjectParty(party=span.party, organisation_id=span.organisation_id, from_on=span.from_on, to_on=span.to_on)


def find_subject(uow: UnitOfWork, subject: UUID) -> Subject:
    """The subject if it lies in scope; raises Missing."""
    found = uow.session.scalar(select(Subject).where(Subject.uuid == subject, in_scope(Subject.region_code, uow.scope)))
    if found is None:
        raise Missing("subject-not-found", "没有这个检查对象，或不在您的范围内。")
    return found


def retire_subject(
    uow: UnitOfWork, subject: Subject, reason: str | None = None, expected_revision: int | None = None
) -> Subject:
    """退出名录；记录保留。"""
    return retire_record(uow, subject, reason, expected_revision)


def restore_subject(uow: UnitOfWork, subject: Subject, reason: str, expected_revision: int | None = None) -> Subject:
    """恢复到名录；所属单位已退出的不行。"""
    if subject.organisation is not None:
        require_active(subject.organisation, "/organisation")
    return restore_record(uow, subject, reason, expected_revision)


def _credit_code(text: str) -> str:
    """The normalised code; raises Invalid with the reason when a check fails."""
    judged = judge_credit_code(text)
    if not judged.valid:
        reasons = "；".join(judged.errors)
        raise Invalid(
            "credit-code-invalid", f"统一社会信用代码有误：{reasons}。", errors=[FieldError("/credit_code", reasons)]
        )
    return judged.normalised
