"""名录库：单位、检查对象、执法检查人员的写法与规矩。"""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from server.domain.checklists import Frame
from server.domain.errors import FieldError, Invalid
from server.domain.register_facts import RiskClass, SubjectStatus

Ring = tuple[tuple[float, float], ...]


class Datum(StrEnum):
    """坐标系标签；从不按位置猜。"""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    UNKNOWN = "unknown"


class OrganisationKind(StrEnum):
    """单位类别。"""

    AUTHORITY = "authority"
    CLIENT = "client"
    CONTRACTOR = "contractor"
    SUPERVISOR_FIRM = "supervisor_firm"
    SURVEYOR = "surveyor"
    DESIGNER = "designer"
    DRAWING_REVIEWER = "drawing_reviewer"
    TESTING_LABORATORY = "testing_laboratory"
    CONCRETE_PRODUCER = "concrete_producer"
    SUPPLIER = "supplier"


# 国办发〔2024〕54号：检测机构、科研院所、中介等不得实施行政检查，只有行政机关等的人员可以签字。
MAY_INSPECT = frozenset({OrganisationKind.AUTHORITY})


@dataclass(frozen=True, slots=True)
class Position:
    """A reading as given: degrees, datum, and metres of stated accuracy (0 means mock or hand-placed)."""

    longitude: float
    latitude: float
    datum: Datum
    accuracy_m: float | None = None
    age_s: float | None = None
    provider: str = ""


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    name: str
    kind: OrganisationKind
    region_code: str
    credit_code: str | None = None
    legal_representative: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class NewParty:
    party: str
    organisation: UUID
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class NewSubject:
    """`contract_price` is in yuan with two decimals: the base of penalties, never public."""

    code: str
    name: str
    frame: Frame
    kind: str
    region_code: str
    address: str
    centre: Position
    boundary: Ring | None = None
    organisation: UUID | None = None
    parties: tuple[NewParty, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    status: SubjectStatus = SubjectStatus.ACTIVE
    risk_class: RiskClass = RiskClass.UNCLASSIFIED
    stage: str | None = None
    permit_no: str | None = None
    contract_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NewOfficer:
    name: str
    certificate_no: str
    certificate_expires_on: date
    organisation: UUID
    region_code: str
    unit: str | None = None
    issuer: str | None = None
    skills: tuple[str, ...] = ()
    may_lead: bool = True


def subject_code_fault(code: str) -> str | None:
    """Why a code cannot stand in a frozen register file (lines of fields parted by `|`); None when it can."""
    if not code or code != code.strip():
        return "编号不能为空，两端不能有空白"
    if any(sign in code for sign in "|\t\n\r"):
        return "编号不能含有竖线、制表符或换行"
    if code != unicodedata.normalize("NFC", code):
        return "编号须为 NFC 规范的文字"
    return None


def check_subject_code(code: str) -> None:
    """Raise Invalid `subject-code-invalid` for a code no register file could carry."""
    if fault := subject_code_fault(code):
        raise Invalid("subject-code-invalid", f"{fault}。", errors=[FieldError("/code", fault, "subject-code-invalid")])


def check_may_inspect(kind: str, pointer: str) -> None:
    """Raise Invalid when a person of such an organisation may not be an officer."""
    if OrganisationKind(kind) not in MAY_INSPECT:
        raise Invalid(
            "organisation-may-not-inspect",
            "检测机构、企业等单位的人员只能协助，不能登记为执法检查人员（国办发〔2024〕54号）。",
            facts={"kind": kind},
            errors=[FieldError(pointer, "所属单位不是行政机关", "organisation-may-not-inspect")],
        )


def close_ring(ring: Ring) -> Ring:
    """A ring that ends where it starts; raises Invalid for fewer than three corners or edges that cross."""
    points = ring if ring[0] == ring[-1] else (*ring, ring[0])
    if len(set(points)) < 3:
        raise Invalid("boundary-invalid", "边界至少要有三个不同的点。", errors=[FieldError("/boundary", "点数不足")])
    if crossing := _first_crossing(points):
        raise Invalid(
            "boundary-crosses-itself",
            f"边界第 {crossing[0] + 1} 条边与第 {crossing[1] + 1} 条边相交。",
            errors=[FieldError("/boundary", "边界自相交", "boundary-crosses-itself")],
        )
    return points


def _side(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> int:
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (turn > 0) - (turn < 0)


def _cross(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float], s: tuple[float, float]) -> bool:
    return _side(p, q, r) * _side(p, q, s) < 0 and _side(r, s, p) * _side(r, s, q) < 0


def _first_crossing(points: Ring) -> tuple[int, int] | None:
    """O(n²) over edges; schemas bound n to 500."""
    edges = list(itertools.pairwise(points))
    for i, (p, q) in enumerate(edges):
        for j in range(i + 2, len(edges)):
            if _cross(p, q, *edges[j]):
                return i, j
    return None
