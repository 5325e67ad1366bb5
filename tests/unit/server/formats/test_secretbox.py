"""封存的码：只有原来的钥匙、原来的抽签能打开。"""

from __future__ import annotations

import pytest

from server.domain.errors import NotReady
from server.formats.secretbox import seal, unseal

KEY, OTHER = bytes(range(32)), bytes(32)


def test_what_was_sealed_comes_back() -> None:
    assert unseal(KEY, seal(KEY, b"one-time code", "S-1"), "S-1") == b"one-time code"


def test_the_same_secret_never_looks_the_same_twice() -> None:
    assert seal(KEY, b"code", "S-1") != seal(KEY, b"code", "S-1")


@pytest.mark.parametrize(("key", "about"), [(OTHER, "S-1"), (KEY, "S-2")])
def test_another_key_or_another_draw_opens_nothing(key: bytes, about: str) -> None:
    with pytest.raises(NotReady) as refusal:
        unseal(key, seal(KEY, b"code", "S-1"), about)
    assert refusal.value.code == "secret-unreadable"


def test_one_altered_byte_is_noticed() -> None:
    box = bytearray(seal(KEY, b"code", "S-1"))
    box[-1] ^= 1
    with pytest.raises(NotReady):
        unseal(KEY, bytes(box), "S-1")
