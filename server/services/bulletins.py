"""通报：提出起草、送审、审核、退回、签发、交付发布。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.domain import bulletin_workflow as flow
from server.domain.bulletin_workflow import BulletinState, Passage
from server.domain.bulletins import Bulletin as Document
from server.domain.bulletins import from_dict
from server.domain.checks import SHANGHAI
from server.domain.errors import Conflict, FieldError, Invalid, Missing
from server.domain.wording import normalise_document_number
from server.models.bulletins import Bulletin, BulletinStep
from server.outbox import Event
from server.queries.scope import in_scope
from server.services.drafting import FAILED, REQUESTED
from server.services.regions import require_region
from server.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class BulletinRequest:
    """要起草的通报：期间、地区、检查单与公文要素。"""

    region_code: str
    first_on: date
    last_on: date
    checklists: tuple[str, ...]
    occasion: str
    method: str
    basis: tuple[str, ...]
    recipients: tuple[str, ...]
    issuer: str
    report_to: str
    report_by_on: date
    dated_on: date | None
    publicity: str
    typical_cases: int


def request_bulletin(uow: UnitOfWork, command: BulletinRequest) -> Bulletin:
    """Ask for a draft; the background worker freezes the records and writes it."""
    require_region(uow, command.region_code)
    if command.last_on < command.first_on:
        raise Invalid("period-reversed", "期间的结束早于开始。", errors=[FieldError("/last_on", "早于开始")])
    dated_on = command.dated_on or uow.now.astimezone(SHANGHAI).date()
    options = {
        k: v for k, v in asdict(command).items() if k not in ("region_code", "first_on", "last_on", "checklists")
    }
    options |= {
        "dated_on": dated_on.isoformat(),
        "report_by_on": command.report_by_on.isoformat(),
        "basis": list(command.basis),
        "recipients": list(command.recipients),
    }
    row = Bulletin(
        uuid=uow.new_id(),
        state=REQUESTED,
        title=f"关于{command.occasion}情况的通报",
        region_code=command.region_code,
        period_from_on=command.first_on,
        period_to_on=command.last_on,
        checklists=sorted(command.checklists),
        options=options,
        drafted_by=uow.actor.user_id,
        requested_at=uow.now,
        passage=write_passage(Passage(drafters=frozenset({uow.actor.label}))),
    )
    uow.session.add(row)
    uow.session.flush()
    uow.promise(Event.BULLETIN_REQUESTED, {"bulletin": str(row.uuid)})
    return row


def redraft_bulletin(uow: UnitOfWork, bulletin: UUID) -> Bulletin:
    """Count again from today's records; only while the draft is in the drafters' hands."""
    row = find_bulletin(uow, bulletin, lock=True)
    if row.state not in (FAILED, BulletinState.DRAFTING.value):
        raise Conflict("bulletin-state-forbids", "通报当前状态不能重新起草。", facts={"state": row.state})
    row.state, row.failure = REQUESTED, None
    row.passage = write_passage(
        Passage(drafters=read_passage(row).drafters | {uow.actor.label}) if row.passage else Passage(frozenset())
    )
    uow.promise(Event.BULLETIN_REQUESTED, {"bulletin": str(row.uuid)})
    return row


def find_bulletin(uow: UnitOfWork, bulletin: UUID, *, lock: bool = False) -> Bulletin:
    """The bulletin if it lies in scope; raises Missing."""
    rows = select(Bulletin).where(Bulletin.uuid == bulletin, in_scope(Bulletin.region_code, uow.scope))
    found = uow.session.scalar(rows.with_for_update() if lock else rows)
    if found is None:
        raise Missing("bulletin-not-found", "没有这份通报，或不在您的范围内。")
    return found


def document_of(row: Bulletin) -> Document:
    """The composed document; raises Conflict while it is not written yet."""
    if row.content is None:
        raise Conflict("bulletin-not-drafted", "通报还没有起草好。", facts={"state": row.state, "failure": row.failure})
    return from_dict(row.content)


def read_passage(row: Bulletin) -> Passage:
    data = dict(row.passage)
    return Passage(
        drafters=frozenset(data["drafters"]),
        state=BulletinState(data["state"]),
        content_sha256=data["content_sha256"],
        reviewed_by=data["reviewed_by"],
        signed_by=tuple(data["signed_by"]),
        number=data["number"],
        replaced_by=data["replaced_by"],
    )


def write_passage(passage: Passage) -> dict[str, Any]:
    return {
        "drafters": sorted(passage.drafters),
        "state": passage.state.value,
        "content_sha256": passage.content_sha256,
        "reviewed_by": passage.reviewed_by,
        "signed_by": list(passage.signed_by),
        "number": passage.number,
        "replaced_by": passage.replaced_by,
    }


Move = Callable[[Passage, str, datetime, str], Passage]


def _take(uow: UnitOfWork, bulletin: UUID, note: str, move: Move) -> Bulletin:
    """Apply one step of the workflow to the locked row and keep who, when and on which content."""
    row = find_bulletin(uow, bulletin, lock=True)
    document_of(row)
    passage = move(read_passage(row), uow.actor.label, uow.now, row.content_sha256 or "")
    row.state = passage.state.value
    row.passage = write_passage(passage)
    uow.session.add(
        BulletinStep(
            bulletin_id=row.id,
            act=passage.steps[-1].action,
            by=uow.actor.user_id,
            at=uow.now,
            note=note or None,
            content_sha256=row.content_sha256,
        )
    )
    return row


def submit_bulletin(uow: UnitOfWork, bulletin: UUID) -> Bulletin:
    """送审。"""
    return _take(uow, bulletin, "", lambda p, by, at, d: flow.submit_bulletin(p, by=by, at=at, content_sha256=d))


def review_bulletin(uow: UnitOfWork, bulletin: UUID, note: str) -> Bulletin:
    """法制审核通过。"""
    return _take(uow, bulletin, note, lambda p, by, at, d: flow.review_bulletin(p, by=by, at=at, content_sha256=d))


def return_bulletin(uow: UnitOfWork, bulletin: UUID, reason: str) -> Bulletin:
    """退回起草。"""
    return _take(uow, bulletin, reason, lambda p, by, at, _: flow.return_bulletin(p, by=by, at=at, reason=reason))


def sign_bulletin(uow: UnitOfWork, bulletin: UUID) -> Bulletin:
    """签发；两名不同的人。"""
    return _take(uow, bulletin, "", lambda p, by, at, d: flow.sign_bulletin(p, by=by, at=at, content_sha256=d))


def release_bulletin(uow: UnitOfWork, bulletin: UUID, number: str, photos: tuple[UUID, ...]) -> Bulletin:
    """编号并交付发布；公开快照由后台冻结。

    `photos` are those a person looked at and found free of faces, plates and papers; no other photo leaves.
    """
    row = find_bulletin(uow, bulletin)
    taken = select(Bulletin.id).where(Bulletin.number == normalise_document_number(number), Bulletin.id != row.id)
    if uow.session.scalar(taken) is not None:
        raise Conflict("bulletin-number-taken", "这个文号已用于另一份通报。", facts={"number": number})
    row = _take(
        uow,
        bulletin,
        number,
        lambda p, by, at, d: flow.publish_bulletin(p, by=by, at=at, number=number, content_sha256=d),
    )
    row.number = read_passage(row).number
    uow.promise(Event.BULLETIN_RELEASED, {"bulletin": str(row.uuid), "photos": sorted(str(p) for p in photos)})
    return row


def withdraw_bulletin(uow: UnitOfWork, bulletin: UUID, reason: str) -> Bulletin:
    """撤回；公开页留下说明。"""
    row = _take(uow, bulletin, reason, lambda p, by, at, _: flow.withdraw_bulletin(p, by=by, at=at, reason=reason))
    uow.promise(Event.BULLETIN_WITHDRAWN, {"bulletin": str(row.uuid), "reason": reason})
    return row
