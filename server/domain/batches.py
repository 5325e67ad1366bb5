"""批次：抽哪些、每层多少、剔除谁、派谁去；名单在公告那一刻按它冻结。

剔除只在抽签之前，条条有理由码；抽签之后只能按理由换候补。
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from server.domain.draw_files import MOST_BALLS
from server.domain.draws import RULES, Stratum, heavy_strata, share_of
from server.domain.errors import FieldError, Invalid
from server.domain.register_facts import RISK_TITLES, RiskClass, SubjectStatus

LEAST_SEATS, MOST_SEATS = 2, 6
MOST_WORKDAYS, MOST_RECENT_DAYS = 250, 1100
EXCLUSION_REASONS = {
    "stopped": "停工或停产",
    "finished": "已竣工或已注销",
    "recently-checked": "近期已就同一事项检查",
    "cap-reached": "本年度对该单位的检查次数已达上限",
    "class-not-drawn": "本批次不抽这一风险类别",
}


@dataclass(frozen=True, slots=True)
class StratumRule:
    """How much of one risk class is drawn: the pair num/den, at least `minimum`; `balls` weights single objects no further."""

    risk: RiskClass
    num: int
    den: int
    minimum: int = 0
    balls: int = 1

    @property
    def rate(self) -> str:
        return f"{self.num}/{self.den}"


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What is left out before the draw; `recent_days` 0 means never for that reason."""

    stopped: bool = True
    finished: bool = True
    recent_days: int = 0
    cap: bool = True


class DepartmentKind(StrEnum):
    """一同检查的部门。"""

    FIRE = "fire"
    MARKET_SUPERVISION = "market_supervision"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Department:
    """部门联合：另一部门与它派来的人（写在任务里，不占本机关席位）。"""

    name: str
    people: tuple[str, ...] = ()
    kind: DepartmentKind = DepartmentKind.OTHER


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """The whole of a batch. `teams` are uuids of authorities whose officers join the pool (省市联合); `kinds` empty is all."""

    strata: tuple[StratumRule, ...]
    checklists: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    seats: int = LEAST_SEATS
    rule: str = "lead"
    skills: tuple[str, ...] = ()
    exclusions: Exclusions = field(default_factory=Exclusions)
    departments: tuple[Department, ...] = ()
    teams: tuple[str, ...] = ()
    due_workdays: int = 20

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> BatchOptions:
        members = dict(data)
        members["strata"] = tuple(StratumRule(**{**s, "risk": RiskClass(s["risk"])}) for s in data["strata"])
        members["exclusions"] = Exclusions(**data["exclusions"])
        members["departments"] = tuple(
            Department(d["name"], tuple(d["people"]), DepartmentKind(d["kind"])) for d in data["departments"]
        )
        for name in ("checklists", "kinds", "skills", "teams"):
            members[name] = tuple(data[name])
        return cls(**members)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One subject of the frame before exclusions. `times` counts this year's checks of its enterprise."""

    code: str
    risk: RiskClass
    status: SubjectStatus
    recent: bool = False
    times: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame as it will be frozen: objects (stratum, code, balls), who was left out and why, and the sizes."""

    objects: tuple[tuple[str, str, int], ...]
    excluded: tuple[tuple[str, str], ...]
    strata: tuple[Stratum, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        heavy = heavy_strata(self.objects, self.strata)
        return tuple(f"“{RISK_TITLES[RiskClass(s)]}”里最重的对象几乎必中，请另列一层全查。" for s in heavy)


def check_options(options: BatchOptions) -> None:
    """Raise Invalid `batch-invalid` naming every member that can't be."""
    refuse_faults(option_faults(options))


def refuse_faults(faults: Iterable[FieldError]) -> None:
    """Raise Invalid `batch-invalid` with these faults when there are any."""
    if found := list(faults):
        raise Invalid("batch-invalid", "批次的设置有误，请逐项改正。", errors=found)


def option_faults(options: BatchOptions) -> Iterator[FieldError]:
    """Every member that can't be, by pointer."""
    yield from _stratum_faults(options.strata)
    yield from _crew_faults(options)
    if not options.checklists:
        yield FieldError("/checklists", "至少选一份检查单", "batch-invalid")
    if not 1 <= options.due_workdays <= MOST_WORKDAYS:
        yield FieldError("/due_workdays", f"应在1到{MOST_WORKDAYS}个工作日之间", "batch-invalid")
    if not 0 <= options.exclusions.recent_days <= MOST_RECENT_DAYS:
        yield FieldError("/exclusions/recent_days", f"应在0到{MOST_RECENT_DAYS}天之间", "batch-invalid")


def _stratum_faults(strata: tuple[StratumRule, ...]) -> Iterable[FieldError]:
    if not strata:
        yield FieldError("/strata", "至少列一个风险类别", "batch-invalid")
    seen = set()
    for n, rule in enumerate(strata):
        if rule.risk in seen:
            yield FieldError(f"/strata/{n}/risk", "同一风险类别列了两次", "batch-invalid")
        seen.add(rule.risk)
        if not 0 <= rule.num <= rule.den or rule.den < 1:
            yield FieldError(f"/strata/{n}/num", "比例应在0到1之间", "batch-invalid")
        if rule.minimum < 0:
            yield FieldError(f"/strata/{n}/minimum", "不能小于0", "batch-invalid")
        if not 1 <= rule.balls <= MOST_BALLS:
            yield FieldError(f"/strata/{n}/balls", f"号球应为1到{MOST_BALLS}个", "batch-invalid")


def _crew_faults(options: BatchOptions) -> Iterable[FieldError]:
    if not LEAST_SEATS <= options.seats <= MOST_SEATS:
        yield FieldError("/seats", f"每个对象应派{LEAST_SEATS}到{MOST_SEATS}名执法人员", "batch-invalid")
    if options.rule not in RULES:
        yield FieldError("/rule", "不认识的派人规则", "batch-invalid")


def sort_frame(candidates: Iterable[Candidate], options: BatchOptions, annual_cap: int) -> Frame:
    """Leave out who has a reason to be left out, put the rest into strata and settle the sizes; O(n)."""
    rules = {rule.risk: rule for rule in options.strata}
    objects: list[tuple[str, str, int]] = []
    excluded: list[tuple[str, str]] = []
    totals = dict.fromkeys(rules, 0)
    for one in candidates:
        if reason := exclusion_of(one, options, annual_cap, rules):
            excluded.append((one.code, reason))
            continue
        objects.append((one.risk.value, one.code, rules[one.risk].balls))
        totals[one.risk] += 1
    strata = tuple(_stratum(rule, totals[rule.risk]) for rule in options.strata if totals[rule.risk])
    return Frame(tuple(objects), tuple(excluded), strata)


def exclusion_of(
    one: Candidate, options: BatchOptions, annual_cap: int, rules: Mapping[RiskClass, StratumRule]
) -> str | None:
    """The first reason, in the order of EXCLUSION_REASONS, for leaving this one out; None when it stays."""
    if one.status is SubjectStatus.STOPPED and options.exclusions.stopped:
        return "stopped"
    if one.status is SubjectStatus.FINISHED and options.exclusions.finished:
        return "finished"
    if one.recent:
        return "recently-checked"
    if options.exclusions.cap and annual_cap and one.times >= annual_cap:
        return "cap-reached"
    return None if one.risk in rules else "class-not-drawn"


def _stratum(rule: StratumRule, total: int) -> Stratum:
    more = {"title": RISK_TITLES[rule.risk], "total": total, "rate": rule.rate, "minimum": rule.minimum}
    return Stratum(rule.risk.value, share_of(total, rule.num, rule.den, rule.minimum), more)
