"""判定：收下时把作答变成结论，随后在后台把不符合变成问题。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, select

from server.domain.answers import Answer
from server.domain.checklists import Checklist, Frame, Item, Section
from server.domain.checks import CheckState
from server.domain.findings import Finding, Outcome
from server.domain.merging import UNSETTLED
from server.domain.rules import judge
from server.domain.statements import Statement, answer_of
from server.domain.violations import ViolationState
from server.models.checks import Answer as AnswerRow
from server.models.checks import Check
from server.models.violations import Violation
from server.services.checklists import checklist_of, prepared
from server.services.slots import link_slots
from server.uow import UnitOfWork


def record_findings(uow: UnitOfWork, check: Check, checklist: Checklist, answers: tuple[Answer, ...]) -> None:
    """Judge every answer by the check's own checklist version and write one row each, in one statement."""
    places = prepared(checklist).places
    rows = []
    for answer in answers:
        section, item = places[answer.item_code]
        finding = judge(item, answer, fact_on=check.ended_on, region_code=check.region_code)
        rows.append(_answer_row(check, checklist.code, section, answer, finding))
    uow.run(insert(AnswerRow.__table__), rows)  # type: ignore[arg-type]


def find_violations(uow: UnitOfWork, check_uuid: UUID) -> Check:
    """Every failing answer becomes a violation, once; fills waiting slots; may run twice with the same result."""
    check = uow.session.scalars(select(Check).where(Check.uuid == check_uuid).with_for_update()).one()
    link_slots(uow, check.slots)
    if check.state == CheckState.JUDGED.value:
        return check
    add_violations(uow, check)
    check.state = CheckState.JUDGED.value
    check.judged_at = uow.now
    return check


def add_violations(uow: UnitOfWork, check: Check) -> None:
    """A violation for every failing answer that has none yet."""
    checklist = checklist_of(check.checklist_version)
    requirements = {item.code: item.text for item in checklist.items}
    known = select(Violation.item_code).where(Violation.check_id == check.id)
    failing = select(AnswerRow).where(
        AnswerRow.check_id == check.id,
        AnswerRow.outcome == Outcome.FAILING.value,
        AnswerRow.item_code.not_in(known),
    )
    for answer in uow.session.scalars(failing.order_by(AnswerRow.item_code)):
        uow.session.add(_violation(uow, check, answer, requirements[answer.item_code]))


def judged_row(check: Check, checklist: Checklist, answer: Answer) -> dict[str, Any]:
    """One answer judged like those the record came with, as the columns of its row."""
    section, item = _place(checklist, answer.item_code)
    finding = judge(item, answer, fact_on=check.ended_on, region_code=check.region_code)
    return _answer_row(check, checklist.code, section, answer, finding)


def unsettled_row(check: Check, checklist: Checklist, said: Sequence[Statement]) -> dict[str, Any]:
    """The row of an item on which the officers contradict each other: in the denominator, and nobody's violation."""
    section, item = _place(checklist, said[0].item)
    answer = answer_of(said[:1])
    finding = judge(item, answer, fact_on=check.ended_on, region_code=check.region_code)
    waiting = replace(
        finding, outcome=Outcome.NEEDS_REVIEW, judged=None, stated=None, explanation=f"{UNSETTLED}。", liable=()
    )
    unsaid = replace(answer, verdict=None, value=None)
    return _answer_row(check, checklist.code, section, unsaid, waiting)


def _place(checklist: Checklist, code: str) -> tuple[Section, Item]:
    return next((section, item) for section in checklist.sections for item in section.items if item.code == code)


def section_code(checklist_code: str, section: Section) -> str:
    """The section's public code, e.g. RMC-02."""
    return f"{checklist_code}-{section.no}"


def _answer_row(
    check: Check, checklist_code: str, section: Section, answer: Answer, finding: Finding
) -> dict[str, Any]:
    return {
        "check_id": check.id,
        "item_code": answer.item_code,
        "section_code": section_code(checklist_code, section),
        "chain_link": section.link_in(Frame(check.frame)),
        "liable": "、".join(sorted(finding.liable)),
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        "stated": answer.verdict.value if answer.verdict else None,
        "value": answer.value,
        "finding": finding.to_dict(),
    }


def _violation(uow: UnitOfWork, check: Check, answer: AnswerRow, requirement: str) -> Violation:
    """The id follows from check and item, so judging twice, or on another day, names the same violation."""
    finding = answer.finding
    return Violation(
        uuid=uuid5(check.uuid, answer.item_code),
        check_id=check.id,
        subject_id=check.subject_id,
        region_code=check.region_code,
        item_code=answer.item_code,
        section_code=answer.section_code,
        found_severity=answer.severity,
        severity=answer.severity,
        liable=sorted(finding["liable"]),
        clause={"requirement": requirement, "basis": finding["clauses"], "confidence": finding["confidence"]},
        finding=finding,
        state=ViolationState.FOUND.value,
        found_at=uow.now,
    )
