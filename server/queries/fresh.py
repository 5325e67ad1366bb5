"""一句话写完的语句共有的两段：这部手机还能不能传，和顺带记下的一件待办。"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from sqlalchemy import CTE, ColumnElement, String, Table, and_, bindparam, exists, insert, literal, or_, select

from server.domain.permissions import ROLE_PERMISSIONS, Permission
from server.models.outbox import OutboxRow
from server.models.users import Device, User, UserGrant

OUTBOX = cast(Table, OutboxRow.__table__)


class Asker(NamedTuple):
    """Who sends, from which phone, for which region, when: each a value the statement is given."""

    user: ColumnElement[Any]
    device: ColumnElement[Any]
    region: ColumnElement[Any]
    at: ColumnElement[Any]


def may_still(permission: Permission, asker: Asker) -> ColumnElement[bool]:
    """Whether the phone and its person are what they were when they were let in."""
    phone = (
        select(Device.id)
        .join(User, User.id == Device.user_id)
        .where(Device.id == asker.device, Device.user_id == asker.user)
        .where(Device.revoked_at.is_(None), Device.expires_at > asker.at, User.disabled_at.is_(None))
    )
    roles = [role for role, may in ROLE_PERMISSIONS.items() if permission in may]
    grant = select(UserGrant.id).where(
        UserGrant.user_id == asker.user,
        UserGrant.region_code == asker.region,
        or_(*(UserGrant.role == role.value for role in roles)),
    )
    return and_(exists(phone), exists(grant))


def owing(kept: CTE, at: ColumnElement[Any]) -> CTE:
    """What `UnitOfWork.promise` would write for each row of `kept`; `event` and `payload` are given by name."""
    payload = bindparam("payload", type_=OUTBOX.c.payload.type)
    source = select(bindparam("event", type_=String), payload, at, at, literal(0)).select_from(kept)
    rows = insert(OUTBOX).from_select(["event", "payload", "created_at", "due_at", "attempts"], source)
    return rows.returning(OUTBOX.c.id).cte("owed")
