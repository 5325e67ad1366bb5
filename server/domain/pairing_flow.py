"""配对的流网络：席位从检查对象流向检查人员，人员的容量就是负荷上限。

Officers are bits of an integer, so "who could take this seat instead" is a few machine words. A move replaces one
officer of an object by another; a path of moves ends where somebody has room. All moves of one path may be made
together: a search gives whatever room an object or the top load has to the first officer it meets there, so a later
step of the same path can only be an exchange within a class that is full. The rules "at least one lead" and "not two
of one unit" are classes of officers with a limit per object (nested classes keep this a flow).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

POOL = -1
Path = list[tuple[int, int]]


def bits(mask: int) -> Iterator[int]:
    """Positions of the ones, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(frozen=True, slots=True)
class Network:
    """What may be paired: bit masks of officers per object, numbers per officer.

    `allowed` officers each object may have; `fixed` officers it already has for good; `need` seats still open; `base`
    load each officer already carries; `family` the mask of the limited class an officer belongs to (0: unlimited);
    `limit` how many of one class an object may have.
    """

    allowed: tuple[int, ...]
    fixed: tuple[int, ...]
    need: tuple[int, ...]
    base: tuple[int, ...]
    family: tuple[int, ...]
    limit: int

    def only(self, objects: Sequence[int]) -> Network:
        """The same network with these objects alone; loads already carried stay."""
        return Network(
            tuple(self.allowed[o] for o in objects),
            tuple(self.fixed[o] for o in objects),
            tuple(self.need[o] for o in objects),
            self.base,
            self.family,
            self.limit,
        )

    def room(self, members: int, family: int) -> bool:
        """Whether an object with these members may have one more of the class."""
        return (members & family).bit_count() < self.limit

    def places(self, object_: int, usable: int) -> int:
        """Most officers this object could have at once beyond its fixed ones, were it alone."""
        free = self.allowed[object_] & usable & ~self.fixed[object_]
        total = 0
        for family in set(self.family):
            if family:
                left = self.limit - (self.fixed[object_] & family).bit_count()
                total += max(0, min(left, (free & family).bit_count()))
                free &= ~family
        return total + free.bit_count()


