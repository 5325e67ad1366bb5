"""Atom with tombstones."""

from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest

from server.formats.atom import Entry, Feed, Tombstone, write_atom

AT = datetime(2026, 10, 12, 2, tzinfo=UTC)
FEED = Feed("tag:example.org,2026:cases", "公开案例", AT, "示范市住房和城乡建设局", "/feed.atom", "/cases")
ENTRY = Entry("tag:example.org,2026:case/1", "甲 & 乙", AT, AT, "/cases/1?a=1&b=2", "<检查发现>\x07", ("已作处罚决定",))
GONE = Tombstone("tag:example.org,2026:case/2", AT, "处罚决定被撤销")
NAMES = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}


def parsed(*entries: Entry | Tombstone) -> ElementTree.Element:
    return ElementTree.fromstring(b"".join(write_atom(FEED, entries)))


def test_the_feed_has_what_the_standard_asks_for() -> None:
    root = parsed(ENTRY)
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    for name in ("id", "title", "updated", "author/a:name"):
        assert root.findtext(f"a:{name}", namespaces=NAMES)
    assert root.find("a:link[@rel='self']", NAMES).get("href") == "/feed.atom"  # type: ignore[union-attr]


def test_entries_are_escaped_and_clean_of_control_characters() -> None:
    entry = parsed(ENTRY).find("a:entry", NAMES)
    assert entry is not None
    assert entry.findtext("a:title", namespaces=NAMES) == "甲 & 乙"
    assert entry.findtext("a:summary", namespaces=NAMES) == "<检查发现>"
    assert entry.findtext("a:updated", namespaces=NAMES) == "2026-10-12T02:00:00Z"
    assert entry.find("a:link", NAMES).get("href") == "/cases/1?a=1&b=2"  # type: ignore[union-attr]
    assert entry.find("a:category", NAMES).get("term") == "已作处罚决定"  # type: ignore[union-attr]


def test_a_withdrawn_entry_leaves_a_tombstone() -> None:
    gone = parsed(ENTRY, GONE).find("at:deleted-entry", NAMES)
    assert gone is not None
    assert (gone.get("ref"), gone.get("when")) == (GONE.id, "2026-10-12T02:00:00Z")
    assert gone.findtext("at:comment", namespaces=NAMES) == "处罚决定被撤销"


def test_instants_are_in_utc_and_need_a_zone() -> None:
    local = datetime(2026, 10, 12, 10, tzinfo=timezone(timedelta(hours=8)))
    root = ElementTree.fromstring(b"".join(write_atom(FEED, [Tombstone("x", local, "")])))
    assert root.find("at:deleted-entry", NAMES).get("when") == "2026-10-12T02:00:00Z"  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="time zone"):
        b"".join(write_atom(FEED, [Tombstone("x", datetime(2026, 10, 12), "")]))
