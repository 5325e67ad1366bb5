"""检查表文件里的限值行、条件与规则：形状与到领域对象的换算。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from schemas.decimals import DayField, DecimalText, read_decimal
from server.domain.limits import (
    OPERATORS,
    ROW_OPS,
    STATISTICS,
    Condition,
    Formula,
    InputSpec,
    LimitRow,
    Rule,
)

REQUIRED: dict[str, Any] = {"required": "缺少此项", "null": "不能为空", "invalid": "格式不对"}
TEXT_MAX = 600


def text_field(required: bool = False, most: int = TEXT_MAX) -> fields.String:
    """Bounded text; required text must not be blank."""
    least = 1 if required else 0
    message = f"长度应为 {least}~{most} 字"
    return fields.String(
        required=required,
        error_messages=REQUIRED,
        validate=validate.Length(min=least, max=most, error=message),
    )


def words_field(required: bool = False, most: int = 60) -> fields.List[Any]:
    """Bounded list of words."""
    return fields.List(
        text_field(required=True, most=200),
        required=required,
        error_messages=REQUIRED,
        validate=validate.Length(min=1 if required else 0, max=most, error=f"应有 {int(required)}~{most} 项"),
    )


def region_field() -> fields.String:
    """GB/T 2260 code of six digits."""
    return fields.String(validate=validate.Regexp(r"\d{6}\Z", error="应为六位行政区划代码"))


class Shape(Schema):
    """Unknown keys are mistakes, and said in Chinese."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "没有这一项", "type": "应为一组键值"}


class ConditionsField(fields.Field[tuple[Condition, ...]]):
    """`{ use = "钢筋混凝土", grade = { min = 30 }, env = ["甲", "乙"] }` as conditions that must all hold."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[Condition, ...]:
        if not isinstance(value, Mapping):
            raise ValidationError("应为条件的键值")
        return tuple(read_condition(str(name), wanted) for name, wanted in value.items())


def read_condition(name: str, wanted: Any) -> Condition:
    """One condition: a word, several words, or bounds."""
    if isinstance(wanted, str):
        return Condition(name, (wanted,))
    if isinstance(wanted, Sequence):
        if not wanted or not all(isinstance(w, str) for w in wanted):
            raise ValidationError({name: ["应为词的列表"]})
        return Condition(name, tuple(wanted))
    if isinstance(wanted, Mapping) and wanted and set(wanted) <= {"min", "max", "above", "below"}:
        bounds = {k: read_decimal(v) for k, v in wanted.items()}
        names = {"min": "minimum", "max": "maximum"}
        return Condition(name, (), **{names.get(k, k): v for k, v in bounds.items()})
    raise ValidationError({name: ["应为词、词的列表，或 min/max/above/below"]})


class FormulaShape(Shape):
    input = text_field(required=True)
    times = DecimalText()
    divide = DecimalText()
    plus = DecimalText()
    at_least = DecimalText()
    at_most = DecimalText()

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Formula:
        if data.get("divide") == Decimal(0):
            raise ValidationError("除数不能为零", "divide")
        return Formula(**data)


class RowShape(Shape):
    """One limit row of `limits.toml` or of an item's `limits`."""

    op = fields.String(load_default="<=", validate=validate.OneOf(sorted(ROW_OPS), error="没有这种比较方式"))
    value = DecimalText()
    minimum = DecimalText(data_key="min")
    maximum = DecimalText(data_key="max")
    values = words_field()
    unit = text_field(most=20)
    input = text_field(most=40)
    of = fields.String(validate=validate.OneOf(sorted(STATISTICS), error="没有这种统计量"))
    than = DecimalText()
    reference = text_field(most=40)
    relative_to = text_field(most=40)
    formula = fields.Nested(FormulaShape)
    per = DecimalText(validate=validate.Range(min=Decimal(0), min_inclusive=False, error="应大于零"))
    when = ConditionsField()
    unless = ConditionsField()
    standard = text_field(most=100)
    from_on = DayField(data_key="from")
    until_on = DayField(data_key="until")
    region = region_field()
    confidence = text_field(most=100)
    label = text_field(most=40)
    outcome = fields.String(validate=validate.OneOf(["conforming", "failing", "needs_review"], error="没有这种结论"))
    title = text_field(most=60)

    @validates_schema
    def bounds(self, data: dict[str, Any], **_: Any) -> None:
        op = data["op"]
        if op == "between" and not {"minimum", "maximum"} <= set(data):
            raise ValidationError("between 应有 min 和 max", "op")
        if op == "in" and not data.get("values"):
            raise ValidationError("in 应有 values", "op")
        free = op in {"between", "in", "prohibited", "not_after"} or {"per", "formula"} & set(data)
        if not free and "value" not in data and not data.get("label"):
            raise ValidationError("缺少限值 value", "value")

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> LimitRow:
        if "values" in data:
            data["values"] = tuple(data["values"])
        return LimitRow(**data)


