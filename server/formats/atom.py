"""Atom 订阅（RFC 4287），撤下的条目用墓碑（RFC 6721）留痕。"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ATOM = "http://www.w3.org/2005/Atom"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed itself: a tag URI, title, last change, author, and the addresses of feed and page."""

    id: str
    title: str
    updated_at: datetime
    author: str
    self_link: str
    alternate_link: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `id` is a tag URI that is never used again; `updated_at` moves with every correction."""

    id: str
    title: str
    updated_at: datetime
    published_at: datetime
    link: str
    summary: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a withdrawn entry: its id, when it went, and the public reason."""

    id: str
    withdrawn_at: datetime
    reason: str


def write_atom(feed: Feed, entries: Iterable[Entry | Tombstone]) -> Iterator[bytes]:
    """Yield one feed document; entries in the order given (newest first by custom)."""
    head = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="{_ATOM}" xmlns:at="{_TOMBSTONES}" xml:lang="zh-CN">\n'
        f"<id>{_text(feed.id)}</id>\n<title>{_text(feed.title)}</title>\n"
        f"<updated>{_instant(feed.updated_at)}</updated>\n<author><name>{_text(feed.author)}</name></author>\n"
        f'<link rel="self" type="application/atom+xml" href={_quoted(feed.self_link)}/>\n'
        f'<link rel="alternate" type="text/html" href={_quoted(feed.alternate_link)}/>\n'
    )
    yield head.encode()
    for entry in entries:
        yield (_tombstone(entry) if isinstance(entry, Tombstone) else _entry(entry)).encode()
    yield b"</feed>\n"


def _entry(entry: Entry) -> str:
    categories = "".join(f"<category term={_quoted(term)}/>" for term in entry.categories)
    return (
        f"<entry><id>{_text(entry.id)}</id><title>{_text(entry.title)}</title>"
        f"<updated>{_instant(entry.updated_at)}</updated><published>{_instant(entry.published_at)}</published>"
        f'<link rel="alternate" type="text/html" href={_quoted(entry.link)}/>{categories}'
        f"<summary>{_text(entry.summary)}</summary></entry>\n"
    )


def _tombstone(tombstone: Tombstone) -> str:
    return (
        f"<at:deleted-entry ref={_quoted(tombstone.id)} when={_quoted(_instant(tombstone.withdrawn_at))}>"
        f"<at:comment>{_text(tombstone.reason)}</at:comment></at:deleted-entry>\n"
    )


def _text(text: str) -> str:
    return escape(_ILLEGAL.sub("", text))


def _quoted(text: str) -> str:
    return quoteattr(_ILLEGAL.sub("", text))


def _instant(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
