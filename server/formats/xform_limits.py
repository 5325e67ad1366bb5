"""XForm 里的限值：把一行限值写成 XPath，只写手机能准确算出的。

Phones calculate with binary doubles. Comparing a typed number with a written bound is exact; sums, differences and
products are not, so those are taken over whole multiples of 1/SCALE, which doubles carry exactly up to 2**53. What
does not fit is left to the server (`Unsayable`), never approximated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from server.domain.limits import Condition, LimitRow
from server.domain.numbers import canonical_text
from server.formats.xform_names import MOST, SCALE, Place, literal, token

LIMIT = 9 * 10**15  # below 2**53
MOST_READINGS = 200
DAY = "/data/who/day"
REGION = "/data/who/region"
_MIRROR = {"<=": ">=", "<": ">"}


class Unsayable(Exception):
    """XPath cannot say this limit exactly."""


def every(parts: list[str]) -> str:
    return " and ".join(parts) if parts else "true()"


def some(parts: list[str]) -> str:
    return " or ".join(f"({p})" for p in parts) if parts else "false()"


def blank(path: str) -> str:
    return f"{path} = ''"


def in_force(row: LimitRow, day: str) -> str:
    """The row holds on `day` (a yyyymmdd number) in the region of the subject; 'true()' when always and everywhere."""
    tests = [f"{day} >= {_day(row.from_on)}"] if row.from_on else []
    tests += [f"{day} < {_day(row.until_on)}"] if row.until_on else []
    tests += [in_region(row.region)] if in_region(row.region) else []
    return every(tests)


def in_region(region: str) -> str:
    """A test of the subject's region code; '' when the whole country is meant."""
    while region.endswith("00"):
        region = region[:-2]
    return f"starts-with({REGION}, '{region}')" if region else ""


def _day(on: date) -> str:
    return on.strftime("%Y%m%d")


# ------------------------------------------------------------------------------------------- conditions


def holds(place: Place, condition: Condition) -> str:
    """True only when the input is given and meets the condition."""
    path = place.input(condition.input)
    if condition.words:
        return _among(place, condition)
    bounds = ((">=", condition.minimum), ("<=", condition.maximum), (">", condition.above), ("<", condition.below))
    tests = [f"{path} {op} {canonical_text(value)}" for op, value in bounds if value is not None]
    return every([f"{path} != ''", *tests])


def _among(place: Place, condition: Condition) -> str:
    path, kind = place.input(condition.input), _kind(place, condition.input)
    if kind == "boolean":
        words = ["true" if w == "是" else "false" for w in condition.words if w in ("是", "否")]
        return some([f"{path} = '{w}'" for w in words])
    if kind in ("choice", "text"):
        return some([f"{path} = {literal(token(w) if kind == 'choice' else w)}" for w in condition.words])
    raise Unsayable(condition.input)


def _kind(place: Place, name: str) -> str:
    return next((s.kind for s in place.item.required_inputs() if s.name == name), "")


def applies(place: Place, row: LimitRow) -> tuple[str, str]:
    """Two tests: the row certainly applies; it cannot be told because an input is missing."""
    wanted = [holds(place, c) for c in row.when]
    barred = [holds(place, c) for c in row.unless]
    fails = [f"{place.input(c.input)} != '' and not({t})" for c, t in zip(row.when, wanted, strict=True)]
    spared = [f"{place.input(c.input)} != '' and not({t})" for c, t in zip(row.unless, barred, strict=True)]
    certain = every([f"({t})" for t in wanted] + ([f"({some(spared)})"] if spared else []))
    if not row.when and not row.unless:
        return certain, "false()"
    open_when = some([blank(place.input(c.input)) for c in row.when])
    open_unless = some([blank(place.input(c.input)) for c in row.unless])
    unknown = f"not({some(fails)}) and ({open_when} or {open_unless})"
    if row.unless:
        # An exception not yet known leaves the row open; one known to hold in full takes the row away.
        unknown = (
            f"not({some(fails)}) and (({some(spared)}) and ({open_when}) or not({some(spared)}) and {open_unless})"
        )
    return certain, unknown


