"""通报流转：拟稿 → 审核 → 签发（两人）→ 发布 → 更正或撤回。

The content is bound by its digest from submission on: what was reviewed is what is signed, and what is
signed is what is published. A return to drafting clears review and signatures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from server.domain.errors import Conflict, Refused
from server.domain.violations import require_reason
from server.domain.wording import normalise_document_number

SIGNATURES_NEEDED = 2


class BulletinState(StrEnum):
    """拟稿、审核中、已审核、已签发、已发布、已撤回、已更正."""

    DRAFTING = "drafting"
    IN_REVIEW = "in_review"
    REVIEWED = "reviewed"
    SIGNED = "signed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Step:
    """One step taken: what was done, by whom, when (UTC), and the reason when one was asked for."""

    action: str
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Where one bulletin stands. `content_sha256` is the digest that was submitted for review."""

    drafters: frozenset[str]
    state: BulletinState = BulletinState.DRAFTING
    content_sha256: str = ""
    reviewed_by: str = ""
    signed_by: tuple[str, ...] = ()
    number: str = ""
    replaced_by: str = ""
    steps: tuple[Step, ...] = ()


def edit_bulletin(passage: Passage, *, by: str, at: datetime) -> Passage:
    """Note another drafter. Raises Conflict `bulletin-state-forbids` outside drafting."""
    _require(passage, BulletinState.DRAFTING, "修改")
    return _moved(replace(passage, drafters=passage.drafters | {by}), Step("edit", by, at))


def submit_bulletin(passage: Passage, *, by: str, at: datetime, content_sha256: str) -> Passage:
    """Send the draft to review and bind its digest."""
    _require(passage, BulletinState.DRAFTING, "送审")
    bound = replace(passage, state=BulletinState.IN_REVIEW, content_sha256=content_sha256)
    return _moved(bound, Step("submit", by, at))


def review_bulletin(passage: Passage, *, by: str, at: datetime, content_sha256: str) -> Passage:
    """Pass legal review. Raises Refused `reviewer-is-drafter`, Conflict `bulletin-changed`."""
    _require(passage, BulletinState.IN_REVIEW, "审核")
    _require_digest(passage, content_sha256)
    if by in passage.drafters:
        raise Refused("reviewer-is-drafter", "审核人不能是拟稿人。")
    return _moved(replace(passage, state=BulletinState.REVIEWED, reviewed_by=by), Step("review", by, at))


def return_bulletin(passage: Passage, *, by: str, at: datetime, reason: str) -> Passage:
    """Send a bulletin in review or reviewed back to drafting, with a reason; review and signatures are
    void.
    """
    if passage.state not in {BulletinState.IN_REVIEW, BulletinState.REVIEWED}:
        _forbid(passage, "退回")
    step = Step("return", by, at, require_reason(reason))
    cleared = replace(passage, state=BulletinState.DRAFTING, content_sha256="", reviewed_by="", signed_by=())
    return _moved(cleared, step)


def sign_bulletin(passage: Passage, *, by: str, at: datetime, content_sha256: str) -> Passage:
    """Sign; the second signature by another person completes it, and not both may be drafters.

    Raises Conflict `already-signed-by-you` or `bulletin-changed`, Refused `signer-is-drafter`.
    """
    _require(passage, BulletinState.REVIEWED, "签发")
    _require_digest(passage, content_sha256)
    if by in passage.signed_by:
        raise Conflict("already-signed-by-you", "您已签发，须由另一人再签。")
    signers = (*passage.signed_by, by)
    if len(signers) == SIGNATURES_NEEDED and passage.drafters.issuperset(signers):
        raise Refused("signer-is-drafter", "两名签发人不能都是拟稿人。")
    state = BulletinState.SIGNED if len(signers) == SIGNATURES_NEEDED else passage.state
    return _moved(replace(passage, state=state, signed_by=signers), Step("sign", by, at))


def publish_bulletin(passage: Passage, *, by: str, at: datetime, number: str, content_sha256: str) -> Passage:
    """Number and publish what was signed. Raises Conflict `bulletin-changed`, Invalid
    `document-number-invalid`.
    """
    _require(passage, BulletinState.SIGNED, "发布")
    _require_digest(passage, content_sha256)
    numbered = replace(passage, state=BulletinState.PUBLISHED, number=normalise_document_number(number))
    return _moved(numbered, Step("publish", by, at))


def withdraw_bulletin(passage: Passage, *, by: str, at: datetime, reason: str) -> Passage:
    """Take a published bulletin down, with a reason; the marker stays."""
    _require(passage, BulletinState.PUBLISHED, "撤回")
    step = Step("withdraw", by, at, require_reason(reason))
    return _moved(replace(passage, state=BulletinState.WITHDRAWN), step)


def correct_bulletin(passage: Passage, *, by: str, at: datetime, reason: str, replaced_by: str) -> Passage:
    """Mark a published bulletin as corrected by another one, with a reason."""
    _require(passage, BulletinState.PUBLISHED, "更正")
    step = Step("correct", by, at, require_reason(reason))
    return _moved(replace(passage, state=BulletinState.CORRECTED, replaced_by=replaced_by), step)


def _moved(passage: Passage, step: Step) -> Passage:
    return replace(passage, steps=(*passage.steps, step))


def _require(passage: Passage, state: BulletinState, verb: str) -> None:
    if passage.state is not state:
        _forbid(passage, verb)


def _forbid(passage: Passage, verb: str) -> None:
    raise Conflict("bulletin-state-forbids", f"通报当前状态不能{verb}。", facts={"state": passage.state.value})


def _require_digest(passage: Passage, content_sha256: str) -> None:
    if passage.content_sha256 != content_sha256:
        raise Conflict("bulletin-changed", "通报内容与送审时不同，请重新送审。")
