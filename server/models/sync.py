"""手机与服务器对账：先报的摘要、心跳、两人各自的部分、合并时的疑问。"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, Digest, Document, Instant, Numbered, PublicId
from server.models.checks import Check
from server.models.subjects import Officer
from server.models.users import User


class Announcement(Numbered, Base):
    """封存后先报的摘要：服务器盖上到达时间，此后照片和记录若与之不符就看得出来。"""

    __tablename__ = "announcements"
    __table_args__ = (UniqueConstraint("check_uuid", "record_sha256", "user_id"),)

    check_uuid: Mapped[UUID] = mapped_column(PublicId)
    record_sha256: Mapped[str] = mapped_column(Digest)
    photos: Mapped[list[dict[str, Any]]] = mapped_column(Document)
    sealed_at: Mapped[datetime] = mapped_column(Instant)
    arrived_at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"))


class Heartbeat(Base):
    """一部手机最近一次说自己还有多少没交；每部手机一行，新的盖过旧的。"""

    __tablename__ = "heartbeats"

    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"), primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    device_at: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)
    oldest_at: Mapped[datetime | None] = mapped_column(Instant)
    drafts: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[int] = mapped_column(Integer)
    photos: Mapped[int] = mapped_column(Integer)
    bytes: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[dict[str, Any]] = mapped_column(Document)


class CheckPart(Numbered, Base):
    """一名执法人员在自己手机上做的那部分检查；可以先于、晚于封存的记录到达。

    `state`: waiting（待合并）→ merged（已合并）或 stranger（此人不在检查的执法人员里）；aside 是同一编号的另一份内容。
    """

    __tablename__ = "check_parts"
    __table_args__ = (Index(None, "check_uuid", "id"),)

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    check_uuid: Mapped[UUID] = mapped_column(PublicId)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    digest_sha256: Mapped[str] = mapped_column(Digest)
    state: Mapped[str] = mapped_column(String(12), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    submitted_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"))
    arrived_at: Mapped[datetime] = mapped_column(Instant)
    merged_at: Mapped[datetime | None] = mapped_column(Instant)
    officer: Mapped[Officer] = relationship()


class CheckQuestion(Numbered, Base):
    """两人说法不一的一项。`state`: open（待两人答复）→ settled（说法一致）或 decided（科室负责人决定）。"""

    __tablename__ = "check_questions"
    __table_args__ = (UniqueConstraint("check_id", "item_code"),)

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("checks.id"))
    item_code: Mapped[str] = mapped_column(String(24))
    statements: Mapped[list[dict[str, Any]]] = mapped_column(Document)
    state: Mapped[str] = mapped_column(String(12), index=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settlement: Mapped[dict[str, Any] | None] = mapped_column(Document)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    check: Mapped[Check] = relationship()
    decider: Mapped[User | None] = relationship(lazy="joined")
    replies: Mapped[list[QuestionReply]] = relationship(order_by="QuestionReply.id")


class QuestionReply(Numbered, Base):
    """一名执法人员对一个疑问的答复；各人以最后一次为准，先前的都留着。"""

    __tablename__ = "question_replies"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("check_questions.id"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    digest_sha256: Mapped[str] = mapped_column(Digest)
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    at: Mapped[datetime] = mapped_column(Instant)
    officer: Mapped[Officer] = relationship()