def exempted(place: Place, row: LimitRow) -> str:
    return every([f"({holds(place, c)})" for c in row.unless]) if row.unless else "false()"


# ------------------------------------------------------------------------------------------- quantities


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or a set of numbers: its lowest and highest, when it is there, and what is blank when it is not.

    `most` bounds it in absolute value, in units of 1/SCALE, when `scaled` (lowest and highest are then whole).
    """

    low: str
    high: str
    given: str
    several: bool = False
    scaled: bool = False
    most: int = MOST * SCALE


def scale(path: str) -> str:
    """The typed number as a whole count of 1/SCALE: exact, because more decimals cannot be typed."""
    return f"round({path} * {SCALE})"


def own_quantity(place: Place) -> Quantity:
    """The answer's own number: the value, else all readings, else the count."""
    if not (place.valued or place.repeated):
        path = place.ask("count")
        return Quantity(path, path, f"{path} != ''")
    value, reading = place.ask("value"), place.reading
    full = f"count({reading}) > 0 and count-non-empty({reading}) = count({reading})"
    if not place.repeated:
        return Quantity(value, value, f"{value} != ''")
    if not place.valued:
        return Quantity(place.ask("lowest"), place.ask("highest"), full, several=True)
    return Quantity(place.ask("lowest"), place.ask("highest"), f"{value} != '' or ({full})", several=True)


def extreme(place: Place, which: str) -> str:
    """Calculation of `lowest` (min) or `highest` (max) of an item with several readings."""
    found = f"if(count({place.reading}) > 0, {which}({place.reading}), '')"
    return f"if({place.ask('value')} != '', {place.ask('value')}, {found})" if place.valued else found


def quantity(place: Place, row: LimitRow, subject: str) -> Quantity:
    """What the row looks at, before any reference."""
    if row.of:
        return _statistic(place, row)
    name = row.input or subject
    if name:
        if _kind(place, name) not in ("number", "grade"):
            raise Unsayable(name)
        return Quantity(place.input(name), place.input(name), f"{place.input(name)} != ''")
    return own_quantity(place)


def _statistic(place: Place, row: LimitRow) -> Quantity:
    if place.grouped or not place.repeated:
        raise Unsayable(row.of)
    whole = own_quantity(place)
    if row.of == "n":
        return Quantity(f"count({place.reading})", f"count({place.reading})", whole.given)
    if row.of == "count_below":
        found = f"sum({place.at}/{place.repeat('r')}/{below_node(row)})"
        return Quantity(found, found, whole.given)
    if row.of == "mean":
        total = f"sum({place.scaled})"
        return Quantity(total, total, whole.given, scaled=True, most=MOST * SCALE * MOST_READINGS)
    path = place.ask("lowest" if row.of == "min" else "highest")
    return Quantity(path, path, whole.given)


def below_node(row: LimitRow) -> str:
    """The node in each reading that is 1 when the reading is below the row's mark."""
    return "below_" + canonical_text(row.than or Decimal(0)).replace(".", "_").replace("-", "minus_")


# ------------------------------------------------------------------------------------------- comparisons


def pairs(row: LimitRow) -> list[tuple[str, Decimal | None, int]]:
    """The row as single comparisons (operator, bound, sign of the bound); all must hold."""
    value = row.value
    if row.op == "between":
        found = [(">=", row.minimum, 1), ("<=", row.maximum, 1)]
        return [p for p in found if p[1] is not None]
    if row.op in ("abs<=", "abs<"):
        return [(row.op[3:], value, 1), (_MIRROR[row.op[3:]], value, -1)]
    if row.op == "=":
        return [("<=", value, 1), (">=", value, 1)]
    if row.op in ("<=", "<", ">=", ">"):
        return [(row.op, value, 1)]
    raise Unsayable(row.op)


