"""名录库表格的列：官方用的中文列名、也认得的别名、每一格怎么读。

A column says how one cell becomes a value; nothing here knows of files. Blank cells are None: an import never clears a value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from typing import Any

from server.domain.identifiers import judge_credit_code
from server.domain.register_facts import RISK_TITLES, STATUS_TITLES, RiskClass, SubjectStatus
from server.domain.registers import Datum, OrganisationKind


class RegisterRoom(StrEnum):
    """四本名录：检查对象的两个抽样框、执法检查人员、单位。"""

    PROJECTS = "projects"
    ENTERPRISE_SITES = "enterprise_sites"
    OFFICERS = "officers"
    ORGANISATIONS = "organisations"


ROOM_TITLES: Mapping[RegisterRoom, str] = {
    RegisterRoom.PROJECTS: "检查对象-工程项目",
    RegisterRoom.ENTERPRISE_SITES: "检查对象-企业站点",
    RegisterRoom.OFFICERS: "执法检查人员",
    RegisterRoom.ORGANISATIONS: "单位",
}


@dataclass(frozen=True, slots=True)
class Formula:
    """公式；从不计算，只指出来。"""

    text: str


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """表格软件算错的格，如 #REF!。"""

    text: str


Cell = str | int | float | bool | date | datetime | Formula | ErrorCell | None


