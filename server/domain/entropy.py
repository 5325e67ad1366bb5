"""公开数字：从哪里来、合不合规格、怎样写成文字。

Each group is written as its integers in ascending order, joined by `.` and closed by `./`; a digit game is one integer
(`007` becomes `7`). What everybody can see must carry at least 24 bits, counted exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, factorial
from typing import Any

from server.domain.errors import FieldError, Invalid

LEAST_BITS = 24
LOTTERY, ON_SITE = "lottery", "on_site"


@dataclass(frozen=True, slots=True)
class NumberGroup:
    """One group: `count` integers from `low` to `high`, all different when `distinct`."""

    count: int
    low: int
    high: int
    distinct: bool = True

    @property
    def outcomes(self) -> int:
        """One over the probability of the likeliest group once the order is dropped, rounded down: what a guess is worth."""
        size = self.high - self.low + 1
        if self.distinct:
            return comb(size, self.count)
        often, rest = divmod(self.count, size)
        alike = factorial(often) ** (size - rest) * factorial(often + 1) ** rest if often else 1
        calls: int = size**self.count
        return calls * alike // factorial(self.count)

    def to_dict(self) -> dict[str, int]:
        return {"count": self.count, "low": self.low, "high": self.high, "distinct": int(self.distinct)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> NumberGroup:
        return cls(data["count"], data["low"], data["high"], bool(data["distinct"]))


# Drawn by the two national lotteries; whoever adds a game gives its groups in the order of the announcement.
GAMES: Mapping[str, tuple[NumberGroup, ...]] = {
    "快乐8": (NumberGroup(20, 1, 80),),
    "双色球": (NumberGroup(6, 1, 33), NumberGroup(1, 1, 16)),
    "大乐透": (NumberGroup(5, 1, 35), NumberGroup(2, 1, 12)),
    "七乐彩": (NumberGroup(7, 1, 30), NumberGroup(1, 1, 30)),
    "排列5": (NumberGroup(1, 0, 99999),),
    "福彩3D": (NumberGroup(1, 0, 999),),
}
# The special number of 七乐彩 is one of the 23 balls left over.
_APART = {"七乐彩"}


@dataclass(frozen=True, slots=True)
class EntropyPlan:
    """Where the public numbers will come from; `at` is RFC 3339 in UTC. Fixed in the plan before they exist."""

    kind: str
    at: str
    groups: tuple[NumberGroup, ...]
    game: str = ""
    issue: str = ""
    fallback: str = ""
    ask: str = ""

    @property
    def outcomes(self) -> int:
        """How many equally likely results there are at least."""
        total = 1
        for group in self.groups:
            total *= group.outcomes
        if self.game in _APART:
            first, special = self.groups
            left = special.high - special.low + 1 - first.count
            total = total // special.outcomes * comb(left, special.count)
        return total

    def check(self, typed: Sequence[Sequence[int]]) -> None:
        """Raise Invalid `numbers-invalid` naming each number that can't be of this source."""
        faults = list(_faults(self.groups, typed))
        if not faults and self.game in _APART and set(typed[0]) & set(typed[1]):
            faults = [FieldError("/groups/1/0", "特别号码不会与基本号码相同", "numbers-invalid")]
        if faults:
            raise Invalid("numbers-invalid", "录入的数字不符合公告的规格，请逐项核对。", errors=faults)

    def encode(self, typed: Sequence[Sequence[int]]) -> str:
        return encode(typed)

    def to_dict(self) -> dict[str, Any]:
        words = {"kind": self.kind, "at": self.at, "groups": [g.to_dict() for g in self.groups]}
        more = {"game": self.game, "issue": self.issue, "fallback": self.fallback, "ask": self.ask}
        return words | {name: text for name, text in more.items() if text}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> EntropyPlan:
        groups = tuple(NumberGroup.from_dict(g) for g in data["groups"])
        more = {name: data.get(name, "") for name in ("game", "issue", "fallback", "ask")}
        return cls(data["kind"], data["at"], groups, **more)


def lottery(game: str, issue: str, fallback: str, at: str) -> EntropyPlan:
    """One issue of a lottery; raises Invalid `game-unknown` or `entropy-too-weak`."""
    if game not in GAMES:
        known = "、".join(GAMES)
        raise Invalid(
            "game-unknown", f"不认识这种彩票，可用的有：{known}。", errors=[FieldError("/entropy/game", "不认识")]
        )
    return _strong(EntropyPlan(LOTTERY, at, GAMES[game], game, issue, fallback))


def on_site(ask: str, groups: Sequence[NumberGroup], at: str) -> EntropyPlan:
    """Numbers called out before witnesses; raises Invalid `number-group-invalid` or `entropy-too-weak`."""
    for n, group in enumerate(groups):
        if group.count < 1 or group.high <= group.low or (group.distinct and group.count > group.high - group.low + 1):
            words = "这一组要不出这么多个数。"
            raise Invalid("number-group-invalid", words, errors=[FieldError(f"/entropy/groups/{n}", words)])
    return _strong(EntropyPlan(ON_SITE, at, tuple(groups), ask=ask))


def _strong(plan: EntropyPlan) -> EntropyPlan:
    if plan.outcomes < 1 << LEAST_BITS:
        bits = plan.outcomes.bit_length() - 1
        raise Invalid(
            "entropy-too-weak",
            f"公开数字只有约{bits}比特，至少要{LEAST_BITS}比特，请换一种彩票或多叫几个数。",
            facts={"bits": bits, "least": LEAST_BITS},
            errors=[FieldError("/entropy", "随机性不足", "entropy-too-weak")],
        )
    return plan


def encode(groups: Sequence[Sequence[int]]) -> str:
    """`[[31, 3], [12]]` becomes `3.31./12./`."""
    return "".join(".".join(str(n) for n in sorted(group)) + "./" for group in groups)


def _faults(groups: Sequence[NumberGroup], typed: Sequence[Sequence[int]]) -> list[FieldError]:
    if len(typed) != len(groups):
        return [FieldError("/groups", f"应有{len(groups)}组，录入了{len(typed)}组", "numbers-invalid")]
    return [
        fault
        for n, (group, numbers) in enumerate(zip(groups, typed, strict=True))
        for fault in _group(n, group, numbers)
    ]


def _group(n: int, group: NumberGroup, numbers: Sequence[int]) -> list[FieldError]:
    if len(numbers) != group.count:
        return [FieldError(f"/groups/{n}", f"应有{group.count}个，录入了{len(numbers)}个", "numbers-invalid")]
    faults: list[FieldError] = []
    seen: set[int] = set()
    for k, number in enumerate(numbers):
        if not group.low <= number <= group.high:
            faults.append(
                FieldError(f"/groups/{n}/{k}", f"{number} 不在 {group.low} 到 {group.high} 之间", "numbers-invalid")
            )
        elif group.distinct and number in seen:
            faults.append(FieldError(f"/groups/{n}/{k}", f"{number} 重复", "numbers-invalid"))
        seen.add(number)
    return faults