def rounded_bound(op: str, bound: Decimal, interval: Decimal) -> tuple[str, Decimal]:
    """The comparison that an unrounded number must pass so that, rounded by GB/T 8170, it passes `op` `bound`."""
    up = op in (">=", ">")
    steps = (bound / interval).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
    if op in ("<", ">") and steps * interval == bound:
        steps += 1 if up else -1
    edge = (steps + (Decimal("-0.5") if up else Decimal("0.5"))) * interval
    inclusive = steps % 2 == 0  # a tie goes to the even multiple
    return (">" if up else "<") + ("=" if inclusive else ""), edge


def compare(place: Place, row: LimitRow, found: Quantity, interval: Decimal | None) -> str:
    """XPath that is true when the row holds; the quantity and everything it leans on must be given."""
    if interval and not row.input and (row.formula or row.reference or row.relative_to):
        raise Unsayable("interval")
    tests = []
    for op, bound, sign in pairs(row):
        side = found.high if op in ("<=", "<") else found.low
        if row.formula:
            tests.append(_follows(place, row, op, side, sign))
            continue
        if bound is None:
            raise Unsayable(row.op)
        edge = bound * sign
        if interval and not row.input:
            op, edge = rounded_bound(op, edge, interval)
        tests.append(_single(place, row, found, op, side, edge))
    return every(tests)


def _single(place: Place, row: LimitRow, found: Quantity, op: str, side: str, bound: Decimal) -> str:
    """`side` against a written bound, over a reference, as a percentage, or as a mean."""
    if not (row.reference or row.relative_to or found.scaled):
        return f"{side} {op} {canonical_text(bound)}"
    left = side if found.scaled else scale(side)
    if row.reference:
        if row.of == "mean":
            raise Unsayable("mean")
        return f"{left} - {scale(place.input(row.reference))} {op} {whole(bound * SCALE)}"
    count = f" * count({place.reading})" if row.of == "mean" else ""
    if not row.relative_to:
        return f"{left} {op} {whole(bound * SCALE)}{count}"
    power = _power(bound)
    bounded(found.most * 100 * power, MOST * SCALE * abs(int(bound * power)) * (MOST_READINGS if count else 1))
    return f"{left} * {100 * power} {op} {scale(place.input(row.relative_to))} * {whole(bound * power)}{count}"


def _follows(place: Place, row: LimitRow, op: str, side: str, sign: int) -> str:
    """`side` against a bound that follows another input, kept within its own bounds."""
    rule = row.formula
    if rule is None or row.reference or row.relative_to or row.of == "mean":
        raise Unsayable("formula")
    power = max(_power(rule.times), _power(rule.divide), _power(rule.plus))
    left, right, rest = rule.divide * power, rule.times * power, rule.plus * rule.divide * power * SCALE
    bounded(*(MOST * SCALE * abs(int(n)) for n in (left, right)), abs(int(rest)))
    tail = f" + {whole(rest * sign)}" if rest else ""
    free = f"{scale(side)} * {whole(left)} {op} {scale(place.input(rule.input))} * {whole(right * sign)}{tail}"
    return _kept(side, op, sign, free, rule.at_least, rule.at_most)


def _kept(side: str, op: str, sign: int, free: str, low: Decimal | None, high: Decimal | None) -> str:
    """The comparison with a bound kept within [low, high]; with `sign` -1 the bound is negated."""
    tight, loose = (high, low) if (op in ("<=", "<")) == (sign > 0) else (low, high)
    if loose is not None:
        free = f"({free} or {side} {op} {canonical_text(loose * sign)})"
    return free if tight is None else f"{free} and {side} {op} {canonical_text(tight * sign)}"


def _power(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    power: int = 10 ** max(0, -int(exponent))
    return power


def whole(value: Decimal) -> str:
    """A whole number as text. Raises Unsayable for anything else: it could not be compared exactly."""
    if value != value.to_integral_value():
        raise Unsayable(str(value))
    bounded(abs(int(value)))
    return canonical_text(value)


def bounded(*most: int) -> None:
    """Raise Unsayable when a product could leave the whole numbers a double carries."""
    if max(most) > LIMIT:
        raise Unsayable(str(max(most)))
