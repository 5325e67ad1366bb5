"""签名的便条与检查点：日志把自己的大小和根写成几行字，签上名，谁都可以留一份。

The note and checkpoint formats are C2SP signed-note and tlog-checkpoint. Signing and checking a signature are handed in:
this module knows the text, not the cryptography.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from server.domain.errors import Invalid
from server.domain.merkle import HASH_BYTES

ED25519 = 1
KEY_BYTES = 32
SIGNATURE_BYTES = 64
MOST_SIGNATURES = 100
MOST_SIZE = 2**63
_SIGNED_BY = "— "
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes, bytes], bool]  # (public key, signature, message)


@dataclass(frozen=True, slots=True)
class Verifier:
    """Who may sign: a name (for a log, its origin) and an Ed25519 public key of 32 bytes."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """First four bytes of SHA-256(name, LF, 0x01, key)."""
        return sha256(self.name.encode() + b"\n" + bytes([ED25519]) + self.public).digest()[:4]

    def __str__(self) -> str:
        """The verifier key as it is published: name+id+key."""
        return f"{self.name}+{self.id.hex()}+{_b64(bytes([ED25519]) + self.public)}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """日志在某一刻的样子：名字、条数、根（32 字节）。"""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"


def usable_name(name: str) -> bool:
    """Whether a log or a signer may be called so: not empty, no blank, no plus sign, nothing that cannot be seen."""
    return bool(name) and "+" not in name and name.isprintable() and not any(sign.isspace() for sign in name)


def read_verifier(text: str) -> Verifier:
    """A published verifier key. Raises Invalid `note-invalid` when it is malformed or its id is not that of the key."""
    name, _, rest = text.partition("+")
    told, _, encoded = rest.partition("+")
    key = _decoded(encoded)
    if not usable_name(name) or len(key) != 1 + KEY_BYTES or key[0] != ED25519:
        raise _invalid("验证公钥的写法不对")
    verifier = Verifier(name, key[1:])
    if verifier.id.hex() != told:
        raise _invalid("验证公钥的编号与内容不符")
    return verifier


def sign_note(text: str, signer: Verifier, sign: Sign) -> str:
    """A signed note over `text`. Raises Invalid `note-invalid` for a text or name that a note cannot carry."""
    if not usable_name(signer.name) or not _usable_text(text):
        raise _invalid("这段文字不能写成便条")
    return f"{text}\n{_SIGNED_BY}{signer.name} {_b64(signer.id + sign(text.encode()))}\n"


def open_note(note: str, verifier: Verifier, verify: Verify) -> str:
    """The text of a note that `verifier` signed. Raises Invalid `note-invalid` when it did not, or when a line is malformed.

    Signatures of others are passed over; a wrong one under this very key is an error.
    """
    text, parted, rest = note.rpartition("\n\n")
    text += "\n"
    lines = rest.split("\n")
    if not parted or not _usable_text(text) or lines.pop() != "" or not 1 <= len(lines) <= MOST_SIGNATURES:
        raise _invalid("便条的写法不对")
    known = [signature for line in lines if (signature := _signature_by(line, verifier)) is not None]
    if not known:
        raise _invalid("便条上没有这把公钥的签名")
    if not all(verify(verifier.public, signature, text.encode()) for signature in known):
        raise _invalid("便条的签名不对")
    return text


def _signature_by(line: str, verifier: Verifier) -> bytes | None:
    """The signature in a line when it is by this verifier. Raises Invalid for a malformed line."""
    name, _, encoded = line.removeprefix(_SIGNED_BY).partition(" ")
    value = _decoded(encoded)
    if not line.startswith(_SIGNED_BY) or not usable_name(name) or len(value) < 5:
        raise _invalid("签名行的写法不对")
    if (name, value[:4]) != (verifier.name, verifier.id):
        return None
    return value[4:]


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text; lines after the third are extensions and are passed over.

    Raises Invalid `note-invalid`.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise _invalid("检查点的写法不对")
    root = _decoded(lines[2])
    if len(root) != HASH_BYTES or int(lines[1]) >= MOST_SIZE:
        raise _invalid("检查点的大小或根不对")
    return Checkpoint(lines[0], int(lines[1]), root)


def _usable_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return text.endswith("\n") and not any(ord(sign) < 32 and sign != "\n" for sign in text)


def _b64(data: bytes) -> str:
    return b64encode(data).decode()


def _decoded(text: str) -> bytes:
    """Bytes of strict standard base64. Raises Invalid `note-invalid`."""
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid("base64 的写法不对") from None
    if _b64(data) != text:
        raise _invalid("base64 的写法不是唯一的那一种")
    return data


def _invalid(reason: str) -> Invalid:
    return Invalid("note-invalid", f"{reason}。")
