"""还在手机上：谁还有没交的、从什么时候起、有多少；服务器自己看得出还差什么。"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from server.domain.merging import WAITING
from server.domain.permissions import Scope
from server.domain.sync import is_silent
from server.models.checks import Check, CheckOfficer, EvidenceSlot
from server.models.subjects import Officer
from server.models.sync import Announcement, CheckPart, Heartbeat
from server.models.users import Device, User
from server.queries.pages import Page
from server.queries.scope import in_scope

_HOLDS = or_(Heartbeat.drafts > 0, Heartbeat.sealed > 0, Heartbeat.photos > 0)


def holders(
    session: Session, scope: Scope, now: datetime, after: int, limit: int, *, all: bool
) -> Page[dict[str, Any]]:
    """Phones of the officers in scope that still hold something (or `all`): the longest owing first, then the least seen.

    `after` is how many rows to pass over, `next` the same for the next page.
    """
    rows = _in(select(Heartbeat, Device, Officer), scope)
    rows = rows if all else rows.where(_HOLDS)
    order = (Heartbeat.oldest_at.asc().nulls_last(), Heartbeat.at, Heartbeat.device_id)
    found = session.execute(rows.order_by(*order).offset(after).limit(limit + 1)).tuples().all()
    items = [_holder(beat, device, officer, now) for beat, device, officer in found[:limit]]
    return Page(items, after + limit if len(found) > limit else None)


def _in(rows: Select[Any], scope: Scope) -> Select[Any]:
    return (
        rows.select_from(Heartbeat)
        .join(Device, Device.id == Heartbeat.device_id)
        .join(User, User.id == Heartbeat.user_id)
        .join(Officer, Officer.id == User.officer_id)
        .where(in_scope(Officer.region_code, scope))
    )


def _holder(beat: Heartbeat, device: Device, officer: Officer, now: datetime) -> dict[str, Any]:
    owes = bool(beat.drafts or beat.sealed or beat.photos)
    return {
        "device": device.uuid,
        "device_name": device.name,
        "officer": officer.name,
        "certificate_no": officer.certificate_no,
        "unit": officer.unit,
        "region_code": officer.region_code,
        **{name: getattr(beat, name) for name in ("drafts", "sealed", "photos", "bytes", "oldest_at")},
        **{name: beat.body.get(name) for name in ("checks", "battery", "persisted", "app")},
        "seen_at": beat.at,
        "silent": owes and is_silent(beat.at, now),
        "revoked": device.revoked_at is not None or device.expires_at <= now,
    }


def outstanding(session: Session, scope: Scope) -> dict[str, int]:
    """How much is still out: by the phones' own word, and by what the server was told of and does not hold."""
    counted = (func.count(), *(func.coalesce(func.sum(getattr(Heartbeat, name)), 0) for name in SUMS))
    phones, *sums = session.execute(_in(select(*counted), scope).where(_HOLDS)).one()
    return {
        "phones": phones,
        **{name: int(value) for name, value in zip(SUMS, sums, strict=True)},
        "announced": session.scalar(_announced(scope)) or 0,
        "parts": session.scalar(_orphans(scope)) or 0,
        "incomplete": session.scalar(_incomplete(scope)) or 0,
    }


SUMS = ("drafts", "sealed", "photos", "bytes")


def _announced(scope: Scope) -> Select[Any]:
    """Checks whose digest came, and whose record did not."""
    return (
        select(func.count(func.distinct(Announcement.check_uuid)))
        .join(User, User.id == Announcement.user_id)
        .join(Officer, Officer.id == User.officer_id)
        .where(in_scope(Officer.region_code, scope))
        .where(~exists().where(Check.uuid == Announcement.check_uuid))
    )


def _orphans(scope: Scope) -> Select[Any]:
    """Parts whose check has not come."""
    return (
        select(func.count())
        .select_from(CheckPart)
        .join(Officer, Officer.id == CheckPart.officer_id)
        .where(CheckPart.state == WAITING, in_scope(Officer.region_code, scope))
        .where(~exists().where(Check.uuid == CheckPart.check_uuid))
    )


def _incomplete(scope: Scope) -> Select[Any]:
    """Checks with a photo that has not come."""
    waits = select(EvidenceSlot.check_id).where(EvidenceSlot.evidence_id.is_(None))
    return select(func.count()).select_from(Check).where(Check.id.in_(waits), in_scope(Check.region_code, scope))


def complete_checks(session: Session, uuids: Collection[UUID], scope: Scope, officer_id: int | None) -> list[UUID]:
    """Of these checks, those in scope or of this officer of which every expected photo is here and verified."""
    seats = select(CheckOfficer.check_id).where(CheckOfficer.officer_id == officer_id)
    open_slot = exists().where(EvidenceSlot.check_id == Check.id, EvidenceSlot.verified_at.is_(None))
    rows = select(Check.uuid).where(
        Check.uuid.in_(uuids), or_(in_scope(Check.region_code, scope), Check.id.in_(seats)), ~open_slot
    )
    return list(session.scalars(rows.order_by(Check.id)))
