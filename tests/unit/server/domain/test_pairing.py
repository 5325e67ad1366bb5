"""The roster is the one the definition names: compared with the published example and with enumeration of all rosters."""

import hmac
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from itertools import combinations, permutations, product

import pytest

from server.domain.errors import Invalid
from server.domain.pairing import Pairing, PairingTask, pair

KEY = bytes.fromhex("36b01138cba0e53a1d6c23aab3218c0043ee253b79ec1226362652ac0b4f7c35")
EXAMPLE = PairingTask(
    ("GD-003", "GD-102", "GD-004"),
    ("F1", "F2", "F3", "F4", "F5"),
    2,
    frozenset({("GD-001", "F1"), ("GD-102", "F2"), ("GD-102", "F3")}),
    lambda subject, officer: hmac.digest(KEY, f"A|{subject}|{officer}".encode() + b"\x01", "sha256"),
)
Roster = dict[str, tuple[str, ...]]


def ticketed(seed: int, subject: str, officer: str) -> bytes:
    return sha256(f"{seed}|{subject}|{officer}".encode()).digest()


def case(seed: int, most_objects: int = 4) -> PairingTask:
    """A small random task: recusals always, then at most one rule, sometimes a limit, sometimes locks."""
    rng = random.Random(seed)
    objects = tuple(f"o{n}" for n in range(rng.randint(1, most_objects)))
    officers = tuple(f"f{n}" for n in range(rng.randint(2, 5)))
    seats = rng.choice((1, 2, 2, 2, 3))
    density = rng.choice((0.0, 0.15, 0.3, 0.5))
    barred = frozenset(p for p in product(objects, officers) if rng.random() < density)
    rule = rng.choice(("none", "none", "lead", "apart"))
    leads = frozenset(f for f in officers if rng.random() < 0.5) if rule == "lead" else None
    units = {f: rng.choice("xyz") for f in officers if rng.random() < 0.8} if rule == "apart" else None
    limit = rng.choice((None, None, 1, 2, 3))
    task = PairingTask(objects, officers, seats, barred, lambda o, f: ticketed(seed, o, f), leads, units, limit)
    return replace(task, locked=locks(task, rng)) if rng.random() < 0.4 else task


def locks(task: PairingTask, rng: random.Random) -> Roster:
    """Whole or part of a permitted team for some objects, within the limit."""
    kept: Roster = {}
    for subject in task.objects:
        teams = [team for team in permutations(task.officers, task.seats) if fits(task, subject, team)]
        if teams and rng.random() < 0.5:
            kept[subject] = rng.choice(teams)[: rng.choice((task.seats, rng.randint(0, task.seats)))]
    busiest = max(Counter(f for team in kept.values() for f in team).values(), default=0)
    return {} if task.max_load is not None and busiest > task.max_load else kept


def fits(task: PairingTask, subject: str, team: tuple[str, ...]) -> bool:
    if any((subject, officer) in task.barred for officer in team):
        return False
    if task.leads is not None and not task.leads.intersection(team):
        return False
    units = [task.units[f] for f in team if f in task.units] if task.units is not None else []
    return len(units) == len(set(units))


def teams_of(task: PairingTask, subject: str, ordered: bool) -> list[tuple[str, ...]]:
    """Every permitted team that keeps the locked officers, these first; the rest in every order or by ticket."""
    kept = task.locked.get(subject, ())
    free = sorted((f for f in task.officers if f not in kept), key=lambda f: task.ticket(subject, f))
    rest = (permutations if ordered else combinations)(free, task.seats - len(kept))
    return [kept + team for team in rest if fits(task, subject, kept + team)]


def rosters(task: PairingTask, objects: tuple[str, ...], ordered: bool = False) -> Iterator[Roster]:
    """Every roster of these objects within the limit; the locked officers of the others still count."""
    others = Counter(f for name, kept in task.locked.items() if name not in objects for f in kept)
    for choice in product(*(teams_of(task, subject, ordered) for subject in objects)):
        load = others + Counter(f for team in choice for f in team)
        if task.max_load is None or max(load.values(), default=0) <= task.max_load:
            yield dict(zip(objects, choice, strict=True))


