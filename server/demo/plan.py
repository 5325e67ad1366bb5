"""这一季的打算：种子、日期、数目；写在数据目录里，再演一次时照旧。"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from server.domain.checks import SHANGHAI

T = TypeVar("T")
PERIOD_DAYS = 28
CHECKS = 60
PHOTOS_EACH = 3
SETTLING = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Plan:
    """One season: everything sent follows from these values. The period is the `PERIOD_DAYS` before `base_on`.

    `draws`: the first season on a data folder begins with draws, and what they give out is visited on `base_on` itself.
    """

    seed: str
    base_on: date
    checks: int
    photos_each: int = PHOTOS_EACH
    small: bool = False
    draws: bool = True

    @property
    def first_on(self) -> date:
        return self.base_on - timedelta(days=PERIOD_DAYS)

    @property
    def last_on(self) -> date:
        return self.base_on - timedelta(days=1)

    @property
    def until_on(self) -> date:
        """The last day of the bulletin's period: the day of the draws when there are any."""
        return self.base_on if self.draws else self.last_on

    def id(self, *words: object) -> UUID:
        """The id of a thing of this season; the same words always give the same id."""
        return uuid5(NAMESPACE_URL, "/".join(["zhijian-season", self.seed, str(self.base_on), *map(str, words)]))

    def chance(self, *words: object) -> Chance:
        return Chance(f"{self.seed}/{self.base_on}/{'/'.join(map(str, words))}")


class Chance:
    """看似随意、实则由文字定死的数：同样的文字在哪台机器上都给同样的数。"""

    def __init__(self, words: str) -> None:
        self._words = words
        self._count = 0

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        self._count += 1
        return int.from_bytes(sha256(f"{self._words}#{self._count}".encode()).digest()[:8]) % limit

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def percent(self, share: int) -> bool:
        """True in `share` of a hundred cases."""
        return self.below(100) < share

    def pick(self, things: Sequence[T]) -> T:
        return things[self.below(len(things))]

    def some(self, things: Sequence[T], number: int) -> list[T]:
        """`number` different ones, in mixed order."""
        rest = list(things)
        return [rest.pop(self.below(len(rest))) for _ in range(min(number, len(rest)))]


def mixed(things: Sequence[T], chance: Chance) -> list[T]:
    """The same things in another order."""
    return chance.some(things, len(things))


def today() -> date:
    """The day in Asia/Shanghai; the next one shortly before midnight, for what is drawn then may be visited after it."""
    return (datetime.now(UTC) + SETTLING).astimezone(SHANGHAI).date()


def read_plan(file: Path) -> Plan:
    kept = json.loads(file.read_text(encoding="utf-8"))
    kept["base_on"] = date.fromisoformat(kept["base_on"])
    return Plan(**kept)


def settle_plan(folder: Path, wanted: Plan) -> Plan:
    """The plan kept in `folder` when there is one with this seed and these numbers, else `wanted`, written down first.

    A further season on the same data takes the days before the earliest one, so that no bulletin counts another's checks.
    """
    file = folder / f"plan-{wanted.seed}-{wanted.checks}.json"
    if file.is_file():
        return read_plan(file)
    folder.mkdir(parents=True, exist_ok=True)
    known = [read_plan(other).first_on for other in folder.glob("plan-*.json")]
    wanted = replace(wanted, base_on=min([wanted.base_on, *known]), draws=not known)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(wanted), default=str, ensure_ascii=False), encoding="utf-8")
    fresh.replace(file)
    return wanted
