"""勾稽：同一批数按不同口径切分，合计必须相等。

Every identity that was looked at is returned, so a reviewer sees what has been proved, not only that
nothing failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from server.domain.errors import Conflict
from server.domain.statistics import PARTITION_TABLES, Statistics


@dataclass(frozen=True, slots=True)
class Identity:
    """One equation (`left` equals `right`) or, when `at_most`, one bound (`left` not above `right`)."""

    name: str
    left: int
    right: int
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """True when the two sides agree."""
        return self.left <= self.right if self.at_most else self.left == self.right


def reconcile(statistics: Statistics) -> tuple[Identity, ...]:
    """Return every identity checked; raises Conflict `figures-do-not-reconcile` naming the broken ones."""
    identities = (
        *_pairs(statistics),
        *_tables(statistics),
        *_parties(statistics),
        *_tallies(statistics),
        *_controls(statistics),
    )
    broken = [identity for identity in identities if not identity.holds]
    if broken:
        lines = "；".join(f"{identity.name}：{identity.left}与{identity.right}" for identity in broken)
        raise Conflict(
            "figures-do-not-reconcile",
            f"统计数据前后不一致，不能用于通报：{lines}。",
            facts={"broken": [[identity.name, identity.left, identity.right] for identity in broken]},
        )
    return identities


def _pairs(statistics: Statistics) -> Iterator[Identity]:
    total = statistics.total.pair
    yield Identity("检查项＝符合＋不符合", total.checked, total.conforming + total.failing)


def _tables(statistics: Statistics) -> Iterator[Identity]:
    total = statistics.total
    for name in PARTITION_TABLES:
        table = statistics.table(name)
        pair = table.total()
        yield Identity(f"{name}：符合项合计", pair.conforming, total.pair.conforming)
        yield Identity(f"{name}：检查项合计", pair.checked, total.pair.checked)
        yield Identity(f"{name}：不适用合计", sum(line.not_applicable for line in table.lines), total.not_applicable)
        yield Identity(f"{name}：待核合计", sum(line.needs_review for line in table.lines), total.needs_review)


def _parties(statistics: Statistics) -> Iterator[Identity]:
    """Single parties overlap; each set of n parties must appear n times, no more and no less."""
    sets = statistics.table("liable_set").lines
    single = statistics.table("party").total()
    yield Identity(
        "单个责任单位检查项（重复计）",
        single.checked,
        sum(len(line.key) * line.pair.checked for line in sets),
    )
    yield Identity(
        "单个责任单位符合项（重复计）",
        single.conforming,
        sum(len(line.key) * line.pair.conforming for line in sets),
    )


_GROUPS = (
    ("subjects.kind", "subjects.frame", "subjects.region"),
    ("notices.kind", "notices.region", "notices.frame"),
    ("findings.severity", "findings.section", "findings.region", "findings.frame"),
)


def _tallies(statistics: Statistics) -> Iterator[Identity]:
    for first, *others in _GROUPS:
        total = statistics.tally(first).total()
        for other in others:
            yield Identity(f"{other}与{first}合计", statistics.tally(other).total(), total)
    failing, inspected = statistics.tally("subjects.with_failing"), statistics.tally("subjects.frame")
    for frame, count in failing.lines:
        yield Identity(f"{frame}：发现问题的对象不多于受检对象", count, inspected.count(frame), at_most=True)
    yield Identity(
        "问题条数不多于不符合项数",
        statistics.tally("findings.severity").total(),
        statistics.total.pair.failing,
        at_most=True,
    )


def _controls(statistics: Statistics) -> Iterator[Identity]:
    control = statistics.control
    if control is None:
        return
    total = statistics.total.pair
    yield Identity("符合项与另计总数", total.conforming, control.conforming)
    yield Identity("不符合项与另计总数", total.failing, control.failing)
    yield Identity("受检对象与另计总数", statistics.tally("subjects.frame").total(), control.inspected)
    yield Identity("问题条数与另计总数", statistics.tally("findings.severity").total(), control.findings)
    yield Identity("文书数与另计总数", statistics.tally("notices.kind").total(), control.notices)