def summit(roster: Mapping[str, tuple[str, ...]]) -> tuple[int, int]:
    load = Counter(officer for team in roster.values() for officer in team)
    highest = max(load.values(), default=0)
    return highest, sum(1 for one in load.values() if one == highest)


def enumerated(task: PairingTask) -> Pairing | None:
    """The definition, word for word, over all rosters."""
    ordered = len(task.objects) <= 3 and task.seats <= 2

    def rank(roster: Roster) -> tuple[tuple[int, int], list[bytes]]:
        return summit(roster), [task.ticket(o, f) for o in task.objects for f in roster[o]]

    best = min(rosters(task, task.objects, ordered), key=rank, default=None)
    return None if best is None else Pairing(best, *summit(best))


def smallest_conflict(task: PairingTask) -> int:
    """Size of the smallest set of objects without a roster."""
    for size in range(1, len(task.objects) + 1):
        if any(next(rosters(task, some), None) is None for some in combinations(task.objects, size)):
            return size
    raise AssertionError("there is a roster")


def test_the_published_example() -> None:
    assert pair(EXAMPLE) == Pairing(
        {"GD-003": ("F5", "F3"), "GD-102": ("F5", "F1"), "GD-004": ("F2", "F4")}, max_load=2, officers_at_max=1
    )


