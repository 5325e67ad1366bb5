"""Ed25519 签名（RFC 8032）：公开日志的私钥、签名、验证，和私钥文件。"""

from __future__ import annotations

import binascii
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.domain.errors import NotReady

SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key; its seed is never shown."""

    _key: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes; the same message always gives the same one."""
        return self._key.sign(message)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` over `message` is by the owner of `public` (32 bytes); False for malformed ones too."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_of(seed: bytes) -> SigningKey:
    """The key of a seed of 32 bytes. Raises ValueError for another length."""
    return SigningKey(Ed25519PrivateKey.from_private_bytes(seed))


def read_key(encoded: str, file: Path) -> SigningKey:
    """The key from base64 text, or from the file when the text is empty.

    Raises NotReady `log-key-missing` when neither is there, `log-key-invalid` when it is not a seed of 32 bytes.
    """
    if not encoded:
        try:
            encoded = file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise NotReady("log-key-missing", "没有公开日志的签名私钥，请先运行 prepare 命令或在设置中给出。") from None
        except (OSError, UnicodeDecodeError):
            raise _invalid() from None
    try:
        return key_of(b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        raise _invalid() from None


def make_key_file(file: Path) -> bool:
    """Write a new seed that only the owner can read, unless the file is there; returns whether one was made."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(b64encode(Ed25519PrivateKey.generate().private_bytes_raw()) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        os.link(fresh, file)  # whole or not at all, and never over another
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True


def _invalid() -> NotReady:
    return NotReady("log-key-invalid", "公开日志的签名私钥不能用：应为 32 字节种子的 base64。")
