"""配对：给抽中的对象派检查人员，由定义唯一确定，与算法无关。

Objects in ticket order, `seats` distinct officers each, nobody recused. L is the smallest possible maximum load, r the
smallest possible number of officers who reach L; among the rosters with that L and r the one whose sequence, object by
object and seat by seat, is smallest, officers of an object being compared by ticket (equal tickets: by id). Within an
object tickets ascend: were a later seat's officer smaller, the earlier seat would have taken it. The rule is symmetric
in the officers; it is not uniform over all rosters.

Cost for n objects, f officers, s seats, e = n s places: all tickets n f and their sorting n f log f; the walk is
n s searches, each O(e) masks of f bits at worst (one search serves all officers tried for a seat), nearly always a
few: in practice the tickets are most of the time. Rules and gadgets: `pairing_flow`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from math import comb

from server.domain.errors import Invalid
from server.domain.pairing_flow import Flow, Network, bits

SMALL_SETS_TRIED = 2000
NAMED = 3


@dataclass(frozen=True, slots=True)
class PairingTask:
    """What is to be paired.

    `objects` in ticket order; `officers` in any order; `barred` pairs (object, officer), those of other objects are
    ignored; `ticket` (object, officer) -> bytes. `leads`: at least one of them on each object. `units`: officer ->
    unit, no two of one unit on an object (an officer without a unit is alone). `locked` objects keep exactly these
    officers, which count as load; fewer than `seats` names keep those seats and only the rest is drawn.
    """

    objects: tuple[str, ...]
    officers: tuple[str, ...]
    seats: int
    barred: frozenset[tuple[str, str]]
    ticket: Callable[[str, str], bytes]
    leads: frozenset[str] | None = None
    units: Mapping[str, str] | None = None
    max_load: int | None = None
    locked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pairing:
    """Officers of each object (locked ones first, as given, then by ticket); L; r. No objects: both are 0."""

    roster: Mapping[str, tuple[str, ...]]
    max_load: int
    officers_at_max: int


def pair(task: PairingTask) -> Pairing:
    """The one roster that the definition names.

    Raises Invalid `pairing-rules-cross` (leads and units together), `pairing-task-invalid`, `pairing-locks-invalid`,
    and `pairing-infeasible` with a smallest set of objects that cannot be served together; recusals never give way.
    """
    _check_task(task)
    officers = tuple(sorted(task.officers))
    network = _network(task, officers)
    most = _most(task, network)
    _check_alone(task, network, most)
    flow = Flow(network)
    seats = sum(network.base) + sum(network.need)
    lowest = max(max(network.base, default=0), -(-seats // max(1, len(officers))))
    highest = flow.complete(lowest, most)
    if highest is None:
        raise _infeasible(task, network, _smallest(network, _minimal(network, most), most), most)
    at_max = flow.by_load[highest].bit_count() if highest else 0
    roster = dict(_walk(task, officers, flow, highest))
    return Pairing(roster, highest, at_max)


def _walk(
    task: PairingTask, officers: tuple[str, ...], flow: Flow, highest: int
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for number, name in enumerate(task.objects):
        kept = task.locked.get(name, ())
        if flow.network.need[number]:
            kept += tuple(officers[o] for o in _seat(task, officers, flow, number, highest))
        yield name, kept


def _seat(task: PairingTask, officers: tuple[str, ...], flow: Flow, number: int, highest: int) -> Iterator[int]:
    """Officers of one object: each seat takes the next by ticket who leaves all other seats servable.

    Who was refused for a seat is refused for the next one too, so one pass over the order is enough.
    """
    name, open_ = task.objects[number], flow.network.need[number]
    spent = sum(1 << o for o in bits(flow.by_load[highest]) if not flow.held[o])
    free = flow.network.allowed[number] & ~flow.settled[number] & ~spent
    order = sorted(bits(free), key=lambda officer: task.ticket(name, officers[officer]))
    dead: dict[int, int] = {}
    for officer in order:
        if _take(flow, number, officer, highest, dead):
            flow.settle(number, officer)
            dead.clear()
            open_ -= 1
            yield officer
        if not open_:
            return


def _take(flow: Flow, number: int, officer: int, highest: int, dead: dict[int, int]) -> bool:
    """Put the officer on the object, one unsettled member giving way, if loads can still be kept; else change nothing.

    As r is the least possible, every whole roster has exactly r officers at the top: one rises only if one comes down.
    `dead` remembers, for each set of members that might give way, who cannot reach it.
    """
    bit = 1 << officer
    loose = flow.members[number] & ~flow.settled[number]
    if loose & bit:
        return True
    if flow.closed[number] & bit:
        loose &= flow.network.family[officer]
    if not loose:
        return False
    edge, top = flow.by_load[highest - 1], flow.by_load[highest]
    path, seen = flow.search(bit, loose | flow.below(highest - 1), dead.get(loose, 0), edge, top)
    if path is None:
        dead[loose] = seen
        return False
    end = path[-1][0]
    flow.follow(path)
    flow.leave(number, end if loose >> end & 1 else next(bits(loose)))
    flow.join(number, officer)
    return True


def _network(task: PairingTask, officers: tuple[str, ...]) -> Network:
    place = {name: 1 << n for n, name in enumerate(officers)}
    everyone = (1 << len(officers)) - 1
    allowed = dict.fromkeys(task.objects, everyone)
    for name, officer in task.barred:
        if name in allowed:
            allowed[name] &= ~place.get(officer, 0)
    family, limit = _families(task, officers, place)
    fixed, base = _fixed(task, officers, place)
    network = Network(
        tuple(allowed.values()), fixed, tuple(task.seats - mask.bit_count() for mask in fixed), base, family, limit
    )
    for number, mask in enumerate(fixed):
        name = task.objects[number]
        if mask & ~network.allowed[number]:
            raise _bad_lock(f"对象{name}锁定的人员里有应当回避的人", name)
        if any((mask & one).bit_count() > limit for one in set(family)):
            raise _bad_lock(f"对象{name}锁定的人员不符合组队规则", name)
    return network


def _families(task: PairingTask, officers: tuple[str, ...], place: Mapping[str, int]) -> tuple[tuple[int, ...], int]:
    """The limited class of each officer, and the limit."""
    if task.leads is not None:
        others = sum(bit for name, bit in place.items() if name not in task.leads)
        return tuple(0 if name in task.leads else others for name in officers), task.seats - 1
    units = task.units or {}
    masks: dict[str, int] = {}
    for name in officers:
        if name in units:
            masks[units[name]] = masks.get(units[name], 0) | place[name]
    return tuple(masks[units[name]] if name in units else 0 for name in officers), 1


def _fixed(
    task: PairingTask, officers: tuple[str, ...], place: Mapping[str, int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Locked officers of each object as masks, and the load they are for each officer."""
    load = dict.fromkeys(officers, 0)
    masks = []
    for name in task.objects:
        kept = task.locked.get(name, ())
        if len(set(kept)) != len(kept) or len(kept) > task.seats or not set(kept) <= load.keys():
            raise _bad_lock(f"对象{name}锁定的人员有重复、超员或者不在名录内的", name)
        for officer in kept:
            load[officer] += 1
        masks.append(sum(place[officer] for officer in kept))
    if task.max_load is not None and max(load.values(), default=0) > task.max_load:
        raise _bad_lock("锁定的安排已经超过每人的上限", "")
    return tuple(masks), tuple(load.values())


