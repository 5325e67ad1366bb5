"""检查表：检查单、节、检查项；内容冻结后以摘要为证。

A `Checklist` is complete in itself: rules, clauses and input questions are embedded, so a check made
against an old
version is judged the same way for ever. `digest` is SHA-256 over canonical JSON of `to_dict()`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any

from server.domain.errors import Missing
from server.domain.legal import Clause, region_covers
from server.domain.limits import InputSpec, Rule


class Severity(StrEnum):
    """程度：一般、较重、严重。"""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Frame(StrEnum):
    """抽样框：工程项目、企业场所。两类检查对象分别抽取，不混。"""

    PROJECT = "project"
    ENTERPRISE_SITE = "enterprise_site"


class Kind(StrEnum):
    """作答方式：判定、数值、计数、文本、样品组、日期、单选。"""

    TRI = "tri"
    NUMERIC = "numeric"
    COUNT = "count"
    TEXT = "text"
    SAMPLE_GROUP = "sample_group"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Disposition:
    """典型处置 of one region ('' = everywhere): a suggestion, never a decision."""

    text: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class PhotoDemand:
    """影像要求: at least `minimum`, and `per` for each counted `unit` (处, 组, 芯 ...) when `per` is not
    zero.
    """

    minimum: int
    rule: str = ""
    per: int = 0

    def required(self, counted: int) -> int:
        return max(self.minimum, self.per * max(1, counted)) if self.per else self.minimum


@dataclass(frozen=True, slots=True)
class Check:
    """A rule put to one quantity of the answer: `input` '' is the answer's own value, count or readings.

    `only` records how the rows of a named rule were narrowed for this item: (input, allowed words).
    """

    rule: Rule
    input: str = ""
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        only = {name: list(allowed) for name, allowed in self.only}
        return {"rule": self.rule.to_dict(), "input": self.input, "only": only}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Check:
        only = tuple(sorted((name, tuple(allowed)) for name, allowed in data["only"].items()))
        return cls(Rule.from_dict(data["rule"]), data["input"], only)


@dataclass(frozen=True, slots=True)
class Item:
    """检查项。`region` '' means everywhere; `kinds` are what must be answered."""

    code: str
    text: str
    method: str
    kinds: tuple[Kind, ...]
    severity: Severity
    basis: tuple[Clause, ...]
    liable: tuple[str, ...]
    dispositions: tuple[Disposition, ...]
    confidence: str
    photos: PhotoDemand
    checks: tuple[Check, ...] = ()
    choices: tuple[str, ...] = ()
    unit: str = ""
    limit_text: str = ""
    region: str = ""

    def basis_in(self, region_code: str) -> tuple[Clause, ...]:
        """Clauses that may be cited in this region; a Guangdong regulation is not one in Zhejiang."""
        return tuple(c for c in self.basis if c.holds_in(region_code))

    def dispositions_in(self, region_code: str) -> tuple[str, ...]:
        return tuple(d.text for d in self.dispositions if region_covers(d.region, region_code))

    def required_inputs(self) -> tuple[InputSpec, ...]:
        """What the phone has to ask besides the answer itself, each once, in order."""
        found: dict[str, InputSpec] = {}
        for check in self.checks:
            specs = {s.name: s for s in check.rule.specs}
            for name in (*check.rule.inputs_needed(), *([check.input] if check.input else [])):
                if name in specs:
                    found.setdefault(name, specs[name])
        return tuple(found.values())

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "text": self.text,
            "method": self.method,
            "answer": [k.value for k in self.kinds],
            "unit": self.unit,
            "limit_text": self.limit_text,
            "choices": list(self.choices),
            "checks": [c.to_dict() for c in self.checks],
            "min_photos": self.photos.minimum,
            "photo_rule": self.photos.rule,
            "photo_per": self.photos.per,
            "severity": self.severity.value,
            "basis": [c.to_dict() for c in self.basis],
            "liable": list(self.liable),
            "disposition": [{"text": d.text, "region": d.region} for d in self.dispositions],
            "confidence": self.confidence,
            "region": self.region,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Item:
        return cls(
            code=data["code"],
            text=data["text"],
            method=data["method"],
            kinds=tuple(Kind(k) for k in data["answer"]),
            severity=Severity(data["severity"]),
            basis=tuple(Clause.from_dict(c) for c in data["basis"]),
            liable=tuple(data["liable"]),
            dispositions=tuple(Disposition(d["text"], d["region"]) for d in data["disposition"]),
            confidence=data["confidence"],
            photos=PhotoDemand(data["min_photos"], data["photo_rule"], data["photo_per"]),
            checks=tuple(Check.from_dict(c) for c in data["checks"]),
            choices=tuple(data["choices"]),
            unit=data["unit"],
            limit_text=data["limit_text"],
            region=data["region"],
        )


@dataclass(frozen=True, slots=True)
class Section:
    """节: a group of items put to the same parties. `link` is production, use or ''; `strict` a 五严 code
    or ''.
    """

    no: str
    name: str
    name_en: str
    applies_to: tuple[str, ...]
    frames: tuple[Frame, ...]
    items: tuple[Item, ...]
    link: str = ""
    strict: str = ""

    def link_in(self, frame: Frame) -> str:
        """生产环节 or 使用环节: stated by the section, else what the kind of subject means."""
        return self.link or ("production" if frame is Frame.ENTERPRISE_SITE else "use")

    def to_dict(self) -> dict[str, Any]:
        return {
            "no": self.no,
            "name": self.name,
            "name_en": self.name_en,
            "applies_to": list(self.applies_to),
            "frames": [f.value for f in self.frames],
            "link": self.link,
            "strict": self.strict,
            "items": [i.to_dict() for i in self.items],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Section:
        return cls(
            no=data["no"],
            name=data["name"],
            name_en=data["name_en"],
            applies_to=tuple(data["applies_to"]),
            frames=tuple(Frame(f) for f in data["frames"]),
            link=data["link"],
            strict=data["strict"],
            items=tuple(Item.from_dict(i) for i in data["items"]),
        )


@dataclass(frozen=True, slots=True)
class Checklist:
    """检查单的一个版本。"""

    code: str
    version: str
    title: str
    title_en: str
    scope: str
    sections: tuple[Section, ...]

    @property
    def items(self) -> Iterator[Item]:
        return (item for section in self.sections for item in section.items)

    def item(self, code: str) -> Item:
        """The item with this code. Raises `Missing` (`checklist-item-not-found`)."""
        for item in self.items:
            if item.code == code:
                return item
        raise Missing("checklist-item-not-found", f"检查单 {self.code}（{self.version}）没有检查项 {code}")

    def sections_for(self, frame: Frame, region_code: str = "") -> tuple[Section, ...]:
        """Sections put to this kind of subject; with a region, items of other regions are left out."""
        chosen = []
        for section in self.sections:
            if frame not in section.frames:
                continue
            items = section.items
            if region_code:
                items = tuple(i for i in items if region_covers(i.region, region_code))
            if items:
                chosen.append(replace(section, items=items))
        return tuple(chosen)

    def items_for(self, frame: Frame, region_code: str = "") -> tuple[Item, ...]:
        return tuple(i for s in self.sections_for(frame, region_code) for i in s.items)

    def section_of(self, item_code: str) -> Section:
        """The section an item stands in. Raises `Missing` (`checklist-item-not-found`)."""
        self.item(item_code)
        return next(s for s in self.sections if any(i.code == item_code for i in s.items))

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "version": self.version,
            "title": self.title,
            "title_en": self.title_en,
            "scope": self.scope,
            "sections": [s.to_dict() for s in self.sections],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Checklist:
        """Rebuild from `to_dict()`; the digest of the result equals the digest of the source."""
        return cls(
            code=data["code"],
            version=data["version"],
            title=data["title"],
            title_en=data["title_en"],
            scope=data["scope"],
            sections=tuple(Section.from_dict(s) for s in data["sections"]),
        )

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON: sorted keys, no blanks, decimals as plain strings, UTF-8."""
        return sha256(canonical_json(self.to_dict()).encode()).hexdigest()


