"""The published vectors of verifiable selection, and small programs of others' methods to compare ours with."""

import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("vectors_draws.yaml")
_ALL = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["vectors"]


def vectors(kind: str) -> list[Mapping[str, Any]]:
    """Every vector of a kind; none at all is a broken file."""
    found = [v for group in ("random", "own") for v in _ALL[group] if v["kind"] == kind]
    assert found, kind
    return found


def vector(name: str) -> Mapping[str, Any]:
    return next(v for group in ("random", "own") for v in _ALL[group] if v["id"] == name)


def hkdf(salt: bytes, ikm: bytes, info: bytes, length: int) -> tuple[bytes, bytes]:
    """RFC 5869 with SHA-256: the extracted key and the output."""
    prk = hmac.new(salt, ikm, "sha256").digest()
    out, block, n = b"", b"", 0
    while len(out) < length:
        n += 1
        block = hmac.new(prk, block + info + bytes([n]), "sha256").digest()
        out += block
    return prk, out[:length]


class ConsistentSampler:
    """Rivest's sampler: a ticket is the decimal digits of a SHA-256, reversed, as a fraction; the smallest are taken."""

    def __init__(self, seed: Any) -> None:
        self.seed = sha256(str(seed).encode()).hexdigest()

    @staticmethod
    def uniform(text: str) -> str:
        return "0." + str(int.from_bytes(sha256(text.encode()).digest(), "big"))[::-1]

    def first(self, item: Any) -> str:
        return self.uniform(self.seed + str(item))

    def take(self, items: Iterable[Any], count: int) -> list[tuple[str, Any]]:
        return sorted(((self.first(item), item) for item in items), key=lambda t: t[0])[:count]
