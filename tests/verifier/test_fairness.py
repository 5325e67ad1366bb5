"""Fairness, counted: 200,000 seeded draws of a mixed frame against the exact probabilities, 3,000 of them with officers.

The weighted stratum: each of its 120 possible samples is one cell of an ordinary chi-square, against the sum over the six
orders of each. A plain stratum of N with n drawn: inclusion counts depend on each other, and
(N - 1) / (N - n) · Σ (O - E)² / E has the chi-square law with N - 1 degrees of freedom.
Critical values are of the 99.9 % quantile: the seeds are fixed, so a pass today is a pass for ever.
"""

import hmac
from collections import Counter
from fractions import Fraction
from hashlib import sha256
from itertools import combinations, permutations

import pytest

from server.domain.draw_files import DrawFiles
from server.domain.draws import Plan, Stratum, run_draw, ticket_maker
from server.domain.sampling import exact_inclusion

DRAWS, ROSTERS = 200_000, 3_000
BALLS = (1, 1, 1, 1, 1, 1, 2, 2, 2, 4)
# 99.9 % quantiles of chi-square by degrees of freedom.
CRITICAL = {119: 172.418, 7: 24.322, 11: 31.264}
FRAME = (
    [("mixed", f"M{n}", balls) for n, balls in enumerate(BALLS)]
    + [("plain", f"P{n}", 1) for n in range(8)]
    + [("wide", f"W{n:02d}", 1) for n in range(12)]
)
TAKE = {"mixed": 3, "plain": 2, "wide": 5}


def key_of(number: int) -> bytes:
    return hmac.digest(b"fairness", number.to_bytes(4, "big"), "sha256")


@pytest.fixture(scope="module")
def samples() -> dict[str, Counter[frozenset[str]]]:
    """How often each set was drawn from each stratum, by the tickets themselves."""
    found: dict[str, Counter[frozenset[str]]] = {stratum: Counter() for stratum in TAKE}
    balls = [(s, name, [f"O|{s}|{name}|{ball}" for ball in range(1, n + 1)]) for s, name, n in FRAME]
    queues = {s: [(name, labels) for stratum, name, labels in balls if stratum == s] for s in TAKE}
    for number in range(DRAWS):
        ticket = ticket_maker(key_of(number))
        for stratum, rows in queues.items():
            ranked = sorted([(min([ticket(label) for label in labels]), name) for name, labels in rows])
            found[stratum][frozenset([name for _, name in ranked[: TAKE[stratum]]])] += 1
    return found


def inclusions(samples: Counter[frozenset[str]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for names, times in samples.items():
        counts.update(dict.fromkeys(names, times))
    return counts


def sample_chances() -> dict[frozenset[str], Fraction]:
    """The exact probability of every set of three of the mixed stratum: its six orders added up."""
    found = {}
    for chosen in combinations(range(len(BALLS)), TAKE["mixed"]):
        total = Fraction(0)
        for order in permutations(chosen):
            left, chance = sum(BALLS), Fraction(1)
            for one in order:
                chance *= Fraction(BALLS[one], left)
                left -= BALLS[one]
            total += chance
        found[frozenset(f"M{n}" for n in chosen)] = total
    return found


def test_every_weighted_sample_comes_as_often_as_it_should(samples: dict[str, Counter[frozenset[str]]]) -> None:
    chances = sample_chances()
    assert sum(chances.values()) == 1
    square = sum((samples["mixed"][s] - float(p) * DRAWS) ** 2 / (float(p) * DRAWS) for s, p in chances.items())
    print(f"chi-square of 120 weighted samples: {square:.2f} (119 degrees of freedom, limit {CRITICAL[119]})")
    assert square < CRITICAL[119]


def test_weighted_inclusions_match_the_exact_ones(samples: dict[str, Counter[frozenset[str]]]) -> None:
    exact, counts = exact_inclusion(BALLS, TAKE["mixed"]), inclusions(samples["mixed"])
    assert [sum(p for s, p in sample_chances().items() if f"M{n}" in s) for n in range(len(BALLS))] == list(exact)
    for n, chance in enumerate(exact):
        p = float(chance)
        deviation = (counts[f"M{n}"] - p * DRAWS) / (p * (1 - p) * DRAWS) ** 0.5
        print(f"M{n} balls {BALLS[n]}: {counts[f'M{n}'] / DRAWS:.4f}, exact {p:.4f}, {deviation:+.2f} sigma")
        assert abs(deviation) < 4


@pytest.mark.parametrize("stratum", ["plain", "wide"])
def test_plain_inclusions_are_n_of_N(samples: dict[str, Counter[frozenset[str]]], stratum: str) -> None:
    names = [name for s, name, _ in FRAME if s == stratum]
    total, take = len(names), TAKE[stratum]
    expected = DRAWS * take / total
    counts = inclusions(samples[stratum])
    square = (total - 1) / (total - take) * sum((counts[name] - expected) ** 2 / expected for name in names)
    print(
        f"chi-square of {total} inclusions in {stratum}: {square:.2f} ({total - 1} degrees, limit {CRITICAL[total - 1]})"
    )
    assert square < CRITICAL[total - 1]


def test_officers_loads_and_recusals() -> None:
    """Loads differ by at most one where recusals leave room, nobody is ever sent where he must not go."""
    officers = tuple(f"F{n}" for n in range(9))
    barred = tuple((name, officers[(n + k) % 9]) for n, (_, name, _) in enumerate(FRAME) for k in (0, 3))
    files = DrawFiles(tuple(FRAME), officers, barred, leads=officers[:6])
    digests = {name.removesuffix(".tsv"): sha256(data).hexdigest() for name, data in files.to_bytes().items()}
    plan = Plan("F-1", digests, tuple(Stratum(s, n) for s, n in TAKE.items()), 2, "ab" * 32, 4, rule="lead")
    recused, seats, loads = set(barred), 2 * sum(TAKE.values()), Counter[str]()
    for number in range(ROSTERS):
        pairing = run_draw(plan, files, key_of(number), "1./").pairing
        one = Counter(officer for crew in pairing.roster.values() for officer in crew)
        assert not {(name, officer) for name, crew in pairing.roster.items() for officer in crew} & recused
        assert all(len(set(crew)) == 2 and set(crew) & set(files.leads or ()) for crew in pairing.roster.values())
        assert max(one.values()) == pairing.max_load == -(-seats // len(officers))
        assert sum(load == pairing.max_load for load in one.values()) == pairing.officers_at_max
        assert max(one[officer] for officer in officers) - min(one[officer] for officer in officers) <= 1
        loads.update(one)
    print(f"{ROSTERS} rosters of {seats} seats: " + ", ".join(f"{o} {loads[o] / ROSTERS:.3f}" for o in officers))
    assert sum(loads.values()) == ROSTERS * seats
