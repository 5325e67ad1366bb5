"""抽签流转：每一步只从该走的地方走，时间不到、同一个人、轮数用完都说得清楚。"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.domain import draw_states as rules
from server.domain.draw_states import DrawState, Standing
from server.domain.errors import Conflict, Invalid, NotReady, Refused, ZhijianError

AT = datetime(2026, 9, 21, 2, tzinfo=UTC)


def code_of(error: pytest.ExceptionInfo[ZhijianError]) -> str:
    return error.value.code


def test_every_state_has_a_chinese_title() -> None:
    assert set(rules.STATE_TITLES) == set(DrawState)


@pytest.mark.parametrize("state", DrawState)
def test_a_step_is_taken_only_from_its_own_state(state: DrawState) -> None:
    if state is DrawState.SEALED:
        rules.require_state(state, DrawState.SEALED)
        return
    with pytest.raises(Conflict) as refusal:
        rules.require_state(state, DrawState.SEALED)
    assert code_of(refusal) == "draw-state-forbids"
    assert rules.STATE_TITLES[state] in refusal.value.detail


@pytest.mark.parametrize(
    ("kind", "hours", "fine"),
    [("lottery", 24, True), ("lottery", 23, False), ("on_site", 0, True), ("on_site", -1, False)],
)
def test_the_plan_lies_ahead_of_the_numbers(kind: str, hours: int, fine: bool) -> None:
    due = AT + timedelta(hours=hours)
    if fine:
        rules.check_notice(kind, AT, due)
        return
    with pytest.raises(Invalid) as refusal:
        rules.check_notice(kind, AT, due)
    assert code_of(refusal) == "draw-notice-too-short"
    assert refusal.value.errors[0].pointer == "/entropy/at"


def test_numbers_are_not_typed_before_they_exist() -> None:
    standing = Standing(DrawState.ANNOUNCED, AT, AT + timedelta(minutes=5))
    with pytest.raises(NotReady) as refusal:
        rules.check_numbers_time(standing, AT)
    assert (code_of(refusal), refusal.value.retry_after) == ("numbers-not-due", 301)
    rules.check_numbers_time(standing, AT + timedelta(minutes=5))


def test_one_person_cannot_confirm_their_own_numbers() -> None:
    with pytest.raises(Refused) as refusal:
        rules.check_second_person(7, 7)
    assert code_of(refusal) == "draw-same-person"
    rules.check_second_person(7, 8)


def test_the_last_round_still_has_a_code_and_the_next_has_none() -> None:
    rules.check_round(rules.MOST_ROUNDS)
    with pytest.raises(Conflict) as refusal:
        rules.check_round(rules.MOST_ROUNDS + 1)
    assert code_of(refusal) == "draw-rounds-spent"


@pytest.mark.parametrize(
    ("reason", "note", "code"), [("whim", "", "reason-unknown"), ("other", "  ", "reason-missing")]
)
def test_a_reason_is_listed_or_explained(reason: str, note: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_reason(reason, note, rules.VOID_REASONS)
    assert code_of(refusal) == code
    rules.check_reason("leaked", "", rules.VOID_REASONS)
