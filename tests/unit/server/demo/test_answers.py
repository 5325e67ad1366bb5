"""题库：每一项都答得出应得的结论，别的一概不收。"""

from datetime import date

import pytest

from server.demo.answers import SHAPE, AnswerBank, not_applicable, outcome_of, worked_examples
from server.domain.findings import Outcome
from server.domain.rules import judge
from tests.unit.server.demo.world import checklists

ON, REGION = date(2026, 3, 1), "441302"


@pytest.mark.parametrize("code", sorted(checklists()))
@pytest.mark.parametrize("outcome", [Outcome.CONFORMING, Outcome.FAILING])
def test_answers_come_to_the_outcome_they_are_filed_under(code: str, outcome: Outcome) -> None:
    bank = AnswerBank(checklists()[code])
    known = 0
    for item in checklists()[code].items:
        for answer in bank.answers(item, outcome, ON, REGION):
            known += 1
            assert judge(item, SHAPE.load(answer), fact_on=ON, region_code=REGION).outcome is outcome
    assert known >= 10


def test_measured_items_are_answered_from_worked_examples() -> None:
    item = checklists()["RMC"].item("RMC-02-04")
    found = AnswerBank(checklists()["RMC"]).answers(item, Outcome.FAILING, ON, REGION)
    assert found[0]["value"] in {example.get("value") for example in worked_examples()["RMC-02-04"]}


def test_not_applicable_carries_its_reason() -> None:
    item = next(iter(checklists()["RES"].items))
    assert outcome_of(item, not_applicable(item, "设计无此内容"), ON, REGION) is Outcome.NOT_APPLICABLE


def test_malformed_answer_has_no_outcome() -> None:
    item = next(iter(checklists()["RES"].items))
    assert outcome_of(item, {"item_code": item.code, "count": "三"}, ON, REGION) is None