class Flow:
    """一份（可能还不完整的）名单：every change keeps it within recusals, class limits and distinct seats."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.everyone = (1 << len(network.base)) - 1
        self.members = list(network.fixed)
        self.settled = list(network.fixed)
        self.missing = list(network.need)
        self.load = list(network.base)
        self.held: list[set[int]] = [set() for _ in network.base]
        self.by_load: defaultdict[int, int] = defaultdict(int)
        for officer, load in enumerate(network.base):
            self.by_load[load] |= 1 << officer
        families = {family for family in network.family if family}
        self.closed = [sum(f for f in families if not network.room(fixed, f)) for fixed in network.fixed]

    def copy(self) -> Flow:
        """An independent copy of the state; the network is shared."""
        other = object.__new__(Flow)
        other.network, other.everyone = self.network, self.everyone
        other.members, other.settled, other.missing = self.members[:], self.settled[:], self.missing[:]
        other.load, other.by_load, other.closed = self.load[:], self.by_load.copy(), self.closed[:]
        other.held = [set(objects) for objects in self.held]
        return other

    def join(self, object_: int, officer: int) -> None:
        bit, family, load = 1 << officer, self.network.family[officer], self.load[officer]
        self.members[object_] |= bit
        self.held[officer].add(object_)
        if family and not self.network.room(self.members[object_], family):
            self.closed[object_] |= family
        self.by_load[load] ^= bit
        self.by_load[load + 1] ^= bit
        self.load[officer] = load + 1

    def leave(self, object_: int, officer: int) -> None:
        bit, family, load = 1 << officer, self.network.family[officer], self.load[officer]
        self.members[object_] ^= bit
        self.held[officer].discard(object_)
        if family and self.network.room(self.members[object_], family):
            self.closed[object_] &= ~family
        self.by_load[load] ^= bit
        self.by_load[load - 1] ^= bit
        self.load[officer] = load - 1

    def settle(self, object_: int, officer: int) -> None:
        """Keep this officer on this object for good."""
        self.settled[object_] |= 1 << officer
        self.held[officer].discard(object_)

    def below(self, level: int) -> int:
        """Officers whose load is under `level`; nobody carries more than level + 1."""
        return self.everyone & ~self.by_load[level] & ~self.by_load[level + 1]

    def starts(self, object_: int) -> int:
        """Officers that could simply be added to the object."""
        return self.network.allowed[object_] & ~self.members[object_] & ~self.closed[object_]

    def search(self, start: int, goal: int, dead: int, edge: int = 0, top: int = 0) -> tuple[Path | None, int]:
        """Shortest path of moves from any officer in `start` to one in `goal`, and the officers seen.

        `dead` officers are known not to reach the goal. Who stands at `edge` may rise to the top in exchange for
        somebody in `top` coming down (a step by way of POOL). Without a path everyone seen is dead as well.
        """
        came: dict[int, tuple[int, int]] = {}
        start &= ~dead
        seen = dead | start
        if start & goal:
            return [(_first(start & goal), POOL)], seen
        queue = list(bits(start))
        for officer in queue:
            for via, reach in self._steps(officer, edge, top):
                new = reach & ~seen
                if new & goal:
                    end = _first(new & goal)
                    came[end] = (officer, via)
                    return _trace(came, end), seen
                seen |= new
                for one in bits(new):
                    came[one] = (officer, via)
                    queue.append(one)
        return None, seen

    def _steps(self, officer: int, edge: int, top: int) -> Iterator[tuple[int, int]]:
        allowed, family = self.network.allowed, self.network.family[officer]
        for object_ in self.held[officer]:
            yield object_, allowed[object_] & ~self.members[object_] & (~self.closed[object_] | family)
        if edge >> officer & 1:
            yield POOL, top

    def follow(self, path: Path) -> None:
        """Make every move of the path: each officer on it leaves an object to the next one."""
        for (before, _), (after, via) in pairwise(path):
            if via != POOL:
                self.leave(via, before)
                self.join(via, after)

    def fill(self, object_: int, level: int, dead: int = 0) -> int:
        """Add officers to the object while loads stay within `level`; returns the dead officers, grown if stuck."""
        while self.missing[object_]:
            path, seen = self.search(self.starts(object_), self.below(level), dead)
            if path is None:
                return seen
            self.follow(path)
            self.join(object_, path[0][0])
            self.missing[object_] -= 1
        return dead

    def fill_all(self, objects: Sequence[int], level: int) -> tuple[list[int], int]:
        """Fill every object to a maximum flow; returns those still short and the officers that hold them up."""
        dead = 0
        for object_ in objects:
            dead = self.fill(object_, level, dead)
        return [object_ for object_ in objects if self.missing[object_]], dead

    def complete(self, lowest: int, most: int) -> int | None:
        """Fill every seat with the smallest possible maximum load and fewest officers at it; returns that load.

        `lowest` is a bound that no roster can go under; None: not possible within `most`. Each failure is a cut:
        u seats short behind x full officers need at least u / x more load each, so few levels are tried; the level
        under the answer is always filled to its maximum first, and each seat beyond that maximum raises one officer.
        """
        level, short = lowest - 1, [o for o, missing in enumerate(self.missing) if missing]
        while True:
            short, dead = self.fill_all(short, level)
            if not short:
                return max(level, lowest)
            lift = -(-sum(self.missing[o] for o in short) // dead.bit_count())
            level += max(1, lift - 1)
            if level > most:
                return None

    def behind(self, object_: int, level: int) -> list[int]:
        """The objects that compete with a stuck object for officers who are all full, itself included."""
        _, seen = self.search(self.starts(object_), self.below(level), 0)
        return sorted({object_}.union(*(self.held[officer] for officer in bits(seen))))


def _first(mask: int) -> int:
    return (mask & -mask).bit_length() - 1


def _trace(came: dict[int, tuple[int, int]], end: int) -> Path:
    path: Path = []
    officer = end
    while officer in came:
        before, via = came[officer]
        path.append((officer, via))
        officer = before
    path.append((officer, POOL))
    return path[::-1]
