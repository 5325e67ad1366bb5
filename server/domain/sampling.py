"""入选概率：号球抽签的精确概率、近似概率，和按比例的目标概率。

With w balls an object is drawn by successive sampling: first with w / W, then the same among the rest. For more than one
draw there is no short formula; the exact probability is the sum over orders, taken here over how many of each weight are
gone, since objects of one weight are alike. All exact results are fractions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from math import prod

MOST_STATES = 200_000
_DIGITS, _STEPS = 34, 110

State = tuple[int, ...]


def exact_inclusion(balls: Sequence[int], take: int) -> tuple[Fraction, ...]:
    """The exact probability of each object to be among the first `take`, in the order given.

    Raises ValueError for sizes that do not fit, or when weights are so many and various that the sum has more than
    `MOST_STATES` terms a step; then `near_inclusion` is there.
    """
    _check(balls, take)
    classes = sorted(Counter(balls).items())
    if prod(min(count, take) + 1 for _, count in classes) > MOST_STATES:
        raise ValueError("too many different orders for an exact sum")
    states: dict[State, Fraction] = {tuple(0 for _ in classes): Fraction(1)}
    for _ in range(take):
        states = _one_more(states, classes)
    expected = [sum((p * gone[c] for gone, p in states.items()), Fraction(0)) for c in range(len(classes))]
    chance = {weight: expected[c] / count for c, (weight, count) in enumerate(classes)}
    return tuple(chance[weight] for weight in balls)


def _one_more(states: Mapping[State, Fraction], classes: Sequence[tuple[int, int]]) -> dict[State, Fraction]:
    """How many of each weight are gone after one more object, with probabilities."""
    after: dict[State, Fraction] = {}
    for gone, chance in states.items():
        left = [(count - out) * weight for (weight, count), out in zip(classes, gone, strict=True)]
        total = sum(left)
        for c, mass in enumerate(left):
            if mass:
                state = (*gone[:c], gone[c] + 1, *gone[c + 1 :])
                after[state] = after.get(state, Fraction(0)) + chance * mass / total
    return after


def near_inclusion(balls: Sequence[int], take: int) -> tuple[Decimal, ...]:
    """Close to `exact_inclusion` for any frame: 1 - exp(-w t), t solved so that the sum is `take`. Raises ValueError."""
    _check(balls, take)
    if take == len(balls):
        return tuple(Decimal(1) for _ in balls)
    classes = Counter(balls)
    with localcontext() as context:
        context.prec = _DIGITS
        low, high = Decimal(0), Decimal(1)
        while _expected(classes, high) < take:
            high *= 2
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if _expected(classes, middle) < take else (low, middle)
        return tuple(1 - (-weight * high).exp() for weight in balls)


def _expected(classes: Mapping[int, int], t: Decimal) -> Decimal:
    return sum((count * (1 - (-weight * t).exp()) for weight, count in classes.items()), Decimal(0))


def target_inclusion(sizes: Sequence[int], take: int) -> tuple[Fraction, ...]:
    """Probabilities proportional to size for a fixed number; who would exceed 1 is certain and leaves the count.

    Repeats { units with n x / sum x ≥ 1 become certain; n falls by one each } until nothing changes. Raises ValueError.
    """
    _check(sizes, take)
    certain: set[int] = set()
    while True:
        total = sum(size for n, size in enumerate(sizes) if n not in certain)
        left = take - len(certain)
        more = {n for n, size in enumerate(sizes) if n not in certain and left * size >= total} if left else set()
        if not more:
            return tuple(Fraction(1) if n in certain else Fraction(left * size, total) for n, size in enumerate(sizes))
        certain |= more


def _check(weights: Sequence[int], take: int) -> None:
    if not 0 <= take <= len(weights) or any(weight < 1 for weight in weights):
        raise ValueError("weights are positive and take lies between 0 and their number")
