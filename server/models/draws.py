"""年度计划、批次、抽签：名单冻结、承诺、数字、结果、变更，一律只增不改。"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, Digest, Document, Instant, Numbered, PublicId, Words


class AnnualPlan(Numbered, Base):
    """年度抽查计划。`state`: draft（草稿）→ published（已公布）；公布后另立新计划，不改旧的。"""

    __tablename__ = "annual_plans"
    __table_args__ = (Index(None, "region_code", "year"),)

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    year: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(160))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    annual_cap: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12))
    options: Mapped[dict[str, Any]] = mapped_column(Document)
    by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)


class Batch(Numbered, Base):
    """计划里的一个批次：抽哪些事项、哪个框、各层多少、谁来查、几日内查完；`options` 的形状见 server.domain.batches。"""

    __tablename__ = "batches"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("annual_plans.id"), index=True)
    title: Mapped[str] = mapped_column(String(160))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    frame: Mapped[str] = mapped_column(String(20))
    campaign: Mapped[str | None] = mapped_column(String(60), index=True)
    options: Mapped[dict[str, Any]] = mapped_column(Document)
    revision: Mapped[int] = mapped_column(Integer)
    by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    plan: Mapped[AnnualPlan] = relationship()


class BatchMatter(Base):
    """批次所含的事项。"""

    __tablename__ = "batch_matters"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matters.id"), primary_key=True, index=True)


class Draw(Numbered, Base):
    """一次抽签。`state`: announced → typed → drawing → sealed → opened，任一步可 void；见 server.domain.draw_states。

    `plan` is the exact canonical text whose SHA-256 is `plan_sha256`. A redraw is a new row of the same `series`.
    """

    __tablename__ = "draws"
    __table_args__ = (UniqueConstraint("series", "round"), Index(None, "region_code", "announced_at"))

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    series: Mapped[str] = mapped_column(String(48))
    round: Mapped[int] = mapped_column(Integer)
    replaces: Mapped[str | None] = mapped_column(String(48))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    agency_code: Mapped[str] = mapped_column(String(40), index=True)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    plan: Mapped[str] = mapped_column(Words, deferred=True)
    plan_sha256: Mapped[str] = mapped_column(Digest, unique=True)
    due_on: Mapped[date | None] = mapped_column(Date)
    entropy: Mapped[str | None] = mapped_column(Words)
    result_sha256: Mapped[str | None] = mapped_column(Digest)
    summary: Mapped[dict[str, Any]] = mapped_column(Document)
    failure: Mapped[str | None] = mapped_column(Words)
    void_reason: Mapped[str | None] = mapped_column(String(40))
    void_note: Mapped[str | None] = mapped_column(Words)
    opening: Mapped[str | None] = mapped_column(Words, deferred=True)
    by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    announced_at: Mapped[datetime] = mapped_column(Instant)
    numbers_due_at: Mapped[datetime] = mapped_column(Instant)
    typed_at: Mapped[datetime | None] = mapped_column(Instant)
    sealed_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    voided_at: Mapped[datetime | None] = mapped_column(Instant)
    batch: Mapped[Batch] = relationship()


class DrawSecret(Base):
    """一次性码链的起点，按 series 一行；加密后存放，开封关闭前不出现在任何出口。"""

    __tablename__ = "draw_secrets"

    series: Mapped[str] = mapped_column(String(48), primary_key=True)
    steps: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class DrawFile(Base):
    """抽签冻结的名单与结果文件，字节即摘要所指的字节。"""

    __tablename__ = "draw_files"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    sha256: Mapped[str] = mapped_column(Digest)
    size: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class DrawOfficer(Base):
    """抽签用的化名与执法人员的对应；公开时按政策给出姓名或只列机关。"""

    __tablename__ = "draw_officers"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    pseudonym: Mapped[str] = mapped_column(String(12), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)


class DrawNumbers(Numbered, Base):
    """录入的公开数字；一人录入，另一人独立再录一遍，一致才算数；不一致的也留着。"""

    __tablename__ = "draw_numbers"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), index=True)
    groups: Mapped[list[list[int]]] = mapped_column(Document)
    issue: Mapped[str | None] = mapped_column(String(40))
    witnesses: Mapped[list[str]] = mapped_column(Document)
    source_note: Mapped[str] = mapped_column(Words)
    attachment_sha256: Mapped[str | None] = mapped_column(Digest)
    by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    refused_at: Mapped[datetime | None] = mapped_column(Instant)


class DrawChange(Numbered, Base):
    """抽签之后的替换：对象换成下一个候补，或换一名执法人员；理由码在计划里定好，进公开日志时加盐。"""

    __tablename__ = "draw_changes"
    __table_args__ = (UniqueConstraint("draw_id", "n"),)

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"))
    n: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(Words)
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    salt: Mapped[str] = mapped_column(Digest)
    by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
