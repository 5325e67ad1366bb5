"""Steps of a task, what needs evidence, what a result may say."""

from datetime import date
from itertools import product
from uuid import UUID

import pytest

from server.domain.assignments import (
    ACT_TITLES,
    OPEN,
    OUTCOME_TITLES,
    REPORTABLE,
    STATE_TITLES,
    WITHOUT_CHECK,
    Act,
    AssignmentState,
    Outcome,
    Report,
    Seat,
    advance,
    check_crew,
    check_postponement,
    check_report,
    check_settled,
    covers_crew,
    lead_seat,
    outcome_of_check,
)
from server.domain.errors import Conflict, Invalid, Refused

A, B, C = (UUID(int=n) for n in range(1, 4))
CLOSED = [s for s in AssignmentState if s not in OPEN]


def test_every_word_has_its_chinese() -> None:
    assert set(STATE_TITLES) == set(AssignmentState)
    assert set(ACT_TITLES) == set(Act)
    assert list(OUTCOME_TITLES.values()) == [
        "未发现问题",
        "发现问题已责令改正",
        "发现问题已立案待处理",
        "不配合检查",
        "通过登记住所无法联系",
        "已停工停产不具备检查条件",
    ]


@pytest.mark.parametrize(
    ("act", "after"),
    [
        (Act.STARTED, AssignmentState.STARTED),
        (Act.REFUSED, AssignmentState.ENDED),
        (Act.UNREACHABLE, AssignmentState.ENDED),
        (Act.STOPPED, AssignmentState.ENDED),
        (Act.DONE, AssignmentState.DONE),
        (Act.SUBJECT_REPLACED, AssignmentState.REPLACED),
        (Act.VOIDED, AssignmentState.VOID),
    ],
)
def test_where_a_step_leads(act: Act, after: AssignmentState) -> None:
    assert {advance(state, act) for state in OPEN} == {after}


@pytest.mark.parametrize("act", [Act.RECEIVED, Act.POSTPONED, Act.HANDED_OVER, Act.OFFICER_REPLACED, Act.WARNED])
def test_steps_that_leave_the_task_where_it_is(act: Act) -> None:
    assert [advance(state, act) for state in OPEN] == list(OPEN)


@pytest.mark.parametrize(("state", "act"), [p for p in product(CLOSED, Act) if p[1] is not Act.REOPENED])
def test_a_closed_task_takes_no_step(state: AssignmentState, act: Act) -> None:
    with pytest.raises(Conflict) as caught:
        advance(state, act)
    assert (caught.value.code, caught.value.facts) == ("assignment-ended", {"state": state.value})


def test_only_what_ended_can_be_reopened() -> None:
    for state in (AssignmentState.DONE, AssignmentState.ENDED):
        assert advance(state, Act.REOPENED) is AssignmentState.ASSIGNED
    for state in (*OPEN, AssignmentState.REPLACED, AssignmentState.VOID):
        with pytest.raises(Conflict) as caught:
            advance(state, Act.REOPENED)
        assert caught.value.code == "assignment-not-ended"


@pytest.mark.parametrize("act", sorted(WITHOUT_CHECK))
@pytest.mark.parametrize(
    ("note", "signers", "photos", "enough"),
    [
        ("", (), (), False),
        ("停工", (), (), False),
        ("停工", (A,), (), False),
        ("停工", (A, A), (), False),
        ("", (A, B), (), False),
        ("停工", (A, B), (), True),
        ("", (), (C,), True),
    ],
)
def test_what_is_evidence_enough(
    act: Act, note: str, signers: tuple[UUID, ...], photos: tuple[UUID, ...], enough: bool
) -> None:
    report = Report(act, note, signers, photos)
    if enough:
        check_report(report, {A, B})
        return
    with pytest.raises(Invalid) as caught:
        check_report(report, {A, B})
    assert caught.value.code == "outcome-evidence-missing"


def test_a_start_needs_no_evidence_and_a_stranger_signs_nothing() -> None:
    check_report(Report(Act.STARTED), {A})
    with pytest.raises(Invalid) as caught:
        check_report(Report(Act.STOPPED, "停工", (A, C)), {A, B})
    assert caught.value.code == "signer-not-assigned"
    assert [e.pointer for e in caught.value.errors] == ["/signers/1"]


@pytest.mark.parametrize("act", [act for act in Act if act not in REPORTABLE])
def test_a_phone_reports_nothing_else(act: Act) -> None:
    with pytest.raises(Invalid) as caught:
        check_report(Report(act, photos=(A,)), {A})
    assert caught.value.code == "report-act-unknown"


@pytest.mark.parametrize(
    ("to", "allowed"),
    [("2026-10-12", False), ("2026-10-15", False), ("2026-10-16", True), ("2027-10-12", True), ("2027-10-14", False)],
)
def test_a_postponed_day_lies_ahead(to: str, allowed: bool) -> None:
    due, today = date(2026, 10, 12), date(2026, 10, 15)
    if allowed:
        check_postponement(due, date.fromisoformat(to), today)
        return
    with pytest.raises(Invalid) as caught:
        check_postponement(due, date.fromisoformat(to), today)
    assert caught.value.code == "postponement-invalid"


def test_the_batchs_rule_outlives_a_handing_over() -> None:
    lead, other = Seat(True, "a", ("混凝土",)), Seat(False, "a", ())
    check_crew("lead", ["混凝土"], [lead, other])
    check_crew("any", [], [other, other])
    check_crew("apart", [], [lead, Seat(False, "b")])
    for rule, skills, crew in (
        ("lead", [], [other, other]),
        ("apart", [], [lead, other]),
        ("any", ["盾构"], [lead, other]),
    ):
        with pytest.raises(Refused) as caught:
            check_crew(rule, skills, crew)
        assert caught.value.code == "crew-breaks-rule"


def test_who_leads() -> None:
    crew = [Seat(False, "a"), Seat(True, "a")]
    assert lead_seat(crew, 0) == 0
    assert lead_seat(crew, None) == 1
    assert lead_seat([Seat(False, "a")], None) == 0


@pytest.mark.parametrize(
    ("standing", "ordered", "filed", "outcome"),
    [
        (0, False, False, Outcome.NO_PROBLEM),
        (2, False, False, None),
        (2, True, False, Outcome.ORDERED),
        (2, True, True, Outcome.FILED),
        (2, False, True, Outcome.FILED),
    ],
)
def test_a_result_says_no_more_than_the_records(
    standing: int, ordered: bool, filed: bool, outcome: Outcome | None
) -> None:
    assert outcome_of_check(standing, ordered, filed) is outcome


def test_by_hand_only_documents_of_a_finished_check() -> None:
    for outcome in (Outcome.ORDERED, Outcome.FILED):
        check_settled(outcome, AssignmentState.DONE)
    with pytest.raises(Invalid) as caught:
        check_settled(Outcome.NO_PROBLEM, AssignmentState.DONE)
    assert caught.value.code == "outcome-not-by-hand"
    with pytest.raises(Conflict):
        check_settled(Outcome.ORDERED, AssignmentState.ASSIGNED)


def test_all_the_assigned_must_have_been_there() -> None:
    assert covers_crew([1, 2], [3, 2, 1])
    assert not covers_crew([1, 2], [1, 3])
    assert not covers_crew([], [1])