class CellFault(Exception):
    """一格有错：`code` 是稳定的代码，`reason` 是一句中文。"""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the key of its value, the official header, accepted synonyms, how a cell is read, an example."""

    key: str
    header: str
    read: Callable[[Cell], Any]
    synonyms: tuple[str, ...] = ()
    required: bool = False
    example: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.header, *self.synonyms)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0{1,2}:00(?::00)?)?")
_EXACT_DIGITS = 10**15
_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?")
MAX_CORNERS = 2000
MOST_IN_CELL = 10
MOST_YUAN, FEN = Decimal(10) ** 14, Decimal("0.01")
Pair = tuple[float, float]


def normalise_header(text: str) -> str:
    """列名的比较写法：全角变半角，去空白、换行、必填星号。"""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if not c.isspace() and c not in "*﹡★").lower()


def cell_text(cell: Cell) -> str | None:
    """A cell as trimmed NFC text, None when blank; raises CellFault for what is no text."""
    if cell is None:
        return None
    if isinstance(cell, Formula):
        raise CellFault("formula-not-allowed", "不接受公式，请填写值")
    if isinstance(cell, ErrorCell):
        raise CellFault("cell-is-error", f"单元格是错误值 {cell.text[:20]}")
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        return _number_text(cell)
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    text = unicodedata.normalize("NFC", cell).strip()
    if _CONTROL.search(text):
        raise CellFault("text-invalid", "含有不可见的控制字符")
    return text or None


def _number_text(cell: int | float) -> str:
    """Spreadsheets keep fifteen digits: a longer code typed as a number has lost its end already."""
    if abs(cell) >= _EXACT_DIGITS:
        raise CellFault("digits-lost", "长号码被存成了数字，末尾几位已丢失，请改为文本格式后重填")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return repr(cell)


def text_of(low: int, high: int) -> Callable[[Cell], str | None]:
    """Text of `low` to `high` characters."""

    def read(cell: Cell) -> str | None:
        text = cell_text(cell)
        if text is not None and not low <= len(text) <= high:
            raise CellFault("text-length", f"长度应在 {low} 到 {high} 个字之间，实为 {len(text)} 个")
        return text

    return read


def read_code(cell: Cell) -> str | None:
    """对象编号：不含竖线、制表符和换行。"""
    text = text_of(1, 64)(cell)
    if text is not None and re.search(r"[|\t\r\n]", text):
        raise CellFault("text-invalid", "不能含有竖线、制表符或换行")
    return text


def read_credit_code(cell: Cell) -> str | None:
    """统一社会信用代码：校验不过就是错，从不代改。"""
    text = cell_text(cell)
    if text is None:
        return None
    judged = judge_credit_code(text)
    if not judged.valid:
        raise CellFault("credit-code-invalid", "；".join(judged.errors))
    return judged.normalised


def read_credit_codes(cell: Cell) -> tuple[str | None, ...]:
    """Several codes in one cell, separated by ； or a new line; an empty place between separators is None."""
    return tuple(read_credit_code(part) for part in _several(cell))


def read_names(cell: Cell) -> tuple[str | None, ...]:
    """Several names in one cell, as `read_credit_codes`."""
    return tuple(text_of(2, 200)(part) for part in _several(cell))


def split_list(text: str | None) -> list[str]:
    """；;和换行分开的几项；两头的空项不算。"""
    return [] if text is None else [part.strip() for part in re.split(r"[；;\n]", text.strip("；;\n "))]


def _several(cell: Cell) -> list[str]:
    parts = split_list(cell_text(cell))
    if len(parts) > MOST_IN_CELL:
        raise CellFault("text-length", f"一格里最多 {MOST_IN_CELL} 家单位")
    return parts


def read_date(cell: Cell) -> date | None:
    """日期格，或 2026-09-01、2026/9/1、2026年9月1日、20260901 这样的文字。"""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = cell_text(cell)
    if text is None:
        return None
    eight = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text)) or eight
    try:
        if found is not None:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise CellFault("date-invalid", "没有这一天") from None
    raise CellFault("date-invalid", "应为日期，例如 2026-09-01")


def read_degrees(limit: int) -> Callable[[Cell], float | None]:
    """Decimal degrees within ±limit; metres of a projection and degrees-minutes-seconds are named as such."""

    def read(cell: Cell) -> float | None:
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            value = float(cell)
        else:
            text = cell_text(cell)
            if text is None:
                return None
            value = _float(text)
        if not isfinite(value) or abs(value) > limit:
            raise CellFault("position-invalid", f"应为 ±{limit} 以内的十进制度数；投影坐标（米）请先换算")
        return value

    return read


def _float(text: str) -> float:
    if re.search(r"[°′″'\"度分秒]", text):
        raise CellFault("position-invalid", "请改用十进制度数，不要用度分秒")
    try:
        return float(unicodedata.normalize("NFKC", text))
    except ValueError:
        raise CellFault("position-invalid", "应为数字") from None


DATUM_WORDS: Mapping[str, Datum] = {
    **{d.value: d for d in Datum if d is not Datum.UNKNOWN},
    "wgs-84": Datum.WGS84,
    "gps": Datum.WGS84,
    "国家2000": Datum.CGCS2000,
    "2000国家大地坐标系": Datum.CGCS2000,
    "gcj-02": Datum.GCJ02,
    "高德": Datum.GCJ02,
    "腾讯": Datum.GCJ02,
    "火星坐标": Datum.GCJ02,
    "bd-09": Datum.BD09,
    "百度": Datum.BD09,
    "天地图": Datum.CGCS2000,
}
DATUM_TITLES: Mapping[Datum, str] = {
    Datum.WGS84: "WGS84",
    Datum.CGCS2000: "CGCS2000",
    Datum.GCJ02: "GCJ02",
    Datum.BD09: "BD09",
}


def read_datum(cell: Cell) -> Datum | None:
    """坐标系只认声明，不按位置猜。"""
    text = cell_text(cell)
    if text is None:
        return None
    datum = DATUM_WORDS.get(normalise_header(text))
    if datum is None:
        raise CellFault("datum-unknown", "坐标系应为 WGS84、CGCS2000、GCJ02 或 BD09")
    return datum


def read_corners(cell: Cell) -> tuple[Pair, ...] | None:
    """边界：`经度 纬度；经度 纬度；…`，坐标系同本行。"""
    text = cell_text(cell)
    if text is None:
        return None
    parts = [part for part in split_list(text) if part]
    if len(parts) > MAX_CORNERS:
        raise CellFault("boundary-too-many-points", f"边界有 {len(parts)} 个点，最多 {MAX_CORNERS} 个")
    return tuple(_corner(number, part) for number, part in enumerate(parts, start=1))


def _corner(number: int, part: str) -> Pair:
    numbers = [n for n in re.split(r"[\s,，]+", part) if n]
    try:
        lon, lat = (float(n) for n in numbers)
    except ValueError:
        raise CellFault("boundary-invalid", f"第 {number} 个点应写作“经度 纬度”") from None
    if not (isfinite(lon) and isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise CellFault("position-invalid", f"第 {number} 个点超出经纬度范围")
    return lon, lat


KIND_TITLES: Mapping[OrganisationKind, str] = {
    OrganisationKind.AUTHORITY: "主管部门",
    OrganisationKind.CLIENT: "建设单位",
    OrganisationKind.CONTRACTOR: "施工单位",
    OrganisationKind.SUPERVISOR_FIRM: "监理单位",
    OrganisationKind.SURVEYOR: "勘察单位",
    OrganisationKind.DESIGNER: "设计单位",
    OrganisationKind.DRAWING_REVIEWER: "图审机构",
    OrganisationKind.TESTING_LABORATORY: "检测机构",
    OrganisationKind.CONCRETE_PRODUCER: "混凝土企业",
    OrganisationKind.SUPPLIER: "供应商",
}
_KIND_SYNONYMS: Mapping[str, OrganisationKind] = {
    "行政机关": OrganisationKind.AUTHORITY,
    "监督机构": OrganisationKind.AUTHORITY,
    "施工企业": OrganisationKind.CONTRACTOR,
    "监理企业": OrganisationKind.SUPERVISOR_FIRM,
    "检测单位": OrganisationKind.TESTING_LABORATORY,
    "图审单位": OrganisationKind.DRAWING_REVIEWER,
    "预拌混凝土企业": OrganisationKind.CONCRETE_PRODUCER,
    "材料供应商": OrganisationKind.SUPPLIER,
}
KIND_WORDS: Mapping[str, OrganisationKind] = {
    **{title: kind for kind, title in KIND_TITLES.items()},
    **_KIND_SYNONYMS,
    **{kind.value: kind for kind in OrganisationKind},
}


def read_kind(cell: Cell) -> OrganisationKind | None:
    """单位类别。"""
    text = cell_text(cell)
    if text is None:
        return None
    kind = KIND_WORDS.get(text)
    if kind is None:
        raise CellFault("kind-unknown", f"单位类别应为{'、'.join(KIND_TITLES.values())}之一")
    return kind


def read_money(scale: int) -> Callable[[Cell], Decimal | None]:
    """An exact amount in yuan, to the fen; `scale` is 10000 for a column in 万元."""

    def read(cell: Cell) -> Decimal | None:
        text = cell_text(cell)
        if text is None:
            return None
        plain = unicodedata.normalize("NFKC", text).replace(",", "")
        if not _PLAIN_NUMBER.fullmatch(plain):
            raise CellFault("number-invalid", "应为数字，不带单位")
        amount = Decimal(plain) * scale
        if not 0 <= amount < MOST_YUAN:
            raise CellFault("number-invalid", "金额应不小于零，且少于一百万亿元")
        if amount != amount.quantize(FEN):
            raise CellFault("number-invalid", "金额最多精确到分")
        return amount.quantize(FEN)

    return read


_STATUS_SYNONYMS: Mapping[str, SubjectStatus] = {
    **dict.fromkeys(("在建", "在产", "正常", "正常生产", "在业", "存续"), SubjectStatus.ACTIVE),
    **dict.fromkeys(("停工", "停产", "已停工", "已停产"), SubjectStatus.STOPPED),
    **dict.fromkeys(("竣工", "已竣工", "注销", "已注销", "备案", "已备案"), SubjectStatus.FINISHED),
}
STATUS_WORDS: Mapping[str, SubjectStatus] = {title: s for s, title in STATUS_TITLES.items()} | dict(_STATUS_SYNONYMS)


def read_status(cell: Cell) -> SubjectStatus | None:
    """在建、停工、竣工。"""
    text = cell_text(cell)
    if text is None:
        return None
    if text not in STATUS_WORDS:
        raise CellFault("status-unknown", f"状态应为{'、'.join(STATUS_TITLES.values())}之一")
    return STATUS_WORDS[text]


_RISK_WORDS: Mapping[str, RiskClass] = {normalise_header(title): risk for risk, title in RISK_TITLES.items()}


def read_risk(cell: Cell) -> RiskClass | None:
    """企业信用风险分类；单写一个字母有两种相反的读法，不收。"""
    text = cell_text(cell)
    if text is None:
        return None
    bare = normalise_header(text)
    if re.fullmatch("[abcd][类级]?", bare):
        raise CellFault("risk-class-bare-letter", "请写全称，例如“企业信用风险低（A类）”，不要只写字母")
    short = {word.split("(")[0]: risk for word, risk in _RISK_WORDS.items()}
    if (found := _RISK_WORDS.get(bare) or short.get(bare)) is None:
        raise CellFault("risk-class-unknown", f"应为{'、'.join(RISK_TITLES.values())}之一")
    return found


def read_skills(cell: Cell) -> tuple[str, ...] | None:
    """执法专业，几项用、或；分开。"""
    text = cell_text(cell)
    if text is None:
        return None
    found = tuple(dict.fromkeys(part.strip() for part in re.split(r"[、，,；;\n]", text) if part.strip()))
    if len(found) > 20 or any(len(skill) > 40 for skill in found):
        raise CellFault("text-length", "最多 20 项，每项不超过 40 个字")
    return found


def read_yes_no(cell: Cell) -> bool | None:
    """是或否。"""
    text = cell_text(cell)
    if text is None:
        return None
    words = {"是": True, "可": True, "否": False, "不可": False}
    if text not in words:
        raise CellFault("yes-or-no", "应为“是”或“否”")
    return words[text]
