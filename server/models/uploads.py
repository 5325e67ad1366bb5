"""断点续传：一次上传从登记到收完。"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Digest, Instant, Numbered, PublicId, Words


class Upload(Numbered, Base):
    """一次续传。已收多少看存储里的文件有多长，这里只在登记和收完时写。

    `key` is what makes creation idempotent: the digest of who, which photo and which bytes. `length` is empty while the
    client has not said it. `completed_at` and `evidence_uuid` come in the commit that made the photo.
    """

    __tablename__ = "uploads"
    __table_args__ = (UniqueConstraint("key_sha256"), Index(None, "completed_at", "expires_at"))

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    key_sha256: Mapped[str] = mapped_column(Digest)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"))
    photo_uuid: Mapped[UUID] = mapped_column(PublicId, index=True)
    check_uuid: Mapped[UUID | None] = mapped_column(PublicId)
    announced_sha256: Mapped[str | None] = mapped_column(Digest)
    notes: Mapped[str] = mapped_column(Words)
    length: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    completed_at: Mapped[datetime | None] = mapped_column(Instant)
    evidence_uuid: Mapped[UUID | None] = mapped_column(PublicId)
