"""合并是集合的并：谁先谁后、几次、怎样分组都一样；没有人的话会丢。"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from server.domain.answers import Answer, Verdict
from server.domain.merging import Settlement, Shares, agreed, by_item, join, merged_digest, sides, standing
from server.domain.statements import Statement, said_of, state

LIN, ZHOU, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
OFFICERS = (LIN, ZHOU)
ITEMS = ("RMC-01-01", "RMC-01-02", "RMC-02-01")


def says(officer: UUID, verdict: str, item: str = ITEMS[0], note: str = "", photos: Sequence[int] = ()) -> Statement:
    ids = tuple(UUID(int=n) for n in photos)
    return state(officer, Answer(item, Verdict(verdict), note=note, photos=ids))


STATEMENTS = st.builds(
    says,
    st.sampled_from(OFFICERS),
    st.sampled_from([v.value for v in Verdict]),
    st.sampled_from(ITEMS),
    st.sampled_from(["", "注"]),
    st.lists(st.integers(10, 14), max_size=2, unique=True),
)
SHARES = st.frozensets(STATEMENTS, max_size=6)


@given(SHARES, SHARES, SHARES)
def test_joining_is_commutative_associative_and_idempotent(a: Shares, b: Shares, c: Shares) -> None:
    assert join(a, b) == join(b, a)
    assert join(join(a, b), c) == join(a, join(b, c))
    assert join(a, a) == a
    assert join(a, b, c, b, a) == join(c, b, a)
    assert join() == frozenset()


def view(shares: Shares) -> dict[str, tuple[Answer | None, list[Statement]]]:
    return {item: (agreed(found), sides(found)) for item, found in by_item(shares).items()}


@given(st.lists(SHARES, max_size=4), st.randoms(use_true_random=False))
def test_what_comes_of_it_does_not_know_the_order(parts: list[Shares], dice: object) -> None:
    shuffled = parts + parts[:1]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert view(join(*parts)) == view(join(*shuffled))


@given(SHARES, SHARES)
def test_nobodys_photo_or_word_is_lost(a: Shares, b: Shares) -> None:
    both = join(a, b)
    kept = {photo for _, rows in view(both).values() for row in rows for photo in row.photos}
    assert kept == {photo for s in both for photo in s.photos}
    for item, (answer, rows) in view(both).items():
        said = {s.said for s in both if s.item == item}
        assert {row.said for row in rows} == said
        assert (answer is None) == (len(said) > 1)
        if answer is not None:
            assert set(answer.photos) == {photo for s in both if s.item == item for photo in s.photos}


@given(SHARES)
def test_sides_are_one_row_per_officer_and_saying(shares: Shares) -> None:
    for _, rows in view(shares).values():
        assert len({(row.officer, row.said) for row in rows}) == len(rows)
        assert sides(frozenset(rows)) == rows


def test_a_question_stands_until_both_say_the_same() -> None:
    said = frozenset({says(LIN, "failing"), says(ZHOU, "conforming")})
    assert standing(said, []) is None
    assert standing(said, [says(LIN, "failing")]) is None
    assert standing(said, [says(LIN, "conforming"), says(ZHOU, "failing")]) is None
    agreed_on = standing(said, [says(ZHOU, "failing", note="同意", photos=[11])])
    assert agreed_on is not None
    assert (agreed_on.verdict, agreed_on.note, agreed_on.photos) == (Verdict.FAILING, "同意", (UUID(int=11),))
    assert standing(said, [says(ZHOU, "failing"), says(ZHOU, "conforming")]) is None
    third = standing(said, [says(LIN, "not_applicable"), says(ZHOU, "not_applicable")])
    assert third is not None
    assert third.verdict is Verdict.NOT_APPLICABLE


def test_who_was_not_asked_has_no_say() -> None:
    said = frozenset({says(LIN, "failing"), says(ZHOU, "conforming")})
    assert standing(said, [says(OTHER, "failing")]) is None


def test_one_officer_against_themselves_is_a_question_to_that_officer() -> None:
    said = frozenset({says(LIN, "failing"), says(LIN, "conforming")})
    assert agreed(said) is None
    assert standing(said, []) is None
    settled = standing(said, [says(LIN, "failing")])
    assert settled is not None
    assert said_of(settled) == says(LIN, "failing").said


@given(st.lists(st.sampled_from(["a" * 64, "b" * 64, "c" * 64]), min_size=1), st.randoms(use_true_random=False))
def test_the_signed_digest_is_of_the_set(parts: list[str], dice: object) -> None:
    shuffled = parts + parts
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    settlements = [Settlement(item, "settled", "f" * 64) for item in ITEMS]
    one = merged_digest(LIN, "e" * 64, parts, settlements)
    assert one == merged_digest(LIN, "e" * 64, shuffled, reversed(settlements))
    assert len(one) == 64
    assert one != merged_digest(LIN, "e" * 64, [*parts, "d" * 64], settlements)
    assert one != merged_digest(LIN, "e" * 64, parts, settlements[1:])
    assert one != merged_digest(LIN, "d" * 64, parts, settlements)
    assert one != merged_digest(ZHOU, "e" * 64, parts, settlements)