def _check_task(task: PairingTask) -> None:
    if task.leads is not None and task.units is not None:
        raise Invalid("pairing-rules-cross", "“至少一名可带队”与“同一单位不同组”不能同时使用，请只选一条。")
    if task.seats < 1 or (task.max_load is not None and task.max_load < 1):
        raise Invalid("pairing-task-invalid", "每个对象至少派一人，每人的上限至少为一。")
    if len(set(task.objects)) != len(task.objects) or len(set(task.officers)) != len(task.officers):
        raise Invalid("pairing-task-invalid", "检查对象或者检查人员有重复。")
    for name in sorted(task.locked.keys() - set(task.objects)):
        raise _bad_lock(f"锁定的对象{name}不在抽中的对象里", name)


def _bad_lock(reason: str, name: str) -> Invalid:
    return Invalid("pairing-locks-invalid", f"{reason}。", facts={"object": name})


def _most(task: PairingTask, network: Network) -> int:
    """The load nobody may pass; without a limit one that nobody could pass."""
    reachable = max(network.base, default=0) + len(task.objects)
    return reachable if task.max_load is None else min(task.max_load, reachable)


def _check_alone(task: PairingTask, network: Network, most: int) -> None:
    usable = _usable(network, most)
    for number, need in enumerate(network.need):
        if network.places(number, usable) < need:
            raise _infeasible(task, network, [number], most)


