"""问题（违法违规行为）与案件。"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, Document, Instant, Numbered, PublicId, Words
from server.models.checks import Check
from server.models.subjects import Subject


class Violation(Numbered, Base):
    """一项不符合成为一条问题；监督人员确认之后才计入通报。"""

    __tablename__ = "violations"
    __table_args__ = (UniqueConstraint("check_id", "item_code"), Index(None, "region_code", "state"))

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("checks.id"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    item_code: Mapped[str] = mapped_column(String(24))
    section_code: Mapped[str] = mapped_column(String(24))
    found_severity: Mapped[str] = mapped_column(String(10))
    severity: Mapped[str] = mapped_column(String(10))
    liable: Mapped[list[str]] = mapped_column(Document)
    clause: Mapped[dict[str, Any]] = mapped_column(Document)
    finding: Mapped[dict[str, Any]] = mapped_column(Document)
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(Words)
    found_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    check: Mapped[Check] = relationship()
    subject: Mapped[Subject] = relationship()


class Case(Numbered, Base):
    """一宗案件：`state` 见 server.domain.cases.CaseState；处罚决定以 JSON 存全文。"""

    __tablename__ = "cases"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("checks.id"), unique=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    filed_on: Mapped[date | None] = mapped_column(Date)
    filing_no: Mapped[str] = mapped_column(String(60))
    decision: Mapped[dict[str, Any] | None] = mapped_column(Document)
    notices: Mapped[list[dict[str, Any]]] = mapped_column(Document)
    change_note: Mapped[str] = mapped_column(Words)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    opened_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    check: Mapped[Check] = relationship()
    subject: Mapped[Subject] = relationship()
    violations: Mapped[list[Violation]] = relationship(order_by="Violation.item_code", viewonly=True)