def canonical_json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_lock(text: str) -> dict[str, str]:
    """`published.lock`: lines of `digest  CODE/version`; returns {CODE/version: digest}."""
    pairs = (line.split() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {name: digest for digest, name in pairs}


def render_lock(checklists: Iterable[Checklist]) -> str:
    """Text of `published.lock` for these versions, sorted by name."""
    lines = sorted(f"{c.code}/{c.version} {c.digest}" for c in checklists)
    body = "".join(f"{digest}  {name}\n" for name, digest in (line.split() for line in lines))
    return "# 已发布版本的内容摘要（SHA-256）；只增不改。\n" + body


def compare_lock(lock: Mapping[str, str], checklists: Iterable[Checklist]) -> list[str]:
    """Chinese complaints about published versions that changed, vanished, or are not in the lock; [] when
    none.
    """
    found = {f"{c.code}/{c.version}": c.digest for c in checklists}
    complaints = []
    for name, digest in sorted(lock.items()):
        if name not in found:
            complaints.append(f"{name} 已发布，但文件不在了")
        elif found[name] != digest:
            complaints.append(f"{name} 已发布，内容不得再改；请另立版本目录")
    complaints += [f"{name} 未登记在 published.lock" for name in sorted(set(found) - set(lock))]
    return complaints
