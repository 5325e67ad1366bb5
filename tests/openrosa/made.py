"""随手造的作答：数值落在限值上、限值两侧和远处，条件有填有不填，判定有同意有不同意。种子固定。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from types import MappingProxyType

from server.domain.answers import Answer, SampleGroup, Verdict
from server.domain.checklists import Checklist, Frame, Item, Kind
from server.domain.limits import InputSpec, InputValue, LimitRow, as_number

STEPS = [Decimal(s) for s in ("0", "0.0001", "-0.0001", "0.0005", "-0.0005", "0.1", "-0.1", "1", "-1", "7.3")]
DAYS = ("2018-05-01", "2021-12-31", "2022-04-01", "2024-09-24", "2024-09-25", "2025-06-10", "2025-06-17")


def turning_days(items: Iterable[Item]) -> list[date]:
    """Days on which some limit of these items begins or ends, and the days before."""
    rows = [row for item in items for c in item.checks for row in c.rule.rows]
    turns = {d for row in rows for d in (row.from_on, row.until_on) if d is not None}
    return sorted(turns | {d - timedelta(days=1) for d in turns})


def answers(checklist: Checklist, frame: Frame, seed: int) -> Iterator[Answer]:
    """One answer to every item put to this kind of subject, the same for the same seed."""
    random = Random(f"{checklist.code}-{frame.value}-{seed}")
    for item in checklist.items_for(frame):
        yield _answer(item, random)


def _answer(item: Item, random: Random) -> Answer:
    kinds = set(item.kinds)
    inputs: dict[str, InputValue] = {}
    for spec in item.required_inputs():
        if random.random() < 0.9:
            inputs[spec.name] = _input(spec, item, random)
    numbers = [_near(item, random, inputs) for _ in range(random.choice((1, 1, 1, 3, 4)))]
    single = Kind.NUMERIC in kinds and len(numbers) == 1 and not _statistical(item)
    verdict = _verdict(kinds, random)
    return Answer(
        item_code=item.code,
        verdict=verdict,
        reason="天气条件不具备" if verdict is Verdict.NOT_APPLICABLE else "",
        value=numbers[0] if single and random.random() < 0.95 else None,
        inputs=MappingProxyType(inputs),
        count=random.choice((0, 1, 2, 3, 5, 10, 40, None)) if Kind.COUNT in kinds else None,
        text="有记录" if Kind.TEXT in kinds and random.random() < 0.8 else "",
        on=_day(random) if Kind.DATE in kinds and random.random() < 0.9 else None,
        choice=random.choice(item.choices) if item.choices and random.random() < 0.9 else "",
        readings=tuple(numbers) if Kind.NUMERIC in kinds and not single else (),
        groups=_groups(random) if Kind.SAMPLE_GROUP in kinds else (),
    )


def _statistical(item: Item) -> bool:
    """Its rules want readings, not one value."""
    rules = [c.rule for c in item.checks]
    return any(r.operator in ("pass_rate", "cube_acceptance") or any(row.of for row in r.rows) for r in rules)


def _verdict(kinds: set[Kind], random: Random) -> Verdict | None:
    usual = Verdict.CONFORMING if Kind.TRI in kinds else None
    return random.choice((usual, usual, usual, Verdict.CONFORMING, Verdict.FAILING, Verdict.NOT_APPLICABLE))


def _day(random: Random) -> date:
    return date.fromisoformat(random.choice(DAYS))


def _near(item: Item, random: Random, inputs: Mapping[str, InputValue] | None = None) -> Decimal:
    """A number on, just beside or near a bound of this item, once its inputs are known."""
    rows = [row for c in item.checks for row in c.rule.rows]
    bounds = [b for r in rows for b in _bounds(r, inputs or {})] or [Decimal(3)]
    return random.choice((1, 1, 1, -1)) * random.choice(bounds) + random.choice(STEPS)


def _bounds(row: LimitRow, inputs: Mapping[str, InputValue]) -> list[Decimal]:
    """The row's bounds for the number itself: over its reference, as a share, or following an input."""
    given = [b for b in (row.value, row.minimum, row.maximum) if b is not None]
    base = as_number(inputs.get(row.reference or row.relative_to))
    if base is not None:
        given = [base + b for b in given] if row.reference else [base * b / 100 for b in given]
    followed = row.formula.bound(inputs) if row.formula else None
    return [b.quantize(Decimal("0.0001")) for b in (*given, *([followed] if followed is not None else []))]


def _input(spec: InputSpec, item: Item, random: Random) -> InputValue:
    if spec.kind == "choice":
        return random.choice(spec.options)
    if spec.kind == "list":
        return tuple(o for o in spec.options if random.random() < 0.8) or spec.options[:1]
    if spec.kind == "boolean":
        return random.random() < 0.5
    if spec.kind == "date":
        turning = [d.isoformat() for d in turning_days([item])]
        return random.choice(turning if turning and random.random() < 0.8 else DAYS)
    if spec.kind == "text":
        return "P-01"
    return str(abs(_condition(spec, item, random)) + random.choice((0, 0, Decimal("0.1"), Decimal("0.0001"))))


def _condition(spec: InputSpec, item: Item, random: Random) -> Decimal:
    """A number at an edge of a condition or a bound on this input."""
    edges = [Decimal(20), _near(item, random)]
    for row in (row for c in item.checks for row in c.rule.rows):
        for condition in (*row.when, *row.unless):
            if condition.input == spec.name:
                sides = (condition.minimum, condition.maximum, condition.above, condition.below)
                edges += [s for s in sides if s is not None]
    return random.choice(edges)


def _groups(random: Random) -> tuple[SampleGroup, ...]:
    spares = random.random() < 0.7
    return tuple(
        SampleGroup(f"S-{n}", f"B-{n}" if spares or n == 1 else "") for n in range(random.choice((0, 1, 3, 4)))
    )
