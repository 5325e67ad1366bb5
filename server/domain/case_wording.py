"""案例段：基本情况、违法违规事实、依据、处理结果。

The sentence follows the state of the case on the date of the bulletin (检查发现, 涉嫌, 已决定). Natural
persons appear by their role, never by name. An unverified clause number is left out and noted for the
drafters.
"""

from __future__ import annotations

from datetime import date

from server.domain.bulletin_data import CaseFacts, Fact, Notice, Party
from server.domain.bulletin_draft import Draft, Part
from server.domain.bulletins import Paragraph
from server.domain.cases import PENALTY_WORDS, Decision, Penalty, Stage, stage_on
from server.domain.clauses import cite_clauses, clause_notes
from server.domain.errors import Refused
from server.domain.wording import NOTICES, PARTIES, chinese_date, joined

_ROLE_ORDER = {role: place for place, role in enumerate(PARTIES)}
_PERSON_ROLES = {
    "legal_representative": "法定代表人",
    "project_manager": "项目负责人",
    "chief_supervisor": "总监理工程师",
    "technical_manager": "技术负责人",
    "tester": "检测人员",
    "signatory": "授权签字人",
}


def role_name(role: str) -> str:
    """Return the Chinese name of a party or of a person's role; 有关责任人员 for an unknown one."""
    return PARTIES.get(role) or _PERSON_ROLES.get(role, "有关责任人员")


def party_text(party: Party) -> str:
    """Return 施工单位某公司 for a firm and only the role for a natural person."""
    return f"{role_name(party.role)}（个人）" if party.natural_person else role_name(party.role) + party.name


def compose_case(draft: Draft, facts: CaseFacts, on: date) -> tuple[Paragraph, ...]:
    """Return the body paragraphs of one case: findings, then basis and standing, then the decision.

    Raises Refused `case-not-publishable` when the case was changed by review or dropped.
    """
    stage = stage_on(facts.case, on)
    if stage is Stage.SILENT:
        raise Refused("case-not-publishable", "该案已变更或撤销，不得写入通报。", facts={"id": facts.case.id})
    paragraphs = [draft.paragraph(*_found(draft, facts))]
    if stage is Stage.SUSPECTED:
        paragraphs.append(draft.paragraph(*_suspected(facts)))
    if stage is Stage.DECIDED and facts.case.decision:
        paragraphs.append(draft.paragraph(*_decided(draft, facts, facts.case.decision)))
    return tuple(paragraphs)


def case_notes(facts: CaseFacts) -> tuple[str, ...]:
    """Return the internal remarks of one case: clauses not verified, evidence numbers of each fact."""
    decision = facts.case.decision
    clauses = clause_notes([*facts.clauses, *(decision.clauses if decision else ())])
    evidence = (
        f"{facts.subject}检查项{fact.item_code}的证据：{joined(fact.evidence)}" for fact in facts.facts if fact.evidence
    )
    return (*clauses, *evidence)


def _found(draft: Draft, facts: CaseFacts) -> list[Part]:
    ordered = sorted(facts.parties, key=lambda party: (_ROLE_ORDER.get(party.role, 99), party.name))
    parties = joined(party_text(party) for party in ordered if party.name != facts.subject)
    parts: list[Part] = [f"经检查，{chinese_date(facts.checked_on)}，{facts.subject}"]
    parts.append(f"（{parties}）" if parties else "")
    parts.append("存在以下问题：")
    for place, fact in enumerate(facts.facts):
        parts.append("；" if place else "")
        parts += _fact(draft, facts, fact)
    parts.append("。")
    if facts.notices:
        ordered_notices = sorted(facts.notices, key=lambda notice: (notice.issued_on, notice.number))
        parts.append("已下发" + "、".join(_notice(notice) for notice in ordered_notices) + "。")
    return parts


def _fact(draft: Draft, facts: CaseFacts, fact: Fact) -> list[Part]:
    parts: list[Part] = [fact.text.rstrip("。；")]
    if fact.reading:
        records = {"records": "answers", "case": facts.case.id, "item": fact.item_code}
        definition = f"{facts.subject}检查项{fact.item_code}的实测值"
        identity = f"case.{facts.case.id}.{fact.item_code}.reading"
        reading = draft.shown(identity, fact.reading, {"reading": fact.reading}, definition, records)
        parts += ["（实测", reading, f"，要求{fact.limit}）" if fact.limit else "）"]
    return parts


def _notice(notice: Notice) -> str:
    name = f"《{NOTICES.get(notice.kind, '文书')}》（{notice.number}）"
    if notice.kind in {"partial_stop", "full_stop"}:
        return f"{name}责令停工整改"
    return f"{name}责令于{chinese_date(notice.due_on)}前改正" if notice.due_on else name


def _suspected(facts: CaseFacts) -> list[Part]:
    if not facts.clauses:
        return ["上述行为涉嫌违反有关法规和工程建设标准的规定，已立案查处。"]
    cited = cite_clauses(facts.clauses)
    vague = any(clause.formal() == clause.name() for clause in facts.clauses)
    return [f"上述行为涉嫌违反{cited}{'的有关规定' if vague else ''}，已立案查处。"]


def _decided(draft: Draft, facts: CaseFacts, decision: Decision) -> list[Part]:
    cited = cite_clauses(decision.clauses)
    parts: list[Part] = [f"依据{cited}，" if cited else "依法", "对"]
    for place, penalty in enumerate(decision.penalties):
        parts.append("，对" if place else "")
        parts += _penalty(draft, facts, penalty, place)
    if decision.points:
        records = {"records": "credit_deductions", "case": facts.case.id}
        identity = f"case.{facts.case.id}.points"
        points = draft.points(identity, decision.points, f"{facts.subject}一案记信用扣分", records)
        parts += ["；记信用扣分", points]
    return [*parts, f"（{decision.number}）。"]


def _penalty(draft: Draft, facts: CaseFacts, penalty: Penalty, place: int) -> list[Part]:
    party = _punished(facts, penalty)
    word = PENALTY_WORDS[penalty.kind]
    if penalty.amount is None:
        return [f"{party}处{word}"]
    records = {"records": "penalties", "case": facts.case.id}
    identity = f"case.{facts.case.id}.penalty.{place + 1}"
    amount = draft.amount(identity, penalty.amount, f"{facts.subject}一案{word}金额", records)
    return [f"{party}处{word}人民币", amount]


def _punished(facts: CaseFacts, penalty: Penalty) -> str:
    if penalty.natural_person:
        return f"有关单位{role_name(penalty.party_role)}"
    if penalty.party_name == facts.subject:
        return penalty.party_name
    return role_name(penalty.party_role) + penalty.party_name
