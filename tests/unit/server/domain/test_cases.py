"""The standing of a case and the words it allows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from server.domain.cases import (
    Case,
    CaseState,
    Decision,
    Penalty,
    PenaltyKind,
    Stage,
    change_case,
    check_criticism,
    decide_case,
    drop_case,
    file_case,
    may_criticise,
    stage_on,
)
from server.domain.errors import Conflict, Invalid, Refused

FILED = file_case(Case("c"), on=date(2026, 8, 3), number="﹝示﹞住建罚立字﹝2026﹞第1号")
CRITICISM = Penalty(PenaltyKind.PUBLIC_CRITICISM, "contractor", "示范建筑工程有限公司")
FINE = Penalty(PenaltyKind.FINE, "contractor", "示范建筑工程有限公司", amount=Decimal(30000))
DECISION = Decision("〔示〕住建罚决字〔2026〕第1号", date(2026, 9, 1), (FINE, CRITICISM), (), date(2026, 9, 8))


def test_the_path_of_a_case() -> None:
    assert FILED.filing_number == "〔示〕住建罚立字〔2026〕第1号"
    decided = decide_case(FILED, DECISION)
    changed = change_case(decided, note="经复议撤销")
    assert [case.state for case in (FILED, decided, changed)] == [
        CaseState.FILED,
        CaseState.DECIDED,
        CaseState.REVIEWED_CHANGED,
    ]


def test_the_sentence_follows_the_state_and_the_day() -> None:
    decided = decide_case(FILED, DECISION)
    assert stage_on(Case("c"), date(2026, 9, 9)) is Stage.FOUND
    assert stage_on(FILED, date(2026, 9, 9)) is Stage.SUSPECTED
    assert stage_on(decided, date(2026, 9, 7)) is Stage.SUSPECTED
    assert stage_on(decided, date(2026, 9, 8)) is Stage.DECIDED
    assert stage_on(change_case(decided, note="经复议撤销"), date(2026, 9, 9)) is Stage.SILENT
    assert stage_on(drop_case(FILED, reason="违法事实不成立"), date(2026, 9, 9)) is Stage.SILENT


def test_a_decision_not_served_never_comes_into_force() -> None:
    decided = decide_case(FILED, replace(DECISION, in_force_on=None))
    assert stage_on(decided, date(2027, 1, 1)) is Stage.SUSPECTED
    assert not may_criticise(decided, date(2027, 1, 1))


def test_public_criticism_needs_a_decision_in_force_that_imposes_it() -> None:
    decided = decide_case(FILED, DECISION)
    only_fine = decide_case(FILED, replace(DECISION, penalties=(FINE,)))
    assert may_criticise(decided, date(2026, 9, 8))
    assert not may_criticise(decided, date(2026, 9, 7))
    assert not may_criticise(only_fine, date(2026, 9, 8))
    check_criticism("予以通报批评", (decided,), date(2026, 9, 8))
    check_criticism("情况通报", (), date(2026, 9, 8))
    with pytest.raises(Refused) as caught:
        check_criticism("予以通报批评", (FILED, only_fine), date(2026, 9, 8))
    assert caught.value.code == "criticism-needs-decision"


def test_steps_out_of_order_are_refused() -> None:
    for act in (
        lambda: file_case(FILED, on=date(2026, 8, 4), number="〔示〕住建罚立字〔2026〕第2号"),
        lambda: decide_case(Case("c"), DECISION),
        lambda: change_case(FILED, note="经复议撤销"),
        lambda: drop_case(Case("c"), reason="违法事实不成立"),
    ):
        with pytest.raises(Conflict) as caught:
            act()
        assert caught.value.code == "case-state-forbids"


def test_dates_must_follow_each_other() -> None:
    with pytest.raises(Invalid) as caught:
        decide_case(FILED, replace(DECISION, decided_on=date(2026, 8, 1)))
    assert caught.value.code == "decision-dates-reversed"
    with pytest.raises(Invalid):
        replace(DECISION, in_force_on=date(2026, 8, 31))


@pytest.mark.parametrize(
    ("kind", "amount"),
    [(PenaltyKind.FINE, None), (PenaltyKind.WARNING, Decimal(1)), (PenaltyKind.FINE, Decimal(-1))],
)
def test_amounts_belong_to_fines_and_confiscations(kind: PenaltyKind, amount: Decimal | None) -> None:
    with pytest.raises(Invalid) as caught:
        Penalty(kind, "contractor", "甲公司", amount=amount)
    assert caught.value.code == "penalty-amount-invalid"
