"""批次模拟：公告之前先看每层、每类会抽多少，人手够不够；只有数目，没有任何对象的名字。

Sizes are exact; the roster is one example under a throw-away key, and says nothing of the draw to come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from server.domain.batches import BatchOptions, Frame
from server.domain.draw_files import DrawFiles
from server.domain.draws import Plan, Ticket, order, pairing_task, split
from server.domain.errors import Invalid
from server.domain.pairing import pair

NOTE = "本结果只是按今天的名录演算的数目；派人用的是一次性的随机数，与将来的抽签无关，也不说明会抽中谁。"


@dataclass(frozen=True, slots=True)
class KindShare:
    """一类对象在名单里的数目与会抽中多少：期望是一个分数，最少、最多是各层合计。"""

    kind: str
    total: int
    expected_num: int
    expected_den: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """缺什么：`word` 是代码，`have`/`need` 是现有与至少要有的数目。"""

    word: str
    text: str
    have: int
    need: int


@dataclass(frozen=True, slots=True)
class Crew:
    """人手：要多少席，能派几人，示例里每人最多几项、几人到顶（派不出时都是 0）。"""

    seats: int
    available: int
    able: int
    leads: int | None
    units: int | None
    max_load: int
    officers_at_max: int


def kind_shares(frame: Frame, counted: Mapping[tuple[str, str], int]) -> tuple[KindShare, ...]:
    """Of each kind how many are drawn: within a stratum all have the same balls, so each has the chance take/total."""
    size: dict[str, int] = defaultdict(int)
    for stratum, _, _ in frame.objects:
        size[stratum] += 1
    take = {stratum.id: stratum.take for stratum in frame.strata}
    found = []
    for kind in sorted({kind for _, kind in counted}):
        parts = [(n, take[stratum], size[stratum]) for (stratum, own), n in counted.items() if own == kind]
        expected = sum((Fraction(n * drawn, total) for n, drawn, total in parts), Fraction())
        least = sum(max(0, drawn - (total - n)) for n, drawn, total in parts)
        most = sum(min(n, drawn) for n, drawn, _ in parts)
        whole = sum(n for n, _, _ in parts)
        found.append(KindShare(kind, whole, expected.numerator, expected.denominator, least, most))
    return tuple(found)


def try_crew(
    frame: Frame, files: DrawFiles, options: BatchOptions, ticket: Ticket
) -> tuple[Crew, tuple[Shortage, ...]]:
    """Pair an example drawing; what is short comes back as shortages, never as an error."""
    able = frozenset(able_officers(files))
    short = [*crew_shortages(files, options, able)]
    load = (0, 0)
    try:
        load = _example(frame, files, options, ticket)
    except Invalid as refusal:
        if refusal.code != "pairing-infeasible":
            raise
        short.append(_unpaired(refusal))
    crew = Crew(
        seats=options.seats * sum(stratum.take for stratum in frame.strata),
        available=len(files.officers),
        able=len(able),
        leads=None if files.leads is None else len(able & set(files.leads)),
        units=None if files.units is None else len({unit for one, unit in files.units if one in able}),
        max_load=load[0],
        officers_at_max=load[1],
    )
    return crew, tuple(short)


def _example(frame: Frame, files: DrawFiles, options: BatchOptions, ticket: Ticket) -> tuple[int, int]:
    plan = Plan("simulation", {}, frame.strata, options.seats, "", 0, options.rule)
    drawn, _ = split(frame.strata, order(frame.objects, ticket))
    found = pair(pairing_task(plan, files, ticket, tuple(d.object for d in drawn), frozenset(), {}))
    return found.max_load, found.officers_at_max


def _unpaired(refusal: Invalid) -> Shortage:
    """How many objects can't be served together; which ones is nobody's business before the draw."""
    objects, facts = len(refusal.facts["objects"]), refusal.facts
    text = f"示例里有{objects}个对象合在一起派不出人，可派的只有{facts['officers']}人"
    return Shortage("pairing", text, facts["seats_possible"], facts["seats_needed"])


def able_officers(files: DrawFiles) -> Iterator[str]:
    """Officers with every skill that is asked for."""
    needed = {skill for _, skill in files.needs or ()}
    held: dict[str, set[str]] = defaultdict(set)
    for officer, skill in files.skills or ():
        held[officer].add(skill)
    return (officer for officer in files.officers if needed <= held[officer])


def crew_shortages(files: DrawFiles, options: BatchOptions, able: frozenset[str]) -> Iterator[Shortage]:
    """What the frame as a whole lacks, whoever is drawn."""
    seats = options.seats
    if len(files.officers) < seats:
        yield Shortage("officers", "能派的执法人员不足一组", len(files.officers), seats)
    for skill in options.skills:
        holders = sum(1 for _, held in files.skills or () if held == skill)
        if holders < seats:
            yield Shortage("skill", f"具备“{skill}”资格的人员不足一组", holders, seats)
    if options.rule == "lead" and not able & set(files.leads or ()):
        yield Shortage("leads", "没有可以主办的人员", 0, 1)
    units = {unit for officer, unit in files.units or () if officer in able}
    if options.rule == "apart" and len(units) < seats:
        yield Shortage("units", "人员所在科室太少，同一科室又不能同组", len(units), seats)
    if bare := _bare_objects(files, options, able):
        yield Shortage("recusals", f"名单里有{bare}个对象，回避之后能派的人不成一组", 0, bare)


def _bare_objects(files: DrawFiles, options: BatchOptions, able: frozenset[str]) -> int:
    """Objects whom recusals alone leave without a full group; the general lack of officers is told elsewhere."""
    leads = able & set(files.leads) if files.leads is not None else able
    if len(able) < options.seats or not leads:
        return 0
    recused: dict[str, set[str]] = defaultdict(set)
    for name, officer in files.recusals:
        recused[name].add(officer)
    return sum(1 for barred in recused.values() if len(able - barred) < options.seats or not leads - barred)
