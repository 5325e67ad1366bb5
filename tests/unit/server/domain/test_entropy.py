"""Public numbers: every game's size counted, typed numbers checked one by one, one way of writing them."""

from collections import Counter
from collections.abc import Sequence
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.entropy import GAMES, EntropyPlan, NumberGroup, encode, lottery, on_site
from server.domain.errors import Invalid

AT = "2026-11-21T13:30:00Z"
DAYS = lottery("快乐8", "2026314", "2026315", AT)
DOUBLE = lottery("双色球", "2026134", "2026135", AT)
TWENTY = list(range(4, 80, 4)) + [80]


def pointers(plan: EntropyPlan, typed: Sequence[Sequence[int]]) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        plan.check(typed)
    assert caught.value.code == "numbers-invalid"
    return {fault.pointer: fault.reason for fault in caught.value.errors}


@pytest.mark.parametrize(
    ("game", "bits"),
    [("快乐8", 61.6), ("双色球", 24.1), ("大乐透", 24.4), ("七乐彩", 25.5), ("排列5", 16.6), ("福彩3D", 10.0)],
)
def test_bits_of_each_game(game: str, bits: float) -> None:
    outcomes = EntropyPlan("lottery", AT, GAMES[game], game).outcomes
    assert 2 ** (bits - 0.05) <= outcomes < 2 ** (bits + 0.05)


@pytest.mark.parametrize("game", ["排列5", "福彩3D"])
def test_a_weak_game_alone_is_refused(game: str) -> None:
    with pytest.raises(Invalid) as caught:
        lottery(game, "1", "2", AT)
    assert caught.value.code == "entropy-too-weak"
    assert [e.pointer for e in caught.value.errors] == ["/entropy"]


def test_an_unknown_game_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        lottery("六合彩", "1", "2", AT)
    assert caught.value.code == "game-unknown"


@given(st.integers(1, 4), st.integers(0, 3), st.integers(0, 4), st.booleans())
def test_outcomes_are_counted_exactly(count: int, low: int, span: int, distinct: bool) -> None:
    pool = range(low, low + span + 1)
    calls = permutations(pool, count) if distinct else product(pool, repeat=count)
    ways = Counter(tuple(sorted(call)) for call in calls)
    likeliest = max(ways.values(), default=0)
    assert NumberGroup(count, low, low + span, distinct).outcomes == (
        sum(ways.values()) // likeliest if likeliest else 0
    )


def test_on_site_needs_24_bits_exactly() -> None:
    just = NumberGroup(1, 1, 1 << 24)
    assert on_site("请五位代表各报一数", [just], AT).outcomes == 1 << 24
    with pytest.raises(Invalid) as caught:
        on_site("请一位代表报数", [NumberGroup(1, 1, (1 << 24) - 1)], AT)
    assert caught.value.code == "entropy-too-weak"
    assert caught.value.facts == {"bits": 23, "least": 24}


@pytest.mark.parametrize(
    "group", [NumberGroup(1, 5, 5), NumberGroup(4, 1, 3), NumberGroup(1, 9, 0), NumberGroup(0, 1, 9)]
)
def test_a_group_that_can_not_be_is_refused_by_place(group: NumberGroup) -> None:
    with pytest.raises(Invalid) as caught:
        on_site("请报数", [NumberGroup(1, 0, 1 << 30), group], AT)
    assert caught.value.code == "number-group-invalid"
    assert [e.pointer for e in caught.value.errors] == ["/entropy/groups/1"]


def test_right_numbers_pass() -> None:
    DAYS.check([TWENTY])
    DOUBLE.check([[31, 3, 20, 9, 14, 27], [3]])
    lottery("七乐彩", "1", "2", AT).check([[1, 2, 3, 4, 5, 6, 7], [30]])
    EntropyPlan("lottery", AT, GAMES["排列5"], "排列5").check([[7]])


def test_each_wrong_number_is_named() -> None:
    assert pointers(DAYS, [[*TWENTY[:3], 81, *TWENTY[4:18], 0, 4]]) == {
        "/groups/0/3": "81 不在 1 到 80 之间",
        "/groups/0/18": "0 不在 1 到 80 之间",
        "/groups/0/19": "4 重复",
    }


def test_wrong_counts_are_named() -> None:
    assert pointers(DOUBLE, [[1, 2, 3, 4, 5, 6]]) == {"/groups": "应有2组，录入了1组"}
    assert pointers(DOUBLE, [[1, 2, 3, 4, 5], [1, 2]]) == {
        "/groups/0": "应有6个，录入了5个",
        "/groups/1": "应有1个，录入了2个",
    }


def test_the_special_number_is_another_ball() -> None:
    seven = lottery("七乐彩", "1", "2", AT)
    assert pointers(seven, [[1, 2, 3, 4, 5, 6, 7], [7]]) == {"/groups/1/0": "特别号码不会与基本号码相同"}


def test_called_numbers_may_repeat_when_the_plan_says_so() -> None:
    called = on_site("每人报一个四位数", [NumberGroup(4, 0, 9999, distinct=False)], AT)
    called.check([[7, 7, 7, 0]])
    assert called.encode([[7, 7, 7, 0]]) == "0.7.7.7./"


@pytest.mark.parametrize(
    ("groups", "text"),
    [([[31, 3, 20, 9, 14, 27], [12]], "3.9.14.20.27.31./12./"), ([[7]], "7./"), ([[0]], "0./"), ([], "")],
)
def test_one_way_of_writing(groups: list[list[int]], text: str) -> None:
    assert encode(groups) == text


@given(st.lists(st.lists(st.integers(0, 999), min_size=1, max_size=8), min_size=1, max_size=4))
def test_writing_forgets_the_order_and_nothing_else(groups: list[list[int]]) -> None:
    text = encode(groups)
    assert [[int(n) for n in part.split(".")] for part in text.removesuffix("./").split("./")] == [
        sorted(g) for g in groups
    ]
    assert encode([list(reversed(group)) for group in groups]) == text


@pytest.mark.parametrize("plan", [DAYS, on_site("请报数", [NumberGroup(3, 0, 9999, False)], AT)])
def test_a_plan_is_read_back(plan: EntropyPlan) -> None:
    assert EntropyPlan.from_dict(plan.to_dict()) == plan
