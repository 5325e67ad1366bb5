"""打算：同样的文字给同样的数，写下的打算照旧，后一季不与前一季重叠。"""

from datetime import date
from pathlib import Path

from server.demo.plan import Chance, Plan, mixed, settle_plan

ON = date(2026, 3, 1)


def test_same_words_give_the_same_numbers_and_other_words_others() -> None:
    draws = [[Chance(words).below(1000) for words in (f"a/{n}",)] for n in range(50)]
    assert draws == [[Chance(f"a/{n}").below(1000)] for n in range(50)]
    assert len({draw[0] for draw in draws}) > 40


def test_draws_stay_within_their_bounds() -> None:
    chance = Chance("b")
    assert {chance.between(3, 5) for _ in range(200)} == {3, 4, 5}
    assert {chance.percent(0) for _ in range(50)} == {False}
    assert {chance.percent(100) for _ in range(50)} == {True}


def test_some_takes_different_things() -> None:
    assert len(set(Chance("c").some(range(10), 6))) == 6
    assert sorted(mixed(range(10), Chance("d"))) == list(range(10))
    assert Chance("e").some([1], 3) == [1]


def test_ids_follow_from_seed_and_day() -> None:
    plan = Plan("种", ON, 3)
    assert plan.id("check", 1) == Plan("种", ON, 9).id("check", 1)
    assert plan.id("check", 1) != plan.id("check", 2)
    assert plan.id("check", 1) != Plan("种", date(2026, 3, 2), 3).id("check", 1)


def test_kept_plan_wins_over_another_day(tmp_path: Path) -> None:
    kept = settle_plan(tmp_path, Plan("a", ON, 5))
    assert settle_plan(tmp_path, Plan("a", date(2026, 4, 1), 5)) == kept


def test_further_season_ends_before_the_earliest_one(tmp_path: Path) -> None:
    first = settle_plan(tmp_path, Plan("a", ON, 5))
    second = settle_plan(tmp_path, Plan("b", ON, 5))
    third = settle_plan(tmp_path, Plan("c", ON, 5))
    assert third.last_on < second.first_on <= second.last_on < first.first_on