def _usable(network: Network, most: int) -> int:
    """Officers whose locked load leaves room."""
    return sum(1 << n for n, base in enumerate(network.base) if base < most)


def _minimal(network: Network, most: int) -> list[int]:
    """An inclusion-wise minimal set of objects that cannot be served within `most`, when all of them cannot.

    Objects are served one by one until one is stuck. Whatever it competes with cannot be served together with it; if
    it lacks one seat the removal of any of those would free that seat, else each is tried.
    """
    flow, stuck = Flow(network), 0
    flow.fill(stuck, most)
    while not flow.missing[stuck]:
        stuck += 1
        flow.fill(stuck, most)
    found = flow.behind(stuck, most)
    for other in reversed(found[:]):
        if flow.missing[stuck] == 1:
            break
        if other == stuck or other not in found:
            continue
        trial = flow.copy()
        for officer in bits(trial.members[other] & ~trial.settled[other]):
            trial.leave(other, officer)
        trial.fill(stuck, most)
        if trial.missing[stuck]:
            flow, found = trial, trial.behind(stuck, most)
    return found


def _smallest(network: Network, found: list[int], most: int) -> list[int]:
    """A smaller set than `found` if trying all of that size is cheap; the smallest first.

    An object that alone could have `size` times its seats is no part of a conflict of that size.
    """
    usable, tries = _usable(network, most), 0
    for size in range(2, len(found)):
        seats = max(network.need) * size
        near = [n for n, need in enumerate(network.need) if need and network.places(n, usable) < seats]
        tries += comb(len(near), size)
        if tries > SMALL_SETS_TRIED:
            break
        for some in combinations(near, size):
            if _served(network, some, most) < sum(network.need[n] for n in some):
                return list(some)
    return found


def _served(network: Network, objects: tuple[int, ...], most: int) -> int:
    """Most seats of these objects that can be filled within `most`."""
    part = network.only(objects)
    flow = Flow(part)
    flow.fill_all(range(len(objects)), most)
    return sum(part.need) - sum(flow.missing)


def _infeasible(task: PairingTask, network: Network, objects: list[int], most: int) -> Invalid:
    names = [task.objects[n] for n in objects]
    reach = 0
    for number in objects:
        reach |= network.allowed[number] & ~network.fixed[number]
    officers = (reach & _usable(network, most)).bit_count()
    needed, possible = sum(network.need[n] for n in objects), _served(network, tuple(objects), most)
    limit = "" if task.max_load is None else f"每人最多{task.max_load}个，"
    return Invalid(
        "pairing-infeasible",
        f"{_called(names)}派不出检查人员：可派{officers}人，{limit}最多排得出{possible}席，需要{needed}席。"
        "回避不能放宽，请增加人员或者调整计划。",
        facts={"objects": names, "officers": officers, "seats_needed": needed, "seats_possible": possible},
    )


def _called(names: list[str]) -> str:
    """The first few by name, and how many there are."""
    first = "、".join(names[:NAMED])
    if len(names) > NAMED:
        return f"{first}等{len(names)}个对象合在一起"
    return f"{first}合在一起" if len(names) > 1 else f"对象{first}"
