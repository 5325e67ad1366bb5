"""钥匙：抽签密钥落库用的加密钥匙、回执的签名私钥；生产环境由设置给出，内嵌模式放在数据目录里，只有本人可读。"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from functools import lru_cache
from pathlib import Path

from server.config import Settings, SettingsError
from server.domain.receipts import PublishedKey
from server.formats.ed25519 import SigningKey, key_of

BYTES = 32


def draw_key(settings: Settings) -> bytes:
    """Thirty-two bytes: `security.draw_key` in base64, else the file `draw.key` of the data folder, made at first use."""
    if settings.security.draw_key:
        return _decoded(settings.security.draw_key, "DRAW_KEY")
    return _from_file(settings.data / "draw.key")


def receipt_key(settings: Settings) -> SigningKey:
    """What receipts are signed with: the seed `security.receipt_key`, else the file `receipt.key`, made at first use.

    Raises SettingsError when the setting is not 32 bytes in base64.
    """
    if settings.security.receipt_key:
        return key_of(_decoded(settings.security.receipt_key, "RECEIPT_KEY"))
    return key_of(_from_file(settings.data / "receipt.key"))


def receipt_keys(settings: Settings) -> tuple[PublishedKey, ...]:
    """The public keys of receipts: the present one first, then those of earlier receipts. Raises SettingsError."""
    before = settings.security.receipt_keys_before.split()
    present = PublishedKey(receipt_key(settings).public)
    return (present, *(PublishedKey(_decoded(text, "RECEIPT_KEYS_BEFORE")) for text in before))


def _decoded(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != BYTES:
        raise SettingsError(f"ZHIJIAN_SECURITY__{name} 应为 32 字节的 base64。")
    return key


@lru_cache(maxsize=8)
def _from_file(path: Path) -> bytes:
    """Read the key, or make it; of several processes starting at once exactly one makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        if not path.exists():
            _write_private(fresh, secrets.token_bytes(BYTES))
            os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_bytes()


def _write_private(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
