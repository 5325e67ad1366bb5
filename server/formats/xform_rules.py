"""XForm 里的规则：限值表、应有数量、分档、必检项目、样品组，各写成几步 calculate。

States of a row: `c` holds, `f` fails, `u` cannot be told yet, '' does not apply. States of a rule: `c` conforming, `f`
failing, `r` needs review, `d` left to the officer, `s` judged on the server, '' nothing to say. The steps repeat
`server.domain.operators` one for one; the tests compare both on every worked example.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from server.domain.checklists import Check, Item, Kind
from server.domain.limits import LimitRow, Rule
from server.domain.numbers import canonical_text
from server.domain.operators import OWN_TITLES, bound_text
from server.formats import xform_limits as limits
from server.formats.xform_limits import Unsayable, blank, every, some
from server.formats.xform_names import SCALE, Place, literal, token

_OWN_KINDS = {Kind.NUMERIC, Kind.COUNT, Kind.CHOICE, Kind.DATE}


@dataclass(slots=True)
class Steps:
    """Calculations of one item in the order they are made, and what the form says about them."""

    place: Place
    nodes: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    wanted: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, expression: str) -> str:
        """A calculation by name; gives its path."""
        self.nodes.append((name, expression))
        return self.place.ask(name)

    def want(self, title: str, when: str) -> None:
        """`title` is told as missing when `when` holds."""
        self.wanted.setdefault(title, []).append(when)


def _day(steps: Steps, rule: Rule, number: int) -> str:
    """The day whose limits count, as a yyyymmdd number: the check's, or that of the rule's own date."""
    if not rule.date_input:
        return limits.DAY
    path = steps.place.input(rule.date_input)
    return steps.add(f"day{number}", f"if({path} != '', number(format-date({path}, '%Y%m%d')), 0)")


# ------------------------------------------------------------------------------------------- table


def _table(steps: Steps, number: int, check: Check) -> str:
    day = _day(steps, check.rule, number)
    rows = check.rule.rows
    paths = [_row_state(steps, f"r{number}_{n}", check, row, day) for n, row in enumerate(rows, start=1)]
    on = [limits.in_force(row, day) for row in rows]
    failed = some([f"{p} = 'f'" for p in paths])
    steps_to_say: list[tuple[str, str]] = [
        (failed, _failed(steps, check)),
        (some([f"{p} = 'u'" for p in paths]), "'r'"),
    ]
    overlooked = _overlooked(steps, check, on, paths)
    steps_to_say += [(overlooked, "'r'")] if overlooked else []
    steps_to_say.append((some([f"{p} = 'c'" for p in paths]), "'c'"))
    spared = [t for row, t in zip(rows, on, strict=True) if row.op == "prohibited"]
    spared += [every([t, limits.exempted(steps.place, r)]) for r, t in zip(rows, on, strict=True) if r.unless]
    steps_to_say += [(some(spared), "'c'")] if spared else []
    return _when_in_force(rows, on, chain(steps_to_say, "''"))


def chain(cases: list[tuple[str, str]], last: str) -> str:
    """Nested ifs: the value of the first test that holds, else `last`."""
    for test, value in reversed(cases):
        last = f"if({test}, {value}, {last})"
    return last


def _failed(steps: Steps, check: Check) -> str:
    """A quick method's excess does not condemn: it is reviewed."""
    if not check.rule.screening or not any(s.name == "method" for s in steps.place.item.required_inputs()):
        return "'f'"
    return f"if({steps.place.input('method')} = {literal(token(check.rule.screening))}, 'r', 'f')"


def _when_in_force(rows: tuple[LimitRow, ...], on: list[str], said: str) -> str:
    """No row in force: nothing to say when none belongs to this region, review when only the day is wrong."""
    if "true()" in on:
        return said
    later = [limits.in_region(row.region) or "true()" for row in rows if row.from_on]
    return f"if({some(on)}, {said}, if({some(later)}, 'r', ''))"


def _overlooked(steps: Steps, check: Check, on: list[str], paths: list[str]) -> str:
    """The answer's own quantity met no row although the rule has rows for it."""
    own = [n for n, row in enumerate(check.rule.rows) if not row.input and row.op != "prohibited"]
    if not own or not _owned(steps.place.item):
        return ""
    forced = some([on[n] for n in own])
    spared = [
        every([on[n], limits.exempted(steps.place, check.rule.rows[n])]) for n in own if check.rule.rows[n].unless
    ]
    met = some([f"{paths[n]} = 'c' or {paths[n]} = 'f'" for n in own])
    return every([f"({forced})", f"not({some(spared)})", f"not({met})"])


def _owned(item: Item) -> bool:
    return bool(_OWN_KINDS & set(item.kinds))


