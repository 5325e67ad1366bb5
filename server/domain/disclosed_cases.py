"""公开案例：从案件事实得到可以离开本系统的那一份。

Only what is named here leaves. Natural persons have a role and no name, free text is redacted, positions
are cut to the decimals the policy allows, evidence numbers and internal ids of people do not exist in these
values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from server.domain.bulletin_data import CaseFacts
from server.domain.bulletin_draft import Draft
from server.domain.bulletins import Paragraph, Text
from server.domain.case_wording import compose_case, role_name
from server.domain.cases import PENALTY_WORDS, Decision, Stage, stage_on
from server.domain.clauses import cite_clauses
from server.domain.errors import Invalid

MAX_DECIMALS = 6
STAGE_WORDS = {Stage.FOUND: "检查发现", Stage.SUSPECTED: "立案查处", Stage.DECIDED: "已作处罚决定"}


@dataclass(frozen=True, slots=True)
class DisclosedParty:
    """A responsible firm; there is no entry for natural persons."""

    role: str
    name: str
    credit_code: str


@dataclass(frozen=True, slots=True)
class DisclosedPenalty:
    """A penalty in force; `name` is empty for a natural person, `yuan` is decimal text or empty."""

    party: str
    name: str
    kind: str
    yuan: str


@dataclass(frozen=True, slots=True)
class DisclosedCase:
    """One public case."""

    number: str
    title: str
    region_code: str
    region: str
    checklist: str
    checked_on: date
    stage: str
    parties: tuple[DisclosedParty, ...]
    findings: tuple[str, ...]
    basis: str
    decision_number: str
    decided_on: date | None
    penalties: tuple[DisclosedPenalty, ...]
    text: tuple[str, ...]
    position: tuple[Decimal, Decimal] | None


def disclose_case(
    facts: CaseFacts,
    *,
    number: str,
    region: str,
    on: date,
    position: tuple[Decimal, Decimal] | None = None,
    decimals: int = 2,
    keep_prefixes: tuple[str, ...] = (),
) -> DisclosedCase:
    """Return the public value of one case on a day; `position` is (longitude, latitude) in degrees, CRS84.

    Raises Refused `case-not-publishable`, Invalid `position-out-of-range`.
    """
    draft = Draft(keep_prefixes)
    paragraphs = compose_case(draft, facts, on)
    stage = stage_on(facts.case, on)
    decision = facts.case.decision if stage is Stage.DECIDED else None
    return DisclosedCase(
        number=number,
        title=draft.clean(facts.subject),
        region_code=facts.region_code,
        region=region,
        checklist=facts.checklist,
        checked_on=facts.checked_on,
        stage=STAGE_WORDS[stage],
        parties=_parties(facts),
        findings=tuple(draft.clean(fact.text) for fact in facts.facts),
        basis=cite_clauses(decision.clauses if decision else facts.clauses),
        decision_number=decision.number if decision else "",
        decided_on=decision.decided_on if decision else None,
        penalties=_penalties(decision),
        text=tuple(_flat(draft, paragraph) for paragraph in paragraphs),
        position=coarse_position(position, decimals) if position else None,
    )


def coarse_position(position: tuple[Decimal, Decimal], decimals: int) -> tuple[Decimal, Decimal]:
    """Return (longitude, latitude) rounded to at most `decimals` places.

    Two places are about 1.1 km. Raises Invalid `position-out-of-range`.
    """
    longitude, latitude = position
    if not (abs(longitude) <= 180 and abs(latitude) <= 90 and 0 <= decimals <= MAX_DECIMALS):
        raise Invalid("position-out-of-range", "经度应在±180度、纬度应在±90度以内，小数位数应为0至6位。")
    step = Decimal(1).scaleb(-decimals)
    return longitude.quantize(step, ROUND_HALF_EVEN), latitude.quantize(step, ROUND_HALF_EVEN)


def _parties(facts: CaseFacts) -> tuple[DisclosedParty, ...]:
    firms = (party for party in facts.parties if not party.natural_person)
    shown = (DisclosedParty(role_name(party.role), party.name, party.credit_code) for party in firms)
    return tuple(sorted(shown, key=lambda party: (party.role, party.name)))


def _penalties(decision: Decision | None) -> tuple[DisclosedPenalty, ...]:
    if decision is None:
        return ()
    return tuple(
        DisclosedPenalty(
            role_name(penalty.party_role),
            "" if penalty.natural_person else penalty.party_name,
            PENALTY_WORDS[penalty.kind],
            "" if penalty.amount is None else f"{penalty.amount:f}",
        )
        for penalty in decision.penalties
    )


def _flat(draft: Draft, paragraph: Paragraph) -> str:
    return "".join(run.text if isinstance(run, Text) else draft.figures[run.figure].text for run in paragraph.runs)
