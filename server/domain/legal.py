"""依据：法规、标准与地方文件，按地区启用，未核的条号不进正式文书。

A `Clause` keeps the wording of the checklist (`text`) beside what may be cited: `articles` were compared
with a
source, `unverified` were not. `formal()` gives the citation for a document, or None when nothing may be
cited.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_DIGITS = "零一二三四五六七八九"
_ARTICLE = re.compile(r"(\d+)(?:~(\d+))?((?:\(\d+\))*)(末款)?")


@lru_cache(maxsize=4096)
def region_covers(basis_region: str, check_region: str) -> bool:
    """Whether a basis of one region (GB/T 2260 code, '' = nationwide) holds in another: 440000 covers
    441322.
    """
    prefix = basis_region
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    return check_region.startswith(prefix)


def chinese_number(value: int) -> str:
    """Chinese numeral of 1..999 as articles are numbered: 10 十, 15 十五, 107 一百零七."""
    if value < 10:
        return _DIGITS[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        head = "十" if tens == 1 else f"{_DIGITS[tens]}十"
        return head + (_DIGITS[ones] if ones else "")
    hundreds, rest = divmod(value, 100)
    if not rest:
        return f"{_DIGITS[hundreds]}百"
    middle = "零" if rest < 10 else ("一" if rest < 20 else "")
    return f"{_DIGITS[hundreds]}百{middle}{chinese_number(rest)}"


def article_text(article: str) -> str:
    """`14(1)` -> 第十四条第（一）项, `60~62` -> 第六十条至第六十二条."""
    match = _ARTICLE.fullmatch(article)
    if match is None:
        return article
    first, last, items, tail = match.groups()
    text = f"第{chinese_number(int(first))}条"
    if last:
        text += f"至第{chinese_number(int(last))}条"
    for number in re.findall(r"\d+", items):
        text += f"第（{chinese_number(int(number))}）项"
    return text + ("末款" if tail else "")


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One law or regional notice of the vocabulary; `region` is '' when it holds everywhere."""

    code: str
    title: str
    short: str
    region: str
    level: str
    source: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LegalBasis:
        return cls(**{name: str(data.get(name, "")) for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class Clause:
    """One basis of an item, complete in itself so that an old record can still be read.

    `law_title` is the full name of the law or notice ('' for a standard or other wording).
    """

    text: str
    law: str = ""
    law_title: str = ""
    standard: str = ""
    articles: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    region: str = ""

    def holds_in(self, region_code: str) -> bool:
        return region_covers(self.region, region_code)

    def formal(self) -> str | None:
        """Citation fit for a formal document; None when nothing in it was compared with a source."""
        if self.law_title:
            if not self.articles:
                return None if self.unverified else f"《{self.law_title}》"
            return f"《{self.law_title}》" + "、".join(article_text(a) for a in self.articles)
        return self.standard or None

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "law": self.law,
            "law_title": self.law_title,
            "standard": self.standard,
            "articles": list(self.articles),
            "unverified": list(self.unverified),
            "region": self.region,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Clause:
        return cls(
            text=data["text"],
            law=data.get("law", ""),
            law_title=data.get("law_title", ""),
            standard=data.get("standard", ""),
            articles=tuple(data.get("articles", ())),
            unverified=tuple(data.get("unverified", ())),
            region=data.get("region", ""),
        )
