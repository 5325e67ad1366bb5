"""条件限值：一行限值、一条规则、一个需要现场填写的条件。

A `Rule` is a closed `operator` over `LimitRow`s. Rows carry standard, confidence and the dates between
which they
hold; which rows apply is decided by the date of the fact, the region and the inputs of the answer.
Conditions are
three-valued: an input that was not given makes a row neither applicable nor not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from server.domain.errors import Invalid
from server.domain.legal import region_covers
from server.domain.numbers import canonical_text, parse_decimal

InputValue = Decimal | str | bool | date | tuple[str, ...]
Inputs = Mapping[str, InputValue]

#: How a row compares its subject with its bound.
ROW_OPS = frozenset(
    {
        "<=", ">=", "<", ">", "=", "between", "abs<=", "abs<", "abs>=",
        "in", "prohibited", "not_after", "within_days",
    }
)  # fmt: skip
#: How a rule puts its rows together.
OPERATORS = frozenset(
    {"table", "quota", "bands", "pass_rate", "required_tests", "cube_groups", "cube_acceptance", "samples"}
)
#: What a row may look at when the readings of one answer are taken together.
STATISTICS = frozenset({"", "n", "mean", "min", "max", "count_below"})


def as_text(value: InputValue) -> str:
    """The word an input is compared by: yes and no are 是 and 否, numbers lose trailing zeros."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return canonical_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return "、".join(value) if isinstance(value, tuple) else value


