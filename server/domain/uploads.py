"""断点续传：tus 1.0.0 的请求头怎样读，一次上传到了哪一步。

Pure: what a header says, whether an offset fits, when an upload is over. Bytes are counted from 0; lengths and offsets are bytes.
Source: tus resumable upload protocol 1.0.0 with creation, creation-with-upload, creation-defer-length, expiration, checksum
and termination.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from server.domain.errors import Conflict, FieldError, Malformed, Missing, TooLarge, Unsupported

VERSION = "1.0.0"
#: No spaces: one of the clients splits this on commas without trimming.
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination"
#: Algorithm and the bytes of its digest.
ALGORITHMS = {"sha1": 20, "sha256": 32}
MOST_NOTES = 4096
_NUMBER = re.compile(r"\A[0-9]{1,15}\Z")
_KEY = re.compile(r"\A[\x21-\x2b\x2d-\x7e]{1,60}\Z")


class UploadState(StrEnum):
    """一次上传的状态：在收、收完成为照片、收完但另行保留（编号已有另一张）、收完而本来就是空的。"""

    RECEIVING = "receiving"
    KEPT = "kept"
    ASIDE = "aside"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Upload:
    """What the house knows of one upload without looking at its bytes.

    `length` is None while the client has not said it; `notes` is the Upload-Metadata header exactly as it came.
    """

    uuid: UUID
    length: int | None
    notes: str
    state: UploadState
    expires_at: datetime

    @property
    def complete(self) -> bool:
        return self.state is not UploadState.RECEIVING


@dataclass(frozen=True, slots=True)
class Checksum:
    """The announced digest of one piece: a name of `ALGORITHMS` and the raw digest."""

    algorithm: str
    digest: bytes


def check_version(said: str | None) -> None:
    """Raise Unsupported `tus-version-unsupported` for any other version, and for none."""
    if said is None or said.strip() != VERSION:
        facts = {"supported": VERSION, "said": (said or "")[:40]}
        raise Unsupported("tus-version-unsupported", f"续传协议只支持 {VERSION} 版。", facts=facts)


def read_number(header: str, said: str | None) -> int:
    """A count of bytes in a header; raises Malformed `upload-header-invalid` for anything but up to 15 digits."""
    if said is None or not _NUMBER.match(said.strip()):
        raise _malformed(header, "应为不带符号的整数。")
    return int(said)


def read_length(length: str | None, deferred: str | None, limit: int) -> int | None:
    """The length of a new upload in bytes, or None when it is said later.

    Exactly one of Upload-Length and Upload-Defer-Length must be given. Raises Malformed `upload-header-invalid`, TooLarge
    `upload-too-large` over `limit`.
    """
    if deferred is not None:
        if deferred.strip() != "1":
            raise _malformed("Upload-Defer-Length", "只能是 1。")
        if length is not None:
            raise _malformed("Upload-Length", "说了长度就不能再说以后给出长度。")
        return None
    return check_size(read_number("Upload-Length", length), limit)


def check_size(length: int, limit: int) -> int:
    """The length itself; raises TooLarge `upload-too-large`."""
    if length > limit:
        raise TooLarge("upload-too-large", f"照片超过上限 {limit // 1024 // 1024} MB。", facts={"limit": limit})
    return length


def read_metadata(header: str | None) -> dict[str, str]:
    """Upload-Metadata as text by key: `key base64` pairs between commas; the value may be missing, the header empty.

    Raises Malformed `upload-metadata-invalid` for a repeated key, a bad key, bad base64, text that is not UTF-8, and more than
    4096 characters.
    """
    text = (header or "").strip()
    if len(text) > MOST_NOTES:
        raise _metadata("", f"不能超过 {MOST_NOTES} 个字符。")
    found: dict[str, str] = {}
    for pair in text.split(",") if text else ():
        key, _, value = pair.strip(" ").partition(" ")
        if not _KEY.match(key):
            raise _metadata("", "每一项应为“键 值”，键不含空格和逗号。")
        if key in found:
            raise _metadata(f"/{_escaped(key)}", "键重复。")
        found[key] = _decoded(key, value.strip(" "))
    return found


def _decoded(key: str, value: str) -> str:
    try:
        return b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise _metadata(f"/{_escaped(key)}", "值应为 UTF-8 文字的 Base64。") from None


def read_checksum(header: str | None) -> Checksum | None:
    """Upload-Checksum, `algorithm base64`; raises Malformed `upload-checksum-invalid` for another algorithm or form."""
    if header is None:
        return None
    name, _, value = header.strip().partition(" ")
    try:
        digest = b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if ALGORITHMS.get(name) != len(digest):
        facts = {"algorithms": sorted(ALGORITHMS)}
        words = "校验应为“算法 Base64”，算法只支持 sha1 和 sha256。"
        raise Malformed("upload-checksum-invalid", words, facts=facts)
    return Checksum(name, digest)


def refuse_parts(concat: str | None) -> None:
    """Raise Malformed `upload-parts-unsupported`: taking parts for whole photos would be worse than saying so."""
    if concat is not None:
        raise Malformed("upload-parts-unsupported", "不支持把一张照片拆成几个并行的上传，请逐张整体续传。")


def check_offset(offset: int, said: int) -> None:
    """Raise Conflict `upload-offset-mismatch` unless the piece continues exactly where the server stands."""
    if offset != said:
        facts = {"offset": offset, "said": said}
        raise Conflict("upload-offset-mismatch", "续传的起点与服务器已收的不一致，请先问清再接着传。", facts=facts)


def room_for(length: int | None, offset: int, limit: int, body: int | None) -> int:
    """How many bytes may still come; raises TooLarge `upload-overflows` when the body says it holds more.

    `body` is the announced size of this piece, None for a chunked one. Without a length `limit` is the most.
    """
    room = (limit if length is None else length) - offset
    if body is not None and body > room:
        raise overflow(room)
    return room


def overflow(room: int) -> TooLarge:
    return TooLarge("upload-overflows", "送来的字节多于先前说明的长度。", facts={"room": room})


def settled_length(known: int | None, said: int | None, offset: int) -> int | None:
    """The length after a request that may state it; once stated it stays.

    Raises Conflict `upload-length-fixed` for another length than before or one below what has come.
    """
    if said is None or said == known:
        return known
    if known is not None or said < offset:
        facts = {"length": known, "said": said, "offset": offset}
        raise Conflict("upload-length-fixed", "这次上传的长度已定，不能再改。", facts=facts)
    return said


def upload_key(user: UUID, photo: UUID | None, digest: str | None, otherwise: UUID) -> str:
    """What makes two creations the same upload: who, which photo, which bytes. Without photo or digest each is its own."""
    same = f"{user} {photo} {digest}" if photo is not None and digest is not None else f"{otherwise}"
    return sha256(same.encode()).hexdigest()


def unknown_upload() -> Missing:
    """Never told apart from an expired one: clients start anew at 404 and get stuck at any other refusal."""
    return Missing("upload-not-found", "没有这次上传，或已过期；请重新登记后从头上传。")


def metadata_fault(errors: Mapping[str, str]) -> Malformed:
    """Malformed `upload-metadata-invalid` with a reason for each key."""
    rows = [FieldError(f"/{_escaped(key)}", reason) for key, reason in sorted(errors.items())]
    return Malformed("upload-metadata-invalid", "随上传说明的事有误，请按 errors 逐项改正。", errors=rows)


def _metadata(pointer: str, reason: str) -> Malformed:
    words = "Upload-Metadata 请求头不合规定。"
    return Malformed("upload-metadata-invalid", words, errors=[FieldError(pointer, reason)])


def _malformed(header: str, reason: str) -> Malformed:
    return Malformed("upload-header-invalid", f"请求头 {header} 不合规定：{reason}", facts={"header": header})


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
