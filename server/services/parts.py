"""收下一人的部分：记录到没到都收；合并在后台。"""

from __future__ import annotations

from uuid import UUID, uuid5

from sqlalchemy import select

from server.domain.errors import Conflict, FieldError, Invalid, Refused
from server.domain.merging import ASIDE, WAITING, Part
from server.models.checks import Check, ChecklistVersion, CheckOfficer
from server.models.sync import CheckPart
from server.outbox import Event
from server.services.assignment_steps import own_officer_id
from server.services.checks import digest_of
from server.uow import UnitOfWork


def keep_part(uow: UnitOfWork, part: Part) -> CheckPart:
    """Store one officer's part under the phone's own id; the same again is the same part.

    Raises Conflict `part-differs` when the id holds other content (`keep_differing_part` then keeps that beside it),
    Refused `sender-not-officer` for somebody who is not on the check, Invalid `part-invalid`.
    """
    digest = digest_of(dict(part.raw))
    known = uow.session.scalar(select(CheckPart).where(CheckPart.uuid == part.uuid))
    if known is not None:
        if (known.digest_sha256, known.submitted_by) == (digest, uow.actor.user_id):
            return known
        raise Conflict(
            "part-differs",
            "这个编号的部分已收下另一份内容；两份都已保留，请联系科室负责人核对。",
            facts={"stored_sha256": known.digest_sha256, "sent_sha256": digest},
        )
    _check_form(uow, part)
    row = _insert(uow, part, digest, _officer(uow, part), part.uuid, WAITING)
    uow.promise(Event.CHECK_SUPPLEMENTED, {"check": str(part.check)})
    return row


def keep_differing_part(uow: UnitOfWork, part: Part) -> None:
    """Keep the other content beside the stored part, once per content; it is not merged."""
    digest = digest_of(dict(part.raw))
    officer = own_officer_id(uow)
    aside = uuid5(part.uuid, f"{uow.actor.user_id}/{digest}")
    held = uow.session.scalar(select(CheckPart.id).where(CheckPart.uuid == aside))
    if officer is not None and held is None:
        _insert(uow, part, digest, officer, aside, ASIDE)


def _check_form(uow: UnitOfWork, part: Part) -> None:
    """Raise Invalid with what is wrong with the part by itself."""
    known = select(ChecklistVersion.id).where(
        ChecklistVersion.code == part.checklist_code, ChecklistVersion.version == part.checklist_version
    )
    faults = []
    if uow.session.scalar(known) is None:
        faults.append(FieldError("/checklist", "没有这个版本", "checklist-unknown"))
    seen: set[str] = set()
    for n, answer in enumerate(part.answers):
        if answer.item_code in seen:
            faults.append(FieldError(f"/answers/{n}/item_code", f"{answer.item_code} 作答了两次", "item-twice"))
        seen.add(answer.item_code)
    if faults:
        raise Invalid("part-invalid", f"这部分有 {len(faults)} 处错误。", errors=faults)


def _officer(uow: UnitOfWork, part: Part) -> int:
    """The sender as an officer; on the check, if the check is here already."""
    officer = own_officer_id(uow)
    seats = select(CheckOfficer.officer_id).join(Check, Check.id == CheckOfficer.check_id)
    present = set(uow.session.scalars(seats.where(Check.uuid == part.check)))
    if officer is None or (present and officer not in present):
        raise Refused("sender-not-officer", "只能提交自己参加的检查。")
    return officer


def _insert(uow: UnitOfWork, part: Part, digest: str, officer: int, uuid: UUID, state: str) -> CheckPart:
    row = CheckPart(
        uuid=uuid,
        check_uuid=part.check,
        officer_id=officer,
        digest_sha256=digest,
        state=state,
        body=dict(part.raw),
        submitted_by=uow.actor.user_id,
        device_id=uow.actor.device_id,
        arrived_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    return row
