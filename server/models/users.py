"""用户、角色、手机令牌、控制台会话、登录节流。"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, Digest, Instant, Numbered, PublicId


class User(Numbered, Base):
    """能登录的人；口令只存 argon2 摘要。"""

    __tablename__ = "users"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(200))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    grants: Mapped[list[UserGrant]] = relationship(back_populates="user", lazy="selectin")


class UserGrant(Numbered, Base):
    """某人在某区划子树内担任某角色。"""

    __tablename__ = "user_grants"
    __table_args__ = (UniqueConstraint("user_id", "role", "region_code"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    granted_at: Mapped[datetime] = mapped_column(Instant)
    user: Mapped[User] = relationship(back_populates="grants")


class Device(Numbered, Base):
    """一部手机的令牌；只存令牌的 SHA-256。"""

    __tablename__ = "devices"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_sha256: Mapped[str] = mapped_column(Digest, unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class ConsoleSession(Numbered, Base):
    """控制台会话；cookie 与 CSRF 令牌都只存摘要。"""

    __tablename__ = "console_sessions"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(Digest, unique=True)
    csrf_sha256: Mapped[str] = mapped_column(Digest)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class LoginAttempt(Numbered, Base):
    """失败的登录，按账号和来源地址计数；由数据库计数，几个进程看到同一个数。"""

    __tablename__ = "login_attempts"
    __table_args__ = (Index(None, "key_sha256", "at"),)

    key_sha256: Mapped[str] = mapped_column(Digest)
    at: Mapped[datetime] = mapped_column(Instant)
