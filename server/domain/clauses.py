"""依据：条款的正式引用与内部备注。

A clause number that has not been compared with the printed text (confidence K, or marked 条号未核) never
enters a formal document: the law or standard is cited by name alone and an internal note says 依据待核.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.legal import article_text as legal_article
from server.domain.wording import chinese_number

# 检查表“依据”列使用的简称；全称以发布文本为准。
FULL_TITLES = {
    "质量条例": "建设工程质量管理条例",
    "处罚法": "中华人民共和国行政处罚法",
    "检测办法": "建设工程质量检测管理办法",
    "粤质条": "广东省建设工程质量管理条例",
    "浙绿建条例": "浙江省绿色建筑条例",
    "勘设条例": "建设工程勘察设计管理条例",
    "抗震条例": "建设工程抗震管理条例",
    "节能条例": "民用建筑节能条例",
    "消防法": "中华人民共和国消防法",
}
_LAW = re.compile(rf"^(?P<law>{'|'.join(FULL_TITLES)})(?P<rest>.*)$")
_ARTICLE = re.compile(r"^(?P<article>\d+)(?P<items>(?:\(\d+\))*)$")
_STANDARD = re.compile(
    r"^(?P<number>(?:GB|JGJ|CJJ|JG|JC|DBJ?|CECS|T)(?:/T)? ?\d[\d.]*(?:/T \d+-)?(?:-\d{4})?(?:-\d{4})?)"
    r"(?P<clause>第[\d.]+条(?:第\d+款)?)?"
)
_UNVERIFIED_MARK = "未核"


@dataclass(frozen=True, slots=True)
class Clause:
    """One legal or technical basis as it stood on the date of the fact.

    `title` is the full name of a law (empty for a standard), `number` the standard number or document number,
    `article` the place inside in Chinese form (第十四条第（三）项), `verified` whether that place was
    compared.
    """

    title: str
    number: str = ""
    article: str = ""
    verified: bool = False

    def name(self) -> str:
        """Return the name without any article: 《…》, 《…》（number） or the number of a standard."""
        if not self.title:
            return self.number
        return f"《{self.title}》" + (f"（{self.number}）" if self.number else "")

    def formal(self) -> str:
        """Return the citation a formal document may carry; the article only when verified."""
        return self.name() + (self.article if self.verified else "")

    def note(self) -> str:
        """Return the internal remark 依据待核, empty for a verified clause or one without an article."""
        return "" if self.verified or not self.article else f"依据待核：{self.name()}{self.article}"


def cite_clauses(clauses: Iterable[Clause]) -> str:
    """Return the formal citations joined with 、 in the given order, each once, a name once for its
    articles.
    """
    grouped: dict[str, list[str]] = {}
    for clause in clauses:
        articles = grouped.setdefault(clause.name(), [])
        if clause.verified and clause.article and clause.article not in articles:
            articles.append(clause.article)
    return "、".join(name + "、".join(articles) for name, articles in grouped.items())


def clause_notes(clauses: Iterable[Clause]) -> tuple[str, ...]:
    """Return the internal remarks of all unverified clauses, sorted, each once."""
    return tuple(sorted({clause.note() for clause in clauses} - {""}))


def clauses_of_finding(rows: Iterable[Mapping[str, Any]]) -> tuple[Clause, ...]:
    """The citable clauses of a stored finding (`server.domain.legal.Clause.to_dict` rows), each once."""
    found: list[Clause] = []
    for row in rows:
        title = row["law_title"]
        if title:
            found += [Clause(title, "", legal_article(a), True) for a in row["articles"]]
            found += [Clause(title, "", legal_article(a), False) for a in row["unverified"]]
            found += [] if row["articles"] or row["unverified"] else [Clause(title, "", "", True)]
        elif row["standard"]:
            found.append(Clause("", row["standard"], "", False))
    return tuple(dict.fromkeys(found))


def is_verified(confidence: str) -> bool:
    """Tell whether a confidence mark such as `V:S09,S01` is verified throughout; any K makes it
    unverified.
    """
    return confidence.startswith("V") and "K" not in confidence


def parse_basis(text: str, confidence: str) -> tuple[Clause, ...]:
    """Read the basis column of a checklist item, such as `粤质条14(3)、48；GB 50204-2015第7.4.1条`.

    Only laws of `FULL_TITLES` and standards become clauses; remarks, cases and local requirements are left
    out, because a formal document may not lean on them.
    """
    verified = is_verified(confidence)
    clauses: list[Clause] = []
    for part in re.split(r"[；;]", text):
        trusted = verified and _UNVERIFIED_MARK not in part
        clauses += _read_part(re.sub(r"（.*?）", "", part).strip(), trusted)
    return tuple(dict.fromkeys(clauses))


def _read_part(part: str, verified: bool) -> list[Clause]:
    law = _LAW.match(part)
    if law:
        return _law_clauses(FULL_TITLES[law["law"]], law["rest"], verified)
    standard = _STANDARD.match(part)
    if standard:
        return [Clause("", standard["number"].strip(), standard["clause"] or "", verified)]
    return []


def _law_clauses(title: str, rest: str, verified: bool) -> list[Clause]:
    clauses = []
    for place in rest.split("、"):
        article = _ARTICLE.match(place.strip())
        if article:
            clauses.append(Clause(title, "", article_text(article["article"], article["items"]), verified))
    return clauses or [Clause(title, "", "", verified)]


def article_text(article: str, items: str = "") -> str:
    """Return 第十四条第（三）项 for `14`, `(3)`."""
    numbers = re.findall(r"\d+", items)
    tail = "、".join(f"第（{chinese_number(int(number))}）项" for number in numbers)
    return f"第{chinese_number(int(article))}条{tail}"
