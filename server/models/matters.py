"""随机抽查事项清单、名录变更记录、执法人员的请假与利害关系。"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Document, Instant, Numbered, PublicId, Words


class Matter(Numbered, Base):
    """一条随机抽查事项；没有法律、法规、规章依据的不得列入。

    `legal_bases` is a list of codes of the legal-basis vocabulary or full citations; `checklists` a list of checklist
    codes; the share checked in a year is the pair `share_num`/`share_den`, never a percentage.
    """

    __tablename__ = "matters"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    frame: Mapped[str] = mapped_column(String(20))
    kinds: Mapped[list[str]] = mapped_column(Document)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    legal_bases: Mapped[list[dict[str, Any]]] = mapped_column(Document)
    checklists: Mapped[list[str]] = mapped_column(Document)
    share_num: Mapped[int] = mapped_column(Integer)
    share_den: Mapped[int] = mapped_column(Integer)
    times_a_year: Mapped[int] = mapped_column(Integer)
    method: Mapped[str] = mapped_column(Words)
    content: Mapped[str] = mapped_column(Words)
    note: Mapped[str] = mapped_column(Words)
    revision: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class RegisterChange(Numbered, Base):
    """名录里一条记录的一次变更：谁、何时、改了什么、为什么；`changes` 是 {字段: [旧, 新]}。"""

    __tablename__ = "register_changes"
    __table_args__ = (Index(None, "register", "record_id", "id"),)

    register: Mapped[str] = mapped_column(String(16))
    record_id: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(12))
    changes: Mapped[dict[str, Any]] = mapped_column(Document)
    reason: Mapped[str | None] = mapped_column(Words)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class OfficerLeave(Numbered, Base):
    """请假、培训、借调等不在岗的日子，首尾两天都算。"""

    __tablename__ = "officer_leaves"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(120))
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)


class OfficerInterest(Numbered, Base):
    """回避关系：某执法人员与某单位或某对象；撤销只写日期，不删除。

    A relation to an organisation bars the officer from every subject that organisation owns or is a party of.
    """

    __tablename__ = "officer_interests"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"), index=True)
    from_on: Mapped[date | None] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Words)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)
