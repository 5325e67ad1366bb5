"""手机对账的样子：信封、先报、心跳、回执，照手机的做法封装。"""

from __future__ import annotations

from base64 import b64decode
from hashlib import sha256
from typing import Any
from uuid import UUID

import rfc8785

from server.domain.receipts import PublishedKey, read_receipt
from server.formats.ed25519 import verify
from tests.api.desk import Caller, ok
from tests.factories.world import published_checklists

Document = dict[str, Any]
SYNC = "/sync"


def digest_of(body: Document) -> str:
    return sha256(rfc8785.dumps(body)).hexdigest()


def envelope(kind: str, id: UUID, body: Document, digest: str = "") -> Document:
    """One envelope as a phone seals it."""
    return {"id": str(id), "kind": kind, "digest": digest or digest_of(body), "body": body}


def post(phone: Caller, *envelopes: Any, sent_at: str | None = None) -> list[Document]:
    """The answers to a batch."""
    answers: list[Document] = ok(
        phone.post(f"{SYNC}/envelopes", json={"sent_at": sent_at, "envelopes": list(envelopes)})
    )["answers"]
    return answers


def send(phone: Caller, kind: str, id: UUID, body: Document) -> Document:
    """The answer to one envelope."""
    return post(phone, envelope(kind, id, body))[0]


def part_body(
    check: UUID, answers: list[Document], *, sealed_at: str = "2026-09-18T03:05:00+00:00", **changes: Any
) -> Document:
    """What an officer's part holds."""
    version = published_checklists()["RMC"].version
    checklist = {"code": "RMC", "version": version}
    return {"check": str(check), "checklist": checklist, "sealed_at": sealed_at, "answers": answers} | changes


def told(phone: Caller, receipt: Document) -> Document:
    """What a receipt says, its signature checked with the key that the package carries."""
    keys = ok(phone.get(f"{SYNC}/package"))["receipt_keys"]
    key = next(k for k in keys if k["key_id"] == receipt["key_id"])
    return read_receipt(receipt["receipt"], receipt["signature"], PublishedKey(b64decode(key["public_key"])), verify)
