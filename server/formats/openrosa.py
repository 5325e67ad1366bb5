"""OpenRosa 的 XML：安全地读一份记录，写出回答。

What a phone sends is hostile: entities and DTDs are refused, only UTF-8 is read, and a cut document is never a record.
Answers are made as bytes without prefixes, because Collect looks for plain tag names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from xml.etree import ElementTree
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from server.domain.errors import Invalid, TooLarge

DEEPEST = 40
_DECLARED = re.compile(rb"\A\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
#: What no XML document may hold, however it is written (XML 1.0, 2.2): a name of a file that a phone made up may hold it.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACED = "\ufffd"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
RESPONSE = f'{HEAD}<OpenRosaResponse xmlns="http://openrosa.org/http/response">'


def _unreadable(why: str) -> Invalid:
    return Invalid("xml-unreadable", f"记录的 XML 读不出来：{why}。手机上的记录不要删。")


def read_xml(data: bytes, limit: int) -> Any:
    """The root element of a record.

    Raises TooLarge `record-too-large`, Invalid `xml-unreadable` (cut short, malformed, not UTF-8, NUL, DTD, too deep) and
    Invalid `submission-encrypted`.
    """
    if len(data) > limit:
        raise TooLarge("record-too-large", f"记录的 XML 超过上限 {limit // 1024} KB。", facts={"limit": limit})
    root = _parse(_utf8(data))
    if _depth_over(root):
        raise _unreadable("层次太深")
    if root.get("encrypted") == "yes":
        raise Invalid("submission-encrypted", "不收加密的记录：服务器没有解密的钥匙。请用不加密的表单。")
    return root


def _utf8(data: bytes) -> bytes:
    if not data.strip():
        raise _unreadable("是空的")
    if b"\0" in data:
        raise _unreadable("有空字符或不是 UTF-8")
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise _unreadable(f"编码是 {declared.group(1).decode()}，只收 UTF-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable("不是 UTF-8") from error
    return data


def _parse(data: bytes) -> Any:
    """Entities can only be declared in a DTD, and in UTF-8 a DTD can only be spelled one way: whatever holds no such word
    is safe with the fast parser, everything else goes to the wary one.
    """
    try:
        return fromstring(data, forbid_dtd=True) if b"<!DOCTYPE" in data else ElementTree.fromstring(data)  # noqa: S314
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise _unreadable("没有传完或格式不对") from error


def _depth_over(root: Any) -> bool:
    level = [root]
    for _ in range(DEEPEST):
        level = [child for node in level for child in node]
        if not level:
            return False
    return True


def response(message: str, nature: str = "") -> bytes:
    """An OpenRosaResponse with one message, which Collect shows to the person."""
    kind = f" nature={quoteattr(_NO_XML.sub(REPLACED, nature))}" if nature else ""
    return f"{RESPONSE}<message{kind}>{_plain(message)}</message></OpenRosaResponse>".encode()


@dataclass(frozen=True, slots=True)
class Listed:
    """One form of the list: every text must be non-empty, or Collect throws the whole list away."""

    form_id: str
    name: str
    version: str
    md5: str
    download_url: str
    manifest_url: str


def form_list(forms: Iterable[Listed], *, verbose: bool = False) -> bytes:
    """The list of forms (OpenRosa formList)."""
    rows = "".join(
        f"<xform>{_tag('formID', f.form_id)}{_tag('name', f.name)}{_tag('version', f.version)}"
        f"{_tag('hash', 'md5:' + f.md5)}{_tag('descriptionText', f.name) if verbose else ''}"
        f"{_tag('downloadUrl', f.download_url)}{_tag('manifestUrl', f.manifest_url)}</xform>"
        for f in forms
    )
    return f'{HEAD}<xforms xmlns="http://openrosa.org/xforms/xformsList">{rows}</xforms>'.encode()


@dataclass(frozen=True, slots=True)
class Listing:
    """One entity list of a manifest; `md5` changes with its content."""

    file_name: str
    md5: str
    download_url: str
    integrity_url: str


def manifest(lists: Iterable[Listing]) -> bytes:
    """The files of a form: the entity lists that make it work without signal."""
    rows = "".join(
        f'<mediaFile type="entityList">{_tag("filename", m.file_name)}{_tag("hash", "md5:" + m.md5)}'
        f"{_tag('downloadUrl', m.download_url)}{_tag('integrityUrl', m.integrity_url)}</mediaFile>"
        for m in lists
    )
    return f'{HEAD}<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{rows}</manifest>'.encode()


def integrity(gone: Mapping[UUID, bool]) -> bytes:
    """Which of the asked entities are no longer on the server; this document has no namespace."""
    rows = "".join(
        f'<entity id="{uuid}"><deleted>{"true" if deleted else "false"}</deleted></entity>'
        for uuid, deleted in gone.items()
    )
    return f"{HEAD}<data><entities>{rows}</entities></data>".encode()


def _tag(name: str, text: str) -> str:
    return f"<{name}>{_plain(text)}</{name}>"


def _plain(text: str) -> str:
    return escape(_NO_XML.sub(REPLACED, text))
