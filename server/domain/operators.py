"""运算：限值表、应有数量、分档、必检项目、样品组。

Each operator takes a `Case` (one rule put to one answer) and gives a `Judgement`. Missing inputs never make a
verdict: what is certain without them is said, the rest needs review and names what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from server.domain.answers import Answer
from server.domain.findings import Judgement, Outcome, RowCheck
from server.domain.limits import InputValue, LimitRow, Rule, as_number, as_text
from server.domain.numbers import canonical_text, ceil_div, mean, round_to

LAST_YEAR = 3000
OWN_TITLES = {
    "value": "实测数值",
    "count": "计数",
    "readings": "读数",
    "groups": "样品组",
    "spare_no": "备样编号",
    "on": "日期",
    "choice": "选项",
    "text": "文字记录",
    "verdict": "判定",
    "reason": "理由",
}
_WORDS = {
    "<=": "≤",
    ">=": "≥",
    "<": "＜",
    ">": "＞",
    "=": "＝",
    "abs<=": "±",
    "abs<": "绝对值＜",
    "abs>=": "绝对值≥",
}
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<=": lambda v, b: v <= b,
    ">=": lambda v, b: v >= b,
    "<": lambda v, b: v < b,
    ">": lambda v, b: v > b,
    "=": lambda v, b: v == b,
    "abs<=": lambda v, b: abs(v) <= b,
    "abs<": lambda v, b: abs(v) < b,
    "abs>=": lambda v, b: abs(v) >= b,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One rule put to one answer. `subject` names the input that stands for the answer's own value ('' =
    itself).

    `own` is False for items whose kinds ask for no number: their own value is judged only when it was given.
    """

    rule: Rule
    answer: Answer
    on: date
    region_code: str
    subject: str = ""
    own: bool = True

    @property
    def name(self) -> str:
        """What the rule is called in a sentence; limits written in the item itself have no name."""
        return self.rule.title or "本检查项"

    def input(self, name: str) -> InputValue | None:
        return self.answer.inputs.get(name)

    def title(self, name: str) -> str:
        return OWN_TITLES.get(name) or self.rule.title_of(name)

    def rows(self) -> tuple[LimitRow, ...]:
        return tuple(r for r in self.rule.rows if r.in_force(self.on, self.region_code))


def review(case: Case, missing: Iterable[str], checks: Sequence[RowCheck] = ()) -> Judgement:
    """Needs review because inputs are missing: named once each, in order."""
    names = tuple(dict.fromkeys(missing))
    words = "、".join(case.title(n) for n in names)
    return Judgement(Outcome.NEEDS_REVIEW, f"还缺：{words}", tuple(checks), names)


def bound_text(row: LimitRow, bound: Decimal | None, unit: str) -> str:
    """`≤0.03 %`, `18~22 ℃`, `±20 mm`, 一星、二星、三星."""
    tail = f" {unit}" if unit else ""
    if row.op == "between":
        low, high = row.minimum or Decimal(0), row.maximum or Decimal(0)
        return f"{canonical_text(low)}~{canonical_text(high)}{tail}"
    if row.op == "in":
        return "、".join(row.values)
    if row.op == "prohibited":
        return "禁止"
    return _WORDS.get(row.op, "") + (canonical_text(bound) if bound is not None else "") + tail


def row_holds(row: LimitRow, value: Decimal, bound: Decimal | None) -> bool:
    """Compare a rounded quantity with an unrounded bound."""
    if row.op == "between":
        return (row.minimum is None or value >= row.minimum) and (row.maximum is None or value <= row.maximum)
    return bound is not None and _COMPARE[row.op](value, bound)


def strictness(check: RowCheck) -> Decimal:
    """Sort key: the stricter limit first; ranges after single bounds."""
    if check.row.value is None:
        return Decimal(0)
    return -check.row.value if check.row.op in {">=", ">"} else check.row.value


# ------------------------------------------------------------------------------------------- table


def judge_table(case: Case) -> Judgement | None:
    """限值表: every applicable row must hold, the strictest is named. None when no row belongs to this
    region.
    """
    rows = case.rows()
    if not rows:
        return _no_rows(case)
    checks: list[RowCheck] = []
    missing: list[str] = []
    passed: tuple[int, int] | None = None
    for row in rows:
        applies = row.applies(case.answer.inputs)
        if applies is None:
            missing += row.unknown(case.answer.inputs)
        elif applies:
            result = _check_row(case, row)
            if isinstance(result, str):
                missing += [result] if case.own or result not in OWN_TITLES else []
            else:
                checks.append(result[0])
                passed = min(passed or result[1], result[1]) if result[1] else passed
    checks.sort(key=lambda c: (c.holds, strictness(c)))
    return _conclude(case, rows, checks, missing, passed)


def _no_rows(case: Case) -> Judgement | None:
    if all(not r.in_force(r.from_on or case.on, case.region_code) for r in case.rule.rows):
        return None
    text = f"{case.on.isoformat()} 当日没有现行限值：{case.name}"
    return Judgement(Outcome.NEEDS_REVIEW, text)


