"""检查对象名录库：企业、对象、各方主体、位置。"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, Numeric, String, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, Document, Instant, Numbered, PublicId


class Organisation(Numbered, Base):
    """一家单位；没有统一社会信用代码的历史主体允许空值，主键永远是内部号。"""

    __tablename__ = "organisations"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    legal_representative: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(String(300))
    revision: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime | None] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Subject(Numbered, Base):
    """检查对象；`frame` 是 project（工程项目）或 enterprise_site（企业站点），两个抽样框从不混在一起。

    `status`、`risk_class` 的说法见 server.domain.register_facts；合同价是罚款的基数，只在案卷，从不公开。
    """

    __tablename__ = "subjects"
    __table_args__ = (Index(None, "region_code", "frame"),)

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    frame: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(32))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    address: Mapped[str] = mapped_column(String(300))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    details: Mapped[dict[str, Any]] = mapped_column(Document)
    status: Mapped[str] = mapped_column(String(12), default="active", server_default="active")
    risk_class: Mapped[str] = mapped_column(
        String(24), default="credit-unclassified", server_default="credit-unclassified"
    )
    stage: Mapped[str | None] = mapped_column(String(40))
    permit_no: Mapped[str | None] = mapped_column(String(40), index=True)
    contract_price: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    revision: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime | None] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
    organisation: Mapped[Organisation | None] = relationship()
    parties: Mapped[list[SubjectParty]] = relationship(back_populates="subject", order_by="SubjectParty.id")
    place: Mapped[SubjectPlace | None] = relationship(back_populates="subject")


class SubjectParty(Numbered, Base):
    """责任主体与对象的关系，带起止日期；检查时取当日有效的。"""

    __tablename__ = "subject_parties"

    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"), index=True)
    party: Mapped[str] = mapped_column(String(32))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    from_on: Mapped[date | None] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    subject: Mapped[Subject] = relationship(back_populates="parties")
    organisation: Mapped[Organisation] = relationship(lazy="joined")


class SubjectPlace(Base):
    """Site boundary and centre in WGS-84, with the datum they were given in.

    Kept beside `subjects`: SpatiaLite cannot rebuild a table that carries a geometry column.
    """

    __tablename__ = "subject_places"

    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"), primary_key=True)
    datum: Mapped[str] = mapped_column(String(10))
    given: Mapped[dict[str, Any]] = mapped_column(Document)
    centre: Mapped[Any] = mapped_column(Geometry("POINT", srid=4326))
    boundary: Mapped[Any | None] = mapped_column(Geometry("POLYGON", srid=4326))
    subject: Mapped[Subject] = relationship(back_populates="place")


class Officer(Numbered, Base):
    """执法检查人员；检测机构等单位的人只能协助，不能作为检查人员签字。"""

    __tablename__ = "officers"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    name: Mapped[str] = mapped_column(String(64))
    certificate_no: Mapped[str] = mapped_column(String(40), unique=True)
    certificate_expires_on: Mapped[date] = mapped_column(Date)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    unit: Mapped[str | None] = mapped_column(String(80))
    issuer: Mapped[str | None] = mapped_column(String(120))
    skills: Mapped[list[str]] = mapped_column(Document, default=list, server_default="[]")
    may_lead: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    revision: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime | None] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
    organisation: Mapped[Organisation] = relationship(lazy="joined")
