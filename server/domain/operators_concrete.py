"""运算：保护层合格点率、试件代表值、强度检验批评定。

The constants are rows of the rule, found by their `label` and conditions; only the order of steps is code.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from server.domain import concrete
from server.domain.findings import Judgement, Outcome, RowCheck
from server.domain.limits import InputValue, LimitRow, as_number
from server.domain.numbers import canonical_text, decimal_text
from server.domain.operators import Case, bound_text, review, row_holds


def constant(case: Case, label: str, **facts: Decimal) -> LimitRow | None:
    """The row of this label whose conditions hold; `facts` (n, grade) stand beside the inputs of the
    answer.
    """
    inputs: dict[str, InputValue] = {**case.answer.inputs, **facts}
    return next((r for r in case.rows() if r.label == label and r.applies(inputs)), None)


def number(case: Case, label: str, **facts: Decimal) -> Decimal:
    """The value of a constant that a published rule always has; zero would never be silently used."""
    row = constant(case, label, **facts)
    if row is None or row.value is None:
        raise LookupError(f"{case.rule.name}: {label}")
    return row.value


# ------------------------------------------------------------------------------------------- cover


def judge_pass_rate(case: Case) -> Judgement:
    """合格点率: first sample, then at most one more of the same size when the rate allows it."""
    answer = case.answer
    samples = ([answer.readings] if answer.readings else []) + [g.values for g in answer.groups if g.values]
    row = next((r for r in case.rows() if not r.label and r.applies(answer.inputs)), None)
    unknown = [n for r in case.rows() if not r.label for n in r.unknown(answer.inputs)]
    if row is None and unknown:
        return review(case, unknown)
    if row is None:
        return Judgement(Outcome.NEEDS_REVIEW, f"没有与所填条件相符的限值：{case.rule.title}")
    if not samples:
        return review(case, ["readings"])
    return _judge_samples(case, row, samples)


def _judge_samples(case: Case, row: LimitRow, samples: Sequence[Sequence[Decimal]]) -> Judgement:
    factor = number(case, "max_factor")
    worst = [v for sample in samples[:2] for v in sample if _beyond(row, v, factor)]
    first = _passed(row, samples[0])
    if worst:
        text = f"最大偏差 {decimal_text(max(worst, key=abs))} mm，超过允许值的 {canonical_text(factor)} 倍"
        return _result(case, row, Outcome.FAILING, _total(row, samples[:2]), text)
    if _reaches(first, number(case, "pass_rate")):
        return _result(case, row, Outcome.CONFORMING, first, "合格点率达到要求")
    if not _reaches(first, number(case, "retry_rate")):
        return _result(case, row, Outcome.FAILING, first, "合格点率低于可再抽样的下限")
    if len(samples) < 2 or len(samples[1]) < len(samples[0]):
        text = f"合格点 {first[0]}/{first[1]}，须再抽取相同数量后按两次合计判定"
        return Judgement(Outcome.NEEDS_REVIEW, text, missing=("groups",), passed=first)
    both = _total(row, samples[:2])
    good = _reaches(both, number(case, "pass_rate"))
    outcome = Outcome.CONFORMING if good else Outcome.FAILING
    return _result(case, row, outcome, both, "两次合计" + ("达到要求" if good else "仍未达到要求"))


def _beyond(row: LimitRow, value: Decimal, factor: Decimal) -> bool:
    low, high = row.minimum or Decimal(0), row.maximum or Decimal(0)
    return value < low * factor or value > high * factor


def _passed(row: LimitRow, sample: Sequence[Decimal]) -> tuple[int, int]:
    return sum(row_holds(row, v, None) for v in sample), len(sample)


def _total(row: LimitRow, samples: Sequence[Sequence[Decimal]]) -> tuple[int, int]:
    pairs = [_passed(row, s) for s in samples]
    return sum(p for p, _ in pairs), sum(n for _, n in pairs)


def _reaches(pair: tuple[int, int], rate: Decimal) -> bool:
    return pair[0] >= rate * pair[1]


def _result(case: Case, row: LimitRow, outcome: Outcome, pair: tuple[int, int], text: str) -> Judgement:
    holds = outcome is Outcome.CONFORMING
    check = RowCheck(case.rule.title, row, bound_text(row, None, case.rule.unit), holds, unit=case.rule.unit)
    return Judgement(outcome, f"合格点 {pair[0]}/{pair[1]}，{text}", (check,), passed=pair)


# ------------------------------------------------------------------------------------------- cubes


def judge_cube_groups(case: Case) -> Judgement:
    """试件代表值: each group of three gives one value; a group below the certain-failure share fails by
    any method.
    """
    grade = as_number(case.input("grade"))
    missing = [n for n in case.rule.needs if case.input(n) is None]
    groups = [g for g in case.answer.groups if len(g.values) == 3]
    if missing or grade is None:
        return review(case, missing or ["grade"])
    if len(groups) < number(case, "min_groups") or len(groups) < len(case.answer.groups):
        return review(case, ["groups"])
    factor = constant(case, "size_factor", grade=grade)
    if factor is None or factor.value is None:
        return Judgement(Outcome.NEEDS_REVIEW, "C60及以上非标准尺寸试件的换算系数须由试验确定")
    spread = number(case, "spread")
    found = [concrete.cube_representative(g.values, spread, factor.value) for g in groups]
    facts = {g.sample_no: "无效" if v is None else decimal_text(v) for g, v in zip(groups, found, strict=True)}
    return _judge_representatives(case, grade, found, facts)


def _judge_representatives(case: Case, grade: Decimal, found: list[Decimal | None], facts: dict[str, str]) -> Judgement:
    words = "代表值 " + "、".join(f"{no}：{v}" for no, v in facts.items())
    values = [v for v in found if v is not None]
    row = constant(case, "certain_failure")
    lowest = min(values, default=None)
    if row is not None and row.value is not None and lowest is not None:
        bound = row.value * grade
        holds = lowest >= bound
        check = RowCheck("最小代表值", row, f"≥{canonical_text(bound)} MPa", holds, lowest, lowest, "MPa")
        if not holds:
            return Judgement(Outcome.FAILING, f"{words}；{check.sentence()}", (check,), facts=facts)
        if len(values) == len(found) and lowest >= grade:
            return Judgement(Outcome.CONFORMING, words, (check,), facts=facts)
    text = "有试件组无效，不作评定依据" if len(values) < len(found) else "并入检验批按 GB/T 50107 评定"
    return Judgement(Outcome.NEEDS_REVIEW, f"{words}；{text}", facts=facts)


# ------------------------------------------------------------------------------------------- batch


def judge_cube_acceptance(case: Case) -> Judgement:
    """检验批评定: the method follows from what is known and from the number of groups."""
    grade = as_number(case.input("grade"))
    missing = [n for n in case.rule.needs if case.input(n) is None]
    values = list(case.answer.readings)
    if missing or grade is None or not values:
        return review(case, [*(missing or ([] if grade else ["grade"])), *([] if values else ["readings"])])
    if case.input("curing") == "同条件养护":
        share = number(case, "same_condition")
        values = [v / share for v in values]
    batch = _evaluate(case, values, grade)
    if isinstance(batch, Judgement):
        return batch
    checks = tuple(_as_check(case, r) for r in batch.requirements)
    outcome = Outcome.CONFORMING if batch.accepted else Outcome.FAILING
    words = "；".join(c.sentence() for c in checks)
    return Judgement(outcome, f"{batch.method}，{batch.size} 组；{words}", checks, facts=_batch_facts(batch))


def _evaluate(case: Case, values: list[Decimal], grade: Decimal) -> concrete.Batch | Judgement:
    n = Decimal(len(values))
    if case.input("assessment") == "标准差已知":
        sigma = as_number(case.input("sigma0"))
        if sigma is None:
            return review(case, ["sigma0"])
        if n != number(case, "known_groups"):
            return Judgement(Outcome.NEEDS_REVIEW, "标准差已知方法以连续3组为一批")
        share = number(case, "known_min", grade=grade)
        return concrete.batch_known_sigma(
            values, grade, max(sigma, number(case, "sigma_floor")), number(case, "known_sigma"), share
        )
    if n < number(case, "n_statistical"):
        third, fourth = number(case, "lambda_3", grade=grade), number(case, "lambda_4")
        return concrete.batch_non_statistical(values, grade, third, fourth)
    first, second = number(case, "lambda_1", n=n), number(case, "lambda_2", n=n)
    return concrete.batch_statistical(values, grade, first, second, number(case, "sigma_floor"))


def _as_check(case: Case, need: concrete.Requirement) -> RowCheck:
    row = next(r for r in case.rule.rows if r.label.startswith("lambda"))
    bound = f"≥{canonical_text(need.bound)} MPa"
    return RowCheck(need.name, row, bound, need.holds, need.unrounded, need.value, "MPa")


def _batch_facts(batch: concrete.Batch) -> dict[str, str]:
    facts = {"method": batch.method, "groups": str(batch.size)}
    if batch.deviation is not None:
        facts["deviation"] = decimal_text(batch.deviation)
    if batch.deviation_used is not None:
        facts["deviation_used"] = decimal_text(batch.deviation_used)
    return facts
