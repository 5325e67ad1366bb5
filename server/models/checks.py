"""检查单版本、现场检查记录、作答、应有照片。"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, Digest, Document, Instant, Numbered, PublicId, Words
from server.models.subjects import Officer, Subject


class ChecklistVersion(Numbered, Base):
    """一份检查单的一个版本；发布后按摘要冻结，永不修改。"""

    __tablename__ = "checklist_versions"
    __table_args__ = (UniqueConstraint("code", "version"),)

    code: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(120))
    digest_sha256: Mapped[str] = mapped_column(Digest, unique=True)
    # Some 200 kB of JSON: read only by a process that has not seen this digest yet.
    content: Mapped[dict[str, Any]] = mapped_column(Document, deferred=True)
    published_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Check(Numbered, Base):
    """一次现场检查。`record` 是手机送来的原样内容，`digest_sha256` 是它的规范 JSON 摘要。

    `state`: submitted（已收，待判定）→ judged（已判定）. The public key is the client's own UUID.
    """

    __tablename__ = "checks"
    __table_args__ = (Index(None, "region_code", "ended_at"), Index(None, "subject_id", "ended_at"))

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    digest_sha256: Mapped[str] = mapped_column(Digest)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    checklist_version_id: Mapped[int] = mapped_column(ForeignKey("checklist_versions.id"), index=True)
    frame: Mapped[str] = mapped_column(String(20))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    state: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(20))
    attitude: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime] = mapped_column(Instant)
    ended_on: Mapped[date] = mapped_column(Date, index=True)
    device_at: Mapped[datetime] = mapped_column(Instant)
    clock_offset_s: Mapped[int] = mapped_column(Integer)
    record: Mapped[dict[str, Any]] = mapped_column(Document)
    submitted_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"))
    received_at: Mapped[datetime] = mapped_column(Instant)
    judged_at: Mapped[datetime | None] = mapped_column(Instant)
    subject: Mapped[Subject] = relationship()
    checklist_version: Mapped[ChecklistVersion] = relationship()
    officers: Mapped[list[CheckOfficer]] = relationship(order_by="CheckOfficer.seat")
    place: Mapped[CheckPlace | None] = relationship()
    slots: Mapped[list[EvidenceSlot]] = relationship(order_by="EvidenceSlot.id")


class CheckOfficer(Base):
    """在场执法人员，按席位排；第 0 席为主办。"""

    __tablename__ = "check_officers"

    check_id: Mapped[int] = mapped_column(ForeignKey("checks.id"), primary_key=True)
    seat: Mapped[int] = mapped_column(Integer, primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    officer: Mapped[Officer] = relationship()


class CheckPlace(Base):
    """手机定位（换算为 WGS-84）；原读数在 `checks.record` 里。"""

    __tablename__ = "check_places"

    check_id: Mapped[int] = mapped_column(ForeignKey("checks.id"), primary_key=True)
    point: Mapped[Any] = mapped_column(Geometry("POINT", srid=4326))
    accuracy_m: Mapped[Decimal | None] = mapped_column(Numeric(10, 1))


class Answer(Numbered, Base):
    """一项作答及其判定，是统计的最小行。"""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("check_id", "item_code"), Index(None, "item_code", "outcome"))

    check_id: Mapped[int] = mapped_column(ForeignKey("checks.id"))
    item_code: Mapped[str] = mapped_column(String(24))
    section_code: Mapped[str] = mapped_column(String(24))
    chain_link: Mapped[str] = mapped_column(String(20))
    liable: Mapped[str] = mapped_column(String(120))
    outcome: Mapped[str] = mapped_column(String(16))
    severity: Mapped[str] = mapped_column(String(10))
    stated: Mapped[str | None] = mapped_column(String(16))
    value: Mapped[Decimal | None] = mapped_column(Numeric(24, 8))
    finding: Mapped[dict[str, Any]] = mapped_column(Document)


class EvidenceSlot(Numbered, Base):
    """应有照片：检查记录里提到的每张照片一行，收到并核验后填上。"""

    __tablename__ = "evidence_slots"
    __table_args__ = (UniqueConstraint("check_id", "photo_uuid"),)

    check_id: Mapped[int] = mapped_column(ForeignKey("checks.id"))
    photo_uuid: Mapped[UUID] = mapped_column(PublicId, index=True)
    item_code: Mapped[str | None] = mapped_column(String(24))
    announced_sha256: Mapped[str | None] = mapped_column(Digest)
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"), index=True)
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    complaint: Mapped[str | None] = mapped_column(Words)


class CheckNote(Numbered, Base):
    """检查记录之后补记的事：冲突版本、补充说明；原记录不动。"""

    __tablename__ = "check_notes"

    check_id: Mapped[int] = mapped_column(ForeignKey("checks.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    shown: Mapped[bool] = mapped_column(Boolean, default=True)
