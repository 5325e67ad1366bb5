"""疑问：两人各自答复，说法一致就了结；一直不一致由科室决定；合并之后两人签同一个摘要。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.domain.answers import Answer
from server.domain.errors import Conflict, FieldError, Invalid, Missing, Refused
from server.domain.merging import DECIDED, MERGED, OPEN
from server.domain.statements import answer_of
from server.domain.violations import require_reason
from server.models.checks import Check, CheckNote
from server.models.subjects import Officer
from server.models.sync import CheckPart, CheckQuestion, QuestionReply
from server.queries.receipts import SIGNED, questions_of, signatures_of
from server.queries.scope import in_scope
from server.services.announcements import note_once
from server.services.assignment_steps import own_officer_id
from server.services.checks import digest_of
from server.services.merging import replies_of, restate, settlement_of, statements_of
from server.services.receipts import digest_of_merged
from server.uow import UnitOfWork

REPLY_DIFFERS = "reply-differs"


@dataclass(frozen=True, slots=True)
class Reply:
    """一名执法人员对一个疑问的答复；`uuid` 由手机起。"""

    uuid: UUID
    question: UUID
    answer: Answer
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MergeSignature:
    """对合并摘要的签署；`uuid` 由手机起，`signed_at` 是手机的钟。"""

    uuid: UUID
    check: UUID
    merged_sha256: str
    signed_at: datetime
    raw: Mapping[str, Any]


def keep_reply(uow: UnitOfWork, reply: Reply) -> UUID:
    """Keep a reply and let the question follow it; returns the check's id. The same reply again changes nothing.

    After a decision a reply is kept and changes nothing. Raises Missing `question-not-found` for somebody who was not
    asked, Conflict `reply-differs` when the id holds another reply (kept as a note), Invalid `answer-item-mismatch`.
    """
    question, check = _asked(uow, reply.question)
    digest = digest_of(dict(reply.raw))
    known = uow.session.scalar(select(QuestionReply).where(QuestionReply.uuid == reply.uuid))
    officer = own_officer_id(uow) or 0
    if known is not None:
        if (known.digest_sha256, known.question_id, known.officer_id) == (digest, question.id, officer):
            return check.uuid
        raise Conflict("reply-differs", "这个编号已用于另一份答复，请换一个编号再答。", facts={"sent_sha256": digest})
    if reply.answer.item_code != question.item_code:
        raise Invalid(
            "answer-item-mismatch",
            f"问的是 {question.item_code}，答的是 {reply.answer.item_code}。",
            errors=[FieldError("/answer/item_code", f"应为 {question.item_code}")],
        )
    row = QuestionReply(uuid=reply.uuid, officer_id=officer, digest_sha256=digest, body=dict(reply.raw), at=uow.now)
    question.replies.append(row)
    uow.session.flush()
    restate(uow, check, {question.item_code: statements_of(question)})
    return check.uuid


def keep_differing_reply(uow: UnitOfWork, reply: Reply) -> None:
    """Keep another reply that came under a used id as a note on the check."""
    _, check = _asked(uow, reply.question)
    note_once(uow, check, REPLY_DIFFERS, {"reply": str(reply.uuid), "body": dict(reply.raw)})


def _asked(uow: UnitOfWork, question: UUID) -> tuple[CheckQuestion, Check]:
    """The question and its check, both held, for an officer who made one of the statements."""
    check = uow.session.scalar(
        select(Check)
        .join(CheckQuestion, CheckQuestion.check_id == Check.id)
        .where(CheckQuestion.uuid == question)
        .with_for_update(of=Check)
    )
    row = uow.session.scalar(select(CheckQuestion).where(CheckQuestion.uuid == question))
    own = uow.session.scalar(select(Officer.uuid).where(Officer.id == own_officer_id(uow)))
    if check is None or row is None or own not in {s.officer for s in statements_of(row)}:
        raise Missing("question-not-found", "没有这个疑问，或没有问到您。")
    return row, check


# ------------------------------------------------------------------------------------------------ the supervisor


def decide_question(uow: UnitOfWork, question: UUID, sha256: str, reason: str) -> CheckQuestion:
    """The supervisor takes one of the answers given, with the reason; it is then judged like any other.

    Raises Missing `question-not-found`, Conflict `question-not-open` when the officers agreed or it was decided before,
    Invalid `answer-not-given`, `reason-too-short`.
    """
    check = uow.session.scalar(
        select(Check)
        .join(CheckQuestion, CheckQuestion.check_id == Check.id)
        .where(CheckQuestion.uuid == question, in_scope(Check.region_code, uow.scope))
        .with_for_update(of=Check)
    )
    row = uow.session.scalar(select(CheckQuestion).where(CheckQuestion.uuid == question))
    if check is None or row is None:
        raise Missing("question-not-found", "没有这个疑问，或不在您的范围内。")
    if row.state != OPEN:
        raise Conflict("question-not-open", "这个疑问已经了结，不需要再决定。", facts={"state": row.state})
    given = [s for s in (*statements_of(row), *replies_of(row.replies)) if s.sha256 == sha256]
    if not given:
        raise Invalid("answer-not-given", "只能采用其中一方的说法。", errors=[FieldError("/sha256", "没有人这样说过")])
    settlement = settlement_of(answer_of(given), reason=require_reason(reason))
    row.state, row.settled_at, row.decided_by, row.settlement = DECIDED, uow.now, uow.actor.user_id, settlement
    uow.session.flush()
    uow.session.refresh(row, ["decider"])
    restate(uow, check, {row.item_code: statements_of(row)})
    return row


# ------------------------------------------------------------------------------------------------ both signatures


def sign_merge(uow: UnitOfWork, signature: MergeSignature) -> UUID:
    """Put an officer's name to the merged digest; returns the check's id. The same signature again changes nothing.

    Raises Missing `check-not-found`, Refused `sender-not-officer`, Conflict `merge-changed` when the digest is not the
    present one, `merge-unsettled` while a question is open.
    """
    check = uow.session.scalar(select(Check).where(Check.uuid == signature.check).with_for_update())
    if check is None:
        raise Missing("check-not-found", "没有这次检查，或不在您的范围内。")
    own = own_officer_id(uow)
    officer = next((seat.officer for seat in check.officers if seat.officer_id == own), None)
    if officer is None:
        raise Refused("sender-not-officer", "只能签署自己参加的检查。")
    digest, questions = merged_of(uow, check)
    signed = {(n.body["officer"], n.body["merged_sha256"]) for n in signatures_of(uow.session, [check.id])[check.id]}
    if (str(officer.uuid), signature.merged_sha256) in signed:
        return check.uuid
    _check_present(signature, digest, questions)
    body = {
        "uuid": str(signature.uuid),
        "sha256": digest_of(dict(signature.raw)),
        "officer": str(officer.uuid),
        "merged_sha256": signature.merged_sha256,
        "signed_at": signature.signed_at.isoformat(),
    }
    note = CheckNote(check_id=check.id, kind=SIGNED, body=body, at=uow.now, by=uow.actor.user_id, shown=True)
    uow.session.add(note)
    return check.uuid


def _check_present(signature: MergeSignature, digest: str | None, open_questions: int) -> None:
    facts = {"merged_sha256": digest, "questions": open_questions}
    if digest != signature.merged_sha256:
        raise Conflict("merge-changed", "合并的内容已变，请拉取资料包后看过再签。", facts=facts)
    if open_questions:
        raise Conflict("merge-unsettled", f"还有 {open_questions} 个疑问没有一致，了结之后再签。", facts=facts)


def merged_of(uow: UnitOfWork, check: Check) -> tuple[str | None, int]:
    """(the digest both signatures cover, how many questions are open); None when nothing was merged."""
    rows = select(CheckPart).where(CheckPart.check_uuid == check.uuid, CheckPart.state == MERGED)
    parts = uow.session.scalars(rows).all()
    if not parts:
        return None, 0
    questions = questions_of(uow.session, [check.id]).get(check.id, [])
    return digest_of_merged(check, parts, questions), sum(q.state == OPEN for q in questions)
