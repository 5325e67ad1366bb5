"""案件事实：从登记、问题、文书、决定取齐案例段可以说的一切。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from server.domain.bulletin_data import CaseFacts, Fact, Party
from server.domain.clauses import clauses_of_finding
from server.domain.wording import not_done
from server.models.subjects import Subject
from server.models.violations import Case, Violation
from server.queries.case_values import case_value, read_notice

PhotoNames = Mapping[tuple[int, str], tuple[str, ...]]


def case_facts(case: Case, violations: Sequence[Violation], photos: PhotoNames, checklist: str) -> CaseFacts:
    """Everything structured about one case; free text never enters."""
    check = case.check
    return CaseFacts(
        case=case_value(case),
        subject=case.subject.name,
        frame=case.subject.frame,
        region_code=case.region_code,
        checklist=checklist,
        checked_on=check.ended_on,
        parties=parties_on(case.subject, check.ended_on),
        facts=tuple(_fact(v, photos.get((check.id, v.item_code), ())) for v in violations),
        clauses=tuple(dict.fromkeys(c for v in violations for c in clauses_of_finding(v.clause["basis"]))),
        notices=tuple(read_notice(n) for n in case.notices),
        address=case.subject.address,
    )


def parties_on(subject: Subject, on: date) -> tuple[Party, ...]:
    """Responsible parties in force on the day, and the subject's own organisation."""
    rows = [
        Party(p.party, p.organisation.name, p.organisation.credit_code or "")
        for p in subject.parties
        if (p.from_on is None or p.from_on <= on) and (p.to_on is None or on <= p.to_on)
    ]
    if subject.organisation is not None:
        own = subject.organisation
        rows.append(Party(own.kind, own.name, own.credit_code or ""))
    return tuple(dict.fromkeys(rows))


def _fact(violation: Violation, photos: tuple[str, ...]) -> Fact:
    reading, limit = _measured(violation.finding.get("limit"))
    return Fact(violation.item_code, not_done(violation.clause["requirement"]), reading, limit, photos)


def _measured(limit: Mapping[str, Any] | None) -> tuple[str, str]:
    """(reading with unit, bound) of the limit that failed; blanks when nothing was measured."""
    if not limit or limit.get("holds") or limit.get("rounded") is None:
        return "", ""
    unit = f" {limit['unit']}" if limit.get("unit") else ""
    return f"{limit['rounded']}{unit}", str(limit["bound"])