def _conclude(
    case: Case,
    rows: Sequence[LimitRow],
    checks: list[RowCheck],
    missing: list[str],
    passed: tuple[int, int] | None,
) -> Judgement | None:
    failed = [c for c in checks if not c.holds]
    if failed:
        return _failed(case, checks, failed, passed)
    if missing:
        return review(case, missing, checks)
    if _overlooked(case, rows, checks):
        return Judgement(Outcome.NEEDS_REVIEW, f"没有与所填条件相符的限值：{case.name}", tuple(checks))
    if checks:
        return Judgement(Outcome.CONFORMING, checks[0].sentence(), tuple(checks), passed=passed)
    return _free_of_limits(case, rows)


def _free_of_limits(case: Case, rows: Sequence[LimitRow]) -> Judgement | None:
    """No row applied and none was overlooked: not a forbidden case, or one the rule exempts."""
    if any(r.op == "prohibited" for r in rows):
        return Judgement(Outcome.CONFORMING, f"不属于禁止情形：{case.name}")
    if any(r.exempted(case.answer.inputs) for r in rows):
        return Judgement(Outcome.CONFORMING, f"已有例外条件，不受限值约束：{case.name}")
    return None


def _failed(case: Case, checks: list[RowCheck], failed: list[RowCheck], passed: tuple[int, int] | None) -> Judgement:
    words = "；".join(c.sentence() for c in failed)
    if case.rule.screening and case.input("method") == case.rule.screening:
        text = f"{words}；{case.rule.screening}只作筛查，须按标准方法检测后再判"
        return Judgement(Outcome.NEEDS_REVIEW, text, tuple(checks), passed=passed)
    return Judgement(Outcome.FAILING, words, tuple(checks), passed=passed)


def _overlooked(case: Case, rows: Sequence[LimitRow], checks: Sequence[RowCheck]) -> bool:
    """The answer's own quantity met no row although the rule has rows for it."""
    own = [r for r in rows if not r.input and r.op != "prohibited"]
    if not own or any(r.exempted(case.answer.inputs) for r in own):
        return False
    return case.own and not any(not c.row.input and c.row.op != "prohibited" for c in checks)


def _check_row(case: Case, row: LimitRow) -> tuple[RowCheck, tuple[int, int] | None] | str:
    """The row put to its subject; a string names what is missing."""
    unit = row.unit or case.rule.unit
    title = row.title or case.title(row.input or case.subject) or case.rule.title or "实测值"
    if row.op == "prohibited":
        return RowCheck(title, row, "禁止", False), None
    if row.op == "in":
        return _check_choice(case, row, row.title or "所选")
    if row.op in {"not_after", "within_days"}:
        return _check_date(case, row, row.title or "日期")
    bound = row.formula.bound(case.answer.inputs) if row.formula else row.value
    if row.formula and bound is None:
        return row.formula.input
    quantities = _quantities(case, row)
    if isinstance(quantities, str):
        return quantities
    interval = case.rule.interval
    pairs = [(q, round_to(q, interval) if interval and not row.input else q) for q in quantities]
    kept = [row_holds(row, rounded, bound) for _, rounded in pairs]
    worst = pairs[kept.index(False)] if False in kept else pairs[0]
    check = RowCheck(title, row, bound_text(row, bound, unit), all(kept), *worst, unit)
    return check, (sum(kept), len(kept)) if len(kept) > 1 else None


def _quantities(case: Case, row: LimitRow) -> list[Decimal] | str:
    """The numbers a row looks at, already taken relative to their reference; a string names what is
    missing.
    """
    found = _statistic(case, row) if row.of else _plain(case, row)
    if isinstance(found, str):
        return found
    if row.reference:
        base = as_number(case.input(row.reference))
        return row.reference if base is None else [v - base for v in found]
    if row.relative_to:
        base = as_number(case.input(row.relative_to))
        return row.relative_to if base is None or base <= 0 else [v / base * 100 for v in found]
    return found


def _plain(case: Case, row: LimitRow) -> list[Decimal] | str:
    name = row.input or case.subject
    if name:
        number = as_number(case.input(name))
        return name if number is None else [number]
    if case.answer.value is not None:
        return [case.answer.value]
    if case.answer.readings:
        return list(case.answer.readings)
    return "value" if case.answer.count is None else [Decimal(case.answer.count)]


def _statistic(case: Case, row: LimitRow) -> list[Decimal] | str:
    values = case.answer.readings or tuple(v for g in case.answer.groups for v in g.values)
    if not values:
        return "readings"
    if row.of == "n":
        return [Decimal(len(values))]
    if row.of == "count_below":
        return [Decimal(sum(v < (row.than or Decimal(0)) for v in values))]
    if row.of == "mean":
        return [mean(values)]
    return [max(values) if row.of == "max" else min(values)]


def _check_choice(case: Case, row: LimitRow, title: str) -> tuple[RowCheck, None] | str:
    name = row.input or case.subject
    chosen = as_text(case.input(name) or "") if name else case.answer.choice
    if not chosen:
        return name or "choice"
    return RowCheck(f"{title}“{chosen}”", row, bound_text(row, None, ""), chosen in row.values), None


