"""合并两名执法人员的工作：后台做，可以重做；部分先到后到都一样。

The parts of a check are joined with its record as sets of statements. Items that only a part answered are judged and
counted like any other; those on which the officers contradict each other wait for both and count as needing review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from server.domain.answers import Answer
from server.domain.checklists import Checklist, Frame
from server.domain.checks import CheckState
from server.domain.errors import Invalid
from server.domain.merging import (
    ASIDE,
    DECIDED,
    MERGED,
    OPEN,
    SETTLED,
    STRANGER,
    WAITING,
    Shares,
    agreed,
    by_item,
    join,
    sides,
    standing,
)
from server.domain.statements import Statement, document, from_row, read_answer, state, to_row
from server.domain.violations import ViolationState
from server.models.checks import Answer as AnswerRow
from server.models.checks import Check, EvidenceSlot
from server.models.sync import CheckPart, CheckQuestion, QuestionReply
from server.models.users import User
from server.models.violations import Violation
from server.queries.receipts import questions_of
from server.services.announcements import note_once
from server.services.assignment_checks import settle_outcome
from server.services.checklists import checklist_of
from server.services.judging import add_violations, judged_row, unsettled_row
from server.services.slots import link_slots
from server.uow import UnitOfWork

NOBODY = UUID(int=0)
STRANGERS, UNKNOWN_ITEMS, UNREADABLE = "part-of-stranger", "part-items-unknown", "merge-unreadable"


def merge_parts(uow: UnitOfWork, check_uuid: UUID) -> bool:
    """Merge what waits for this check; True when something was merged. Nothing happens before its record has come."""
    check = uow.session.scalar(select(Check).where(Check.uuid == check_uuid).with_for_update())
    if check is None:
        return False
    rows = select(CheckPart).where(CheckPart.check_uuid == check_uuid, CheckPart.state != ASIDE)
    parts = uow.session.scalars(rows.order_by(CheckPart.id)).all()
    waiting = _admitted(uow, check, [part for part in parts if part.state == WAITING])
    if not waiting:
        return False
    checklist = checklist_of(check.checklist_version)
    shares = _known_items(uow, check, checklist, _all_shares(uow, check, [p for p in parts if p.state != STRANGER]))
    touched = {answer["item_code"] for part in waiting for answer in part.body["answers"]}
    _add_slots(uow, check, waiting)
    for part in waiting:
        part.state, part.merged_at = MERGED, uow.now
    restate(uow, check, {item: found for item, found in by_item(shares).items() if item in touched})
    return True


def _admitted(uow: UnitOfWork, check: Check, waiting: Iterable[CheckPart]) -> list[CheckPart]:
    """The parts of officers who are on the check; others are kept, and told of."""
    seats = {seat.officer_id for seat in check.officers}
    kept = []
    for part in waiting:
        if part.officer_id in seats:
            kept.append(part)
            continue
        part.state = STRANGER
        note_once(uow, check, STRANGERS, {"part": str(part.uuid), "officer": str(part.officer.uuid)})
    return kept


def _all_shares(uow: UnitOfWork, check: Check, parts: Sequence[CheckPart]) -> Shares:
    """Everything the record and the parts say; a record that cannot be read item by item is told of and left alone."""
    said = [_shares(part.officer.uuid, part.body["answers"]) for part in parts]
    try:
        said.append(_shares(_sealer(uow, check), check.record.get("answers", ())))
    except Invalid as fault:
        note_once(uow, check, UNREADABLE, {"item": str(fault.facts.get("item", ""))})
    return join(*said)


def _shares(officer: UUID, answers: Iterable[Mapping[str, Any]]) -> Shares:
    return frozenset(state(officer, read_answer(sent)) for sent in answers)


def _sealer(uow: UnitOfWork, check: Check) -> UUID:
    """The officer who sealed the record; an account that has left the register counts as the lead officer."""
    officer = uow.session.scalar(select(User.officer_id).where(User.id == check.submitted_by))
    seat = next((seat for seat in check.officers if seat.officer_id == officer), check.officers[0])
    return seat.officer.uuid


def _known_items(uow: UnitOfWork, check: Check, checklist: Checklist, shares: Shares) -> Shares:
    """Statements on items that this checklist puts to this kind of subject; the others are told of."""
    allowed = {item.code for item in checklist.items_for(Frame(check.frame))}
    strange = sorted({s.item for s in shares} - allowed)
    if strange:
        note_once(uow, check, UNKNOWN_ITEMS, {"items": strange})
    return frozenset(s for s in shares if s.item in allowed)


def _add_slots(uow: UnitOfWork, check: Check, parts: Iterable[CheckPart]) -> None:
    """A slot for every photo that only a part mentions."""
    known = {slot.photo_uuid for slot in check.slots}
    fresh: dict[UUID, EvidenceSlot] = {}
    for part in parts:
        named = {UUID(p["uuid"]): (p.get("item"), p.get("sha256")) for p in part.body.get("photos", ())}
        for answer in part.body["answers"]:
            for photo in map(UUID, answer.get("photos", ())):
                item, digest = named.get(photo, (None, None))
                named[photo] = (item or answer["item_code"], digest)
        for photo, (item, digest) in named.items():
            if photo not in known and photo not in fresh:
                fresh[photo] = EvidenceSlot(photo_uuid=photo, item_code=item, announced_sha256=digest)
    check.slots.extend(fresh.values())
    uow.session.flush()
    link_slots(uow, list(fresh.values()))


# ------------------------------------------------------------------------------------------------ answers and questions


def restate(uow: UnitOfWork, check: Check, items: Mapping[str, Shares]) -> None:
    """Write what these items now come to: an answer, or a question with an answer that needs review.

    The caller holds the check's row. Violations follow; those a supervisor has decided on stand as they are.
    """
    questions = {q.item_code: q for q in questions_of(uow.session, [check.id]).get(check.id, [])}
    rows = {row.item_code: row for row in uow.session.scalars(select(AnswerRow).where(AnswerRow.check_id == check.id))}
    for item, statements in items.items():
        question = questions.get(item)
        answer = _settle(uow, check, item, statements, question)
        _write(uow, check, rows.get(item), answer, statements)
    uow.session.flush()
    if check.state == CheckState.JUDGED.value:
        add_violations(uow, check)
    settle_outcome(uow, check.id)


def _settle(
    uow: UnitOfWork, check: Check, item: str, statements: Shares, question: CheckQuestion | None
) -> Answer | None:
    """What the item comes to: None while the officers contradict each other, which makes or keeps a question."""
    if question is None:
        found = agreed(statements)
        if found is None:
            uow.session.add(_question(uow, check, item, statements))
        return found
    question.statements = [to_row(side) for side in sides(statements)]
    if question.state == DECIDED:
        return read_answer((question.settlement or {})["answer"])
    found = standing(statements, replies_of(question.replies))
    question.state = OPEN if found is None else SETTLED
    question.settled_at = None if found is None else uow.now
    question.settlement = None if found is None else settlement_of(found)
    return found


def settlement_of(answer: Answer, **more: str) -> dict[str, Any]:
    """How a question ended: the answer, its digest, and for a decision the reason."""
    said = state(NOBODY, answer)
    return {"answer": document(said), "sha256": said.sha256, **more}


def replies_of(replies: Iterable[QuestionReply]) -> list[Statement]:
    """What was replied, in the order of arrival."""
    return [state(reply.officer.uuid, read_answer(reply.body["answer"])) for reply in replies]


def statements_of(question: CheckQuestion) -> Shares:
    """What was said before anybody was asked."""
    return frozenset(from_row(row) for row in question.statements)


def _question(uow: UnitOfWork, check: Check, item: str, statements: Shares) -> CheckQuestion:
    return CheckQuestion(
        uuid=uow.new_id(),
        check_id=check.id,
        item_code=item,
        statements=[to_row(side) for side in sides(statements)],
        state=OPEN,
        asked_at=uow.now,
    )


def _write(uow: UnitOfWork, check: Check, row: AnswerRow | None, answer: Answer | None, statements: Shares) -> None:
    """Insert or change the item's row; a violation nobody has decided on goes with the answer it came from."""
    checklist = checklist_of(check.checklist_version)
    violation = uow.session.scalar(
        select(Violation).where(Violation.check_id == check.id, Violation.item_code == next(iter(statements)).item)
    )
    if violation is not None and violation.state != ViolationState.FOUND.value:
        return
    told = judged_row(check, checklist, answer) if answer else unsettled_row(check, checklist, sides(statements))
    if row is None:
        uow.session.add(AnswerRow(**told))
        return
    for name, value in told.items():
        setattr(row, name, value)
    if violation is not None:
        uow.session.execute(delete(Violation).where(Violation.id == violation.id))
