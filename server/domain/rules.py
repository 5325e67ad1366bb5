"""判定：把检查项的规则用到作答上，得出结论。

`judge` is total: whatever is missing gives `needs_review` with the names of what is missing, never an
exception.
Numbers decide what numbers can decide; the officer's own verdict is kept beside it, and a disagreement is
shown to
the supervisor. Limits are those in force on the day of the fact, in the region of the check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from server.domain.answers import Answer, Verdict
from server.domain.checklists import Check, Checklist, Frame, Item, Kind, Severity
from server.domain.errors import Invalid
from server.domain.findings import OUTCOME_WORDS, Finding, Judgement, Outcome
from server.domain.legal import region_covers
from server.domain.limits import InputSpec, Rule
from server.domain.operators import (
    OWN_TITLES,
    Case,
    as_date,
    judge_bands,
    judge_quota,
    judge_required_tests,
    judge_samples,
    judge_table,
    review,
)
from server.domain.operators_concrete import judge_cube_acceptance, judge_cube_groups, judge_pass_rate

_OPERATORS: dict[str, Callable[[Case], Judgement | None]] = {
    "table": judge_table,
    "quota": judge_quota,
    "bands": judge_bands,
    "pass_rate": judge_pass_rate,
    "required_tests": judge_required_tests,
    "cube_groups": judge_cube_groups,
    "cube_acceptance": judge_cube_acceptance,
    "samples": judge_samples,
}
_NUMBERS = {Kind.NUMERIC, Kind.COUNT}


def required_inputs(item: Item) -> tuple[InputSpec, ...]:
    """What must be asked besides the answer itself so that the rules of this item can be applied."""
    return item.required_inputs()


def judge(item: Item, answer: Answer, *, fact_on: date, region_code: str) -> Finding:
    """The finding for one item: limits of `fact_on`, clauses of `region_code` (GB/T 2260).

    Raises `Invalid` (`answer-item-mismatch`) when the answer belongs to another item.
    """
    if answer.item_code != item.code:
        raise Invalid("answer-item-mismatch", f"作答属于 {answer.item_code}，不是检查项 {item.code}")
    if not region_covers(item.region, region_code):
        return _finding(item, answer, fact_on, region_code, Outcome.NOT_APPLICABLE, [], "本检查项不在本地区适用")
    if answer.verdict is Verdict.NOT_APPLICABLE:
        return _not_applicable(item, answer, fact_on, region_code)
    parts = _judge_checks(item, answer, fact_on, region_code)
    parts += _judge_kinds(item, answer, free=not parts)
    outcome, text = _decide(item, answer, parts)
    return _finding(item, answer, fact_on, region_code, outcome, parts, text)


def judge_checklist(
    checklist: Checklist,
    answers: Iterable[Answer],
    *,
    fact_on: date,
    region_code: str,
    frame: Frame,
    fact_dates: Mapping[str, date] | None = None,
) -> tuple[Finding, ...]:
    """Findings for every answer, in the order of the checklist; `fact_dates` gives own dates by item code.

    Raises `Invalid` (`answer-duplicate`, `answer-outside-frame`) for two answers to one item or an item
    that is not
    put to this kind of subject.
    """
    given: dict[str, Answer] = {}
    for answer in answers:
        if answer.item_code in given:
            raise Invalid("answer-duplicate", f"检查项 {answer.item_code} 有两份作答")
        given[answer.item_code] = answer
    items = checklist.items_for(frame)
    outside = sorted(set(given) - {i.code for i in items})
    if outside:
        raise Invalid("answer-outside-frame", f"检查项 {'、'.join(outside)} 不适用于这类检查对象")
    dates = fact_dates or {}
    return tuple(
        judge(i, given[i.code], fact_on=dates.get(i.code, fact_on), region_code=region_code)
        for i in items
        if i.code in given
    )


def unanswered(checklist: Checklist, answers: Iterable[Answer], frame: Frame, region_code: str = "") -> tuple[str, ...]:
    """Codes of items put to this kind of subject that carry no answer, or an empty one."""
    given = {a.item_code for a in answers if not _is_empty(a)}
    return tuple(i.code for i in checklist.items_for(frame, region_code) if i.code not in given)


def _is_empty(answer: Answer) -> bool:
    facts = (answer.verdict, answer.value, answer.count, answer.on)
    return all(f is None for f in facts) and not (
        answer.text or answer.choice or answer.readings or answer.groups or answer.inputs
    )


# ------------------------------------------------------------------------------------------- parts


def _judge_checks(item: Item, answer: Answer, fact_on: date, region_code: str) -> list[Judgement]:
    if answer.choice and answer.choice not in item.choices:
        answer = replace(answer, choice="")
    found = (_judge_check(check, item, answer, fact_on, region_code) for check in item.checks)
    return [j for j in found if j is not None]


def _judge_check(check: Check, item: Item, answer: Answer, fact_on: date, region_code: str) -> Judgement | None:
    own = bool(_NUMBERS & set(item.kinds)) or Kind.CHOICE in item.kinds or Kind.DATE in item.kinds
    return apply_rule(check.rule, answer, fact_on=fact_on, region_code=region_code, subject=check.input, own=own)


def apply_rule(
    rule: Rule, answer: Answer, *, fact_on: date, region_code: str, subject: str = "", own: bool = True
) -> Judgement | None:
    """One rule put to an answer; None when the rule has nothing to say in this region.

    `subject` names the input that stands for the answer's own value; `own` is False when that value need
    not be
    given.
    """
    on = as_date(answer.inputs.get(rule.date_input)) if rule.date_input else fact_on
    case = Case(rule, answer, on or fact_on, region_code, subject, own)
    if on is None:
        return review(case, [rule.date_input])
    return _OPERATORS[rule.operator](case)


def _judge_kinds(item: Item, answer: Answer, *, free: bool) -> list[Judgement]:
    """What the kinds of answer themselves ask for; `free` when no rule has anything to say here."""
    missing: list[str] = []
    if Kind.TRI in item.kinds and answer.verdict is None:
        missing.append("verdict")
    if Kind.TEXT in item.kinds and not answer.text.strip():
        missing.append("text")
    if Kind.DATE in item.kinds and answer.on is None:
        missing.append("on")
    if Kind.CHOICE in item.kinds and answer.choice not in item.choices:
        missing.append("choice")
    parts = _judge_free(item, answer) if free else []
    if missing:
        words = "、".join(OWN_TITLES[m] for m in missing)
        parts.append(Judgement(Outcome.NEEDS_REVIEW, f"还缺：{words}", missing=tuple(missing)))
    return parts


def _judge_free(item: Item, answer: Answer) -> list[Judgement]:
    """Items without a rule: a count of zero conforms, everything else is left to a person."""
    if Kind.COUNT in item.kinds:
        return [_judge_free_count(answer)]
    if Kind.NUMERIC in item.kinds:
        given = answer.value is not None or bool(answer.readings)
        text = "没有统一限值，由检查员判定" if given else "还缺：实测数值"
        return [Judgement(Outcome.NEEDS_REVIEW, text, missing=() if given else ("value",), defers=given)]
    if Kind.TRI not in item.kinds:
        return [Judgement(Outcome.NEEDS_REVIEW, "由检查员判定", defers=True)]
    return []


def _judge_free_count(answer: Answer) -> Judgement:
    if answer.count is None:
        return Judgement(Outcome.NEEDS_REVIEW, "还缺：计数", missing=("count",))
    if answer.count == 0:
        return Judgement(Outcome.CONFORMING, "未发现问题")
    return Judgement(Outcome.NEEDS_REVIEW, f"发现 {answer.count} 处，由检查员判定", defers=True)


# ------------------------------------------------------------------------------------------- decision


def _decide(item: Item, answer: Answer, parts: list[Judgement]) -> tuple[Outcome, str]:
    judged = combine(parts)
    words = "；".join(p.explanation for p in parts if judged is None or p.outcome is judged)
    if judged is Outcome.FAILING:
        return Outcome.FAILING, words
    if answer.verdict is Verdict.FAILING:
        return _decide_stated_failing(item, judged, words)
    if any(p.outcome is Outcome.NEEDS_REVIEW and not p.defers for p in parts):
        return Outcome.NEEDS_REVIEW, words
    if any(p.defers for p in parts) and answer.verdict is None:
        return Outcome.NEEDS_REVIEW, words
    return Outcome.CONFORMING, words or "检查员判定符合"


def _decide_stated_failing(item: Item, judged: Outcome | None, words: str) -> tuple[Outcome, str]:
    """The officer says failing: it stands, unless the item is pure numbers and the numbers conform."""
    if judged is Outcome.CONFORMING and Kind.TRI not in item.kinds:
        return Outcome.NEEDS_REVIEW, f"检查员判定不符合，而计算结果符合：{words}"
    return Outcome.FAILING, "检查员判定不符合" + (f"；{words}" if words else "")


def combine(parts: Iterable[Judgement]) -> Outcome | None:
    """What the rules say together: failing before review before conforming; None when there are none."""
    outcomes = {p.outcome for p in parts}
    for outcome in (Outcome.FAILING, Outcome.NEEDS_REVIEW, Outcome.CONFORMING):
        if outcome in outcomes:
            return outcome
    return None


def _not_applicable(item: Item, answer: Answer, fact_on: date, region_code: str) -> Finding:
    if not answer.reason.strip():
        part = Judgement(Outcome.NEEDS_REVIEW, "还缺：不适用的理由", missing=("reason",))
        return _finding(item, answer, fact_on, region_code, Outcome.NEEDS_REVIEW, [part], part.explanation)
    text = f"不适用：{answer.reason.strip()}"
    return _finding(item, answer, fact_on, region_code, Outcome.NOT_APPLICABLE, [], text)


def _severity(item: Item, answer: Answer) -> tuple[Severity, Severity | None]:
    """Raising takes effect at once; lowering is only proposed, for a reviewer to confirm."""
    if answer.severity is None or answer.severity is item.severity:
        return item.severity, None
    if answer.severity.rank > item.severity.rank:
        return answer.severity, None
    return item.severity, answer.severity


def _passed(parts: Iterable[Judgement]) -> tuple[int, int] | None:
    pairs = [p.passed for p in parts if p.passed is not None]
    return min(pairs, key=lambda p: Decimal(p[0]) / p[1]) if pairs else None


def _finding(
    item: Item,
    answer: Answer,
    fact_on: date,
    region_code: str,
    outcome: Outcome,
    parts: list[Judgement],
    text: str,
) -> Finding:
    severity, proposed = _severity(item, answer)
    checks = tuple(c for p in parts for c in p.checks)
    facts = {k: v for p in parts for k, v in (p.facts or {}).items()}
    failed = next((c for c in checks if not c.holds), None)
    return Finding(
        item_code=item.code,
        outcome=outcome,
        judged=combine(parts),
        stated=answer.verdict,
        explanation=f"{OUTCOME_WORDS[outcome]}：{text}" if text else OUTCOME_WORDS[outcome],
        severity=severity,
        severity_proposed=proposed,
        severity_reason=answer.severity_reason,
        clauses=item.basis_in(region_code),
        liable=item.liable,
        dispositions=item.dispositions_in(region_code),
        confidence=item.confidence,
        fact_on=fact_on,
        limit=failed or (checks[0] if checks else None),
        checks=checks,
        missing=tuple(dict.fromkeys(n for p in parts for n in p.missing)),
        passed=_passed(parts),
        reason=answer.reason,
        photos_required=item.photos.required(answer.counted) if outcome.counts else 0,
        photos_given=len(answer.photos),
        facts=facts,
    )
