"""随机抽查事项清单：列入、修改、退出；依据、检查单都要查得到。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.domain.checklists import Frame
from server.domain.errors import Conflict, Missing
from server.domain.matters import MatterBasis, NewMatter, check_bases, check_matter_checklists, check_share
from server.domain.register_changes import check_fields
from server.domain.registers import check_may_inspect
from server.formats.checklist_files import read_vocabulary
from server.models.checks import ChecklistVersion
from server.models.matters import Matter
from server.models.subjects import Organisation
from server.queries.scope import in_scope
from server.services.checklists import checklist_of
from server.services.regions import require_region
from server.services.register_history import amendment, note_created, restore_record, retire_record
from server.services.subjects import find_organisation, require_active
from server.uow import UnitOfWork

CHECKLISTS = Path(__file__).resolve().parents[2] / "checklists"
_PLAIN = frozenset({"name", "region_code", "times_a_year", "method", "content", "note", "share_num", "share_den"})
MATTER_EDITABLE = _PLAIN | {"kinds", "organisation", "legal_bases", "checklists"}


@lru_cache(maxsize=1)
def known_bases() -> Mapping[str, str]:
    """Codes of the legal-basis vocabulary with their titles."""
    return {row["code"]: row["title"] for row in read_vocabulary(CHECKLISTS)["legal_bases"]}


def create_matter(uow: UnitOfWork, command: NewMatter) -> Matter:
    """Put a matter on the list.

    Raises Conflict `matter-code-taken`; Invalid `matter-without-basis`, `basis-unknown`, `share-invalid`,
    `checklist-unknown`, `checklist-frame-mismatch`, `organisation-may-not-inspect`.
    """
    require_region(uow, command.region_code)
    if uow.session.scalar(select(Matter.id).where(Matter.code == command.code)):
        raise Conflict("matter-code-taken", "这个事项编号已在清单里。", facts={"code": command.code})
    matter = Matter(
        uuid=uow.new_id(),
        code=command.code,
        name=command.name,
        frame=command.frame.value,
        kinds=list(command.kinds),
        region_code=command.region_code,
        organisation_id=_checking_authority(uow, command.organisation).id,
        legal_bases=_bases(command.legal_bases),
        checklists=_checklists(uow, command.checklists, command.frame),
        share_num=command.share_num,
        share_den=command.share_den,
        times_a_year=command.times_a_year,
        method=command.method,
        content=command.content,
        note=command.note,
        revision=1,
        created_at=uow.now,
        updated_at=uow.now,
    )
    check_share(matter.share_num, matter.share_den)
    uow.session.add(matter)
    uow.session.flush()
    note_created(uow, matter)
    return matter


def edit_matter(
    uow: UnitOfWork, matter: Matter, changes: Mapping[str, Any], reason: str, expected_revision: int | None
) -> Matter:
    """Change a matter (its code and frame are fixed); refuses what `create_matter` refuses, and Conflict `stale-version`."""
    check_fields(changes, MATTER_EDITABLE)
    with amendment(uow, matter, reason, expected_revision):
        if "region_code" in changes:
            require_region(uow, changes["region_code"])
        for name in sorted(_PLAIN & changes.keys()):
            setattr(matter, name, changes[name])
        check_share(matter.share_num, matter.share_den)
        if "organisation" in changes:
            matter.organisation_id = _checking_authority(uow, changes["organisation"]).id
        if "legal_bases" in changes:
            matter.legal_bases = _bases(changes["legal_bases"])
        if "checklists" in changes:
            matter.checklists = _checklists(uow, changes["checklists"], Frame(matter.frame))
        if "kinds" in changes:
            matter.kinds = list(changes["kinds"])
    return matter


def _bases(bases: Sequence[MatterBasis]) -> list[dict[str, Any]]:
    check_bases(bases, known_bases())
    return [basis.stored() for basis in bases]


def _checking_authority(uow: UnitOfWork, organisation: UUID) -> Organisation:
    found = require_active(find_organisation(uow, organisation, "/organisation"), "/organisation")
    check_may_inspect(found.kind, "/organisation")
    return found


def _checklists(uow: UnitOfWork, wanted: Sequence[str], frame: Frame) -> list[str]:
    """The wanted codes, each once; judged by the sections of every published version."""
    published: dict[str, set[Frame]] = {}
    rows = select(ChecklistVersion).where(ChecklistVersion.code.in_(wanted), ChecklistVersion.retired_at.is_(None))
    for version in uow.session.scalars(rows):
        frames = {f for section in checklist_of(version).sections for f in section.frames}
        published.setdefault(version.code, set()).update(frames)
    check_matter_checklists(wanted, published, frame)
    return list(dict.fromkeys(wanted))


def find_matter(uow: UnitOfWork, matter: UUID) -> Matter:
    """The matter if it lies in scope; raises Missing."""
    found = uow.session.scalar(select(Matter).where(Matter.uuid == matter, in_scope(Matter.region_code, uow.scope)))
    if found is None:
        raise Missing("matter-not-found", "清单里没有这个事项，或不在您的范围内。")
    return found


def retire_matter(
    uow: UnitOfWork, matter: Matter, reason: str | None = None, expected_revision: int | None = None
) -> Matter:
    """退出清单；已用它的计划照旧。"""
    return retire_record(uow, matter, reason, expected_revision)


def restore_matter(uow: UnitOfWork, matter: Matter, reason: str, expected_revision: int | None = None) -> Matter:
    return restore_record(uow, matter, reason, expected_revision)
