"""刚放进来的人，片刻之后就不能再传了：五种情形，用完恢复原样。"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.domain.permissions import Role
from server.models.users import Device, User, UserGrant
from server.uow import House

Way = Callable[[Session, House, int, int], None]


def revoked(session: Session, house: House, _user: int, device: int) -> None:
    session.execute(update(Device).where(Device.id == device).values(revoked_at=house.clock()))


def expired(session: Session, house: House, _user: int, device: int) -> None:
    session.execute(update(Device).where(Device.id == device).values(expires_at=house.clock() - timedelta(seconds=1)))


def disabled(session: Session, house: House, user: int, _device: int) -> None:
    session.execute(update(User).where(User.id == user).values(disabled_at=house.clock()))


def degraded(session: Session, _house: House, user: int, _device: int) -> None:
    session.execute(update(UserGrant).where(UserGrant.user_id == user).values(role=Role.REGISTRAR.value))


def moved(session: Session, _house: House, user: int, _device: int) -> None:
    session.execute(delete(UserGrant).where(UserGrant.user_id == user))


WAYS = (revoked, expired, disabled, degraded, moved)


@contextmanager
def put_right(house: House, user: int) -> Iterator[None]:
    """The person afterwards as before."""
    with house.unit(writing=False) as uow:
        grants = [
            (g.role, g.region_code, g.granted_at)
            for g in uow.session.scalars(select(UserGrant).where(UserGrant.user_id == user))
        ]
    try:
        yield
    finally:
        with house.unit() as uow:
            uow.session.execute(update(User).where(User.id == user).values(disabled_at=None))
            uow.session.execute(delete(UserGrant).where(UserGrant.user_id == user))
            rows = [UserGrant(user_id=user, role=r, region_code=c, granted_at=at) for r, c, at in grants]
            uow.session.add_all(rows)
