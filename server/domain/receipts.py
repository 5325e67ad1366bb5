"""回执与时间戳：服务器签字，写明收到了什么、何时收到；手机只删回执上写明的东西。

A receipt is canonical JSON (RFC 8785) and a signature over exactly that text. What is committed decides every byte of it:
the same state gives the same receipt and, Ed25519 being deterministic, the same signature. A stamp is a short token that
says what the server's clock showed; a phone carries it into its record as proof of "not before". The `type` member keeps
one from being taken for the other. Signing and checking are handed in: this module knows the text, not the cryptography.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from server.domain.errors import Invalid

RECEIPT, STAMP = "zhijian/receipt/1", "zhijian/stamp/1"
KEY_BYTES, SIGNATURE_BYTES = 32, 64
MOST_TOKEN = 2000
Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes, bytes], bool]  # (public key, signature, message)


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """An Ed25519 public key of 32 bytes and the name receipts call it by."""

    public: bytes

    @property
    def id(self) -> str:
        """The first sixteen hex letters of the key's SHA-256."""
        return sha256(self.public).hexdigest()[:16]

    def as_dict(self) -> dict[str, str]:
        return {"key_id": self.id, "public_key": b64encode(self.public).decode(), "algorithm": "Ed25519"}


@dataclass(frozen=True, slots=True)
class Held:
    """Something the server holds: a photo, a part, a reply; `sha256` of its bytes or of its canonical JSON.

    `size` in bytes (photos only), `item` the checklist item it belongs to, `officer` who made it.
    """

    uuid: UUID
    sha256: str
    arrived_at: datetime
    size: int | None = None
    item: str | None = None
    officer: UUID | None = None

    def as_dict(self) -> dict[str, Any]:
        told = {
            "uuid": str(self.uuid),
            "sha256": self.sha256,
            "arrived_at": instant_text(self.arrived_at),
            "size": self.size,
            "item": self.item,
            "officer": str(self.officer) if self.officer else None,
        }
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Officer:
    """在场执法人员。"""

    uuid: UUID
    name: str
    certificate_no: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """回执：一次检查，服务器现在持有的全部。`record_sha256` 为空时记录还没有到，只到了部分或照片。

    `missing` are photos that the record or a part mentions and the server does not hold; `merged_sha256` is what both
    officers' signatures cover once their work was merged, `signed_by` who has signed it. A report (拒检、无法联系、停工停产) has
    a receipt too, under its own id in the place of the check's: `reports` names it.
    """

    authority: str
    check: UUID
    record_sha256: str | None = None
    arrived_at: datetime | None = None
    announced_at: datetime | None = None
    officers: tuple[Officer, ...] = ()
    photos: tuple[Held, ...] = ()
    missing: tuple[UUID, ...] = ()
    parts: tuple[Held, ...] = ()
    replies: tuple[Held, ...] = ()
    merged_sha256: str | None = None
    signed_by: tuple[Held, ...] = ()
    reports: tuple[Held, ...] = ()

    @property
    def complete(self) -> bool:
        return (self.record_sha256 is not None or bool(self.reports)) and not self.missing

    @property
    def at(self) -> datetime | None:
        """When the last of it arrived; None for a receipt of nothing."""
        things = (*self.photos, *self.parts, *self.replies, *self.signed_by, *self.reports)
        arrivals = [held.arrived_at for held in things] + ([self.arrived_at] if self.arrived_at else [])
        return max(arrivals, default=None)

    @property
    def text(self) -> str:
        """The canonical JSON that is signed."""
        at = self.at
        only = {"reports": _rows(self.reports)} if self.reports else {}  # receipts of checks read as they always did
        return canonical(
            only
            | {
                "type": RECEIPT,
                "authority": self.authority,
                "check": str(self.check),
                "record_sha256": self.record_sha256,
                "arrived_at": instant_text(self.arrived_at) if self.arrived_at else None,
                "announced_at": instant_text(self.announced_at) if self.announced_at else None,
                "at": instant_text(at) if at else None,
                "complete": self.complete,
                "officers": [
                    {"uuid": str(o.uuid), "name": o.name, "certificate_no": o.certificate_no} for o in self.officers
                ],
                "photos": _rows(self.photos),
                "missing": sorted(str(photo) for photo in self.missing),
                "parts": _rows(self.parts),
                "replies": _rows(self.replies),
                "merged_sha256": self.merged_sha256,
                "signed_by": _rows(self.signed_by),
            }
        )


def _rows(things: Sequence[Held]) -> list[dict[str, Any]]:
    return [held.as_dict() for held in sorted(things, key=lambda held: str(held.uuid))]


@dataclass(frozen=True, slots=True)
class Signed:
    """签了名的回执：原文、签名（base64）、钥匙编号。"""

    check: UUID
    receipt: str
    signature: str
    key_id: str
    complete: bool


def canonical(value: Any) -> str:
    """RFC 8785 for what receipts hold: ASCII names, texts, integers, lists, yes/no and nothing."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def instant_text(at: datetime) -> str:
    """2026-09-21T02:00:00.000Z: UTC, milliseconds, always the same width."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sign_receipt(receipt: Receipt, key: PublishedKey, sign: Sign) -> Signed:
    """The receipt with a signature over its text."""
    text = receipt.text
    return Signed(receipt.check, text, b64encode(sign(text.encode())).decode(), key.id, receipt.complete)


def read_receipt(text: str, signature: str, key: PublishedKey, verify: Verify) -> dict[str, Any]:
    """What a receipt says, after its signature was checked. Raises Invalid `receipt-invalid`."""
    try:
        fits = verify(key.public, b64decode(signature, validate=True), text.encode())
        told = json.loads(text) if fits else None
    except (binascii.Error, ValueError):
        told = None
    if not isinstance(told, dict) or told.get("type") != RECEIPT or canonical(told) != text:
        raise Invalid("receipt-invalid", "回执的签名不对，或内容被改过。")
    return told


# ------------------------------------------------------------------------------------------------ stamps


def make_stamp(at: datetime, key: PublishedKey, sign: Sign, about: Mapping[str, str] | None = None) -> str:
    """A token that says what the server's clock showed, and of what (`about`), when it signed."""
    text = canonical({**(about or {}), "type": STAMP, "at": instant_text(at), "key_id": key.id}).encode()
    return f"{_token(text)}.{_token(sign(text))}"


def read_stamp(token: str, keys: Sequence[PublishedKey], verify: Verify) -> dict[str, Any]:
    """What a stamp says; `at` becomes an instant. Raises Invalid `stamp-invalid` for one that is not ours."""
    first, _, second = token.partition(".")
    try:
        if len(token) > MOST_TOKEN:
            raise ValueError("too long")
        text, signature = _untoken(first), _untoken(second)
        told = json.loads(text)
        key = next(key for key in keys if key.id == told["key_id"])
        if told["type"] != STAMP or not verify(key.public, signature, text):
            raise ValueError("not ours")
        return {**told, "at": datetime.fromisoformat(told["at"])}
    except (ValueError, KeyError, TypeError, StopIteration, RecursionError):
        raise Invalid("stamp-invalid", "时间戳不是本服务器签发的，或被改过。") from None


def _token(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _untoken(text: str) -> bytes:
    """Raises ValueError."""
    data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if _token(data) != text:
        raise ValueError("not the one spelling")
    return data