def as_number(value: InputValue | None) -> Decimal | None:
    """The number in an input, reading strength grades such as `C35` as 35; None when there is none."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        try:
            return parse_decimal(value.strip().lstrip("CcＣｃ"))
        except Invalid:
            return None
    return None


def _number(data: Mapping[str, Any], key: str) -> Decimal | None:
    raw = data.get(key)
    return None if raw is None else parse_decimal(raw)


def _drop_empty(data: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in data.items() if v not in (None, "", [], {}, ())}


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else canonical_text(value)


@dataclass(frozen=True, slots=True)
class Condition:
    """One named input is one of some words, or a number within bounds (`above`/`below` exclude the bound)."""

    input: str
    words: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    above: Decimal | None = None
    below: Decimal | None = None

    def test(self, inputs: Inputs) -> bool | None:
        """True, False, or None when the input is missing or not a number where one is needed."""
        value = inputs.get(self.input)
        if value is None:
            return None
        number = as_number(value)
        if self.words:
            plain = None if number is None else canonical_text(number)
            return as_text(value) in self.words or plain in self.words
        return None if number is None else self._within(number)

    def _within(self, number: Decimal) -> bool:
        return (
            (self.minimum is None or number >= self.minimum)
            and (self.maximum is None or number <= self.maximum)
            and (self.above is None or number > self.above)
            and (self.below is None or number < self.below)
        )

    def to_dict(self) -> dict[str, Any]:
        bounds = {"min": self.minimum, "max": self.maximum, "above": self.above, "below": self.below}
        texts = {k: _plain(v) for k, v in bounds.items()}
        return _drop_empty({"input": self.input, "words": list(self.words), **texts})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Condition:
        return cls(
            input=data["input"],
            words=tuple(data.get("words", ())),
            minimum=_number(data, "min"),
            maximum=_number(data, "max"),
            above=_number(data, "above"),
            below=_number(data, "below"),
        )


@dataclass(frozen=True, slots=True)
class Formula:
    """A bound that follows another input: `input` × `times` ÷ `divide` + `plus`, kept in [at_least,
    at_most].
    """

    input: str
    times: Decimal = Decimal(1)
    divide: Decimal = Decimal(1)
    plus: Decimal = Decimal(0)
    at_least: Decimal | None = None
    at_most: Decimal | None = None

    def bound(self, inputs: Inputs) -> Decimal | None:
        number = as_number(inputs.get(self.input))
        if number is None:
            return None
        value = number * self.times / self.divide + self.plus
        if self.at_least is not None:
            value = max(value, self.at_least)
        return value if self.at_most is None else min(value, self.at_most)

    def to_dict(self) -> dict[str, Any]:
        return _drop_empty(
            {
                "input": self.input,
                "times": _plain(self.times),
                "divide": _plain(self.divide),
                "plus": _plain(self.plus),
                "at_least": _plain(self.at_least),
                "at_most": _plain(self.at_most),
            }
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Formula:
        numbers = {k: parse_decimal(v) for k, v in data.items() if k != "input" and v is not None}
        return cls(input=data["input"], **numbers)


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit. `input` names the quantity it looks at ('' = the answer's own value, count or readings).

    `until_on` is the first day on which the row no longer holds. `per` is a portion for quotas. `label`
    names a
    constant of a calculation or a band; `reference` is subtracted from the subject, `relative_to` turns
    it into a
    percentage.
    """

    op: str = "<="
    value: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    values: tuple[str, ...] = ()
    unit: str = ""
    input: str = ""
    of: str = ""
    than: Decimal | None = None
    reference: str = ""
    relative_to: str = ""
    formula: Formula | None = None
    per: Decimal | None = None
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    standard: str = ""
    from_on: date | None = None
    until_on: date | None = None
    region: str = ""
    confidence: str = ""
    label: str = ""
    outcome: str = ""
    title: str = ""

    def in_force(self, on: date, region_code: str) -> bool:
        """Whether the row holds on the day of the fact in the region of the check."""
        started = self.from_on is None or on >= self.from_on
        ended = self.until_on is not None and on >= self.until_on
        return started and not ended and region_covers(self.region, region_code)

    def applies(self, inputs: Inputs) -> bool | None:
        """Three-valued: False as soon as one condition is known to fail, None while one is unknown."""
        wanted = [c.test(inputs) for c in self.when]
        if False in wanted:
            return False
        if self.unless:
            barred = [c.test(inputs) for c in self.unless]
            if False not in barred:
                return None if None in barred else False
        return None if None in wanted else True

    def exempted(self, inputs: Inputs) -> bool:
        """Whether its `unless` conditions are all known to hold: the case is exempt, not overlooked."""
        return bool(self.unless) and all(c.test(inputs) for c in self.unless)

    def unknown(self, inputs: Inputs) -> tuple[str, ...]:
        """Inputs that would have to be given to know whether the row applies."""
        return tuple(c.input for c in (*self.when, *self.unless) if c.test(inputs) is None)

    def needed(self) -> tuple[str, ...]:
        """Inputs this row may ask for, in the order a person would fill them in."""
        names = [c.input for c in (*self.when, *self.unless)]
        names += [self.reference, self.relative_to, self.input]
        names += [self.formula.input] if self.formula else []
        return tuple(dict.fromkeys(n for n in names if n))

    def to_dict(self) -> dict[str, Any]:
        return _drop_empty(
            {
                "op": self.op,
                "value": _plain(self.value),
                "min": _plain(self.minimum),
                "max": _plain(self.maximum),
                "values": list(self.values),
                "unit": self.unit,
                "input": self.input,
                "of": self.of,
                "than": _plain(self.than),
                "reference": self.reference,
                "relative_to": self.relative_to,
                "formula": self.formula.to_dict() if self.formula else None,
                "per": _plain(self.per),
                "when": [c.to_dict() for c in self.when],
                "unless": [c.to_dict() for c in self.unless],
                "standard": self.standard,
                "from": self.from_on.isoformat() if self.from_on else None,
                "until": self.until_on.isoformat() if self.until_on else None,
                "region": self.region,
                "confidence": self.confidence,
                "label": self.label,
                "outcome": self.outcome,
                "title": self.title,
            }
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LimitRow:
        texts = ("unit", "input", "of", "reference", "relative_to", "standard", "region", "confidence")
        plain = {k: data[k] for k in (*texts, "label", "outcome", "title", "op") if k in data}
        return cls(
            **plain,
            value=_number(data, "value"),
            minimum=_number(data, "min"),
            maximum=_number(data, "max"),
            than=_number(data, "than"),
            per=_number(data, "per"),
            values=tuple(data.get("values", ())),
            formula=Formula.from_dict(data["formula"]) if data.get("formula") else None,
            when=tuple(Condition.from_dict(c) for c in data.get("when", ())),
            unless=tuple(Condition.from_dict(c) for c in data.get("unless", ())),
            from_on=date.fromisoformat(data["from"]) if data.get("from") else None,
            until_on=date.fromisoformat(data["until"]) if data.get("until") else None,
        )


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One thing the phone may have to ask: code word, Chinese title, kind and unit, and its fixed options."""

    name: str
    title: str
    kind: str
    unit: str = ""
    options: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return _drop_empty(
            {
                "name": self.name,
                "title": self.title,
                "kind": self.kind,
                "unit": self.unit,
                "options": list(self.options),
            }
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> InputSpec:
        options = tuple(data.get("options", ()))
        return cls(data["name"], data["title"], data["kind"], data.get("unit", ""), options)


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows under one operator. `interval` is the rounding of the method; `date_input` names the input
    whose date
    replaces the date of the fact; `screening` is the quick method whose result may not condemn by itself.
    """

    name: str
    title: str
    operator: str
    rows: tuple[LimitRow, ...]
    unit: str = ""
    interval: Decimal | None = None
    date_input: str = ""
    screening: str = ""
    advice: Decimal | None = None
    needs: tuple[str, ...] = ()
    note: str = ""
    specs: tuple[InputSpec, ...] = field(default=())

    def inputs_needed(self) -> tuple[str, ...]:
        """Names of every input the rule may ask for; `n` is counted, never asked."""
        names = [self.date_input, *self.needs]
        for row in self.rows:
            names += row.needed()
        return tuple(dict.fromkeys(n for n in names if n and n != "n"))

    def title_of(self, name: str) -> str:
        return next((s.title for s in self.specs if s.name == name), name)

    def to_dict(self) -> dict[str, Any]:
        return _drop_empty(
            {
                "name": self.name,
                "title": self.title,
                "operator": self.operator,
                "rows": [r.to_dict() for r in self.rows],
                "unit": self.unit,
                "interval": _plain(self.interval),
                "date_input": self.date_input,
                "screening": self.screening,
                "advice": _plain(self.advice),
                "needs": list(self.needs),
                "note": self.note,
                "specs": [s.to_dict() for s in self.specs],
            }
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Rule:
        return cls(
            name=data.get("name", ""),
            title=data.get("title", ""),
            operator=data["operator"],
            rows=tuple(LimitRow.from_dict(r) for r in data.get("rows", ())),
            unit=data.get("unit", ""),
            interval=_number(data, "interval"),
            date_input=data.get("date_input", ""),
            screening=data.get("screening", ""),
            advice=_number(data, "advice"),
            needs=tuple(data.get("needs", ())),
            note=data.get("note", ""),
            specs=tuple(InputSpec.from_dict(s) for s in data.get("specs", ())),
        )