def _row_state(steps: Steps, name: str, check: Check, row: LimitRow, day: str) -> str:
    """The state of one row; with the sentence told when it fails and what it may lack."""
    place = steps.place
    certain, unknown = limits.applies(place, row)
    needs, test = _row_test(place, check, row)
    force = limits.in_force(row, day)
    state = f"if({test}, 'c', 'f')"
    for _, missing, hard in reversed(needs):
        state = f"if({missing}, {literal('u' if hard else '')}, {state})"
    path = steps.add(name, f"if({every([force, certain])}, {state}, if({every([force, unknown])}, 'u', ''))")
    for title, missing, hard in needs:
        if hard:
            steps.want(title, f"{path} = 'u' and ({missing})")
    for condition in (*row.when, *row.unless):
        steps.want(check.rule.title_of(condition.input), f"{path} = 'u' and {blank(place.input(condition.input))}")
    steps.words.append(f"if({path} = 'f', {literal('；' + _limit_words(check, row))}, '')")
    return path


Need = tuple[str, str, bool]


def _row_test(place: Place, check: Check, row: LimitRow) -> tuple[list[Need], str]:
    """What must be given (title, test for its absence, whether its absence counts), and the test of the row."""
    if row.op == "prohibited":
        return [], "false()"
    if row.op == "in":
        return _choice_test(place, check, row)
    if row.op in ("not_after", "within_days"):
        return _date_test(place, check, row)
    needs: list[Need] = []
    if row.formula:
        needs.append(_need(place, check, row.formula.input))
    found = limits.quantity(place, row, check.input)
    name = row.input or check.input
    title = check.rule.title_of(name) if name else OWN_TITLES["readings" if row.of else "value"]
    needs.append((title, f"not({found.given})", bool(name) or _owned(place.item)))
    if row.reference:
        needs.append(_need(place, check, row.reference))
    elif row.relative_to:
        path = place.input(row.relative_to)
        needs.append((check.rule.title_of(row.relative_to), f"{blank(path)} or {path} <= 0", True))
    return needs, limits.compare(place, row, found, check.rule.interval)


def _need(place: Place, check: Check, name: str) -> Need:
    if not any(s.name == name and s.kind in ("number", "grade") for s in place.item.required_inputs()):
        raise Unsayable(name)
    return check.rule.title_of(name), blank(place.input(name)), True


def _choice_test(place: Place, check: Check, row: LimitRow) -> tuple[list[Need], str]:
    name = row.input or check.input
    path = place.input(name) if name else place.ask("choice")
    title = check.rule.title_of(name) if name else OWN_TITLES["choice"]
    hard = bool(name) or _owned(place.item)
    return [(title, blank(path), hard)], some([f"{path} = {literal(token(v))}" for v in row.values])


def _date_test(place: Place, check: Check, row: LimitRow) -> tuple[list[Need], str]:
    """Days are counted between midnights of the same phone, so rounding takes its time zone away."""
    start, day = place.input(row.reference), place.ask("on")
    needs = [
        (OWN_TITLES["on"], blank(day), _owned(place.item)),
        (check.rule.title_of(row.reference), blank(start), True),
    ]
    days = int(row.value or 0) if row.op == "within_days" else 0
    return needs, f"round(decimal-date-time({day}) - decimal-date-time({start})) <= {days}"


def _limit_words(check: Check, row: LimitRow) -> str:
    """`坍落度限值 ≤210 mm（GB/T 14902-2012），不符合`."""
    title = row.title or (check.rule.title_of(row.input) if row.input else "") or check.rule.title or "实测值"
    source = f"（{row.standard}）" if row.standard else ""
    bound = bound_text(row, row.value, row.unit or check.rule.unit)
    if row.formula:
        bound = f"随{check.rule.title_of(row.formula.input)}而定"
    elif row.op == "not_after":
        bound = f"不晚于{check.rule.title_of(row.reference)}"
    elif row.op == "within_days":
        bound = f"{check.rule.title_of(row.reference)}起 {canonical_text(row.value or 0)} 日内"  # type: ignore[arg-type]
    return f"{title}限值 {bound}{source}，不符合"


# ------------------------------------------------------------------------------------------- others


def _quota(steps: Steps, number: int, check: Check) -> str:
    """Every demand that applies is met; a count below any of them fails even when others are open."""
    place, day = steps.place, _day(steps, check.rule, number)
    count = place.ask("count")
    paths = [_demand(steps, f"r{number}_{n}", check, row, day) for n, row in enumerate(check.rule.rows, start=1)]
    needs = [blank(place.input(n)) for n in check.rule.needs]
    for name in check.rule.needs:
        steps.want(check.rule.title_of(name), blank(place.input(name)))
    steps.want(OWN_TITLES["count"], blank(count))
    given = some([f"{p} = 'c' or {p} = 'f'" for p in paths])
    lacking = some([*needs, *(f"{p} = 'u'" for p in paths)])
    return chain(
        [
            (f"{blank(count)} or not({given})", "'r'"),
            (some([f"{p} = 'f'" for p in paths]), "'f'"),
            (lacking, "'r'"),
        ],
        "'c'",
    )