class RuleShape(Shape):
    """One named rule of `limits.toml`."""

    name = fields.String(
        required=True,
        error_messages=REQUIRED,
        validate=validate.Regexp(r"[a-z][a-z0-9_]{1,40}\Z", error="应为小写英文代码"),
    )
    title = text_field(required=True)
    operator = fields.String(
        required=True,
        error_messages=REQUIRED,
        validate=validate.OneOf(sorted(OPERATORS), error="没有这种运算"),
    )
    unit = text_field(most=20)
    interval = DecimalText(validate=validate.Range(min=Decimal(0), min_inclusive=False, error="应大于零"))
    date_input = text_field(most=40)
    screening = text_field(most=40)
    advice = DecimalText()
    needs = words_field()
    note = text_field()
    rows = fields.List(
        fields.Nested(RowShape),
        required=True,
        error_messages=REQUIRED,
        validate=validate.Length(min=1, max=200, error="应有 1~200 行限值"),
    )

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Rule:
        data["needs"] = tuple(data.get("needs", ()))
        return Rule(**{**data, "rows": tuple(data["rows"])})


def narrow_rule(rule: Rule, only: Mapping[str, Sequence[str]]) -> Rule:
    """The rule with only the rows an item can meet; a condition left with one word is answered already."""
    rows = rule.rows
    for name, allowed in only.items():
        if name == "input":
            rows = tuple(r for r in rows if r.input in allowed)
        else:
            rows = tuple(n for n in (_narrow_row(r, name, allowed) for r in rows) if n is not None)
    return replace(rule, rows=rows)


def _narrow_row(row: LimitRow, name: str, allowed: Sequence[str]) -> LimitRow | None:
    kept: list[Condition] = []
    for condition in row.when:
        if condition.input != name:
            kept.append(condition)
            continue
        left = tuple(w for w in condition.words if w in allowed)
        if not left:
            return None
        if len(allowed) > 1:
            kept.append(replace(condition, words=left))
    return replace(row, when=tuple(kept))


def with_specs(rule: Rule, inputs: Mapping[str, InputSpec], subject: str = "") -> Rule:
    """Attach the questions the rule may ask; options not fixed by the vocabulary come from its rows.

    Raises `ValidationError` naming inputs the vocabulary does not know.
    """
    names = (*rule.inputs_needed(), *([subject] if subject else []))
    unknown = [n for n in names if n not in inputs]
    if unknown:
        raise ValidationError(f"条件 {'、'.join(unknown)} 不在 inputs.toml 中")
    specs = tuple(_with_options(inputs[n], rule) for n in dict.fromkeys(names))
    return replace(rule, specs=specs)


def _with_options(spec: InputSpec, rule: Rule) -> InputSpec:
    if spec.options or spec.kind != "choice":
        return spec
    used = [w for r in rule.rows for c in r.when if c.input == spec.name for w in c.words]
    return replace(spec, options=tuple(dict.fromkeys(used)))
