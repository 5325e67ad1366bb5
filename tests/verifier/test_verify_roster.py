"""The checker's own view of pairing: of all rosters of a small draw it accepts exactly the one that the rule names."""

import importlib.util
import random
from collections import Counter
from hashlib import sha256
from itertools import permutations, product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from server.domain.errors import Invalid
from server.domain.pairing import PairingTask, pair

SCRIPT = Path(__file__).parents[2] / "web" / "draws" / "verify_draw.py"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_draw", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT_MODULE = _script()
Roster = dict[str, tuple[str, ...]]


def case(seed: int) -> tuple[SimpleNamespace, Roster]:
    """What the checker has in hand, and seats that are locked (whole crews, or the first seats of one)."""
    rng = random.Random(seed)
    objects = [f"o{n}" for n in range(rng.randint(1, 3))]
    officers = [f"f{n}" for n in range(rng.randint(2, 5))]
    rows: dict[str, list[tuple[str, ...]]] = {"officers": [(f,) for f in officers]}
    density = rng.choice((0.0, 0.1, 0.3))
    rows["recusals"] = [p for p in product(objects, officers) if rng.random() < density]
    rule = rng.choice(("any", "lead", "apart"))
    rows["leads"] = [(f,) for f in officers if rng.random() < 0.5]
    rows["units"] = [(f, rng.choice("xyz")) for f in officers if rng.random() < 0.8]
    rows["skills"] = [(f, "s") for f in officers if rng.random() < 0.7]
    rows["needs"] = [(o, "s") for o in objects if rng.random() < 0.3]
    plan = {"seats": rng.choice((1, 2, 2, 3)), "rule": rule}
    ticket = lambda label: sha256(f"{seed}|{label}".encode()).digest()  # noqa: E731
    locked: Roster = {}
    if rng.random() < 0.4:
        locked = {
            o: tuple(rng.sample(officers, min(len(officers), rng.randint(1, plan["seats"])))) for o in objects[1:]
        }
    return SimpleNamespace(plan=plan, rows=rows, ticket=ticket, objects=objects), locked


def barred(b: SimpleNamespace) -> frozenset[tuple[str, str]]:
    skilled = {f for f, _ in b.rows["skills"]}
    unfit = {(o, f) for o, _ in b.rows["needs"] for (f,) in b.rows["officers"] if f not in skilled}
    return frozenset(unfit | set(b.rows["recusals"]))


def task_of(b: SimpleNamespace, locked: Roster) -> PairingTask:
    return PairingTask(
        tuple(b.objects),
        tuple(f for (f,) in b.rows["officers"]),
        b.plan["seats"],
        barred(b),
        lambda o, f: b.ticket(f"A|{o}|{f}"),
        frozenset(f for (f,) in b.rows["leads"]) if b.plan["rule"] == "lead" else None,
        dict(b.rows["units"]) if b.plan["rule"] == "apart" else None,
        None,
        locked,
    )


def accepted(b: SimpleNamespace, crews: Roster, locked: Roster) -> bool:
    try:
        SCRIPT_MODULE.Roster(b, crews, {o: len(kept) for o, kept in locked.items()}).check()
    except SCRIPT_MODULE.Bad:
        return False
    return True


@pytest.mark.parametrize("block", range(20))
def test_exactly_the_roster_of_the_rule_is_accepted(block: int) -> None:
    seen: Counter[Any] = Counter()
    for seed in range(block * 30, block * 30 + 30):
        b, locked = case(seed)
        task = task_of(b, locked)
        try:
            right: Roster | None = dict(pair(task).roster)
        except Invalid as error:
            right = None
            if error.code == "pairing-locks-invalid":
                continue
        teams = [
            [
                locked.get(o, ()) + rest
                for rest in permutations([f for f in task.officers if f not in locked.get(o, ())], n)
            ]
            for o in task.objects
            if (n := task.seats - len(locked.get(o, ()))) >= 0
        ]
        everything = [dict(zip(task.objects, choice, strict=True)) for choice in product(*teams)]
        for crews in everything if len(everything) <= 1500 else random.Random(seed).sample(everything, 1500):
            assert accepted(b, crews, locked) == (crews == right), (seed, crews, right)
            seen[crews == right] += 1
        if right is not None:
            assert accepted(b, right, locked), (seed, right)
    assert seen[False] > 100
