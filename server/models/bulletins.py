"""通报、其所数的记录、公开快照。"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Digest, Document, Instant, Numbered, PublicId, Words


class Bulletin(Numbered, Base):
    """一份通报。`state`: requested（待起草）或 failed（起草失败），其后见 server.domain.bulletin_workflow.BulletinState。"""

    __tablename__ = "bulletins"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    state: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(200))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    period_from_on: Mapped[date] = mapped_column(Date)
    period_to_on: Mapped[date] = mapped_column(Date)
    checklists: Mapped[list[str]] = mapped_column(Document)
    options: Mapped[dict[str, Any]] = mapped_column(Document)
    content: Mapped[dict[str, Any] | None] = mapped_column(Document)
    content_sha256: Mapped[str | None] = mapped_column(Digest)
    number: Mapped[str | None] = mapped_column(String(60), unique=True)
    passage: Mapped[dict[str, Any]] = mapped_column(Document)
    drafted_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    drafted_at: Mapped[datetime | None] = mapped_column(Instant)
    failure: Mapped[str | None] = mapped_column(Words)


class BulletinStep(Numbered, Base):
    """审核、签发、退回等每一步；签发须两人。"""

    __tablename__ = "bulletin_steps"

    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletins.id"), index=True)
    act: Mapped[str] = mapped_column(String(20))
    by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str | None] = mapped_column(Words)
    content_sha256: Mapped[str] = mapped_column(Digest)


class BulletinCheck(Base):
    """起草时数进来的检查；图表里每个数只从这里数。"""

    __tablename__ = "bulletin_checks"

    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletins.id"), primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("checks.id"), primary_key=True, index=True)


class BulletinViolation(Base):
    """起草时数进来的已确认问题，连同当时的程度。"""

    __tablename__ = "bulletin_violations"

    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletins.id"), primary_key=True)
    violation_id: Mapped[int] = mapped_column(ForeignKey("violations.id"), primary_key=True, index=True)
    severity: Mapped[str] = mapped_column(String(10))
    counted: Mapped[int] = mapped_column(Integer)


class Publication(Numbered, Base):
    """公开快照：`kind` 为 bulletin 或 case；发布后只增不改，更正是新的一行，撤回留下说明。"""

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("slug", "revision"), Index(None, "kind", "published_at"))

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    slug: Mapped[str] = mapped_column(String(80), index=True)
    revision: Mapped[int] = mapped_column(Integer)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    body_sha256: Mapped[str] = mapped_column(Digest)
    source_uuid: Mapped[UUID] = mapped_column(PublicId, index=True)
    published_at: Mapped[datetime] = mapped_column(Instant)
    expires_on: Mapped[date | None] = mapped_column(Date)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_reason: Mapped[str | None] = mapped_column(Words)


class PublicRecord(Numbered, Base):
    """通报公开快照里逐条列出的记录（对象、检查单、条目、结果），供公众核对每一个数。"""

    __tablename__ = "public_records"
    __table_args__ = (Index(None, "publication_id", "section_code", "outcome"), Index(None, "publication_id", "id"))

    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    check_ref: Mapped[str] = mapped_column(String(40))
    region_code: Mapped[str] = mapped_column(String(12))
    frame: Mapped[str] = mapped_column(String(20))
    subject_name: Mapped[str] = mapped_column(String(200))
    checked_on: Mapped[date] = mapped_column(Date)
    checklist_code: Mapped[str] = mapped_column(String(20))
    section_code: Mapped[str] = mapped_column(String(24))
    item_code: Mapped[str] = mapped_column(String(24))
    chain_link: Mapped[str] = mapped_column(String(20))
    liable: Mapped[str] = mapped_column(String(120))
    outcome: Mapped[str] = mapped_column(String(16))
