"""行政区划：不假定三级。"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base

ROOT = "000000"


class Region(Base):
    """一个区划单元；`level` 是文字，不是层数。"""

    __tablename__ = "regions"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    level: Mapped[str] = mapped_column(String(20))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))


class RegionAncestor(Base):
    """Closure of the tree (each region is its own ancestor): a subtree is one indexed lookup, whatever its depth."""

    __tablename__ = "region_ancestors"
    __table_args__ = (Index(None, "region_code", "ancestor_code"),)

    ancestor_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
