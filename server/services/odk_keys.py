"""Collect 的凭据：发一份、认一份、收回一份。"""

from __future__ import annotations

import base64
import hmac
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, select

from server.domain import odk
from server.domain.errors import Missing, Refused, Unidentified
from server.domain.odk import DigestClaim
from server.domain.permissions import Actor, Grant, Permission, Role
from server.formats.secretbox import seal, unseal
from server.keys import draw_key
from server.models.openrosa import OdkKey
from server.models.users import Device, User, UserGrant
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


def _valid(which: ColumnElement[bool]) -> Select[Any]:
    """The person behind a valid key, a row for each grant: every request of the door asks this."""
    return (
        select(
            User.id.label("user_id"),
            User.uuid,
            User.name,
            Device.id.label("device_id"),
            UserGrant.role,
            UserGrant.region_code,
            OdkKey.uuid.label("key"),
            OdkKey.ha1_sealed,
        )
        .join(Device, Device.id == OdkKey.device_id)
        .join(User, and_(User.id == Device.user_id, User.disabled_at.is_(None)))
        .join(UserGrant, UserGrant.user_id == User.id)
        .where(which, Device.revoked_at.is_(None), Device.expires_at > bindparam("now"))
        .order_by(UserGrant.role, UserGrant.region_code)
    )


_BY_TOKEN = _valid(OdkKey.token_sha256 == bindparam("asked"))
_BY_NAME = _valid(OdkKey.username == bindparam("asked"))


def _actor(uow: UnitOfWork, statement: Select[Any], asked: str) -> tuple[Actor, Row[Any]] | None:
    rows = uow.run(statement, {"asked": asked, "now": uow.now}).all()
    if not rows:
        return None
    first = rows[0]
    grants = tuple(Grant(Role(row.role), row.region_code) for row in rows)
    return Actor(first.user_id, first.uuid, first.name, grants, first.device_id), first


def actor_of_token(uow: UnitOfWork, token: str) -> Actor:
    """The person behind a token in a Collect address.

    Raises Refused, never Unidentified: Collect would answer 401 with a password prompt, which cannot help here.
    """
    found = _actor(uow, _BY_TOKEN, digest(token))
    if found is None:
        raise Refused("odk-key-unknown", UNKNOWN)
    return found[0]


def actor_of_password(uow: UnitOfWork, username: str, password: str) -> Actor:
    """The person behind a Basic pair; raises Unidentified."""
    return _proved(uow, username, lambda kept: odk.same(kept, odk.ha1(username, password)))


def actor_of_digest(uow: UnitOfWork, claim: DigestClaim, method: str) -> Actor:
    """The person behind a Digest header whose nonce was found fresh; raises Unidentified."""
    return _proved(uow, claim.username, lambda kept: claim.fits(kept, method))


def _proved(uow: UnitOfWork, username: str, proves: Callable[[str], bool]) -> Actor:
    found = _actor(uow, _BY_NAME, username)
    if found is not None:
        actor, kept = found
        if proves(unseal(draw_key(uow.settings), kept.ha1_sealed, _about(kept.key)).decode()):
            return actor
    raise Unidentified("odk-password-wrong", "账号或口令不对，或已停用。")


def nonce_key(uow: UnitOfWork) -> bytes:
    """The key of the Digest nonces, derived from the house's key."""
    return hmac.new(draw_key(uow.settings), b"odk-nonce", "sha256").digest()
