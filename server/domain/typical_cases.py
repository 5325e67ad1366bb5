"""典型案例遴选：公开的、可复算的评分。

Integers only. A case earns at most 100 points in five components, then cases are taken one by one; each one
already taken from the same region or checklist costs a later one points, so a bulletin shows variety. Ties
go to the higher base score and then to the smaller id. The order of candidates never matters.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass

from server.domain.cases import Stage
from server.domain.checklists import Severity
from server.domain.errors import Invalid
from server.domain.statistics import Pair
from server.domain.wording import SEVERITIES


@dataclass(frozen=True, slots=True)
class Weights:
    """Most points of each component and the cost of sameness; the five components must add up to 100."""

    severity: int = 40
    spread: int = 20
    completeness: int = 15
    agreement: int = 10
    standing: int = 15
    same_region: int = 12
    same_checklist: int = 8

    def __post_init__(self) -> None:
        parts = (self.severity, self.spread, self.completeness, self.agreement, self.standing)
        if sum(parts) != 100 or min(*parts, self.same_region, self.same_checklist) < 0:
            raise Invalid("weights-invalid", "五项分值之和应为100，各项和扣减分不能为负。")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known about one case.

    `spread` is (subjects failing the same item, subjects checked on it); `slots` (verified, expected) photo
    slots; `agreement` (photos whose place and time agree with the check, photos judged).
    """

    id: str
    region_code: str
    checklist: str
    severity: Severity
    spread: tuple[int, int]
    slots: tuple[int, int]
    agreement: tuple[int, int]
    stage: Stage


@dataclass(frozen=True, slots=True)
class Component:
    """One line of the explanation: `points` of at most `most`, and why, in Chinese."""

    name: str
    points: int
    most: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen case: `rank` from 1, `base` points before variety, `points` after it."""

    id: str
    rank: int
    base: int
    points: int
    components: tuple[Component, ...]


_SEVERITY_SHARE = {Severity.CRITICAL: (1, 1), Severity.MAJOR: (5, 8), Severity.MINOR: (1, 4)}
_STAGE_SHARE = {Stage.DECIDED: (1, 1), Stage.SUSPECTED: (2, 3), Stage.FOUND: (1, 3)}
_STAGE_WORDS = {Stage.DECIDED: "处罚决定已生效", Stage.SUSPECTED: "已立案", Stage.FOUND: "尚在检查发现阶段"}


def score_candidate(candidate: Candidate, weights: Weights | None = None) -> tuple[Component, ...]:
    """Return the five components of one case; every share is rounded down to whole points."""
    limits = weights or Weights()
    return (
        Component(
            "severity",
            _share(limits.severity, _SEVERITY_SHARE[candidate.severity]),
            limits.severity,
            f"问题严重程度为“{SEVERITIES[candidate.severity.value]}”。",
        ),
        _ratio("spread", limits.spread, candidate.spread, "受检对象{1}个中有{0}个存在同一问题。"),
        _ratio("completeness", limits.completeness, candidate.slots, "应有照片{1}张，已核验{0}张。"),
        _ratio("agreement", limits.agreement, candidate.agreement, "已判读照片{1}张，地点时间一致{0}张。"),
        Component(
            "standing",
            _share(limits.standing, _STAGE_SHARE[candidate.stage]),
            limits.standing,
            f"案件状态：{_STAGE_WORDS[candidate.stage]}。",
        ),
    )


def shortlist(candidates: Iterable[Candidate], count: int, weights: Weights | None = None) -> list[Candidate]:
    """Return those that `choose_cases` could choose: the best `count` of each region and checklist.

    What a choice costs later ones depends on region and checklist only, so within such a group the order by base score
    and id never changes and nothing behind its first `count` is ever reached. Memory: `count` times the groups.
    """
    limits = weights or Weights()
    groups: dict[tuple[str, str], list[tuple[int, str, Candidate]]] = {}
    for case in candidates:
        if case.stage is not Stage.SILENT:
            group = groups.setdefault((case.region_code, case.checklist), [])
            insort(group, (-_points(score_candidate(case, limits)), case.id, case), key=lambda line: line[:2])
            del group[count:]
    return [case for group in groups.values() for _, _, case in group]


def choose_cases(candidates: Iterable[Candidate], count: int, weights: Weights | None = None) -> tuple[Choice, ...]:
    """Choose at most `count` cases, best first; silent cases are never chosen.

    Raises Invalid `candidate-repeated` when an id occurs twice.
    """
    limits = weights or Weights()
    open_cases = _by_id(candidates)
    scored = {identity: score_candidate(case, limits) for identity, case in open_cases.items()}
    chosen: list[Choice] = []
    taken: list[Candidate] = []
    while open_cases and len(chosen) < count:
        best = min(open_cases.values(), key=lambda case: _order(case, scored[case.id], taken, limits))
        chosen.append(_choice(best, scored[best.id], taken, limits))
        taken.append(open_cases.pop(best.id))
    return tuple(chosen)


def _by_id(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    cases: dict[str, Candidate] = {}
    for case in candidates:
        if case.id in cases:
            raise Invalid("candidate-repeated", "同一案件不能重复参加遴选。", facts={"id": case.id})
        if case.stage is not Stage.SILENT:
            cases[case.id] = case
    return cases


def _order(
    case: Candidate, components: tuple[Component, ...], taken: list[Candidate], limits: Weights
) -> tuple[int, int, str]:
    base = _points(components)
    variety = sum(component.points for component in _variety(case, taken, limits))
    return (-(base + variety), -base, case.id)


def _choice(case: Candidate, components: tuple[Component, ...], taken: list[Candidate], limits: Weights) -> Choice:
    explained = (*components, *_variety(case, taken, limits))
    return Choice(case.id, len(taken) + 1, _points(components), _points(explained), explained)


def _variety(case: Candidate, taken: list[Candidate], limits: Weights) -> tuple[Component, ...]:
    regions = sum(other.region_code == case.region_code for other in taken)
    checklists = sum(other.checklist == case.checklist for other in taken)
    return (
        Component(
            "same_region",
            -limits.same_region * regions,
            0,
            f"已选案例中同一区域{regions}个，每个扣{limits.same_region}分。",
        ),
        Component(
            "same_checklist",
            -limits.same_checklist * checklists,
            0,
            f"已选案例中同一检查表{checklists}个，每个扣{limits.same_checklist}分。",
        ),
    )


def _ratio(name: str, most: int, counts: tuple[int, int], sentence: str) -> Component:
    pair = Pair(*counts)
    points = _share(most, (pair.conforming, pair.checked)) if pair.checked else 0
    return Component(name, points, most, sentence.format(pair.conforming, pair.checked))


def _share(most: int, share: tuple[int, int]) -> int:
    return most * share[0] // share[1]


def _points(components: tuple[Component, ...]) -> int:
    return sum(component.points for component in components)
