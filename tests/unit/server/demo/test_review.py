"""认定与案件：话说得全，罚的是名录里有的单位。"""

from datetime import date
from typing import Any
from uuid import uuid5

from server.demo.plan import Plan
from server.demo.review import _decision, _liable_firm, _number, _verdict
from server.domain.cases import Decision, Penalty, PenaltyKind
from server.domain.checklists import Severity
from server.domain.violations import MIN_REASON
from server.domain.wording import normalise_document_number
from tests.unit.server.demo.world import PLAN

SUBJECT = {"parties": [{"party": "contractor", "organisation": {"name": "施工（示例）"}}], "organisation": None}
CASE = {"uuid": "u", "subject": "s", "region_code": "330211"}


class Console:
    def get(self, _: str) -> dict[str, Any]:
        return SUBJECT


def test_verdicts_lower_only_what_can_be_lowered_and_always_give_a_reason() -> None:
    kinds = set()
    for n in range(200):
        for severity in Severity:
            verdict = _verdict({"severity": severity.value}, PLAN.chance("v", n, severity))
            kinds.add(verdict["decision"])
            if verdict["decision"] == "lower":
                assert Severity(verdict["severity"]).rank < severity.rank
            if verdict["decision"] != "confirm":
                assert len(verdict["reason"]) >= MIN_REASON
    assert kinds == {"confirm", "lower", "reject"}


def test_document_numbers_are_well_formed() -> None:
    number = _number(PLAN, CASE, "罚决字", 6)
    assert normalise_document_number(number) == number == "示镇建罚决字〔2026〕第7号"


def test_liable_firm_is_one_the_register_names() -> None:
    found = [{"liable": ["supervisor_firm", "contractor"]}]
    assert _liable_firm(Console(), CASE, found) == ("contractor", "施工（示例）")  # type: ignore[arg-type]
    assert _liable_firm(Console(), CASE, [{"liable": ["organiser"]}])[0] == "contractor"  # type: ignore[arg-type]


def test_decisions_are_such_as_the_domain_accepts() -> None:
    for n in range(30):
        plan = Plan("决", date(2026, 3, 1), 1)
        case = CASE | {"uuid": str(uuid5(plan.id("x"), str(n)))}
        told = _decision(Console(), plan, case, [{"liable": ["contractor"]}], n)  # type: ignore[arg-type]
        penalties = tuple(
            Penalty(
                PenaltyKind(p["kind"]), p["party_role"], p["party_name"], amount=p.get("amount") and int(p["amount"])
            )
            for p in told["penalties"]
        )
        decided_on, force_on = date.fromisoformat(told["decided_on"]), date.fromisoformat(told["in_force_on"])
        assert Decision(told["number"], decided_on, penalties, in_force_on=force_on).in_force(plan.base_on)
