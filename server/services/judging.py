"""判定：收下时把作答变成结论，随后在后台把不符合变成问题。"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, select

from server.domain.answers import Answer
from server.domain.checklists import Checklist, Frame, Section
from server.domain.checks import CheckState
from server.domain.findings import Finding, Outcome
from server.domain.rules import judge
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
    uow.session.execute(insert(AnswerRow.__table__), rows)  # type: ignore[arg-type]


def find_violations(uow: UnitOfWork, check_uuid: UUID) -> Check:
    """Every failing answer becomes a violation, once; fills waiting slots; may run twice with the same result."""
    check = uow.session.scalars(select(Check).where(Check.uuid == check_uuid).with_for_update()).one()
    link_slots(uow, check.slots)
    if check.state == CheckState.JUDGED.value:
        return check
    checklist = checklist_of(check.checklist_version)
    requirements = {item.code: item.text for item in checklist.items}
    failing = select(AnswerRow).where(AnswerRow.check_id == check.id, AnswerRow.outcome == Outcome.FAILING.value)
    for answer in uow.session.scalars(failing.order_by(AnswerRow.item_code)):
        uow.session.add(_violation(uow, check, answer, requirements[answer.item_code]))
    check.state = CheckState.JUDGED.value
    check.judged_at = uow.now
    return check


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
