"""年度抽查计划：全年查哪些事项、何时查、由谁一起查；公布即定，抽查基数按公布那一刻的实有数。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from server.domain.batches import BatchOptions
from server.domain.checklists import Frame
from server.domain.draws import share_of
from server.domain.errors import Conflict, FieldError, Invalid


class PlanState(StrEnum):
    """年度计划：草稿可以改，公布之后不改，另立新计划。"""

    DRAFT = "draft"
    PUBLISHED = "published"


PLAN_STATE_TITLES = {PlanState.DRAFT: "草稿", PlanState.PUBLISHED: "已公布"}


@dataclass(frozen=True, slots=True)
class PlanItem:
    """计划表的一行：一个事项（它的 uuid）、时间区间、一同检查的部门（没有即部门内部抽查）。"""

    matter: str
    from_on: date
    to_on: date
    departments: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"from_on": self.from_on.isoformat(), "to_on": self.to_on.isoformat()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PlanItem:
        """Raises KeyError, TypeError or ValueError for anything that `to_dict` does not write."""
        given = dict(data)
        matter, departments = given.pop("matter"), given.pop("departments")
        days = date.fromisoformat(given.pop("from_on")), date.fromisoformat(given.pop("to_on"))
        _nothing_left(given)
        return cls(matter, *days, tuple(departments))


@dataclass(frozen=True, slots=True)
class PlanBase:
    """抽查基数：一个事项在一个区划的实有对象数，与当时定的比例（num/den）、每年次数。"""

    matter: str
    region_code: str
    total: int
    num: int
    den: int
    times: int

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PlanBase:
        return cls(**data)


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """The body of a plan. `bases` stay empty until the plan is published, then never change."""

    items: tuple[PlanItem, ...] = ()
    content: str = ""
    use_of_results: str = ""
    bases: tuple[PlanBase, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"items": [item.to_dict() for item in self.items]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PlanOptions:
        """Raises KeyError, TypeError or ValueError for anything that `to_dict` does not write; an empty document is empty."""
        if not data:
            return cls()
        given = dict(data)
        items = tuple(PlanItem.from_dict(item) for item in given.pop("items"))
        bases = tuple(PlanBase.from_dict(base) for base in given.pop("bases"))
        found = cls(items, given.pop("content"), given.pop("use_of_results"), bases)
        _nothing_left(given)
        return found

    @property
    def matters(self) -> tuple[str, ...]:
        return tuple(item.matter for item in self.items)


@dataclass(frozen=True, slots=True)
class NewPlan:
    """What is asked of an annual plan. `annual_cap` 0: no yearly limit has been announced."""

    year: int
    title: str
    region_code: str
    organisation: UUID
    annual_cap: int
    options: PlanOptions


@dataclass(frozen=True, slots=True)
class NewBatch:
    """What is asked of a batch; empty `kinds` and `checklists` in `options` mean those of its matters."""

    title: str
    region_code: str
    frame: Frame
    matters: tuple[UUID, ...]
    options: BatchOptions
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class MatterFacts:
    """What a plan and a batch must know of a matter."""

    uuid: str
    frame: str
    kinds: tuple[str, ...]
    checklists: tuple[str, ...]
    retired: bool
    covers: bool = True
    planned: bool = True


@dataclass(frozen=True, slots=True)
class Settled:
    """What a batch draws and checks with once its matters have been asked."""

    kinds: tuple[str, ...] = field(default=())
    checklists: tuple[str, ...] = field(default=())


def _nothing_left(given: Mapping[str, Any]) -> None:
    if given:
        raise TypeError(f"unknown members: {sorted(given)}")


def require_draft(state: PlanState) -> None:
    """Raise Conflict `annual-plan-published` once the plan has been published."""
    if state is not PlanState.DRAFT:
        raise Conflict("annual-plan-published", "年度计划已经公布，不能再改；需要调整的，另立一份计划。")


def check_plan(plan: NewPlan) -> None:
    """Raise Invalid `annual-plan-invalid` naming every item that can't be."""
    if faults := list(_item_faults(plan)):
        raise Invalid("annual-plan-invalid", "年度计划有误，请逐项改正。", errors=faults)


def _item_faults(plan: NewPlan) -> Iterator[FieldError]:
    seen = set()
    for n, item in enumerate(plan.options.items):
        if item.matter in seen:
            yield FieldError(f"/items/{n}/matter", "同一事项列了两次", "annual-plan-invalid")
        seen.add(item.matter)
        if item.to_on < item.from_on:
            yield FieldError(f"/items/{n}/to_on", "结束早于开始", "annual-plan-invalid")
        for name in ("from_on", "to_on"):
            if getattr(item, name).year != plan.year:
                yield FieldError(f"/items/{n}/{name}", f"不在 {plan.year} 年内", "annual-plan-invalid")


def check_publishable(options: PlanOptions) -> None:
    """Raise Invalid `annual-plan-empty` for a plan without a matter."""
    if not options.items:
        words = "计划里还没有抽查事项，不能公布。"
        raise Invalid("annual-plan-empty", words, errors=[FieldError("/items", words, "annual-plan-empty")])


def planned_checks(bases: Iterable[PlanBase]) -> int:
    """How many checks a year these bases of one matter make together: the share is rounded up once, then taken `times`."""
    found = tuple(bases)
    return share_of(sum(b.total for b in found), found[0].num, found[0].den) * found[0].times if found else 0


def matter_faults(matters: tuple[MatterFacts | None, ...], frame: str | None, where: str) -> Iterator[FieldError]:
    """Why these matters can't stand here; `where` is the pointer with `{n}`. A None is a matter nobody knows."""
    for n, one in enumerate(matters):
        if reason := _matter_fault(one, frame):
            yield FieldError(where.format(n=n), reason, "matter-unsuitable")


def _matter_fault(one: MatterFacts | None, frame: str | None) -> str | None:
    if one is None:
        return "事项清单里没有这一项"
    if one.retired:
        return "这一事项已经停用"
    if not one.covers:
        return "这一事项不适用于所选区划"
    if not one.planned:
        return "这一事项不在年度计划里"
    return "这一事项属于另一抽样框" if frame is not None and one.frame != frame else None


def settle(options: BatchOptions, matters: tuple[MatterFacts, ...]) -> Settled:
    """Kinds and checklists of a batch: those asked for, else all of its matters; a matter without kinds means any kind."""
    every = all(one.kinds for one in matters)
    kinds = tuple(sorted({kind for one in matters for kind in one.kinds})) if every else ()
    checklists = tuple(sorted({code for one in matters for code in one.checklists}))
    return Settled(options.kinds or kinds, options.checklists or checklists)


def settled_faults(settled: Settled, matters: tuple[MatterFacts, ...]) -> Iterator[FieldError]:
    """Kinds or checklists that no matter of the batch names: a check without a legal basis may not be planned."""
    allowed = {kind for one in matters for kind in one.kinds}
    if all(one.kinds for one in matters):
        for n, kind in enumerate(settled.kinds):
            if kind not in allowed:
                yield FieldError(f"/kinds/{n}", "所选事项都不查这一类对象", "matter-unsuitable")
    listed = {code for one in matters for code in one.checklists}
    for n, code in enumerate(settled.checklists):
        if code not in listed:
            yield FieldError(f"/checklists/{n}", "所选事项都不用这份检查单", "matter-unsuitable")
