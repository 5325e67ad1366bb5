"""Collect 的凭据：摘要认证（RFC 2617 的 MD5 那一小块）、二维码里的设置。

Digest is what OpenRosa clients speak over plain HTTP. The password is made by the system and belongs to one phone, so MD5
guards nothing that a revoked key does not.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import md5, sha256

from server.domain.errors import Unidentified

REALM = "zhijian"
FRESH = timedelta(minutes=5)
_PAIR = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in time that tells nothing; what a phone sends may hold any character."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


def md5_hex(text: str) -> str:
    return md5(text.encode(errors="replace"), usedforsecurity=False).hexdigest()


def ha1(username: str, password: str) -> str:
    """What is stored instead of the password."""
    return md5_hex(f"{username}:{REALM}:{password}")


def new_nonce(key: bytes, at: datetime) -> str:
    """A nonce that says when it was made and that we made it; nothing is stored."""
    stamp = str(int(at.timestamp()))
    return f"{stamp}.{hmac.new(key, stamp.encode(), sha256).hexdigest()[:32]}"


def nonce_state(key: bytes, nonce: str, at: datetime) -> str:
    """fresh, stale (ours, too old: the client asks again without prompting) or foreign."""
    stamp, _, mark = nonce.partition(".")
    if not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 12:
        return "foreign"
    right = hmac.new(key, stamp.encode(), sha256).hexdigest()[:32]
    if not same(right, mark):
        return "foreign"
    age = at.timestamp() - int(stamp)
    return "fresh" if -5 <= age <= FRESH.total_seconds() else "stale"


@dataclass(frozen=True, slots=True)
class DigestClaim:
    """The parts of an Authorization header of the Digest scheme."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    qop: str
    nc: str
    cnonce: str

    @classmethod
    def parse(cls, header: str) -> DigestClaim:
        """Raises Unidentified `digest-invalid` for a header without the parts needed."""
        found = {m[1].lower(): m[2] if m[2] is not None else m[3] for m in _PAIR.finditer(header)}
        parts = [found.get(name, "") for name in ("username", "realm", "nonce", "uri", "response")]
        if not all(parts) or found.get("algorithm", "MD5").upper() != "MD5" or found.get("qop", "auth") != "auth":
            raise Unidentified("digest-invalid", "认证头读不懂，请重新输入账号和口令。")
        username, realm, nonce, uri, response = parts
        rest = found.get("qop", ""), found.get("nc", ""), found.get("cnonce", "")
        return cls(username, realm, nonce, uri, response, *rest)

    def fits(self, ha1_hex: str, method: str) -> bool:
        """Whether the response was made with this HA1 for this method."""
        ha2 = md5_hex(f"{method}:{self.uri}")
        middle = f"{self.nonce}:{self.nc}:{self.cnonce}:{self.qop}" if self.qop else self.nonce
        return same(md5_hex(f"{ha1_hex}:{middle}:{ha2}"), self.response.lower())


def collect_settings(server_url: str, project: str, username: str = "", password: str = "") -> dict[str, object]:
    """The settings a QR code carries to Collect; what is absent falls back to the phone's defaults."""
    general: dict[str, object] = {
        "protocol": "odk_default",
        "server_url": server_url,
        "form_update_mode": "match_exactly",
        "periodic_form_updates_check": "every_fifteen_minutes",
        "automatic_update": True,
        "autosend": "wifi_and_cellular",
        "delete_send": False,
        "image_size": "original",
        "app_language": "zh",
        "hide_old_form_versions": True,
    }
    if username:
        general |= {"username": username, "password": password}
    return {
        "general": general,
        "admin": {"delete_saved": False, "change_server": False},
        "project": {"name": project, "icon": "质", "color": "#083a6b"},
    }
