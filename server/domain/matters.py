"""随机抽查事项清单：没有法律、法规、规章依据的不得列入。"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.domain.checklists import Frame
from server.domain.clauses import is_verified
from server.domain.errors import FieldError, Invalid

# V 已核（附来源编号），K 公知未核；与检查单用同一套记号。
CONFIDENCE = re.compile(r"K|V:S\d{2,3}(?:,S\d{2,3})*")


@dataclass(frozen=True, slots=True)
class MatterBasis:
    """一条抽查依据：依据库里的代码，或完整的引用（名称、条款、来源）；`confidence` 见 CONFIDENCE。"""

    confidence: str
    code: str | None = None
    title: str | None = None
    clause: str | None = None
    source: str | None = None

    def stored(self) -> dict[str, Any]:
        """The document kept with the matter; `verified` says whether a formal document may cite it."""
        named = {"code": self.code, "title": self.title, "clause": self.clause, "source": self.source}
        given = {name: value for name, value in named.items() if value is not None}
        return given | {"confidence": self.confidence, "verified": is_verified(self.confidence)}


@dataclass(frozen=True, slots=True)
class NewMatter:
    """列入一条事项。`kinds` are kinds of subjects, empty for all of the frame; the yearly share is share_num/share_den."""

    code: str
    name: str
    frame: Frame
    region_code: str
    organisation: UUID
    legal_bases: tuple[MatterBasis, ...]
    checklists: tuple[str, ...]
    share_num: int
    share_den: int
    times_a_year: int
    kinds: tuple[str, ...] = ()
    method: str = ""
    content: str = ""
    note: str = ""


def check_bases(bases: Sequence[MatterBasis], known: Collection[str]) -> None:
    """Raise Invalid `matter-without-basis` when there is none or one cannot be found again, `basis-unknown` for a code
    that the vocabulary (`known`) does not have.
    """
    if not bases:
        raise Invalid(
            "matter-without-basis",
            "没有法律、法规、规章依据的事项不得列入清单。",
            errors=[FieldError("/legal_bases", "至少一条依据", "matter-without-basis")],
        )
    faults = [f for n, basis in enumerate(bases) for f in _faults(basis, f"/legal_bases/{n}")]
    if faults:
        raise Invalid("matter-without-basis", "抽查依据写得不全，不能核对。", errors=faults)
    strange = [n for n, basis in enumerate(bases) if basis.code is not None and basis.code not in known]
    if strange:
        raise Invalid(
            "basis-unknown",
            "依据库里没有这个代码；请选库里的，或写全名称、条款和来源。",
            errors=[FieldError(f"/legal_bases/{n}/code", "依据库里没有", "basis-unknown") for n in strange],
        )


def _faults(basis: MatterBasis, at: str) -> list[FieldError]:
    faults = []
    if not CONFIDENCE.fullmatch(basis.confidence):
        faults.append(FieldError(f"{at}/confidence", "应为 K（未核）或 V:S01 这样的已核来源"))
    if basis.code is not None:
        if basis.title is not None or basis.source is not None:
            faults.append(FieldError(f"{at}/code", "用了依据库代码，就不再写名称和来源"))
        return faults
    needed: Mapping[str, str | None] = {"title": basis.title, "clause": basis.clause, "source": basis.source}
    return faults + [FieldError(f"{at}/{name}", "必填") for name, value in needed.items() if not value]


def check_share(num: int, den: int) -> None:
    """Raise Invalid `share-invalid` unless 0 < num/den <= 1."""
    if not 0 < num <= den:
        raise Invalid(
            "share-invalid",
            "抽查比例应大于零、不超过百分之百。",
            errors=[FieldError("/share_num", "应在 1 和 share_den 之间", "share-invalid")],
        )


def check_matter_checklists(wanted: Sequence[str], published: Mapping[str, Collection[Frame]], frame: Frame) -> None:
    """Raise Invalid when a checklist is not published (`checklist-unknown`) or is made for the other frame.

    `published` gives the frames of every published checklist code.
    """
    if not wanted:
        raise Invalid(
            "checklist-unknown",
            "请至少选一份检查单。",
            errors=[FieldError("/checklists", "至少一份", "checklist-unknown")],
        )
    for n, code in enumerate(wanted):
        if code not in published:
            raise Invalid(
                "checklist-unknown",
                f"没有已发布的检查单 {code}。",
                errors=[FieldError(f"/checklists/{n}", "没有已发布的版本", "checklist-unknown")],
            )
        if frame not in published[code]:
            raise Invalid(
                "checklist-frame-mismatch",
                f"检查单 {code} 不是给这类检查对象用的。",
                errors=[FieldError(f"/checklists/{n}", "抽样框不同", "checklist-frame-mismatch")],
            )
