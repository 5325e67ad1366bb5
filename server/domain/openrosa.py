"""ODK Collect 交来的记录：同一份、另一份、改过的一份；文件齐不齐，名字对不对得上。

Names are matched in NFC, as phones and servers compose characters differently; the raw name is kept beside.
Completeness is always the names in the record against the files held, never what a request said of itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from server.domain.errors import Conflict, Invalid, Missing

LONGEST_NAME = 255
LONGEST_ID = 249  # OpenRosa asks for at least this much


class FormState(StrEnum):
    """表单：供下载；不再新开、仍收已开的；不再收。"""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class SubmissionState(StrEnum):
    """记录：已收待转；已成检查；转不成，待人处理；有了新的一版。"""

    RECEIVED = "received"
    PROCESSED = "processed"
    BLOCKED = "blocked"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a record says of itself, and the digest of its bytes as sent."""

    form_id: str
    version: str
    instance_id: str
    deprecated_id: str
    xml_sha256: str


@dataclass(frozen=True, slots=True)
class Held:
    """A record that is stored under the same instance id."""

    xml_sha256: str
    state: SubmissionState


def nfc(name: str) -> str:
    """The form of a file name that matching uses."""
    return unicodedata.normalize("NFC", name.strip())


def file_name(raw: str) -> str:
    """A file name as sent, checked. Raises Invalid `file-name-invalid` for an empty, over-long or rooted one."""
    name = nfc(raw)
    if not name or len(name) > LONGEST_NAME or name in (".", "..") or set(name) & set("/\\\0"):
        raise Invalid("file-name-invalid", f"文件名不能用：{name[:60] or '（空）'}。")
    return name


def check_claim(claim: Claim) -> None:
    """Raise Invalid when the record does not say what it is (a server must not invent an id)."""
    if not claim.instance_id:
        raise Invalid("instance-id-missing", "记录里没有 meta/instanceID，收不下；请更新表单后重做。")
    if not claim.form_id:
        raise Invalid("form-id-missing", "记录里没有表单编号，收不下。")
    for text in (claim.instance_id, claim.deprecated_id, claim.form_id, claim.version):
        if len(text) > LONGEST_ID or not text.isprintable():
            raise Invalid("instance-id-invalid", "记录的编号太长或有不能用的字符。")
    if claim.deprecated_id == claim.instance_id:
        raise Invalid("instance-id-invalid", "改过的记录须有新的编号。")


def check_form(state: FormState | None) -> None:
    """A form being retired still takes what was begun with it; a closed one does not."""
    if state is None:
        raise Missing("form-not-found", "没有这份表单的这个版本；请在手机上更新表单，已填的记录不要删。")
    if state is FormState.CLOSED:
        raise Conflict("form-closed", "这份表单已停收；请联系科室负责人，手机上的记录不要删。")


def check_repeat(held: Held, claim: Claim) -> None:
    """The same bytes again attach more files; other bytes under a used id are refused and nothing is replaced."""
    if held.xml_sha256 != claim.xml_sha256:
        raise Conflict("submission-differs", "这个编号已收下另一份内容，没有覆盖；请联系科室负责人核对。")


def check_edit(old: Held | None, replaced_by: str | None, claim: Claim) -> None:
    """An edit replaces exactly the newest version of a known record."""
    if old is None:
        raise Missing("submission-not-found", "要改的那份记录还没有收到；请先交原来的一份。")
    if replaced_by is not None and replaced_by != claim.instance_id:
        raise Conflict("submission-superseded", "这份记录已有更新的一版，请在最新的一版上改。")


@dataclass(frozen=True, slots=True)
class Completeness:
    """Files a record mentions that are here, that are missing, and files here that it does not mention."""

    held: tuple[str, ...]
    missing: tuple[str, ...]
    orphans: tuple[str, ...]


def completeness(expected: Sequence[str], names: Collection[str]) -> Completeness:
    """Put the names of a record against the names of its stored files (all in NFC). O(n)."""
    present, wanted = set(names), set(expected)
    return Completeness(
        tuple(n for n in expected if n in present),
        tuple(n for n in expected if n not in present),
        tuple(sorted(present - wanted)),
    )


def receipt_words(found: Completeness, digest: str, *, beside: Sequence[str] = ()) -> str:
    """What Collect shows the officer after a post: what is here, what is not, and the digest's first groups."""
    mark = f"回执 {digest[:4]} {digest[4:8]} {digest[8:12]}"
    total = len(found.held) + len(found.missing)
    if found.missing:
        words = f"已收下记录和 {len(found.held)}/{total} 个文件，还差 {len(found.missing)} 个，手机会接着传。"
    elif total:
        words = f"已收全：记录和 {total} 个文件都在服务器上。"
    else:
        words = "已收下记录，没有文件。"
    if found.orphans:
        words += f"有 {len(found.orphans)} 个文件记录里没有提到，已另行保留。"
    if beside:
        words += f"有 {len(beside)} 个文件与先前同名的内容不同，两份都已保留。"
    return f"{words}{mark}"