@pytest.mark.parametrize("block", range(8))
def test_equal_to_enumeration(block: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(block * 100, block * 100 + 100):
        task = case(seed)
        best = enumerated(task)
        rule = "lead" if task.leads is not None else "apart" if task.units is not None else "none"
        seen[rule] += 1
        seen["locked"] += bool(task.locked)
        seen["limited"] += task.max_load is not None
        if best is not None:
            assert pair(task) == best, seed
            continue
        seen["infeasible"] += 1
        with pytest.raises(Invalid) as refusal:
            pair(task)
        assert refusal.value.code == "pairing-infeasible"
        named = tuple(refusal.value.facts["objects"])
        assert next(rosters(task, named), None) is None, seed
        assert len(named) == smallest_conflict(task), seed
    assert min(seen[kind] for kind in ("lead", "apart", "none", "locked", "limited", "infeasible")) >= 10


@pytest.mark.parametrize("seed", range(40))
def test_the_order_of_the_officers_changes_nothing(seed: int) -> None:
    task = wide(seed)
    names = list(task.officers)
    random.Random(seed).shuffle(names)
    assert pair(replace(task, officers=tuple(names))) == pair(task)


def wide(seed: int, objects: int = 25, officers: int = 9) -> PairingTask:
    """A task too large to enumerate, always feasible: few recusals, every third officer leads or shares a unit."""
    rng = random.Random(seed)
    names, people = tuple(f"o{n:02}" for n in range(objects)), tuple(f"f{n}" for n in range(officers))
    barred = frozenset((o, f) for o in names for f in rng.sample(people, 2))
    rules: dict[str, object] = {}
    if seed % 3 == 1:
        rules["leads"] = frozenset(people[::2])
    if seed % 3 == 2:
        rules["units"] = {f: str(n % 4) for n, f in enumerate(people)}
    return replace(PairingTask(names, people, 2, barred, lambda o, f: ticketed(seed, o, f)), **rules)


@pytest.mark.parametrize("seed", range(60))
def test_every_roster_keeps_the_rules(seed: int) -> None:
    task = wide(seed)
    found = pair(task)
    assert tuple(found.roster) == task.objects
    for subject, team in found.roster.items():
        assert len(set(team)) == task.seats
        assert fits(task, subject, team)
        tickets = [task.ticket(subject, officer) for officer in team]
        assert tickets == sorted(tickets)
    assert (found.max_load, found.officers_at_max) == summit(found.roster)
    assert found.max_load >= -(-len(task.objects) * task.seats // len(task.officers))


def test_without_recusals_loads_differ_by_one_at_most() -> None:
    for objects, officers, seats in ((7, 5, 2), (30, 11, 3), (12, 4, 2), (5, 9, 1)):
        task = replace(wide(1, objects, officers), seats=seats, barred=frozenset(), leads=None)
        found = pair(task)
        loads = Counter(dict.fromkeys(task.officers, 0))
        loads.update(f for team in found.roster.values() for f in team)
        floor, over = divmod(objects * seats, officers)
        assert found.max_load == floor + (1 if over else 0)
        assert found.officers_at_max == (over or officers)
        assert set(loads.values()) == ({floor, floor + 1} if over else {floor})


@pytest.mark.parametrize("seed", range(45))
def test_keeping_part_of_the_answer_gives_the_answer(seed: int) -> None:
    task, rng = wide(seed), random.Random(seed)
    whole = pair(task)
    kept = {o: team for o, team in whole.roster.items() if rng.random() < 0.5}
    assert pair(replace(task, locked=kept)) == whole
    parts = {o: tuple(rng.sample(team, 1)) for o, team in whole.roster.items()}
    again = pair(replace(task, locked=parts))
    assert {o: set(team) for o, team in again.roster.items()} == {o: set(team) for o, team in whole.roster.items()}
    assert all(again.roster[o][:1] == parts[o] for o in parts)


def test_one_absent_officer_changes_one_seat() -> None:
    first = pair(EXAMPLE)
    kept = {**first.roster, "GD-102": ("F1",)}
    again = pair(replace(EXAMPLE, barred=EXAMPLE.barred | {("GD-102", "F5")}, locked=kept))
    assert again == Pairing({**first.roster, "GD-102": ("F1", "F4")}, max_load=2, officers_at_max=1)


def test_a_lock_may_raise_the_load_but_is_kept() -> None:
    team = ("F1", "F2")
    found = pair(replace(EXAMPLE, locked={"GD-003": team, "GD-004": team}))
    assert found.roster["GD-003"] == found.roster["GD-004"] == team
    assert set(found.roster["GD-102"]) == {"F4", "F5"}
    assert (found.max_load, found.officers_at_max) == (2, 2)


def test_nothing_to_pair() -> None:
    assert pair(replace(EXAMPLE, objects=())) == Pairing({}, 0, 0)
    assert pair(PairingTask((), (), 1, frozenset(), EXAMPLE.ticket)) == Pairing({}, 0, 0)
    full = dict.fromkeys(EXAMPLE.objects, ("F1", "F4"))
    assert pair(replace(EXAMPLE, locked=full)) == Pairing(full, 3, 2)


def test_a_lone_object_is_named() -> None:
    barred = EXAMPLE.barred | {("GD-102", "F1"), ("GD-102", "F4")}
    with pytest.raises(Invalid) as refusal:
        pair(replace(EXAMPLE, barred=barred))
    assert refusal.value.code == "pairing-infeasible"
    assert refusal.value.facts == {"objects": ["GD-102"], "officers": 1, "seats_needed": 2, "seats_possible": 1}
    assert refusal.value.detail == (
        "对象GD-102派不出检查人员：可派1人，最多排得出1席，需要2席。回避不能放宽，请增加人员或者调整计划。"
    )


def test_nobody_may_lead() -> None:
    with pytest.raises(Invalid) as refusal:
        pair(replace(EXAMPLE, leads=frozenset({"F2", "F3"})))
    assert refusal.value.facts == {"objects": ["GD-102"], "officers": 3, "seats_needed": 2, "seats_possible": 1}
    with pytest.raises(Invalid) as refusal:
        pair(replace(EXAMPLE, leads=frozenset(), seats=1))
    assert refusal.value.facts["objects"] == ["GD-003"]


def test_a_limit_too_low_names_a_true_set() -> None:
    names = tuple(f"o{n:04}" for n in range(400))
    scarce = frozenset((o, f"f{n:02}") for o in names[100:107] for n in range(3, 20))
    task = PairingTask(names, tuple(f"f{n:02}" for n in range(20)), 2, scarce, EXAMPLE.ticket, max_load=50)
    assert pair(replace(task, max_load=41)).max_load <= 41
    with pytest.raises(Invalid) as refusal:
        pair(replace(task, max_load=4, objects=names[95:110]))
    assert refusal.value.facts == {
        "objects": list(names[100:107]),
        "officers": 3,
        "seats_needed": 14,
        "seats_possible": 12,
    }
    assert refusal.value.detail.startswith(
        "o0100、o0101、o0102等7个对象合在一起派不出检查人员：可派3人，每人最多4个，最多排得出12席，需要14席。"
    )


def test_equal_tickets_are_ordered_by_id() -> None:
    task = replace(EXAMPLE, officers=("F4", "F2", "F5", "F1", "F3"), ticket=lambda subject, officer: b"")
    assert pair(task).roster == {"GD-003": ("F1", "F2"), "GD-102": ("F1", "F4"), "GD-004": ("F3", "F5")}


def test_a_smaller_set_later_in_the_order_is_preferred() -> None:
    wish = {"a": "12", "b": "23", "c": "13", "d": "123", "e": "4", "f": "4"}
    barred = frozenset((o, f) for o in wish for f in "1234" if f not in wish[o])
    with pytest.raises(Invalid) as refusal:
        pair(PairingTask(tuple(wish), tuple("1234"), 1, barred, EXAMPLE.ticket, max_load=1))
    assert refusal.value.facts == {"objects": ["e", "f"], "officers": 1, "seats_needed": 2, "seats_possible": 1}


def test_a_stuck_object_that_lacks_several_seats() -> None:
    """Each of a, b and c takes one of the three officers of d; with many other objects not every pair is tried."""
    wish = {"a": {"1", "a1", "a2"}, "b": {"2", "b1", "b2"}, "c": {"3", "c1", "c2"}, "d": {"1", "2", "3"}}
    wish |= {f"x{n}": {f"x{n}-{k}" for k in range(3)} for n in range(70)}
    people = sorted(set().union(*wish.values()))
    barred = frozenset((o, f) for o in wish for f in people if f not in wish[o])
    with pytest.raises(Invalid) as refusal:
        pair(PairingTask(tuple(wish), tuple(people), 3, barred, EXAMPLE.ticket, max_load=1))
    assert refusal.value.facts == {"objects": ["a", "d"], "officers": 5, "seats_needed": 6, "seats_possible": 5}
    assert refusal.value.detail.startswith("a、d合在一起派不出检查人员：")


def test_a_limit_below_the_average_needs_many_objects() -> None:
    names, people = tuple(f"o{n:03}" for n in range(60)), tuple(f"f{n}" for n in range(5))
    task = PairingTask(names, people, 2, frozenset(), EXAMPLE.ticket, max_load=20)
    with pytest.raises(Invalid) as refusal:
        pair(task)
    assert len(refusal.value.facts["objects"]) == 51
    assert (refusal.value.facts["seats_needed"], refusal.value.facts["seats_possible"]) == (102, 100)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"leads": frozenset({"F1"}), "units": {}}, "pairing-rules-cross"),
        ({"seats": 0}, "pairing-task-invalid"),
        ({"max_load": 0}, "pairing-task-invalid"),
        ({"objects": ("GD-003", "GD-003")}, "pairing-task-invalid"),
        ({"officers": ("F1", "F2", "F1")}, "pairing-task-invalid"),
        ({"locked": {"GD-999": ("F1", "F2")}}, "pairing-locks-invalid"),
        ({"locked": {"GD-003": ("F1", "F9")}}, "pairing-locks-invalid"),
        ({"locked": {"GD-003": ("F1", "F1")}}, "pairing-locks-invalid"),
        ({"locked": {"GD-003": ("F1", "F2", "F3")}}, "pairing-locks-invalid"),
        ({"locked": {"GD-102": ("F2", "F1")}}, "pairing-locks-invalid"),
        ({"locked": {"GD-003": ("F1", "F2")}, "units": {"F1": "a", "F2": "a"}}, "pairing-locks-invalid"),
        ({"locked": {"GD-003": ("F1", "F2")}, "leads": frozenset({"F3"})}, "pairing-locks-invalid"),
        ({"locked": {"GD-003": ("F1",), "GD-004": ("F1",)}, "max_load": 1}, "pairing-locks-invalid"),
        ({"officers": ()}, "pairing-infeasible"),
    ],
)
def test_what_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        pair(replace(EXAMPLE, **change))
    assert refusal.value.code == code
    assert refusal.value.detail.endswith("。")
