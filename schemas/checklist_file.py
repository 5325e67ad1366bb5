"""检查表文件的形状：目录里的 TOML（或导入的表格）到冻结的 `Checklist`。

A mistake is told in Chinese with a JSON pointer to its place; nothing is guessed. The vocabulary decides
which
parties, laws, rules and questions exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from marshmallow import ValidationError, fields, validate

from schemas.checklist_rows import (
    REQUIRED,
    RowShape,
    RuleShape,
    Shape,
    narrow_rule,
    region_field,
    text_field,
    with_specs,
    words_field,
)
from schemas.decimals import pointers
from server.domain.checklists import (
    Check,
    Checklist,
    Disposition,
    Frame,
    Item,
    Kind,
    PhotoDemand,
    Section,
    Severity,
)
from server.domain.errors import FieldError, Invalid
from server.domain.legal import Clause, LegalBasis
from server.domain.limits import InputSpec, LimitRow, Rule
from server.domain.vocabulary import TERM_TABLES, Term, Vocabulary

_SOURCE = re.compile(r"(?:S\d{2,3}|seed\d{3})")


def _code(pattern: str, error: str) -> fields.String:
    return fields.String(required=True, error_messages=REQUIRED, validate=validate.Regexp(pattern + r"\Z", error=error))


def _one_of(kinds: Iterable[str], error: str, required: bool = True) -> fields.String:
    return fields.String(required=required, error_messages=REQUIRED, validate=validate.OneOf(list(kinds), error=error))


def _listed(inner: fields.Field[Any], most: int) -> fields.List[Any]:
    return fields.List(
        inner,
        required=True,
        error_messages=REQUIRED,
        validate=validate.Length(min=1, max=most, error=f"应有 1~{most} 项"),
    )


class BasisShape(Shape):
    text = text_field(required=True)
    law = text_field(most=40)
    standard = text_field(most=100)
    articles = words_field()
    unverified = words_field()
    region = region_field()


class DispositionShape(Shape):
    text = text_field(required=True, most=200)
    region = region_field()


class SamplesShape(Shape):
    groups = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=40))
    spare = fields.Boolean(load_default=False)


class RuleUseShape(Shape):
    rule = text_field(required=True, most=40)
    input = text_field(most=40)
    narrow = fields.Dict(keys=text_field(most=40), values=words_field(required=True), data_key="only")


class ItemShape(Shape):
    code = _code(r"[A-Z]{2,5}-\d{2}-\d{2,3}", "应形如 RMC-01-01")
    text = text_field(required=True)
    method = text_field(required=True, most=60)
    answer = _listed(_one_of(Kind, "没有这种作答方式"), 4)
    unit = text_field(most=20)
    choices = words_field()
    limit_text = text_field(most=200)
    limits = fields.List(fields.Nested(RowShape), validate=validate.Length(max=40, error="最多 40 行"))
    samples = fields.Nested(SamplesShape)
    rules = fields.List(fields.Nested(RuleUseShape), validate=validate.Length(max=10, error="最多 10 条"))
    min_photos = fields.Integer(required=True, strict=True, error_messages=REQUIRED)
    photo_rule = text_field(most=20)
    photo_per = fields.Integer(strict=True, validate=validate.Range(min=0, max=20, error="应为 0~20"))
    severity = _one_of(Severity, "没有这种程度")
    basis = _listed(fields.Nested(BasisShape), 12)
    liable = _listed(text_field(required=True, most=40), 12)
    disposition = _listed(fields.Nested(DispositionShape), 6)
    confidence = text_field(required=True, most=100)
    region = region_field()


class SectionShape(Shape):
    no = _code(r"\d{2}", "应为两位数字")
    name = text_field(required=True, most=60)
    name_en = text_field(required=True, most=80)
    applies_to = _listed(text_field(required=True, most=40), 12)
    frames = _listed(_one_of(Frame, "没有这种抽样框"), 2)
    link = _one_of(("production", "use"), "没有这种环节", required=False)
    strict = text_field(most=40)
    items = _listed(fields.Nested(ItemShape), 200)


class ChecklistFileShape(Shape):
    code = _code(r"[A-Z]{2,5}", "应为 2~5 个大写字母")
    version = _code(r"\d{4}\.\d{1,3}", "应形如 2025.1")
    title = text_field(required=True, most=60)
    title_en = text_field(required=True, most=120)
    scope = text_field(required=True)
    sections = _listed(fields.Nested(SectionShape), 60)


def _refuse(messages: Any, code: str = "checklist-invalid") -> Invalid:
    errors = tuple(pointers(messages))
    return Invalid(code, f"检查表有 {len(errors)} 处错误", errors=errors)


# ------------------------------------------------------------------------------------------- vocabulary


def load_vocabulary(tables: Mapping[str, Any]) -> Vocabulary:
    """Vocabulary from the tables of `_vocabulary/`. Raises `Invalid` (`vocabulary-invalid`) with pointers."""
    try:
        inputs = {row["name"]: InputSpec.from_dict(row) for row in tables["inputs"]}
        rules = RuleShape(many=True).load(tables["rules"])
        named = {r.name: with_specs(r, inputs) for r in rules}
        terms = {name: _terms(tables[name]) for name in TERM_TABLES}
        bases = {row["code"]: LegalBasis.from_dict(row) for row in tables["legal_bases"]}
    except ValidationError as error:
        raise _refuse({"rules": error.messages}, "vocabulary-invalid") from None
    except (KeyError, TypeError) as error:
        raise Invalid("vocabulary-invalid", f"词表缺少 {error}") from None
    return Vocabulary(terms, bases, inputs, named)


def _terms(rows: Iterable[Mapping[str, str]]) -> dict[str, Term]:
    return {r["code"]: Term(r["code"], r["title"], r.get("note", ""), r.get("source", "")) for r in rows}


# ------------------------------------------------------------------------------------------- checklist


def load_checklist(data: Mapping[str, Any], vocabulary: Vocabulary) -> Checklist:
    """The checklist in a file. Raises `Invalid` (`checklist-invalid`) with a pointer and reason for each
    mistake.
    """
    try:
        shaped = ChecklistFileShape().load(data)
    except ValidationError as error:
        raise _refuse(error.messages) from None
    builder = _Builder(vocabulary, shaped["code"])
    sections = tuple(builder.section(s, f"/sections/{n}") for n, s in enumerate(shaped.pop("sections")))
    if builder.errors:
        found = tuple(builder.errors)
        raise Invalid("checklist-invalid", f"检查表有 {len(found)} 处错误", errors=found)
    return Checklist(sections=sections, **shaped)


class _Builder:
    """Turns shaped dictionaries into domain objects and collects what the vocabulary does not know."""

    def __init__(self, vocabulary: Vocabulary, code: str) -> None:
        self.vocabulary = vocabulary
        self.code = code
        self.errors: list[FieldError] = []
        self.seen: set[str] = set()

    def complain(self, at: str, reason: str) -> None:
        self.errors.append(FieldError(at, reason))

    def known(self, table: str, codes: Iterable[str], at: str) -> tuple[str, ...]:
        found = tuple(codes)
        for n, code in enumerate(found):
            if code not in self.vocabulary.terms[table]:
                self.complain(f"{at}/{n}", f"词表里没有“{code}”")
        return found

    def section(self, data: dict[str, Any], at: str) -> Section:
        if data["no"] in self.seen:
            self.complain(f"{at}/no", f"节号 {data['no']} 重复")
        self.seen.add(data["no"])
        if data.get("strict"):
            self.known("five_stricts", [data["strict"]], f"{at}/strict")
        prefix = f"{self.code}-{data['no']}-"
        return Section(
            no=data["no"],
            name=data["name"],
            name_en=data["name_en"],
            applies_to=self.known("parties", data["applies_to"], f"{at}/applies_to"),
            frames=tuple(Frame(f) for f in data["frames"]),
            items=tuple(self.item(i, f"{at}/items/{n}", prefix) for n, i in enumerate(data["items"])),
            link=data.get("link", ""),
            strict=data.get("strict", ""),
        )

    def item(self, data: dict[str, Any], at: str, prefix: str) -> Item:
        self.check_item(data, at, prefix)
        photos = PhotoDemand(data["min_photos"], data.get("photo_rule", ""), data.get("photo_per", 0))
        basis = enumerate(data["basis"])
        disposition = (Disposition(d["text"], d.get("region", "")) for d in data["disposition"])
        return Item(
            code=data["code"],
            text=data["text"],
            method=data["method"],
            kinds=tuple(Kind(k) for k in data["answer"]),
            severity=Severity(data["severity"]),
            basis=tuple(self.clause(b, f"{at}/basis/{n}") for n, b in basis),
            liable=self.known("parties", data["liable"], f"{at}/liable"),
            dispositions=tuple(disposition),
            confidence=data["confidence"],
            photos=photos,
            checks=tuple(self.checks(data, at)),
            choices=tuple(data.get("choices", ())),
            unit=data.get("unit", ""),
            limit_text=data.get("limit_text", ""),
            region=data.get("region", ""),
        )

    def check_item(self, data: dict[str, Any], at: str, prefix: str) -> None:
        code = data["code"]
        if not code.startswith(prefix):
            self.complain(f"{at}/code", f"代码应以 {prefix} 开头")
        if code in self.seen:
            self.complain(f"{at}/code", f"代码 {code} 重复")
        self.seen.add(code)
        if not 0 <= data["min_photos"] <= 50:
            self.complain(f"{at}/min_photos", "应为 0~50")
        if Kind.CHOICE in data["answer"] and not data.get("choices"):
            self.complain(f"{at}/choices", "单选应列出选项")
        for source in _SOURCE.findall(data["confidence"]):
            if source not in self.vocabulary.terms["sources"]:
                self.complain(f"{at}/confidence", f"来源 {source} 不在 sources.toml 中")

    def clause(self, data: dict[str, Any], at: str) -> Clause:
        law = data.get("law", "")
        base = self.vocabulary.legal_bases.get(law)
        if law and base is None:
            self.complain(f"{at}/law", f"依据库里没有“{law}”")
        elif base and base.region != data.get("region", ""):
            self.complain(f"{at}/region", f"{base.title}的适用地区应为“{base.region or '全国'}”")
        return Clause(
            text=data["text"],
            law=law,
            law_title=base.title if base else "",
            standard=data.get("standard", ""),
            articles=tuple(data.get("articles", ())),
            unverified=tuple(data.get("unverified", ())),
            region=data.get("region", ""),
        )

    def checks(self, data: dict[str, Any], at: str) -> Iterable[Check]:
        if data.get("limits"):
            rule = Rule("", "", "table", tuple(data["limits"]), unit=data.get("unit", ""))
            yield from self.try_check(partial(self.inline, rule), f"{at}/limits")
        if data.get("samples"):
            yield Check(_samples_rule(data))
        for n, use in enumerate(data.get("rules", ())):
            yield from self.try_check(partial(self.named, use), f"{at}/rules/{n}")

    def try_check(self, make: Callable[[], Check], at: str) -> Iterable[Check]:
        try:
            return (make(),)
        except ValidationError as error:
            self.errors += pointers(error.messages, at)
            return ()

    def inline(self, rule: Rule) -> Check:
        return Check(with_specs(rule, self.vocabulary.inputs))

    def named(self, use: Mapping[str, Any]) -> Check:
        rule = self.vocabulary.rules.get(use["rule"])
        if rule is None:
            raise ValidationError({"rule": [f"没有规则“{use['rule']}”"]})
        if use.get("narrow"):
            rule = narrow_rule(rule, use["narrow"])
        if not rule.rows:
            raise ValidationError({"only": ["筛选之后没有限值行"]})
        subject = use.get("input", "")
        only = tuple(sorted((name, tuple(allowed)) for name, allowed in use.get("narrow", {}).items()))
        return Check(with_specs(rule, self.vocabulary.inputs, subject), subject, only)


def _samples_rule(data: Mapping[str, Any]) -> Rule:
    wanted = data["samples"]
    rows = (
        LimitRow(label="groups", value=Decimal(wanted["groups"])),
        LimitRow(label="spare", value=Decimal(int(wanted["spare"]))),
    )
    return Rule("", "", "samples", rows)
