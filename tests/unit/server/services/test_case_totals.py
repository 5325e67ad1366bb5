"""Figures about cases: one pass, any order, the same sums."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from server.domain.bulletin_data import Handling
from server.domain.cases import Case, Decision, Penalty, PenaltyKind, decide_case, file_case
from server.domain.clauses import parse_basis
from server.domain.statistics import NoticeCount
from server.queries.bulletin_cases import CaseLine
from server.services.case_totals import total_cases

ON = date(2026, 7, 10)


def notice(kind: str, due_on: str | None) -> dict[str, Any]:
    return {"kind": kind, "number": "测〔2026〕1号", "issued_on": "2026-04-10", "due_on": due_on}


def line(case: Case, *notices: dict[str, Any], region: str = "441302") -> CaseLine:
    return CaseLine(1, 1, region, "project", "RES", date(2026, 4, 2), list(notices), case)


def decided(identity: str, in_force_on: date | None) -> Case:
    penalties = (
        Penalty(PenaltyKind.FINE, "contractor", "示范建筑有限公司", amount=Decimal("30000.50")),
        Penalty(PenaltyKind.FINE, "project_manager", "", True, Decimal(2000)),
        Penalty(PenaltyKind.WARNING, "supervisor_firm", "示范监理有限公司"),
    )
    basis = parse_basis("质量条例64", "V:S01")
    decision = Decision("测罚〔2026〕1号", date(2026, 5, 20), penalties, basis, in_force_on, Decimal("1.5"))
    return decide_case(file_case(Case(identity), on=date(2026, 4, 20), number="测立〔2026〕1号"), decision)


LINES = (
    line(Case("found"), notice("rectification", "2026-05-10")),
    line(file_case(Case("filed"), on=date(2026, 4, 20), number="测立〔2026〕2号"), notice("partial_stop", None)),
    line(decided("in-force", date(2026, 5, 20)), notice("rectification", "2026-06-01"), region="441303"),
    line(decided("later", date(2026, 8, 1)), notice("rectification", "2026-05-01")),
)


@pytest.mark.parametrize("lines", [LINES, LINES[::-1]])
def test_only_decisions_in_force_are_counted(lines: tuple[CaseLine, ...]) -> None:
    expected = Handling(
        filed=3, decided=1, fined_parties=2, fines=Decimal("32000.50"), points=Decimal("1.5"), deducted_parties=1
    )
    assert total_cases(lines, ON).handling == expected


@pytest.mark.parametrize("lines", [LINES, LINES[::-1]])
def test_notices_are_counted_by_kind_region_and_frame(lines: tuple[CaseLine, ...]) -> None:
    totals = total_cases(lines, ON)
    assert totals.notice_counts() == [
        NoticeCount("partial_stop", "441302", "project", 1),
        NoticeCount("rectification", "441302", "project", 2),
        NoticeCount("rectification", "441303", "project", 1),
    ]
    assert totals.latest_due == date(2026, 6, 1)


def test_no_cases_no_figures() -> None:
    totals = total_cases((), ON)
    assert (totals.handling, totals.notice_counts(), totals.latest_due) == (Handling(), [], None)


def test_a_decision_without_points_deducts_nobody() -> None:
    case = decided("no-points", date(2026, 5, 20))
    assert case.decision is not None
    plain = replace(case, decision=replace(case.decision, points=Decimal(0)))
    assert total_cases([line(plain)], ON).handling.deducted_parties == 0
