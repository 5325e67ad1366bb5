"""配对：全部规则都守住的名单，对“只算签号并排序”和“只看签号、人满即止”的做法。"""

from __future__ import annotations

import hmac
import time
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from bench.table import Table, interleave, middle, number, ratio, spread
from server.domain.pairing import Pairing, PairingTask, pair

KEY = sha256(b"bench").digest()
RECUSED_ONE_IN = 20
SEATS = 2


def _ticket(subject: str, officer: str) -> bytes:
    return hmac.digest(KEY, f"A|{subject}|{officer}\x01".encode(), "sha256")


def prepare(objects: int, officers: int) -> PairingTask:
    """Objects and officers by number; one pair in twenty is recused, picked by digest, the same in every run."""
    names = tuple(f"GD-{n:05}" for n in range(objects))
    people = tuple(f"F{n:03}" for n in range(officers))
    recused = frozenset(
        (name, one)
        for name in names
        for one in people
        if int.from_bytes(sha256(f"{name}|{one}".encode()).digest()[:4]) % RECUSED_ONE_IN == 0
    )
    return PairingTask(names, people, SEATS, recused, _ticket)


def variants(task: PairingTask) -> tuple[tuple[str, PairingTask], ...]:
    """The same register under each rule; then with half of the objects already settled."""
    settled = dict(list(pair(task).roster.items())[::2])
    return (
        ("无附加规则", task),
        ("至少一名可带队（三成人可带）", replace(task, leads=frozenset(task.officers[: len(task.officers) * 3 // 10]))),
        ("同单位不同组（十个单位）", replace(task, units={f: str(n % 10) for n, f in enumerate(task.officers)})),
        ("一半对象已锁定", replace(task, locked=settled)),
    )


def _seconds(task: PairingTask, results: list[Pairing]) -> float:
    began = time.perf_counter()
    results[:] = [pair(task)]
    return time.perf_counter() - began


def _sorting(task: PairingTask) -> float:
    """All tickets of permitted pairs, sorted for each object: what any program must at least look at."""
    began = time.perf_counter()
    for name in task.objects:
        free = [one for one in task.officers if (name, one) not in task.barred]
        free.sort(key=lambda one, name=name: _ticket(name, one))
    return time.perf_counter() - began


def _greedy(task: PairingTask, highest: int, short: list[int]) -> float:
    """First officers by ticket who still have room under the same load; nobody is moved, so seats may stay empty."""
    began = time.perf_counter()
    load, empty = dict.fromkeys(task.officers, 0), 0
    for name in task.objects:
        free = [one for one in task.officers if load[one] < highest and (name, one) not in task.barred]
        team = sorted(free, key=lambda one: _ticket(name, one))[: task.seats]
        for one in team:
            load[one] += 1
        empty += task.seats - len(team)
    short[:] = [empty]
    return time.perf_counter() - began


def measure_pairing(scales: Sequence[tuple[int, int]], rounds: int) -> list[Table]:
    """`scales`: (objects, officers) from small to large; the rules are compared at the largest."""
    return [_sizes(scales, rounds), _rules(scales[-1], rounds)]


def _sizes(scales: Sequence[tuple[int, int]], rounds: int) -> Table:
    rows = []
    for objects, officers in scales:
        task, found, short = prepare(objects, officers), [pair(prepare(objects, officers))], [0]
        highest = found[0].max_load
        sides = (
            lambda task=task, found=found: _seconds(task, found),
            lambda task=task: _sorting(task),
            lambda task=task, highest=highest, short=short: _greedy(task, highest, short),
        )
        ours, sorting, greedy = interleave(sides, rounds)
        a, b, c = middle(ours), middle(sorting), middle(greedy)
        rows.append(
            (
                f"{objects}×{officers}",
                f"{number(a)}（{spread(ours)}）",
                f"{number(b)}，{ratio(a, b)}",
                f"{number(c)}，{ratio(a, c)}，空 {short[0]} 席",
                f"{highest}（{found[0].officers_at_max} 人）",
            )
        )
    columns = ("对象×人员", "质鉴，秒（最低～最高）", "只算签号并排序", "按签号派、人满即止", "最多几个（几人到顶）")
    notes = (
        f"每个对象 {SEATS} 人，每 {RECUSED_ONE_IN} 对有一对回避；后两列是秒和“质鉴 ÷ 它”。",
        "“人满即止”用质鉴算出的最小上限，不挪动已派的人，所以会有席位派不出；它不是对的答案，只用来比快慢。",
    )
    return Table("配对检查人员", columns, tuple(rows), notes)


def _rules(scale: tuple[int, int], rounds: int) -> Table:
    cases = variants(prepare(*scale))
    found: list[list[Pairing]] = [[] for _ in cases]
    sides = [lambda task=task, kept=kept: _seconds(task, kept) for (_, task), kept in zip(cases, found, strict=True)]
    samples = interleave(sides, rounds)
    plain = middle(samples[0])
    rows = tuple(
        (label, f"{number(middle(times))}（{spread(times)}）", ratio(middle(times), plain), f"{kept[0].max_load}")
        for (label, _), times, kept in zip(cases, samples, found, strict=True)
    )
    title = f"配对的附加规则（{scale[0]}×{scale[1]}）"
    return Table(title, ("规则", "秒（最低～最高）", "÷ 无附加规则", "最多几个"), rows)
