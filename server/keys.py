"""钥匙：抽签密钥落库用的加密钥匙；生产环境由设置给出，内嵌模式放在数据目录里，只有本人可读。"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from functools import lru_cache
from pathlib import Path

from server.config import Settings, SettingsError

BYTES = 32


def draw_key(settings: Settings) -> bytes:
    """Thirty-two bytes: `security.draw_key` in base64, else the file `draw.key` of the data folder, made at first use."""
    if settings.security.draw_key:
        return _decoded(settings.security.draw_key)
    return _from_file(settings.data / "draw.key")


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != BYTES:
        raise SettingsError("ZHIJIAN_SECURITY__DRAW_KEY 应为 32 字节的 base64。")
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
