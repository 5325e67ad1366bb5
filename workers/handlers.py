"""每个事件词恰有一个处理者：收到 (house, claim)，在一次提交里做完效果并勾掉待办。"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from server.domain.errors import ZhijianError
from server.formats.guard import Limits, examine_photo
from server.outbox import Event
from server.publishing import bulletins
from server.services import announcements, drafting, drawing, evidence, judging, merging, outbox
from server.services.outbox import Claim
from server.uow import House, UnitOfWork
from workers.submissions import take_submission

Handler = Callable[[House, Claim], None]


def judge_check(house: House, claim: Claim) -> None:
    """check.submitted → 并入先到的部分，与先报的核对，不符合项成为问题。"""
    with house.unit() as uow:
        if outbox.finish(uow, claim):
            _supplement(uow, UUID(claim.payload["check"]))
            judging.find_violations(uow, UUID(claim.payload["check"]))


def supplement_check(house: House, claim: Claim) -> None:
    """check.supplemented → 一人的部分或先报的摘要到了：并入、核对。"""
    with house.unit() as uow:
        if outbox.finish(uow, claim):
            _supplement(uow, UUID(claim.payload["check"]))


def _supplement(uow: UnitOfWork, check: UUID) -> None:
    merging.merge_parts(uow, check)
    announcements.compare(uow, check)


def examine(house: House, claim: Claim) -> None:
    """evidence.received → 读数、预览、指纹；看照片时不占数据库。"""
    uuid = UUID(claim.payload["evidence"])
    with house.unit(writing=False) as uow:
        digest = evidence.digest_to_examine(uow, uuid)
    uploads = house.settings.uploads
    limits = Limits(uploads.examine_seconds, uploads.examine_memory_mb, uploads.max_pixels)
    found = examine_photo(house.storage.local_path(digest), limits)
    if found.large and found.small:
        house.storage.put_derived(digest, "large", found.large)
        house.storage.put_derived(digest, "small", found.small)
    with house.unit() as uow:
        if outbox.finish(uow, claim):
            evidence.record_examination(uow, uuid, found)


def judge_evidence(house: House, claim: Claim) -> None:
    """evidence.examined → 几个证人放在一起看。"""
    with house.unit() as uow:
        if outbox.finish(uow, claim):
            uuid = UUID(claim.payload["evidence"])
            evidence.judge_evidence(uow, uuid)
            announcements.compare_photo(uow, uuid)


def draft_bulletin(house: House, claim: Claim) -> None:
    """bulletin.requested → 起草；数据自身的毛病写给起草人看，不反复重试。"""
    uuid = UUID(claim.payload["bulletin"])
    try:
        with house.unit() as uow:
            if outbox.finish(uow, claim):
                drafting.draft_bulletin(uow, uuid)
    except ZhijianError as refusal:
        with house.unit() as uow:
            if outbox.finish(uow, claim):
                drafting.note_failure(uow, uuid, refusal.detail)


def publish_bulletin(house: House, claim: Claim) -> None:
    """bulletin.released → 冻结公开快照。"""
    photos = [UUID(p) for p in claim.payload["photos"]]
    with house.unit() as uow:
        if outbox.finish(uow, claim):
            bulletins.publish_bulletin(uow, UUID(claim.payload["bulletin"]), photos)


def withdraw_bulletin(house: House, claim: Claim) -> None:
    """bulletin.withdrawn → 公开页换成撤回说明。"""
    with house.unit() as uow:
        if outbox.finish(uow, claim):
            bulletins.withdraw_bulletin(uow, UUID(claim.payload["bulletin"]), claim.payload["reason"])


def run_draw(house: House, claim: Claim) -> None:
    """draw.confirmed → 抽取、封存、派任务；计算时不占数据库，派不齐就写明原因等人作废。"""
    code = claim.payload["draw"]
    with house.unit(writing=False) as uow:
        inputs = drawing.read_inputs(uow, code)
    try:
        result = inputs.run() if inputs else None
    except ZhijianError as refusal:
        with house.unit() as uow:
            if outbox.finish(uow, claim):
                drawing.note_failure(uow, code, refusal.detail)
        return
    with house.unit() as uow:
        if outbox.finish(uow, claim) and result:
            drawing.seal(uow, code, result)


HANDLERS: dict[Event, Handler] = {
    Event.BULLETIN_RELEASED: publish_bulletin,
    Event.BULLETIN_REQUESTED: draft_bulletin,
    Event.BULLETIN_WITHDRAWN: withdraw_bulletin,
    Event.CHECK_SUBMITTED: judge_check,
    Event.CHECK_SUPPLEMENTED: supplement_check,
    Event.DRAW_CONFIRMED: run_draw,
    Event.EVIDENCE_EXAMINED: judge_evidence,
    Event.EVIDENCE_RECEIVED: examine,
    Event.SUBMISSION_RECEIVED: take_submission,
}
