"""混凝土与钢筋：试件代表值、检验批评定、芯样、回弹、重量偏差。

Pure calculations on decimals; every constant is passed in, because editions change
(`checklists/_vocabulary`).
Sources: GB/T 50107-2010 (4.3.1, chapter 5), GB/T 50081-2019, GB 50204-2015 annex D, JGJ/T 23-2011.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from server.domain.numbers import mean, round_to, sample_deviation

TENTH = Decimal("0.1")
HUNDREDTH = Decimal("0.01")


def cube_representative(strengths: Sequence[Decimal], spread: Decimal, factor: Decimal) -> Decimal | None:
    """Representative strength (MPa, to 0.1) of one group of three cubes; None when the group is invalid.

    The middle value m decides: no extreme further than `spread`·m gives the mean, one gives m, two make the
    group invalid. Exactly `spread`·m is inside. The size factor applies to the unrounded value.
    """
    low, middle, high = sorted(strengths)
    allowed = middle * spread
    wide = (high - middle > allowed) + (middle - low > allowed)
    if wide == 2:
        return None
    value = middle if wide else mean([low, middle, high])
    return round_to(value * factor, TENTH)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition of a batch: `name` (均值/最小值), the value met (rounded by its clause) and its lower
    bound.
    """

    name: str
    value: Decimal
    unrounded: Decimal
    bound: Decimal

    @property
    def holds(self) -> bool:
        return self.value >= self.bound


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch evaluated: method name, size, S as computed and as used, and its conditions."""

    method: str
    size: int
    deviation: Decimal | None
    deviation_used: Decimal | None
    requirements: tuple[Requirement, ...]

    @property
    def accepted(self) -> bool:
        return all(r.holds for r in self.requirements)


def _pair(values: Sequence[Decimal], mean_bound: Decimal, min_bound: Decimal) -> tuple[Requirement, ...]:
    average, lowest = mean(values), min(values)
    return (
        Requirement("平均值", round_to(average, TENTH), average, mean_bound),
        Requirement("最小值", round_to(lowest, TENTH), lowest, min_bound),
    )


def batch_statistical(
    values: Sequence[Decimal], grade: Decimal, lambda_1: Decimal, lambda_2: Decimal, floor: Decimal
) -> Batch:
    """Standard deviation unknown (5.1.3): mean >= f + λ1·S and min >= λ2·f, S to 0.01 and not below
    `floor`.
    """
    deviation = round_to(sample_deviation(values), HUNDREDTH)
    used = max(deviation, floor)
    bounds = _pair(values, grade + lambda_1 * used, lambda_2 * grade)
    return Batch("统计方法（标准差未知）", len(values), deviation, used, bounds)


def batch_non_statistical(values: Sequence[Decimal], grade: Decimal, lambda_3: Decimal, lambda_4: Decimal) -> Batch:
    """Fewer than ten groups (5.2.2): mean >= λ3·f and min >= λ4·f."""
    bounds = _pair(values, lambda_3 * grade, lambda_4 * grade)
    return Batch("非统计方法", len(values), None, None, bounds)


def batch_known_sigma(
    values: Sequence[Decimal], grade: Decimal, sigma: Decimal, times: Decimal, share: Decimal
) -> Batch:
    """Standard deviation known (5.1.2): mean >= f + k·σ0, min >= f - k·σ0 and min >= `share`·f."""
    average, lowest = _pair(values, grade + times * sigma, grade - times * sigma)
    third = Requirement("最小值占设计", lowest.value, lowest.unrounded, share * grade)
    return Batch("统计方法（标准差已知）", len(values), None, sigma, (average, lowest, third))


def core_check(values: Sequence[Decimal], grade: Decimal, mean_share: Decimal, min_share: Decimal) -> Batch:
    """Three cores (GB 50204-2015 annex D): mean >= 0.88 f and min >= 0.80 f."""
    return Batch("芯样", len(values), None, None, _pair(values, mean_share * grade, min_share * grade))


def rebound_mean(readings: Sequence[Decimal]) -> Decimal:
    """Rebound of one area (JGJ/T 23-2011): sixteen readings, three largest and three smallest dropped, to
    0.1.
    """
    kept = sorted(readings)[3:-3]
    return round_to(mean(kept), TENTH)


def mass_deviation(mass_kg: Decimal, length_m: Decimal, unit_mass: Decimal) -> Decimal:
    """Deviation in percent of the real mass of bars from length × theoretical unit mass (kg/m)."""
    nominal = length_m * unit_mass
    return (mass_kg - nominal) / nominal * 100
