"""范围：做事的人看得到哪些区划。"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.domain.permissions import Scope
from server.models.regions import RegionAncestor


def in_scope(column: InstrumentedAttribute[Any], scope: Scope) -> ColumnElement[bool]:
    """`column` (a region code) lies in one of the scope's subtrees; an empty scope matches nothing."""
    inside = select(RegionAncestor.region_code).where(RegionAncestor.ancestor_code.in_(scope.regions))
    return column.in_(inside)


def in_subtree(column: InstrumentedAttribute[Any], region_code: str) -> ColumnElement[bool]:
    """`column` lies in the subtree under `region_code`, itself included."""
    inside = select(RegionAncestor.region_code).where(RegionAncestor.ancestor_code == region_code)
    return column.in_(inside)


def covers(session: Session, scope: Scope, region_code: str) -> bool:
    """Does the scope contain this one region?"""
    found = select(RegionAncestor.region_code).where(
        RegionAncestor.ancestor_code.in_(scope.regions), RegionAncestor.region_code == region_code
    )
    return session.scalar(found.limit(1)) is not None
