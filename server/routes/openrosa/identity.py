"""Collect 的来人：地址里的令牌（或 st=），或 Digest、Basic 的账号口令。"""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import urlsplit

from flask import request

from server.domain import odk
from server.domain.errors import Refused, Unidentified
from server.domain.odk import DigestClaim
from server.domain.permissions import Actor
from server.services import odk_keys
from server.services.sessions import digest
from server.uow import UnitOfWork

OPAQUE = odk.md5_hex("zhijian-openrosa")
STALE = "nonce-stale"
UNREADABLE = "认证头读不懂，请重新输入账号和口令。"


def _token() -> str:
    return (request.view_args or {}).get("token") or request.args.get("st", "")


def shown() -> tuple[str, str] | None:
    """The digest of the token in the address, and the project; a password is proved every time."""
    token = _token()
    return (digest(token), (request.view_args or {}).get("project", "")) if token else None


def identify(uow: UnitOfWork) -> Actor:
    """Who is posting? Raises Refused for a bad token, Unidentified where a password can help."""
    token = _token()
    actor = odk_keys.actor_of_token(uow, token) if token else _by_password(uow)
    project = (request.view_args or {}).get("project", "")
    if project not in {grant.region_code for grant in actor.grants}:
        raise Refused("odk-key-unknown", odk_keys.UNKNOWN)
    return actor


def _by_password(uow: UnitOfWork) -> Actor:
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "digest":
        return _by_digest(uow, DigestClaim.parse(rest))
    if scheme.lower() == "basic" and private_line(uow):
        return odk_keys.actor_of_password(uow, *_pair(rest))
    raise Unidentified("odk-password-missing", "请用二维码设置，或输入账号和口令。")


def _pair(given: str) -> tuple[str, str]:
    """Name and password of a Basic header; raises Unidentified `digest-invalid` for one that does not read."""
    try:
        name, _, password = b64decode(given.strip(), validate=True).decode().partition(":")
    except ValueError as error:
        raise Unidentified("digest-invalid", UNREADABLE) from error
    return name, password


def front(uow: UnitOfWork) -> str:
    """Scheme and host as the phone wrote them: behind a front server that keeps the line private, those of its address."""
    public = uow.settings.web.public_url.rstrip("/")
    return public if public and urlsplit(public).netloc == request.host else request.host_url.rstrip("/")


def private_line(uow: UnitOfWork) -> bool:
    """Whether nobody can listen between the phone and us."""
    return front(uow).startswith("https://")


def _by_digest(uow: UnitOfWork, claim: DigestClaim) -> Actor:
    state = odk.nonce_state(odk_keys.nonce_key(uow), claim.nonce, uow.now)
    if state == "stale":
        raise Unidentified(STALE, "认证已过时，手机会自动再试。")
    if state == "foreign" or claim.realm != odk.REALM or not _same_address(claim.uri):
        raise Unidentified("digest-invalid", UNREADABLE)
    return odk_keys.actor_of_digest(uow, claim, request.method)


def _same_address(uri: str) -> bool:
    """The header must speak of this request; some clients leave the query out of it."""
    return uri.partition("?")[0].endswith(request.path)


def challenge(uow: UnitOfWork, code: str) -> list[str]:
    """What a 401 asks for: Digest always, Basic only where the line is private."""
    nonce = odk.new_nonce(odk_keys.nonce_key(uow), uow.now)
    stale = ", stale=true" if code == STALE else ""
    digest = (
        f'Digest realm="{odk.REALM}", domain="/odk/v1", qop="auth", algorithm=MD5, nonce="{nonce}", '
        f'opaque="{OPAQUE}"{stale}'
    )
    return [digest, f'Basic realm="{odk.REALM}", charset="UTF-8"'] if private_line(uow) else [digest]
