"""任务：抽签派给执法人员的每一次检查；期限、历程、提醒、工作日历。"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, Document, Instant, Numbered, PublicId, Words
from server.models.draws import Draw
from server.models.subjects import Officer, Subject


class Assignment(Numbered, Base):
    """一项任务：查谁、用哪几份检查单、何时查完。状态见 server.domain.assignments。

    `revision` grows with every step; a phone pulls what changed since the cursor (`changed_at`, id).
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("draw_id", "subject_id"),
        Index(None, "region_code", "state", "due_on"),
        Index(None, "changed_at", "id"),
    )

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    draw_id: Mapped[int | None] = mapped_column(ForeignKey("draws.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"), index=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    stratum: Mapped[str] = mapped_column(String(60))
    rank: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str | None] = mapped_column(String(24))
    checklist_version_ids: Mapped[list[int]] = mapped_column(Document)
    starts_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    due_provisional: Mapped[bool] = mapped_column(Boolean)
    calendar_version: Mapped[str] = mapped_column(String(12))
    check_id: Mapped[int | None] = mapped_column(ForeignKey("checks.id"), index=True)
    revision: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    subject: Mapped[Subject] = relationship()
    draw: Mapped[Draw | None] = relationship()
    officers: Mapped[list[AssignmentOfficer]] = relationship(order_by="AssignmentOfficer.seat")


class AssignmentOfficer(Base):
    """任务的现任执法人员，按席位排；谁是主办另记。换过的人在 assignment_steps 里。"""

    __tablename__ = "assignment_officers"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), primary_key=True)
    seat: Mapped[int] = mapped_column(Integer, primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    lead: Mapped[bool] = mapped_column(Boolean)
    officer: Mapped[Officer] = relationship()


class AssignmentStep(Numbered, Base):
    """任务的每一步：派出、改期、移交、拒检、无法联系、停工停产、完成；只增不改。

    `evidence` is a list of photo UUIDs or digests that show it; `key` makes a repeated post the same step.
    """

    __tablename__ = "assignment_steps"
    __table_args__ = (UniqueConstraint("key"), Index(None, "assignment_id", "id"))

    key: Mapped[UUID] = mapped_column(PublicId)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    act: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(Words)
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    evidence: Mapped[list[str]] = mapped_column(Document)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class Deadline(Numbered, Base):
    """法定的钟：检查结束后 20 个工作日公示、3 个工作日内撤回等；`kind` 见 server.domain.deadlines。"""

    __tablename__ = "deadlines"
    __table_args__ = (UniqueConstraint("kind", "about_id"), Index(None, "region_code", "met_at", "due_on"))

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    about_id: Mapped[int] = mapped_column(Integer)
    about_uuid: Mapped[UUID] = mapped_column(PublicId)
    title: Mapped[str] = mapped_column(String(240))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    starts_on: Mapped[date] = mapped_column(Date)
    days: Mapped[int] = mapped_column(Integer)
    due_on: Mapped[date] = mapped_column(Date, index=True)
    provisional: Mapped[bool] = mapped_column(Boolean)
    calendar_version: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(Instant)
    met_at: Mapped[datetime | None] = mapped_column(Instant)
    warned_at: Mapped[datetime | None] = mapped_column(Instant)
    overdue_at: Mapped[datetime | None] = mapped_column(Instant)


class Notice(Numbered, Base):
    """给科室的提醒：期限将到、已过、期限因放假通知变动、抽签待开封。"""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "region_code", "id"),)

    uuid: Mapped[UUID] = mapped_column(PublicId, unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    text: Mapped[str] = mapped_column(Words)
    about: Mapped[dict[str, Any]] = mapped_column(Document)
    at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    read_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class CalendarYear(Base):
    """一年的放假通知；没有这一行的年份，期限都是暂定。"""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    notice: Mapped[str] = mapped_column(String(200))
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class CalendarDay(Base):
    """与周末规律不同的一天：放假或调休上班；地方临时改动也是普通的一行。"""

    __tablename__ = "calendar_days"

    on: Mapped[date] = mapped_column(Date, primary_key=True)
    works: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(200))
