"""封存：一次性码落库前加密（AES-256-GCM），数据库被拷走也看不到将来抽谁。"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.domain.errors import NotReady

KEY_BYTES = 32
_NONCE = 12


def seal(key: bytes, data: bytes, about: str) -> bytes:
    """Nonce and ciphertext; `about` binds the box to what it belongs to and is needed again for opening."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, about.encode())


def unseal(key: bytes, box: bytes, about: str) -> bytes:
    """What was sealed. Raises NotReady `secret-unreadable` under another key, another subject or altered bytes."""
    try:
        return AESGCM(key).decrypt(box[:_NONCE], box[_NONCE:], about.encode())
    except InvalidTag:
        raise NotReady("secret-unreadable", "抽签密钥解不开，请检查 ZHIJIAN_SECURITY__DRAW_KEY 是否换过。") from None
