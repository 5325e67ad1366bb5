"""批次模拟：各类会抽多少，人手缺什么；数目里没有名字。"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.batches import BatchOptions, Frame, StratumRule
from server.domain.draw_files import DrawFiles
from server.domain.draws import Stratum, ticket_maker
from server.domain.errors import Invalid
from server.domain.register_facts import RiskClass
from server.domain.simulation import KindShare, Shortage, kind_shares, try_crew

TICKET = ticket_maker(b"a key for this test")
OPTIONS = BatchOptions((StratumRule(RiskClass.HIGH, 1, 2),), ("RMC",))
NAMES = tuple(f"OBJECT-{n}" for n in range(6))
FRAME = Frame(tuple(("credit-high", name, 1) for name in NAMES), (), (Stratum("credit-high", 3),))
FOUR = ("F001", "F002", "F003", "F004")


def files(**members: object) -> DrawFiles:
    return replace(DrawFiles(FRAME.objects, FOUR, leads=FOUR[:2]), **members)  # type: ignore[arg-type]


def words(found: tuple[Shortage, ...]) -> list[tuple[str, int, int]]:
    return [(s.word, s.have, s.need) for s in found]


def test_enough_officers_lack_nothing() -> None:
    crew, short = try_crew(FRAME, files(), OPTIONS, TICKET)
    assert short == ()
    assert (crew.seats, crew.available, crew.able, crew.leads, crew.units) == (6, 4, 4, 2, None)
    assert (crew.max_load, crew.officers_at_max) == (2, 2)


def test_one_officer_is_no_group() -> None:
    crew, short = try_crew(FRAME, files(officers=("F001",), leads=("F001",)), OPTIONS, TICKET)
    assert words(short)[0] == ("officers", 1, 2)
    assert words(short)[1][0] == "pairing"
    assert (crew.max_load, crew.officers_at_max) == (0, 0)


def test_nobody_at_all() -> None:
    _, short = try_crew(FRAME, files(officers=(), leads=()), OPTIONS, TICKET)
    assert [s.word for s in short] == ["officers", "leads", "pairing"]


def test_no_lead() -> None:
    _, short = try_crew(FRAME, files(leads=()), OPTIONS, TICKET)
    assert words(short)[0] == ("leads", 0, 1)


def test_too_few_with_a_skill() -> None:
    options = replace(OPTIONS, skills=("混凝土", "检测"))
    held = (("F001", "混凝土"), ("F002", "混凝土"), ("F002", "检测"))
    needs = tuple((name, skill) for name in NAMES for skill in options.skills)
    crew, short = try_crew(FRAME, files(skills=held, needs=needs), options, TICKET)
    assert words(short)[0] == ("skill", 1, 2)
    assert "检测" in short[0].text
    assert short[-1].word == "pairing"
    assert (crew.available, crew.able, crew.leads) == (4, 1, 1)


def test_one_unit_where_none_may_be_together() -> None:
    options = replace(OPTIONS, rule="apart")
    one = tuple((officer, "一科") for officer in FOUR)
    crew, short = try_crew(FRAME, files(leads=None, units=one), options, TICKET)
    assert words(short)[0] == ("units", 1, 2)
    assert crew.units == 1
    two = (("F001", "二科"), *one[1:])
    crew, short = try_crew(FRAME, files(leads=None, units=two), options, TICKET)
    assert (short, crew.units, crew.max_load) == ((), 2, 3)


def test_recusals_that_leave_no_group_are_counted() -> None:
    barred = tuple((NAMES[0], officer) for officer in FOUR[1:]) + (
        (NAMES[1], "F001"),
        (NAMES[2], "F001"),
        (NAMES[2], "F002"),
    )
    _, short = try_crew(FRAME, files(recusals=barred), OPTIONS, TICKET)
    assert words(short)[0] == ("recusals", 0, 2)


def test_no_text_names_an_object() -> None:
    barred = tuple((name, officer) for name in NAMES for officer in FOUR)
    _, short = try_crew(FRAME, files(recusals=barred), OPTIONS, TICKET)
    assert [s.word for s in short] == ["recusals", "pairing"]
    assert not any(name in s.text for s in short for name in NAMES)


def test_another_refusal_is_not_swallowed() -> None:
    with pytest.raises(Invalid, match="pairing-task-invalid"):
        try_crew(FRAME, files(officers=("F001", "F001", "F002")), OPTIONS, TICKET)


def test_kinds_of_one_stratum() -> None:
    (share,) = kind_shares(FRAME, {("credit-high", "搅拌站"): 6})
    assert share == KindShare("搅拌站", 6, 3, 1, 3, 3)
    yards, labs = kind_shares(FRAME, {("credit-high", "搅拌站"): 4, ("credit-high", "检测机构"): 2})
    assert yards == KindShare("搅拌站", 4, 2, 1, 1, 3)
    assert labs == KindShare("检测机构", 2, 1, 1, 0, 2)


@given(st.lists(st.sampled_from("甲乙丙"), min_size=1, max_size=7), st.integers(0, 7))
def test_kind_shares_agree_with_every_sample(kinds: list[str], take: int) -> None:
    take = min(take, len(kinds))
    frame = Frame(tuple(("s", f"o{n}", 1) for n in range(len(kinds))), (), (Stratum("s", take),))
    shares = kind_shares(frame, {("s", kind): kinds.count(kind) for kind in kinds})
    samples = [[kinds[n] for n in sample] for sample in combinations(range(len(kinds)), take)]
    for share in shares:
        hits = [sample.count(share.kind) for sample in samples]
        assert Fraction(share.expected_num, share.expected_den) == Fraction(sum(hits), len(hits))
        assert (share.least, share.most) == (min(hits), max(hits))
    assert sum(Fraction(s.expected_num, s.expected_den) for s in shares) == take
