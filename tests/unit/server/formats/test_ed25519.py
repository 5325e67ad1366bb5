"""Ed25519：RFC 8032 的例子、私钥文件只建一次且只有本人可读。"""

from __future__ import annotations

import stat
from base64 import b64encode
from pathlib import Path

import pytest

from server.domain.errors import NotReady
from server.formats.ed25519 import key_of, make_key_file, read_key, verify

# RFC 8032 section 7.1, test 2.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_published_signature() -> None:
    key = key_of(SEED)
    assert key.public == PUBLIC
    assert key.sign(b"\x72") == SIGNATURE
    assert verify(PUBLIC, SIGNATURE, b"\x72")


def test_anything_else_is_not_verified() -> None:
    assert not verify(PUBLIC, SIGNATURE, b"\x73")
    assert not verify(PUBLIC, SIGNATURE[:-1], b"\x72")
    assert not verify(PUBLIC, bytes(64), b"\x72")
    assert not verify(PUBLIC[:-1], SIGNATURE, b"\x72")
    assert not verify(key_of(bytes(32)).public, SIGNATURE, b"\x72")


def test_the_seed_is_not_shown() -> None:
    assert SEED.hex() not in repr(key_of(SEED))


def test_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "log.key"
    assert make_key_file(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = read_key("", file).public
    assert not make_key_file(file)
    assert read_key("", file).public == first
    assert [p.name for p in tmp_path.iterdir()] == ["log.key"]


def test_the_setting_goes_before_the_file(tmp_path: Path) -> None:
    make_key_file(tmp_path / "log.key")
    assert read_key(b64encode(SEED).decode(), tmp_path / "log.key").public == PUBLIC


@pytest.mark.parametrize("content", ["", "AAAA", "短", "%%%%", b64encode(SEED + b"x").decode()])
def test_a_spoilt_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "log.key").write_text(content, encoding="utf-8")
    with pytest.raises(NotReady) as told:
        read_key("", tmp_path / "log.key")
    assert told.value.code == "log-key-invalid"


def test_no_key_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotReady) as told:
        read_key("", tmp_path / "log.key")
    assert told.value.code == "log-key-missing"
