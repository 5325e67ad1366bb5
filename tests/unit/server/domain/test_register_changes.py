"""名录变更：差异、版本、起止日期、责任主体名单怎样换。"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Conflict, Invalid
from server.domain.register_changes import (
    PartySpan,
    check_dates,
    check_fields,
    check_parties,
    check_revision,
    differences,
    overlaps,
    plan_parties,
)

TODAY = date(2026, 9, 21)
START = date(2026, 1, 1)


def test_differences_name_old_and_new_and_only_what_differs() -> None:
    before = {"name": "旧", "stage": "基础", "party.client": ["a"]}
    after = {"name": "新", "stage": "基础", "unit": "一科"}
    assert differences(before, after) == {
        "name": ["旧", "新"],
        "party.client": [["a"], None],
        "unit": [None, "一科"],
    }
    assert differences(before, before) == {}


def test_another_revision_is_a_conflict_and_none_asks_nothing() -> None:
    check_revision(3, 3)
    check_revision(3, None)
    with pytest.raises(Conflict) as refusal:
        check_revision(3, 2)
    assert (refusal.value.code, refusal.value.facts) == ("stale-version", {"revision": 3, "expected": 2})


def test_fixed_fields_are_all_named() -> None:
    check_fields({"name": 1}, frozenset({"name"}))
    with pytest.raises(Invalid) as refusal:
        check_fields({"code": 1, "name": 1, "frame": 1}, frozenset({"name"}))
    assert [e.pointer for e in refusal.value.errors] == ["/code", "/frame"]


def test_one_day_is_a_span_and_a_day_less_is_not() -> None:
    check_dates(TODAY, TODAY)
    check_dates(None, TODAY)
    check_dates(TODAY, None)
    with pytest.raises(Invalid) as refusal:
        check_dates(TODAY, TODAY - timedelta(days=1), "/parties/3")
    assert (refusal.value.code, refusal.value.errors[0].pointer) == ("dates-reversed", "/parties/3/to_on")


DAYS = st.one_of(st.none(), st.integers(0, 12).map(lambda n: START + timedelta(days=n)))


@given(DAYS, DAYS, DAYS, DAYS)
def test_overlap_means_a_common_day(a: date | None, b: date | None, c: date | None, d: date | None) -> None:
    window = [START + timedelta(days=n) for n in range(-5, 20)]
    if (a and b and b < a) or (c and d and d < c):
        return
    common = [day for day in window if (a or day) <= day <= (b or day) and (c or day) <= day <= (d or day)]
    assert overlaps((a, b), (c, d)) is bool(common)


def party(
    role: str, firm: int, from_on: date | None = None, to_on: date | None = None, id: int | None = None
) -> PartySpan:
    return PartySpan(role, firm, from_on, to_on, id)


@pytest.mark.parametrize(
    ("parties", "code"),
    [
        ([party("client", 1), party("client", 1, START)], "party-repeated"),
        ([party("contractor", 1), party("supervisor_firm", 1)], "parties-conflict"),
        ([party("supervisor_firm", 1, START), party("contractor", 1, None, START)], "parties-conflict"),
        ([party("client", 1, TODAY, START)], "dates-reversed"),
    ],
)
def test_impossible_parties(parties: list[PartySpan], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_parties(parties)
    assert refusal.value.code == code


def test_one_firm_may_hold_other_roles_and_the_same_role_again_later() -> None:
    later = START + timedelta(days=1)
    check_parties([party("client", 1), party("contractor", 1), party("supervisor_firm", 2)])
    check_parties([party("client", 1, None, START), party("client", 1, later)])
    check_parties([party("contractor", 1, None, START), party("supervisor_firm", 1, later)])


def test_a_successor_ends_the_row_before_it_begins() -> None:
    begins = date(2026, 9, 10)
    plan = plan_parties([party("contractor", 1, START, None, 7)], [party("contractor", 2, begins)], TODAY)
    assert (plan.keep, plan.end, plan.add) == ({}, {7: begins - timedelta(days=1)}, (party("contractor", 2, begins),))


def test_a_party_left_out_ends_today_and_an_ended_one_is_left_alone() -> None:
    rows = [party("client", 1, START, None, 1), party("client", 2, None, START, 2)]
    plan = plan_parties(rows, [], TODAY)
    assert (plan.keep, plan.end, plan.add) == ({}, {1: TODAY}, ())


def test_a_party_that_never_began_gets_no_day() -> None:
    soon = TODAY + timedelta(days=30)
    assert plan_parties([party("designer", 1, soon, None, 1)], [], TODAY).end == {1: soon - timedelta(days=1)}


def test_corrected_dates_keep_the_row() -> None:
    rows = [party("client", 1, None, None, 1)]
    plan = plan_parties(rows, [party("client", 1, START, TODAY)], TODAY)
    assert (plan.keep, plan.end, plan.add) == ({1: (START, TODAY)}, {}, ())


def test_a_firm_that_returns_gets_a_new_row() -> None:
    ended = party("contractor", 1, START, START, 1)
    back = party("contractor", 1, TODAY)
    plan = plan_parties([ended], [party("contractor", 1, START, START), back], TODAY)
    assert (plan.keep, plan.end, plan.add) == ({1: (START, START)}, {}, (back,))


@given(st.lists(st.tuples(st.sampled_from(["client", "contractor"]), st.integers(1, 4)), unique=True, max_size=6))
def test_the_list_as_it_stands_changes_nothing(pairs: list[tuple[str, int]]) -> None:
    rows = [party(role, firm, START, None, n) for n, (role, firm) in enumerate(pairs, 1)]
    plan = plan_parties(rows, [party(r.party, r.organisation_id, START) for r in rows], TODAY)
    assert plan.end == {}
    assert plan.add == ()
    assert plan.keep == {r.id: (START, None) for r in rows}
