"""Collect 的凭据：发一份、认一份、收回一份。"""

from __future__ import annotations

import base64
import hmac
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, select

from server.domain import odk
from server.domain.errors import Missing, Refused, Unidentified
from server.domain.odk import DigestClaim
from server.domain.permissions import Actor, Grant, Permission, Role
from server.formats.secretbox import seal, unseal
from server.keys import draw_key
from server.models.openrosa import OdkKey
from server.models.users import Device, User, UserGrant
from server.prepared import Prepared
from server.services.sessions import actor_from, digest, issue_device_token, revoke_device
from server.uow import UnitOfWork

UNKNOWN = "这个 Collect 地址已停用或不对，请向科室负责人要新的二维码；手机上的记录不要删。"


@dataclass(frozen=True, slots=True)
class Access:
    """A new key with its secrets, which are shown this once; `project` is the region code in its addresses."""

    key: OdkKey
    person: str
    project: str
    token: str
    username: str
    password: str

    def url(self, base: str) -> str:
        """The server URL that Collect is given."""
        return f"{base.rstrip('/')}/odk/v1/key/{self.token}/projects/{self.project}"

    def plain_url(self, base: str) -> str:
        """The server URL for those who sign in with name and password."""
        return f"{base.rstrip('/')}/odk/v1/projects/{self.project}"

    def qr_text(self, base: str) -> str:
        """JSON, deflated, in base64: the text of the settings code."""
        said = odk.collect_settings(self.url(base), f"质鉴 {self.person}")
        packed = zlib.compress(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode(), 9)
        return base64.b64encode(packed).decode()


def make_key(uow: UnitOfWork, user: User, name: str) -> Access:
    """A phone's access to the Collect door; raises Refused when the person may not submit checks."""
    regions = actor_from(user).scope(Permission.FIELD_CHECK_SUBMIT).regions
    if not regions:
        raise Refused("permission-denied", "此人的角色不能交检查，不能发 Collect 凭据。")
    device, _ = issue_device_token(uow, user, name)
    uow.session.flush()
    token, password, uuid = uow.new_token(), uow.new_token(12), uow.new_id()
    username = f"odk-{uuid.hex[:10]}"
    box = seal(draw_key(uow.settings), odk.ha1(username, password).encode(), _about(uuid))
    key = OdkKey(
        uuid=uuid,
        device_id=device.id,
        token_sha256=digest(token),
        username=username,
        ha1_sealed=box,
        made_at=uow.now,
        made_by=uow.actor.user_id,
    )
    uow.session.add(key)
    return Access(key, user.name, regions[0], token, username, password)


def _about(uuid: UUID) -> str:
    return f"odk:{uuid}"


def keys_of(uow: UnitOfWork, user: User) -> Sequence[OdkKey]:
    """The keys of a person, newest first."""
    own = select(OdkKey).join(Device).where(Device.user_id == user.id).order_by(OdkKey.id.desc())
    return uow.session.scalars(own).all()


def revoke_key(uow: UnitOfWork, user: User, key: UUID) -> None:
    """The phone can no longer pull or send; what it holds stays on it. Raises Missing."""
    found = uow.session.scalar(select(OdkKey).join(Device).where(OdkKey.uuid == key, Device.user_id == user.id))
    if found is None:
        raise Missing("odk-key-not-found", "没有这份 Collect 凭据。")
    revoke_device(uow, found.device)


USERS, DEVICES, GRANTS, KEYS = (cast(Table, m.__table__) for m in (User, Device, UserGrant, OdkKey))


def _valid(which: ColumnElement[bool]) -> Select[Any]:
    """The person behind a valid key, a row for each grant: every request of the door asks this, so it makes no objects."""
    return (
        select(
            USERS.c.id.label("user_id"),
            USERS.c.uuid,
            USERS.c.name,
            DEVICES.c.id.label("device_id"),
            GRANTS.c.role,
            GRANTS.c.region_code,
            KEYS.c.uuid.label("key"),
            KEYS.c.ha1_sealed,
        )
        .select_from(KEYS)
        .join(DEVICES, DEVICES.c.id == KEYS.c.device_id)
        .join(USERS, and_(USERS.c.id == DEVICES.c.user_id, USERS.c.disabled_at.is_(None)))
        .join(GRANTS, GRANTS.c.user_id == USERS.c.id)
        .where(which, DEVICES.c.revoked_at.is_(None), DEVICES.c.expires_at > bindparam("now"))
        .order_by(GRANTS.c.role, GRANTS.c.region_code)
    )


_BY_TOKEN = Prepared(_valid(KEYS.c.token_sha256 == bindparam("asked")))
_BY_NAME = Prepared(_valid(KEYS.c.username == bindparam("asked")))


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who holds a key, and what its password is proved with."""

    actor: Actor
    key: UUID
    ha1_sealed: bytes


def _holder(uow: UnitOfWork, statement: Prepared, asked: str) -> _Holder | None:
    rows = statement.run(uow.line, {"asked": asked, "now": uow.now}).rows
    if not rows:
        return None
    user_id, uuid, name, device_id, _, _, key, sealed = rows[0]
    grants = tuple(Grant(Role(role), region) for _, _, _, _, role, region, _, _ in rows)
    return _Holder(Actor(user_id, uuid, name, grants, device_id), key, sealed)


def actor_of_token(uow: UnitOfWork, token: str) -> Actor:
    """The person behind a token in a Collect address.

    Raises Refused, never Unidentified: Collect would answer 401 with a password prompt, which cannot help here.
    """
    found = _holder(uow, _BY_TOKEN, digest(token))
    if found is None:
        raise Refused("odk-key-unknown", UNKNOWN)
    return found.actor


def actor_of_password(uow: UnitOfWork, username: str, password: str) -> Actor:
    """The person behind a Basic pair; raises Unidentified."""
    return _proved(uow, username, lambda kept: odk.same(kept, odk.ha1(username, password)))


def actor_of_digest(uow: UnitOfWork, claim: DigestClaim, method: str) -> Actor:
    """The person behind a Digest header whose nonce was found fresh; raises Unidentified."""
    return _proved(uow, claim.username, lambda kept: claim.fits(kept, method))


def _proved(uow: UnitOfWork, username: str, proves: Callable[[str], bool]) -> Actor:
    found = _holder(uow, _BY_NAME, username)
    if found is not None and proves(unseal(draw_key(uow.settings), found.ha1_sealed, _about(found.key)).decode()):
        return found.actor
    raise Unidentified("odk-password-wrong", "账号或口令不对，或已停用。")


def nonce_key(uow: UnitOfWork) -> bytes:
    """The key of the Digest nonces, derived from the house's key."""
    return hmac.new(draw_key(uow.settings), b"odk-nonce", "sha256").digest()
