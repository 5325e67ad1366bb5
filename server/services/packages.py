"""资料包：任务、检查单、同伴、疑问、时间戳，一次给全，语句数固定。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from server.domain.merging import MERGED, OPEN, STATE_TITLES
from server.domain.statements import Statement, document
from server.keys import receipt_keys
from server.models.checks import Check
from server.models.subjects import Officer
from server.models.sync import CheckPart, CheckQuestion, QuestionReply
from server.queries import packages as queries
from server.queries.checklists import published
from server.queries.receipts import questions_of, signatures_of
from server.services.assignment_steps import own_officer_id
from server.services.checklists import checklist_of
from server.services.merging import replies_of, statements_of
from server.services.receipts import digest_of_merged, stamp_now
from server.uow import UnitOfWork

HEARTBEAT_S = 300
MERGES_FOR = timedelta(days=60)


def package(uow: UnitOfWork, after: str, limit: int) -> dict[str, Any]:
    """Everything a phone takes to the site; without a cursor all open tasks, with one what has changed since."""
    officer = own_officer_id(uow) or 0
    pulled = queries.packed(uow.session, officer, after, limit, uow.now)
    return {
        "now": uow.now,
        "next": pulled.next,
        "more": pulled.more,
        "stamp": stamp_now(uow),
        "me": queries.own(uow.session, uow.actor.user_id),
        "tasks": pulled.items,
        "open": pulled.open,
        "checklists": published(uow.session),
        "people": queries.people(uow.session, uow.scope, officer, uow.now),
        "questions": _questions(uow, officer),
        "merges": _merges(uow, officer),
        "receipt_keys": [key.as_dict() for key in receipt_keys(uow.settings)],
    }


# ------------------------------------------------------------------------------------------------ questions


def _questions(uow: UnitOfWork, officer: int) -> list[dict[str, Any]]:
    rows = queries.open_questions(uow.session, officer)
    if not rows:
        return []
    return tell_questions(uow, rows, own=uow.session.scalar(select(Officer.uuid).where(Officer.id == officer)))


def tell_questions(uow: UnitOfWork, rows: Sequence[CheckQuestion], own: UUID | None = None) -> list[dict[str, Any]]:
    """Questions in words: who says what, what the item asks for, how it stands. With `own`, those put to this officer."""
    replies = _replies(uow, rows)
    names = _names(uow, rows)
    told = [_tell(row, replies.get(row.id, []), names, own) for row in rows]
    return [row for row in told if own is None or own in {side["officer"] for side in row["sides"]}]


def _replies(uow: UnitOfWork, rows: Sequence[CheckQuestion]) -> dict[int, list[QuestionReply]]:
    found: dict[int, list[QuestionReply]] = defaultdict(list)
    wanted = select(QuestionReply).where(QuestionReply.question_id.in_([row.id for row in rows]))
    load = joinedload(QuestionReply.officer).lazyload(Officer.organisation)
    for reply in uow.session.scalars(wanted.options(load).order_by(QuestionReply.id)):
        found[reply.question_id].append(reply)
    return found


def _names(uow: UnitOfWork, rows: Iterable[CheckQuestion]) -> dict[UUID, str]:
    officers = {statement.officer for row in rows for statement in statements_of(row)}
    return dict(
        uow.session.execute(select(Officer.uuid, Officer.name).where(Officer.uuid.in_(officers))).tuples().all()
    )


def _tell(
    row: CheckQuestion, replies: Sequence[QuestionReply], names: Mapping[UUID, str], own: UUID | None
) -> dict[str, Any]:
    said = replies_of(replies)
    checklist = checklist_of(row.check.checklist_version)
    requirement = next((item.text for item in checklist.items if item.code == row.item_code), "")
    sides = [_side(s, names, replied=False) for s in sorted(statements_of(row), key=lambda s: str(s.officer))]
    return {
        "id": row.uuid,
        "check": row.check.uuid,
        "title": row.check.subject.name,
        "item": row.item_code,
        "requirement": requirement,
        "sides": [*sides, *(_side(s, names, replied=True) for s in said)],
        "asked_at": row.asked_at,
        "answered": own in {s.officer for s in said},
        "state": row.state,
        "state_title": STATE_TITLES[row.state],
        "settled_at": row.settled_at,
        "settlement": row.settlement,
        "decided_by": row.decider.name if row.decider else None,
    }


def _side(statement: Statement, names: Mapping[UUID, str], *, replied: bool) -> dict[str, Any]:
    return {
        "officer": statement.officer,
        "name": names.get(statement.officer, ""),
        "answer": document(statement),
        "sha256": statement.sha256,
        "replied": replied,
    }


def merge_of(uow: UnitOfWork, check: Check) -> dict[str, Any]:
    """How the merging of one check stands: its digest, who has signed that, every question."""
    rows = questions_of(uow.session, [check.id]).get(check.id, [])
    parts = _merged_parts(uow, [check])[check.uuid]
    digest = digest_of_merged(check, parts, rows) if parts else None
    fitting = [n for n in signatures_of(uow.session, [check.id])[check.id] if n.body["merged_sha256"] == digest]
    return {
        "merged_sha256": digest,
        "signed_by": sorted({note.body["officer"] for note in fitting}),
        "items": tell_questions(uow, rows) if rows else [],
    }


# ------------------------------------------------------------------------------------------------ merges to sign


def _merges(uow: UnitOfWork, officer: int) -> list[dict[str, Any]]:
    checks = queries.merged_checks(uow.session, officer, uow.now - MERGES_FOR)
    if not checks:
        return []
    ids = [check.id for check in checks]
    own = str(uow.session.scalar(select(Officer.uuid).where(Officer.id == officer)))
    parts, questions = _merged_parts(uow, checks), questions_of(uow.session, ids)
    signed = signatures_of(uow.session, ids)
    told = []
    for check in checks:
        digest = digest_of_merged(check, parts[check.uuid], questions.get(check.id, []))
        mine = {note.body["merged_sha256"] for note in signed.get(check.id, ()) if note.body["officer"] == own}
        waiting = sum(question.state == OPEN for question in questions.get(check.id, []))
        told.append(
            {
                "check": check.uuid,
                "title": check.subject.name,
                "merged_sha256": digest,
                "questions": waiting,
                "signed": digest in mine,
            }
        )
    return told


def _merged_parts(uow: UnitOfWork, checks: Sequence[Check]) -> dict[UUID, list[CheckPart]]:
    rows = select(CheckPart).where(CheckPart.check_uuid.in_([c.uuid for c in checks]), CheckPart.state == MERGED)
    found: dict[UUID, list[CheckPart]] = defaultdict(list)
    for row in uow.session.scalars(rows):
        found[row.check_uuid].append(row)
    return found
