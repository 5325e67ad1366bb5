"""XForm 里的判定：把检查项的规则写成一串 calculate，现场就看见结论。

The order of the steps is that of `server.domain.rules`: what the rules say, what the kinds of answer still ask for, and
the officer's own verdict. The tests compare both on every worked example.
"""

from __future__ import annotations

from collections.abc import Iterator

from server.domain.checklists import Check, Kind, Severity
from server.domain.operators import OWN_TITLES
from server.formats import xform_limits as limits
from server.formats.xform_limits import Unsayable, blank, every, some
from server.formats.xform_names import BY_VALUE, OTHER, Place, literal
from server.formats.xform_rules import RULES, Steps, chain

SERVER = "s"
SEVERITY_TITLES = {Severity.MINOR: "一般", Severity.MAJOR: "较重", Severity.CRITICAL: "严重"}


def verdict_steps(place: Place) -> Steps:
    """Every calculation of one item: rows, rules, outcome (`outcome`) and the sentence shown (`say_…`)."""
    steps = Steps(place)
    if place.repeated:
        steps.add("lowest", limits.extreme(place, "min"))
        steps.add("highest", limits.extreme(place, "max"))
    states = [_rule_state(steps, n, check) for n, check in enumerate(place.item.checks, start=1)]
    _outcome(steps, states)
    return steps


def _rule_state(steps: Steps, number: int, check: Check) -> str:
    kept = len(steps.nodes), len(steps.words), {title: list(tests) for title, tests in steps.wanted.items()}
    try:
        expression = RULES[check.rule.operator](steps, number, check)
    except (Unsayable, KeyError):
        del steps.nodes[kept[0] :], steps.words[kept[1] :]
        steps.wanted = kept[2]
        expression = f"'{SERVER}'"
    if check.rule.date_input and expression != f"'{SERVER}'":
        path = steps.place.input(check.rule.date_input)
        steps.want(check.rule.title_of(check.rule.date_input), blank(path))
        expression = f"if({blank(path)}, 'r', {expression})"
    return steps.add(f"j{number}", expression)


def _outcome(steps: Steps, states: list[str]) -> None:
    """The outcome by the same order as `server.domain.rules`, in `outcome`; the sentence in `say`."""
    place, item = steps.place, steps.place.item
    hard, soft = _kind_parts(steps, states)
    tri, verdict = Kind.TRI in item.kinds, place.ask("verdict")
    on_server = some([f"{s} = '{SERVER}'" for s in states])
    hard += [f"{s} = 'r'" for s in states]
    soft += [f"{s} = 'd'" for s in states]
    stated = f"{verdict} = 'failing'"
    counted = some([*(f"{s} = 'c'" for s in states), *_free_of_faults(place, states)])
    unsure = some([*hard, *soft])
    reason, told = place.ask("reason"), place.ask("reason_text")
    reasoned = f"{reason} != '' and not({reason} = '{OTHER}' and {told} = '')"
    cases = [
        (f"{verdict} = 'not_applicable'", f"if({reasoned}, 'not_applicable', 'needs_review')"),
        (some([f"{s} = 'f'" for s in states]), "'failing'"),
    ]
    cases += [(stated, "'failing'")] if tri else []
    cases.append((on_server, "'server'"))
    if not tri:
        cases.append((every([stated, f"({counted})", f"not({unsure})"]), "'needs_review'"))
        cases.append((stated, "'failing'"))
    cases.append((some(hard), "'needs_review'"))
    free = f"{verdict} = '' or {verdict} = '{BY_VALUE}'"
    cases.append((every([f"({some(soft)})", f"({free})"]), "'needs_review'"))
    steps.add("outcome", chain(cases, "'conforming'"))
    steps.add(place.say, _sentence(steps))


def _kind_parts(steps: Steps, states: list[str]) -> tuple[list[str], list[str]]:
    """What the kinds of answer themselves ask for: tests that make the outcome open, and that leave it to the officer."""
    place, kinds = steps.place, steps.place.item.kinds
    hard = []
    if Kind.TRI in kinds:
        hard.append(f"{place.ask('verdict')} = '' or {place.ask('verdict')} = '{BY_VALUE}'")
        steps.want(OWN_TITLES["verdict"], hard[-1])
    for kind, name in ((Kind.TEXT, "text"), (Kind.DATE, "on"), (Kind.CHOICE, "choice")):
        if kind in kinds:
            hard.append(blank(place.ask(name)))
            steps.want(OWN_TITLES[name], hard[-1])
    soft: list[str] = []
    for test, is_hard, title in _free_parts(place):
        only = every([*(f"{s} = ''" for s in states), f"({test})"])
        (hard if is_hard else soft).append(only)
        if title:
            steps.want(title, only)
    return hard, soft


def _free_parts(place: Place) -> Iterator[tuple[str, bool, str]]:
    """Items where no rule has anything to say: (test, whether something is missing, its title)."""
    kinds = place.item.kinds
    if Kind.COUNT in kinds:
        yield blank(place.ask("count")), True, OWN_TITLES["count"]
        yield f"{place.ask('count')} > 0", False, ""
    elif Kind.NUMERIC in kinds:
        given = f"{place.ask('list')} != ''" if place.listed else limits.own_quantity(place).given
        yield f"not({given})", True, OWN_TITLES["value"]
        yield given, False, ""
    elif Kind.TRI not in kinds:
        yield "true()", False, ""


def _free_of_faults(place: Place, states: list[str]) -> list[str]:
    """A count of nought conforms where no rule has anything to say."""
    if Kind.COUNT not in place.item.kinds:
        return []
    return [every([*(f"{s} = ''" for s in states), f"{place.ask('count')} = 0"])]


def _sentence(steps: Steps) -> str:
    """What the inspector reads under the answers."""
    outcome = steps.place.ask("outcome")
    failing = _concat(["'不符合'", *steps.words])
    lacking = [f"if({some(tests)}, {literal('；还缺：' + title)}, '')" for title, tests in steps.wanted.items()]
    cases = [
        (f"{outcome} = 'failing'", failing),
        (f"{outcome} = 'needs_review'", _concat(["'需复核'", *lacking, *steps.words])),
        (f"{outcome} = 'server'", "'本项的计算由服务器完成，收到后判定'"),
        (f"{outcome} = 'not_applicable'", "'不适用'"),
    ]
    return chain(cases, "'符合'")


def _concat(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"concat({', '.join(parts)})"
