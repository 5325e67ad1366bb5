"""公开日志：条目、完整子树的摘要、签过名的检查点，只增不改。"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, BigId, Digest, Instant, Words


class LogEntry(Base):
    """一条公开的事；`seq` 从 0 起连续。

    `entry` is the exact canonical text whose leaf hash is `leaf_sha256`; `prev_sha256` is the leaf hash of the entry
    before (zeros for the first). `draw` and `digest` repeat members of the text so that they can be searched.
    """

    __tablename__ = "log_entries"
    __table_args__ = (Index(None, "draw", "seq"),)

    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    entry: Mapped[str] = mapped_column(Words)
    draw: Mapped[str] = mapped_column(String(48))
    digest: Mapped[str] = mapped_column(Digest, index=True)
    leaf_sha256: Mapped[str] = mapped_column(Digest)
    prev_sha256: Mapped[str] = mapped_column(Digest)
    at: Mapped[datetime] = mapped_column(Instant)


class LogNode(Base):
    """一棵完整子树的根：第 `level` 层（1 起，叶子在 log_entries）从左数第 `index` 个。"""

    __tablename__ = "log_nodes"

    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(Digest)


class LogCheckpoint(Base):
    """签过名的一刻：条数、根、签名便条全文。"""

    __tablename__ = "log_checkpoints"

    size: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    root_sha256: Mapped[str] = mapped_column(Digest)
    note: Mapped[str] = mapped_column(Words)
    at: Mapped[datetime] = mapped_column(Instant)