def _demand(steps: Steps, name: str, check: Check, row: LimitRow, day: str) -> str:
    """`c` or `f` of one demand; the test is not read while the count is blank."""
    place = steps.place
    certain, unknown = limits.applies(place, row)
    force = limits.in_force(row, day)
    count = place.ask("count")
    if row.per is None:
        state = f"if({count} >= {int(row.value or 0)}, 'c', 'f')"
    else:
        path = place.input(row.input)
        portion = limits.whole(row.per * SCALE)
        limits.bounded(int(row.per * SCALE) * 10**6)
        state = f"if({blank(path)} or {path} < 0, 'u', if({count} * {portion} >= {limits.scale(path)}, 'c', 'f'))"
        steps.want(check.rule.title_of(row.input), f"{place.ask(name)} = 'u' and {blank(path)}")
    node = steps.add(name, f"if({every([force, certain])}, {state}, if({every([force, unknown])}, 'u', ''))")
    for condition in (*row.when, *row.unless):
        steps.want(check.rule.title_of(condition.input), f"{node} = 'u' and {blank(place.input(condition.input))}")
    return node


def _bands(steps: Steps, number: int, check: Check) -> str:
    """The first band that takes the value."""
    place, day = steps.place, _day(steps, check.rule, number)
    path = place.input(check.input) if check.input else place.ask("value")
    if not check.input and not place.valued:
        raise Unsayable("value")
    letters = {"conforming": "c", "failing": "f", "needs_review": "r"}
    cases: list[tuple[str, str]] = [(blank(path), "'r'")]
    for row in check.rule.rows:
        test = every([limits.in_force(row, day), f"({_band_test(row, path)})"])
        cases.append((test, f"'{letters[row.outcome]}'"))
        steps.words.append(f"if({place.ask(f'j{number}')} = 'f' and {test}, {literal('；' + row.label)}, '')")
    steps.want(check.rule.title_of(check.input) if check.input else OWN_TITLES["value"], blank(path))
    return chain(cases, "'r'")


def _band_test(row: LimitRow, path: str) -> str:
    if row.op == "abs>=" and row.value is not None:
        return f"{path} >= {canonical_text(row.value)} or {path} <= {canonical_text(-row.value)}"
    found = limits.Quantity(path, path, "")
    sides = ((op, found.high if op in ("<=", "<") else found.low, b, sign) for op, b, sign in limits.pairs(row))
    return every([f"{side} {op} {canonical_text(b * sign)}" for op, side, b, sign in sides if b is not None])


def _required_tests(steps: Steps, number: int, check: Check) -> str:
    """Every test demanded by a row that applies is among those ticked."""
    place, day = steps.place, _day(steps, check.rule, number)
    done = place.input("tests")
    if not any(s.name == "tests" and s.kind == "list" for s in place.item.required_inputs()):
        raise Unsayable("tests")
    paths = []
    for n, row in enumerate(check.rule.rows, start=1):
        certain, unknown = limits.applies(place, row)
        force = limits.in_force(row, day)
        ticked = every([f"selected({done}, {literal(token(v))})" for v in row.values])
        state = f"if({every([force, certain])}, if({ticked}, 'c', 'f'), if({every([force, unknown])}, 'u', ''))"
        path = steps.add(f"r{number}_{n}", state)
        paths.append(path)
        words = f"；缺少必检项目：{'、'.join(row.values)}"
        steps.words.append(f"if({done} != '' and {path} = 'f', {literal(words)}, '')")
        for condition in (*row.when, *row.unless):
            steps.want(check.rule.title_of(condition.input), f"{path} = 'u' and {blank(place.input(condition.input))}")
    steps.want(check.rule.title_of("tests"), blank(done))
    failed, open_ = some([f"{p} = 'f'" for p in paths]), some([f"{p} = 'u'" for p in paths])
    return chain([(blank(done), "'r'"), (failed, "'f'"), (open_, "'r'")], "'c'")


def _samples(steps: Steps, _: int, check: Check) -> str:
    """Enough groups, spare samples where demanded; then the laboratory's result is waited for."""
    place = steps.place
    wanted = {r.label: int(r.value or 0) for r in check.rule.rows}
    count = place.ask("groups")
    few = f"{blank(count)} or {count} < {wanted.get('groups', 1)}"
    steps.want(f"样品组（应取 {wanted.get('groups', 1)} 组）", few)
    cases = [(few, "'r'")]
    if wanted.get("spare"):
        spare = f"{place.at}/{place.repeat('g')}/one/spare_no"
        lacking = f"count-non-empty({spare}) < count({spare})"
        steps.want(OWN_TITLES["spare_no"], lacking)
        cases.append((lacking, "'r'"))
    return chain(cases, "'d'")


RULES = {
    "table": _table,
    "quota": _quota,
    "bands": _bands,
    "required_tests": _required_tests,
    "samples": _samples,
}
