"""证据：照片原件、读数、相似关系、保管链。"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import Float, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, BigId, Digest, Document, Instant, Numbered, PublicId


class Evidence(Numbered, Base):
    """一张照片。`state`: received（已收）→ examined（已核验）或 unreadable（收存但读不出画面）。

    The original lies in storage under `sha256`; the row never changes what was received, only what was found in it.
    """

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "sha256"), Index(None, "state", "id"))

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    sha256: Mapped[str] = mapped_column(Digest)
    size: Mapped[int] = mapped_column(Integer)
    file_name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(80))
    announced: Mapped[dict[str, Any]] = mapped_column(Document)
    check_uuid: Mapped[UUID | None] = mapped_column(PublicId, index=True)
    item_code: Mapped[str | None] = mapped_column(String(24))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"))
    received_at: Mapped[datetime] = mapped_column(Instant)
    examined_at: Mapped[datetime | None] = mapped_column(Instant)
    judged_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(String(40))
    facts: Mapped[dict[str, Any] | None] = mapped_column(Document)
    captured_at: Mapped[datetime | None] = mapped_column(Instant)
    flags: Mapped[list[dict[str, Any]] | None] = mapped_column(Document)
    agreement: Mapped[dict[str, Any] | None] = mapped_column(Document)
    place: Mapped[EvidencePlace | None] = relationship()


class EvidencePlace(Base):
    """照片 EXIF 里的位置（WGS-84）。"""

    __tablename__ = "evidence_places"

    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), primary_key=True)
    longitude: Mapped[float] = mapped_column(Float)
    latitude: Mapped[float] = mapped_column(Float)
    point: Mapped[Any] = mapped_column(Geometry("POINT", srid=4326))


class PhotoHash(Numbered, Base):
    """256-bit perceptual hash of the upright 320 px preview; `id` grows in the order of examination."""

    __tablename__ = "photo_hashes"

    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), unique=True)
    bits: Mapped[bytes] = mapped_column(LargeBinary(32))


class Likeness(Base):
    """两张照片相同（distance=0 且字节相同）或近似；总是后收的指向先收的，与处理先后无关。"""

    __tablename__ = "likenesses"

    later_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), primary_key=True)
    earlier_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), primary_key=True, index=True)
    distance: Mapped[int] = mapped_column(Integer)
    exact: Mapped[int] = mapped_column(Integer)


class CustodyEntry(Numbered, Base):
    """保管链：一张照片的每一次收、核、看、发，前后用摘要相扣。"""

    __tablename__ = "custody_entries"
    __table_args__ = (UniqueConstraint("evidence_id", "seq"),)

    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
    seq: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(24))
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)
    facts: Mapped[dict[str, Any]] = mapped_column(Document)
    prev_sha256: Mapped[str] = mapped_column(Digest)
    sha256: Mapped[str] = mapped_column(Digest)


class PublicPhoto(Base):
    """公开副本：去除全部元数据，有自己的摘要。"""

    __tablename__ = "public_photos"

    sha256: Mapped[str] = mapped_column(Digest, primary_key=True)
    evidence_id: Mapped[int] = mapped_column(BigId, index=True)
    size: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(Instant)
