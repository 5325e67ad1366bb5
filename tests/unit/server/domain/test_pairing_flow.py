"""The fast walk against a slow one: every seat decided by a fresh textbook maximum flow over a network of plain nodes."""

import random
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Mapping
from dataclasses import replace
from hashlib import sha256

import pytest

from server.domain.errors import Invalid
from server.domain.pairing import Pairing, PairingTask, pair
from server.domain.pairing_flow import Flow, Network, bits

Edges = defaultdict[Hashable, dict[Hashable, int]]
Kept = dict[str, tuple[str, ...]]


def maximum(edges: Edges) -> int:
    """Edmonds and Karp from "S" to "T", unit by unit; eats the capacities."""
    total = 0
    while True:
        came: dict[Hashable, Hashable] = {"S": "S"}
        queue = deque(["S"])
        while queue and "T" not in came:
            here = queue.popleft()
            for there, left in edges[here].items():
                if left and there not in came:
                    came[there] = here
                    queue.append(there)
        if "T" not in came:
            return total
        here = "T"
        while here != "S":
            before = came[here]
            edges[before][here] -= 1
            edges[here][before] = edges[here].get(before, 0) + 1
            here = before
        total += 1


def gate(task: PairingTask, subject: str, officer: str, team: tuple[str, ...]) -> tuple[Hashable, int] | None:
    """The node between an object and an officer, and its capacity once the team is on the object."""
    if task.leads is not None:
        if officer in task.leads:
            return None
        return (subject, "others"), task.seats - 1 - sum(f not in task.leads for f in team)
    unit = (task.units or {}).get(officer)
    if unit is None:
        return None
    return (subject, "unit", unit), 1 - sum((task.units or {}).get(f) == unit for f in team)


def completes(task: PairingTask, kept: Kept, highest: int, at_max: int) -> bool:
    """Whether the kept seats extend to a whole roster in which at most `at_max` officers have load `highest`."""
    base = Counter(officer for team in kept.values() for officer in team)
    spare = at_max - sum(load == highest for load in base.values())
    if spare < 0 or max(base.values(), default=0) > highest:
        return False
    edges: Edges = defaultdict(dict)
    wanted = 0
    for subject in task.objects:
        team = kept.get(subject, ())
        edges["S"][subject] = task.seats - len(team)
        wanted += task.seats - len(team)
        for officer in task.officers:
            if officer in team or (subject, officer) in task.barred:
                continue
            found = gate(task, subject, officer, team)
            if found is not None:
                edges[subject][found[0]] = max(0, found[1])
            edges[subject if found is None else found[0]][(officer,)] = 1
    for officer in task.officers:
        edges[(officer,)]["T"] = max(0, highest - 1 - base[officer])
        edges[(officer,)]["P"] = int(base[officer] < highest)
    edges["P"]["T"] = spare
    return maximum(edges) == wanted


def slowly(task: PairingTask) -> Pairing | None:
    """L and r by trying all, then seat by seat."""
    most = task.max_load if task.max_load is not None else len(task.objects)
    kept: Kept = {o: task.locked.get(o, ()) for o in task.objects}
    tops = ((top, at) for top in range(1, most + 1) for at in range(1, len(task.officers) + 1))
    best = next((pair_ for pair_ in tops if completes(task, kept, *pair_)), None)
    if best is None:
        return None
    for subject in task.objects:
        free = sorted(
            (f for f in task.officers if (subject, f) not in task.barred), key=lambda f: task.ticket(subject, f)
        )
        while len(kept[subject]) < task.seats:
            tries = (kept | {subject: (*kept[subject], f)} for f in free if f not in kept[subject])
            kept = next(trial for trial in tries if permitted(task, subject, trial) and completes(task, trial, *best))
    return Pairing(kept, *best)


