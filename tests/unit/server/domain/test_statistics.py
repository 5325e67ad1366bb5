"""Pairs, ratios and tables; the figures of the ministry's 2020 ready-mixed concrete notice must come out."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Invalid
from server.domain.reconciliation import reconcile
from server.domain.statistics import (
    CountRow,
    FindingCount,
    NoticeCount,
    Pair,
    SubjectCount,
    change_text,
    tabulate,
    tenths_text,
)

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
PARTIES = ["client", "contractor", "supervisor_firm", "concrete_producer"]
ROWS = st.builds(
    CountRow,
    region_code=st.sampled_from(["441302", "441303", "440811"]),
    frame=st.sampled_from(["project", "enterprise_site"]),
    link=st.sampled_from(["production", "use"]),
    checklist=st.sampled_from(["RMC", "SND"]),
    section=st.sampled_from(["01", "02", "03"]),
    liable=st.sets(st.sampled_from(PARTIES), max_size=3).map(lambda parties: tuple(sorted(parties))),
    conforming=st.integers(0, 50),
    failing=st.integers(0, 50),
    not_applicable=st.integers(0, 9),
    needs_review=st.integers(0, 9),
)


def test_the_ministry_figures_of_2020() -> None:
    assert Pair(1412, 1844).ratio_text() == "76.6%"
    assert Pair(709, 953).ratio_text() == "74.4%"
    assert Pair(703, 891).ratio_text() == "78.9%"
    assert Pair(257, 440).ratio_text() == "58.4%"
    assert Pair(709, 953) + Pair(703, 891) == Pair(1412, 1844)


def test_the_ministry_figures_reconcile_as_two_links_of_one_chain() -> None:
    rows = [
        CountRow("440000", "enterprise_site", "production", "RMC", "02", ("concrete_producer",), 709, 244),
        CountRow("440000", "project", "use", "RMC", "06", ("contractor",), 703, 188),
    ]
    stats = tabulate(FIRST, LAST, rows)
    assert stats.total.pair == Pair(1412, 1844)
    assert stats.table("link").line("production").pair.ratio_text() == "74.4%"
    assert reconcile(stats)


@pytest.mark.parametrize(
    ("pair", "text"),
    [
        (Pair(0, 0), "—"),
        (Pair(0, 7), "0.0%"),
        (Pair(7, 7), "100.0%"),
        (Pair(1, 2000), "0.1%"),
        (Pair(1, 2001), "0.0%"),
        (Pair(1999, 2000), "100.0%"),
        (Pair(3, 8), "37.5%"),
        (Pair(1, 16), "6.3%"),
    ],
)
def test_ratios_round_half_up_once(pair: Pair, text: str) -> None:
    assert pair.ratio_text() == text


@pytest.mark.parametrize(("value", "text"), [("1/20", "0.1"), ("-1/20", "-0.1"), ("-1/50", "0.0"), ("5/2", "2.5")])
def test_tenths_round_away_from_zero(value: str, text: str) -> None:
    assert tenths_text(Fraction(value)) == text


@pytest.mark.parametrize("counts", [(3, 2), (-1, 2)])
def test_an_impossible_pair_is_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(Invalid) as caught:
        Pair(*counts)
    assert caught.value.code == "figures-impossible"


def test_liable_sets_must_be_sorted_and_single() -> None:
    with pytest.raises(Invalid):
        CountRow("441302", "project", "use", "RMC", "06", ("contractor", "client"), 1, 1)


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (Pair(788, 1000), Pair(766, 1000), "比上期上升2.2个百分点"),
        (Pair(766, 1000), Pair(788, 1000), "比上期下降2.2个百分点"),
        (Pair(1, 2), Pair(2, 4), "与上期持平"),
        (Pair(1, 2), None, "上期无可比数据"),
        (Pair(1, 2), Pair(0, 0), "上期无可比数据"),
        # 两个四舍五入后的百分数相减会得出 0.2；由成对的数直接算是 0.1。
        (Pair(7664, 10000), Pair(7650, 10000), "比上期上升0.1个百分点"),
    ],
)
def test_changes_are_computed_from_pairs(now: Pair, before: Pair | None, text: str) -> None:
    assert change_text(now, before) == text


def test_not_applicable_and_needs_review_stay_out_of_the_pair() -> None:
    row = CountRow("441302", "project", "use", "RMC", "06", ("contractor",), 3, 1, 5, 2)
    total = tabulate(FIRST, LAST, [row]).total
    assert total.pair == Pair(3, 4)
    assert (total.not_applicable, total.needs_review) == (5, 2)


def test_parties_overlap_and_say_so() -> None:
    row = CountRow("441302", "project", "use", "RMC", "06", ("client", "contractor"), 3, 1)
    stats = tabulate(FIRST, LAST, [row])
    assert not stats.table("party").partition
    assert stats.table("party").total() == Pair(6, 8)
    assert stats.table("liable_set").total() == Pair(3, 4)


def test_tallies_are_cut_every_way() -> None:
    stats = tabulate(
        FIRST,
        LAST,
        [],
        subjects=[SubjectCount("在建项目", "project", "441302", 4, 0, 5, 1)],
        notices=[NoticeCount("rectification", "441302", "project", 2)],
        findings=[FindingCount("441302", "project", "RMC", "06", "major", 0)],
    )
    assert stats.tally("subjects.region").count("441302") == 4
    assert stats.tally("checks.frame").total() == 5
    assert stats.tally("subjects.not_inspectable").total() == 1
    assert stats.tally("notices.kind").lines == (("rectification", 2),)
    assert stats.tally("findings.section").count("RMC-06") == 0


def test_a_reversed_period_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        tabulate(LAST, FIRST, [])
    assert caught.value.code == "period-reversed"


@given(st.lists(ROWS, max_size=30), st.randoms(use_true_random=False))
def test_any_rows_reconcile_and_their_order_does_not_matter(rows: list[CountRow], random: object) -> None:
    stats = tabulate(FIRST, LAST, rows)
    assert all(identity.holds for identity in reconcile(stats))
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tabulate(FIRST, LAST, shuffled) == stats


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_ratio_text_is_the_nearest_tenth(conforming: int, extra: int) -> None:
    pair = Pair(conforming, conforming + extra)
    shown = Fraction(pair.ratio_text().rstrip("%"))
    assert pair.fraction is not None
    assert abs(shown - pair.fraction * 100) <= Fraction(1, 20)
