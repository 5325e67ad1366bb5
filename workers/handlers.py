"""每个事件词恰有一个处理者：收到 (house, claim)，在一次提交里做完效果并勾掉待办。"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from server.formats.guard import Limits, examine_photo
from server.outbox import Event
from server.services import evidence, judging, outbox
from server.services.outbox import Claim
from server.uow import House

Handler = Callable[[House, Claim], None]


def judge_check(house: House, claim: Claim) -> None:
    """check.submitted → 不符合项成为问题。"""
    with house.unit() as uow:
        if outbox.finish(uow, claim):
            judging.find_violations(uow, UUID(claim.payload["check"]))


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
            evidence.judge_evidence(uow, UUID(claim.payload["evidence"]))


HANDLERS: dict[Event, Handler] = {
    Event.CHECK_SUBMITTED: judge_check,
    Event.EVIDENCE_EXAMINED: judge_evidence,
    Event.EVIDENCE_RECEIVED: examine,
}
