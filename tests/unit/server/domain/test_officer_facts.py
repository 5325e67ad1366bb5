"""回避关系：写明与谁、为什么，日期不颠倒。"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from server.domain.errors import Invalid
from server.domain.officer_facts import NewInterest, check_interest
from server.domain.register_facts import InterestKind

FIRM, SITE = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize("kind", list(InterestKind))
def test_every_kind_names_one_target_and_its_ground(kind: InterestKind) -> None:
    check_interest(NewInterest(kind, "当事人书面申请", organisation=FIRM))
    check_interest(NewInterest(kind, "曾任监理", subject=SITE, from_on=date(2026, 1, 1), to_on=date(2026, 1, 1)))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (NewInterest(InterestKind.DECLARED, "持股"), "interest-target-missing"),
        (NewInterest(InterestKind.DECLARED, "持股", organisation=FIRM, subject=SITE), "interest-target-missing"),
        (NewInterest(InterestKind.DECLARED, " 股 ", organisation=FIRM), "reason-too-short"),
        (
            NewInterest(InterestKind.RELATIVE, "亲属", FIRM, None, date(2026, 2, 1), date(2026, 1, 31)),
            "dates-reversed",
        ),
    ],
)
def test_what_is_no_declaration(command: NewInterest, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_interest(command)
    assert refusal.value.code == code
