"""名录库的导入：一次上传一份账，一行一个结论。"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, Digest, Document, Instant, Numbered, PublicId
from server.models.users import User


class RegisterImport(Numbered, Base):
    """一份导入文件。`state`: examining → examined → applying → applied，或 refused（整份读不成）。

    `room` 见 server.domain.register_columns.RegisterRoom；`counts` 是各种结论的行数、没有用到的列、拒收的缘由。
    """

    __tablename__ = "register_imports"
    __table_args__ = (Index(None, "by", "id"),)

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    room: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(Digest)
    size: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12))
    mode: Mapped[str | None] = mapped_column(String(16))
    counts: Mapped[dict[str, Any]] = mapped_column(Document)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    author: Mapped[User | None] = relationship(lazy="joined")


class RegisterImportRow(Numbered, Base):
    """文件里的一行：`verdict` new、update、same 或 fault；`values` 是要写的值，`faults` 是错的格。

    `applied_at` is set in the commit that wrote the row, so that an interrupted run goes on where it stopped.
    """

    __tablename__ = "register_import_rows"
    __table_args__ = (UniqueConstraint("import_id", "row_no"), Index(None, "import_id", "verdict", "row_no"))

    import_id: Mapped[int] = mapped_column(ForeignKey("register_imports.id"))
    row_no: Mapped[int] = mapped_column(Integer)
    verdict: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(240))
    values: Mapped[dict[str, Any]] = mapped_column(Document)
    faults: Mapped[list[dict[str, str]]] = mapped_column(Document)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