def _check_date(case: Case, row: LimitRow, title: str) -> tuple[RowCheck, None] | str:
    start = as_date(case.input(row.reference))
    if case.answer.on is None:
        return "on"
    if start is None:
        return row.reference
    last = start + timedelta(days=int(row.value or 0)) if row.op == "within_days" else start
    bound = f"不晚于 {last.isoformat()}"
    return RowCheck(f"{title} {case.answer.on.isoformat()}", row, bound, case.answer.on <= last), None


def as_date(value: InputValue | None) -> date | None:
    """A date input, also as ISO text; None when it is not one a person could mean."""
    if isinstance(value, date):
        return value if value.year < LAST_YEAR else None
    if isinstance(value, str):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            return None
        return found if found.year < LAST_YEAR else None
    return None


# ------------------------------------------------------------------------------------------- others


def judge_quota(case: Case) -> Judgement:
    """应有数量: the largest demand among the rows that apply; a count below what is certain fails at once."""
    rows, inputs = case.rows(), case.answer.inputs
    missing = [n for n in case.rule.needs if inputs.get(n) is None]
    demands: list[tuple[int, LimitRow]] = []
    for row in rows:
        if row.applies(inputs) is None:
            missing += row.unknown(inputs)
        elif row.applies(inputs):
            demand = _demand(case, row)
            if demand is None:
                missing.append(row.input)
            else:
                demands.append((demand, row))
    count = case.answer.count
    if count is None:
        return review(case, ["count", *missing])
    if not demands:
        return review(case, missing)
    return _compare_quota(case, count, max(demands, key=lambda d: d[0]), missing)


def _demand(case: Case, row: LimitRow) -> int | None:
    if row.per is None:
        return int(row.value or 0)
    number = as_number(case.input(row.input))
    return None if number is None or number < 0 else ceil_div(number, row.per)


def _compare_quota(case: Case, count: int, demand: tuple[int, LimitRow], missing: list[str]) -> Judgement:
    needed, row = demand
    unit = case.rule.unit
    bound = f"≥{needed}{unit and ' ' + unit}"
    check = RowCheck(case.rule.title, row, bound, count >= needed, Decimal(count), Decimal(count), unit)
    facts = {"required": str(needed), "counted": str(count)}
    if not check.holds:
        return Judgement(Outcome.FAILING, check.sentence(), (check,), facts=facts)
    if missing:
        return review(case, missing, (check,))
    words = check.sentence()
    if case.rule.advice is not None and count < case.rule.advice:
        words += f"；宜不少于 {canonical_text(case.rule.advice)} {unit}"
    return Judgement(Outcome.CONFORMING, words, (check,), facts=facts)


def judge_bands(case: Case) -> Judgement:
    """分档: the first band that takes the unrounded value gives the outcome and its word."""
    value = case.answer.value if not case.subject else as_number(case.input(case.subject))
    if value is None:
        return review(case, [case.subject or "value"])
    for row in case.rows():
        if row_holds(row, value, row.value):
            outcome = Outcome(row.outcome)
            bound = bound_text(row, row.value, case.rule.unit)
            check = RowCheck(case.rule.title, row, bound, outcome is not Outcome.FAILING, value, value)
            text = f"{case.name} {canonical_text(value)}，{row.label}"
            return Judgement(outcome, text, (check,), facts={"band": row.label})
    return Judgement(Outcome.NEEDS_REVIEW, f"没有相符的分档：{case.name}")


def judge_required_tests(case: Case) -> Judgement:
    """必检项目: every test demanded by an applicable row must be among the tests done."""
    done = case.input("tests")
    if done is None:
        return review(case, ["tests"])
    names = set(done) if isinstance(done, tuple) else {as_text(done)}
    missing: list[str] = []
    absent: list[str] = []
    checks: list[RowCheck] = []
    for row in case.rows():
        applies = row.applies(case.answer.inputs)
        if applies is None:
            missing += row.unknown(case.answer.inputs)
        elif applies:
            lacking = [v for v in row.values if v not in names]
            absent += lacking
            checks.append(RowCheck("必检项目", row, bound_text(row, None, ""), not lacking))
    if absent:
        words = "、".join(dict.fromkeys(absent))
        return Judgement(Outcome.FAILING, f"缺少必检项目：{words}", tuple(checks))
    if missing:
        return review(case, missing, checks)
    return Judgement(Outcome.CONFORMING, "必检项目齐全", tuple(checks))


def judge_samples(case: Case) -> Judgement:
    """样品组: enough groups, with spare samples where demanded; the verdict waits for the laboratory."""
    wanted = {r.label: int(r.value or 0) for r in case.rule.rows}
    groups = case.answer.groups
    if len(groups) < wanted.get("groups", 1):
        return review(case, ["groups"])
    if wanted.get("spare") and not all(g.spare_no for g in groups):
        return review(case, ["spare_no"])
    text = f"已抽取样品 {len(groups)} 组，按检测结果判定"
    return Judgement(Outcome.NEEDS_REVIEW, text, defers=True, facts={"groups": str(len(groups))})
