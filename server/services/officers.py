"""执法检查人员：登记、退出名录。"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from server.domain.errors import Conflict, Missing
from server.domain.registers import NewOfficer, check_may_inspect
from server.models.subjects import Officer, Organisation
from server.queries.scope import in_scope
from server.services.regions import require_region
from server.services.register_history import note_created, restore_record, retire_record
from server.services.subjects import find_organisation, require_active
from server.uow import UnitOfWork


def register_officer(uow: UnitOfWork, command: NewOfficer) -> Officer:
    """Add an officer; staff of laboratories and firms are refused (Invalid), a known certificate is a Conflict."""
    require_region(uow, command.region_code)
    organisation = inspecting_organisation(uow, command.organisation)
    check_certificate_free(uow, command.certificate_no)
    officer = Officer(
        uuid=uow.new_id(),
        name=command.name,
        certificate_no=command.certificate_no,
        certificate_expires_on=command.certificate_expires_on,
        organisation=organisation,
        region_code=command.region_code,
        unit=command.unit,
        issuer=command.issuer,
        skills=list(command.skills),
        may_lead=command.may_lead,
        created_at=uow.now,
        revision=1,
    )
    uow.session.add(officer)
    uow.session.flush()
    note_created(uow, officer)
    return officer


def inspecting_organisation(uow: UnitOfWork, organisation: UUID) -> Organisation:
    """The unit of an officer; raises Invalid when it is unknown, retired or may not inspect."""
    found = require_active(find_organisation(uow, organisation, "/organisation"), "/organisation")
    check_may_inspect(found.kind, "/organisation")
    return found


def check_certificate_free(uow: UnitOfWork, certificate_no: str, but: int | None = None) -> None:
    known = uow.session.scalar(select(Officer.id).where(Officer.certificate_no == certificate_no))
    if known is not None and known != but:
        raise Conflict("certificate-taken", "这个执法证号已登记。", facts={"certificate_no": certificate_no})


def find_officer(uow: UnitOfWork, officer: UUID) -> Officer:
    found = uow.session.scalar(select(Officer).where(Officer.uuid == officer, in_scope(Officer.region_code, uow.scope)))
    if found is None:
        raise Missing("officer-not-found", "没有这名执法人员，或不在您的范围内。")
    return found


def retire_officer(
    uow: UnitOfWork, officer: Officer, reason: str | None = None, expected_revision: int | None = None
) -> Officer:
    """退出名录；历史记录保留。"""
    return retire_record(uow, officer, reason, expected_revision)


def restore_officer(uow: UnitOfWork, officer: Officer, reason: str, expected_revision: int | None = None) -> Officer:
    """恢复到名录；所属单位不能实施检查的不行。"""
    check_may_inspect(require_active(officer.organisation, "/organisation").kind, "/organisation")
    return restore_record(uow, officer, reason, expected_revision)
