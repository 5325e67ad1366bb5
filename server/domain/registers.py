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
ENOUGH_CROSSINGS = 50  # a scribble has thousands; one is named


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


def _between(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> bool:
    """`r`, known to lie on the line through p and q, lies on the edge itself."""
    return min(p[0], q[0]) <= r[0] <= max(p[0], q[0]) and min(p[1], q[1]) <= r[1] <= max(p[1], q[1])


def _meet(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float], s: tuple[float, float]) -> bool:
    """Two edges that are no neighbours share a point: they cross, touch or lie upon each other."""
    a, b, c, d = _side(p, q, r), _side(p, q, s), _side(r, s, p), _side(r, s, q)
    if a * b < 0 and c * d < 0:
        return True
    touching = ((a, p, q, r), (b, p, q, s), (c, r, s, p), (d, r, s, q))
    return any(side == 0 and _between(m, n, at) for side, m, n, at in touching)


def _first_crossing(points: Ring) -> tuple[int, int] | None:
    """The lowest found pair of edges (from 0) that meet without being neighbours, or fold back upon each other.

    Edges are swept by their western end, so that only those side by side are compared: 2,000 points take a few milliseconds
    on a building site's outline. Edges without length are passed over.
    """
    edges = [(n, p, q) for n, (p, q) in enumerate(itertools.pairwise(points)) if p != q]
    rank = {n: at for at, (n, _, _) in enumerate(edges)}
    open_edges: list[tuple[int, tuple[float, float], tuple[float, float]]] = []
    found: list[tuple[int, int]] = []
    for edge in sorted(edges, key=lambda e: min(e[1][0], e[2][0])):
        west = min(edge[1][0], edge[2][0])
        open_edges = [other for other in open_edges if max(other[1][0], other[2][0]) >= west]
        low, high = sorted((edge[1][1], edge[2][1]))
        for other in open_edges:
            (_, oy), (_, py) = other[1], other[2]
            if (oy < low and py < low) or (oy > high and py > high):
                continue
            if _wrongly_meet(edge, other, (rank[edge[0]] - rank[other[0]]) % len(edges), len(edges)):
                found.append((min(edge[0], other[0]), max(edge[0], other[0])))
        if len(found) >= ENOUGH_CROSSINGS:
            break
        open_edges.append(edge)
    return min(found, default=None)


def _wrongly_meet(edge: Any, other: Any, apart: int, count: int) -> bool:
    """Neighbours share a corner and may do nothing else; all the rest may share nothing."""
    if apart not in (1, count - 1):
        return _meet(edge[1], edge[2], other[1], other[2])
    first, second = (other, edge) if apart == 1 else (edge, other)
    (_, p, q), (_, _, r) = first, second
    back = (p[0] - q[0]) * (r[0] - q[0]) + (p[1] - q[1]) * (r[1] - q[1]) > 0
    return back and _side(p, q, r) == 0