def permitted(task: PairingTask, subject: str, kept: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the last officer taken still passed the gate."""
    *team, last = kept[subject]
    found = gate(task, subject, last, tuple(team))
    return found is None or found[1] > 0


def tight(seed: int) -> PairingTask:
    """Many recusals and few officers, so that seats must be traded over several objects."""
    rng = random.Random(seed)
    seats = rng.choice((1, 2, 2, 3))
    objects = tuple(f"o{n}" for n in range(rng.randint(5, 9)))
    officers = tuple(f"f{n}" for n in range(rng.randint(seats + 2, 7)))
    density = rng.uniform(0.1, 0.55)
    barred = frozenset((o, f) for o in objects for f in officers if rng.random() < density)
    task = PairingTask(objects, officers, seats, barred, lambda o, f: sha256(f"{seed}{o}{f}".encode()).digest())
    if seed % 3 == 0:
        task = replace(task, leads=frozenset(f for f in officers if rng.random() < 0.6))
    elif seed % 3 == 1:
        task = replace(task, units={f: rng.choice("uvwxyz") for f in officers if rng.random() < 0.9})
    limit = -(-len(objects) * seats // len(officers)) + rng.choice((0, 1))
    return replace(task, max_load=limit) if rng.random() < 0.5 else task


@pytest.mark.parametrize("block", range(6))
def test_equal_to_the_slow_walk(block: int) -> None:
    feasible = 0
    for seed in range(block * 40, block * 40 + 40):
        task = tight(seed)
        best = slowly(task)
        if best is not None:
            feasible += 1
            assert pair(task) == best, seed
            continue
        with pytest.raises(Invalid) as refusal:
            pair(task)
        named = tuple(refusal.value.facts["objects"])
        assert slowly(replace(task, objects=named)) is None, seed
        for name in named:
            fewer = tuple(other for other in named if other != name)
            assert not fewer or slowly(replace(task, objects=fewer)) is not None, (seed, name)
    assert 5 <= feasible <= 35


@pytest.mark.parametrize("seed", range(0, 120, 3))
def test_a_second_run_with_one_officer_away_equals_the_slow_walk(seed: int) -> None:
    """An officer falls out of one object: recused there, all other seats kept."""
    task = replace(tight(seed), max_load=None)
    first = slowly(task)
    if first is None:
        with pytest.raises(Invalid, match="pairing-infeasible"):
            pair(task)
        return
    subject = random.Random(seed).choice(task.objects)
    away, *stay = first.roster[subject]
    later = replace(task, barred=task.barred | {(subject, away)}, locked={**first.roster, subject: tuple(stay)})
    best = slowly(later)
    if best is None:
        with pytest.raises(Invalid, match="pairing-infeasible") as refusal:
            pair(later)
        assert refusal.value.facts["objects"] == [subject]
        return
    assert pair(later) == best


@pytest.mark.parametrize("seed", range(20))
def test_a_large_conflict_is_minimal(seed: int) -> None:
    """Too many sets to try: the cut alone must give one that becomes servable when any object is taken away."""
    rng = random.Random(seed)
    objects, officers = tuple(f"o{n:02}" for n in range(40)), tuple(f"f{n}" for n in range(8))
    barred = frozenset((o, f) for o in objects for f in rng.sample(officers, 4))
    task = PairingTask(objects, officers, 3, barred, lambda o, f: sha256(f"{o}{f}".encode()).digest(), max_load=7)
    with pytest.raises(Invalid) as refusal:
        pair(task)
    facts = refusal.value.facts
    assert facts["seats_needed"] == 3 * len(facts["objects"]) > facts["seats_possible"]
    assert facts["seats_possible"] <= 7 * facts["officers"]
    for name in facts["objects"]:
        fewer = tuple(other for other in facts["objects"] if other != name)
        assert pair(replace(task, objects=fewer)).max_load <= 7


def test_places_of_a_lone_object() -> None:
    network = Network((0b11111,), (0b00001,), (2,), (1, 0, 0, 0, 0), (0b00011, 0b00011, 0b01100, 0b01100, 0), 1)
    assert network.places(0, 0b11111) == 2
    assert network.places(0, 0b01111) == 1
    assert network.only([0, 0]).allowed == (0b11111, 0b11111)


def test_a_copy_is_independent() -> None:
    flow = Flow(Network((0b11,), (0,), (1,), (0, 0), (0, 0), 1))
    copy = flow.copy()
    copy.fill(0, 1)
    assert copy.members == [0b01]
    assert (flow.members, flow.load, flow.missing) == ([0], [0, 0], [1])
    assert list(bits(flow.below(1))) == [0, 1]
    assert list(bits(copy.below(1))) == [1]
