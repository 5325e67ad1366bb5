"""心跳：一部手机还有什么没交，只留最近一次；顺便告诉它哪些检查已收齐。"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.domain.sync import Beat, is_late_copy
from server.models.sync import Heartbeat
from server.queries.unsent import complete_checks
from server.services.assignment_steps import own_officer_id
from server.uow import UnitOfWork


def beat(uow: UnitOfWork, told: Beat) -> list[UUID]:
    """Take down what the phone still holds; returns those of its checks that the server has whole."""
    row = uow.session.scalar(select(Heartbeat).where(Heartbeat.device_id == uow.actor.device_id).with_for_update())
    if row is None:
        row = Heartbeat(device_id=uow.actor.device_id, **_columns(uow, told))
        uow.session.add(row)
    elif not is_late_copy(told.at, uow.now, row.device_at, row.at):
        for name, value in _columns(uow, told).items():
            setattr(row, name, value)
    return complete(uow, told.checks)


def _columns(uow: UnitOfWork, told: Beat) -> dict[str, Any]:
    body = {
        "battery": told.battery,
        "persisted": told.persisted,
        "checks": [str(check) for check in told.checks],
        "app": told.app,
    }
    return {
        "user_id": uow.actor.user_id,
        "device_at": told.at,
        "at": uow.now,
        "oldest_at": told.oldest_at if told.holds else None,
        "drafts": told.drafts,
        "sealed": told.sealed,
        "photos": told.photos,
        "bytes": told.bytes,
        "body": body,
    }


def complete(uow: UnitOfWork, checks: Collection[UUID]) -> list[UUID]:
    """Which of these checks, if this person may see them, are whole: record here, every photo here and verified."""
    if not checks:
        return []
    return complete_checks(uow.session, checks, uow.scope, own_officer_id(uow))
