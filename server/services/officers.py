"""执法检查人员：登记、退出名录。"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from server.domain.errors import Conflict, Missing
from server.domain.registers import NewOfficer, check_may_inspect
from server.models.subjects import Officer
from server.queries.scope import in_scope
from server.services.regions import require_region
from server.services.subjects import find_organisation
from server.uow import UnitOfWork


def register_officer(uow: UnitOfWork, command: NewOfficer) -> Officer:
    """Add an officer; staff of laboratories and firms are refused (Invalid), a known certificate is a Conflict."""
    require_region(uow, command.region_code)
    organisation = find_organisation(uow, command.organisation, "/organisation")
    check_may_inspect(organisation.kind, "/organisation")
    if uow.session.scalar(select(Officer.id).where(Officer.certificate_no == command.certificate_no)):
        raise Conflict("certificate-taken", "这个执法证号已登记。", facts={"certificate_no": command.certificate_no})
    officer = Officer(
        uuid=uow.new_id(),
        name=command.name,
        certificate_no=command.certificate_no,
        certificate_expires_on=command.certificate_expires_on,
        organisation=organisation,
        region_code=command.region_code,
        created_at=uow.now,
    )
    uow.session.add(officer)
    uow.session.flush()
    return officer


def find_officer(uow: UnitOfWork, officer: UUID) -> Officer:
    found = uow.session.scalar(select(Officer).where(Officer.uuid == officer, in_scope(Officer.region_code, uow.scope)))
    if found is None:
        raise Missing("officer-not-found", "没有这名执法人员，或不在您的范围内。")
    return found


def retire_officer(uow: UnitOfWork, officer: Officer) -> None:
    """退出名录；历史记录保留。"""
    if officer.retired_at is None:
        officer.retired_at = uow.now
