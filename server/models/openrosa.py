"""ODK Collect 这扇门：访问凭据、表单、交来的记录和文件。"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, Digest, Document, Instant, Numbered, PublicId, Words
from server.models.checks import ChecklistVersion
from server.models.users import Device


class OdkKey(Numbered, Base):
    """一部装 Collect 的手机的凭据：令牌只存摘要；摘要认证要用的 HA1 密封存放，口令由系统生成，与登录口令无关。"""

    __tablename__ = "odk_keys"

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"), unique=True)
    token_sha256: Mapped[str] = mapped_column(Digest, unique=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    ha1_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    device: Mapped[Device] = relationship()


class OdkForm(Numbered, Base):
    """一份检查单做成的 XForm；字节一经发出不再变。`state`: open → closing（不再新开，仍收）→ closed。"""

    __tablename__ = "odk_forms"
    __table_args__ = (UniqueConstraint("form_id", "version"),)

    checklist_version_id: Mapped[int] = mapped_column(ForeignKey("checklist_versions.id"), index=True)
    frame: Mapped[str] = mapped_column(String(20))
    form_id: Mapped[str] = mapped_column(String(100))
    version: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(200))
    xml: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    md5: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(12))
    made_at: Mapped[datetime] = mapped_column(Instant)
    checklist_version: Mapped[ChecklistVersion] = relationship()


class Submission(Numbered, Base):
    """Collect 交来的一份记录，原样保存。

    `state`: received（已收，待转）→ processed（已成检查）、blocked（转不成，`problem` 说明）或 superseded（有了新的一版）。
    `expected` names the files its XML mentions; completeness is those names against `submission_files`, never a request.
    """

    __tablename__ = "submissions"
    __table_args__ = (Index(None, "state", "id"),)

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    instance_id: Mapped[str] = mapped_column(String(255), unique=True)
    deprecates: Mapped[str | None] = mapped_column(String(255), unique=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("odk_forms.id"), index=True)
    xml: Mapped[bytes] = mapped_column(LargeBinary)
    xml_sha256: Mapped[str] = mapped_column(Digest)
    expected: Mapped[list[str]] = mapped_column(Document)
    state: Mapped[str] = mapped_column(String(12))
    problem: Mapped[dict[str, Any] | None] = mapped_column(Document)
    check_uuid: Mapped[UUID | None] = mapped_column(PublicId, index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    client: Mapped[str] = mapped_column(Words)
    received_at: Mapped[datetime] = mapped_column(Instant)
    processed_at: Mapped[datetime | None] = mapped_column(Instant)
    form: Mapped[OdkForm] = relationship()


class SubmissionFile(Numbered, Base):
    """随记录交来的一个文件；同名的第一份填位置，名字对不上的、同名而字节不同的都留着。

    `name` is the NFC form that matching uses, `raw_name` what the phone sent. The bytes lie in storage under `sha256`.
    """

    __tablename__ = "submission_files"
    __table_args__ = (UniqueConstraint("submission_id", "name", "sha256"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    name: Mapped[str] = mapped_column(String(255))
    raw_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(Digest)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime] = mapped_column(Instant)
    evidence_uuid: Mapped[UUID | None] = mapped_column(PublicId)
