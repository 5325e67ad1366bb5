"""措辞：公文里的数字、日期、量词和名称。

Every word that depends on data has its one home here, so the same fact reads the same in each bulletin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from server.domain.errors import Invalid
from server.domain.statistics import Pair

SEVERITIES = {"minor": "一般", "major": "较重", "critical": "严重"}
PARTIES = {
    "client": "建设单位",
    "contractor": "施工单位",
    "supervisor_firm": "监理单位",
    "surveyor": "勘察单位",
    "designer": "设计单位",
    "drawing_reviewer": "施工图审查机构",
    "testing_laboratory": "检测机构",
    "concrete_producer": "混凝土企业",
    "supplier": "供应商",
    "organiser": "组织方",
    "authority": "主管部门",
    "sampled_enterprise": "被抽企业",
}
FRAMES = {"project": ("个", "项目"), "enterprise_site": ("家", "企业")}
LINKS = {"production": "生产环节", "use": "使用环节"}
NOTICES = {
    "rectification": "责令改正通知书",
    "partial_stop": "局部停工整改通知书",
    "full_stop": "全面停工整改通知书",
    "penalty_proposal": "行政处罚建议书",
    "law_enforcement_proposal": "执法建议书",
    "supervision_letter": "督办函",
}

_DIGITS = "零一二三四五六七八九"
_BRACKETS = str.maketrans({"﹝": "〔", "﹞": "〕", "［": "〔", "］": "〕", "[": "〔", "]": "〕"})
_DOCUMENT_NUMBER = re.compile(r"^\S{0,40}〔(?:19|20)\d{2}〕(?:第)?\d{1,6}号$")


@dataclass(frozen=True, slots=True)
class Quantifiers:
    """Shares in whole percent from which 多数 and 部分 are used; below `some` it is 个别."""

    most: int = 50
    some: int = 20

    def __post_init__(self) -> None:
        if not 0 < self.some < self.most <= 100:
            raise Invalid("quantifiers-invalid", "量词界限应为 0＜部分＜多数≤100（百分比）。")

    def word(self, part: int, whole: int) -> str:
        """Return 多数, 部分 or 个别 for `part` of `whole`, compared exactly with integers."""
        if part * 100 >= self.most * whole:
            return "多数"
        return "部分" if part * 100 >= self.some * whole else "个别"


def not_done(requirement: str) -> str:
    """未做到“……” for one requirement; quotation marks inside it become single ones."""
    inner = requirement.rstrip("。；").replace("“", "‘").replace("”", "’")
    return f"未做到“{inner}”"


def share_text(part: int, whole: int) -> str:
    """Return a share as a percentage with one decimal."""
    return Pair(part, whole).ratio_text()


def chinese_number(number: int) -> str:
    """Return 1 to 999 in Chinese numerals as laws count articles: 十四, 一百零三. ValueError outside."""
    if not 1 <= number <= 999:
        raise ValueError(f"no Chinese numeral for {number}")
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")


def chinese_date(on: date) -> str:
    """Return 2026年9月4日; GB/T 9704-2012 writes no leading zeros."""
    return f"{on.year}年{on.month}月{on.day}日"


def chinese_span(first_on: date, last_on: date) -> str:
    """Return 2026年1月1日至3月31日, the year once when it is the same."""
    if first_on == last_on:
        return chinese_date(first_on)
    last = chinese_date(last_on)
    return f"{chinese_date(first_on)}至{last.split('年')[1] if first_on.year == last_on.year else last}"


def money_text(amount: Decimal) -> str:
    """Return an exact amount of yuan: 3万元, 1.25万元, 8500元, 8500.50元."""
    if amount and amount % 100 == 0 and amount >= 10000:
        return f"{_plain(amount / 10000)}万元"
    return f"{_plain(amount) if amount == amount.to_integral_value() else f'{amount:.2f}'}元"


def points_text(points: Decimal) -> str:
    """Return credit points without trailing zeros: 2分, 1.5分."""
    return f"{_plain(points)}分"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def normalise_document_number(text: str) -> str:
    """Return a document number with the year in 〔〕 (U+3014, U+3015), as GB/T 9704-2012 asks.

    Raises Invalid `document-number-invalid` when the form is not like 〔示〕住建罚决字〔2026〕第1号.
    """
    number = "".join(text.split()).translate(_BRACKETS)
    if not _DOCUMENT_NUMBER.match(number):
        raise Invalid("document-number-invalid", "文书号的样式应如“〔示〕住建罚决字〔2026〕第1号”。")
    return number


def joined(parts: Iterable[str]) -> str:
    """Join with 、 in the given order, leaving out empty parts and repeats."""
    return "、".join(dict.fromkeys(part for part in parts if part))
