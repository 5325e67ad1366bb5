"""OpenRosa 的 XML：读得谨慎，写得 Collect 认得。"""

from __future__ import annotations

from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Invalid, TooLarge
from server.formats.openrosa import Listed, Listing, form_list, integrity, manifest, read_xml, response

LIMIT = 10_000


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert outcome(data) in ("read", "xml-unreadable", "submission-encrypted")


def outcome(data: bytes) -> str:
    try:
        read_xml(data, LIMIT)
    except Invalid as refusal:
        return refusal.code
    return "read"


def test_good_records_are_read_with_or_without_a_mark() -> None:
    for data in (b"<a/>", b"\xef\xbb\xbf<a/>", '<?xml version="1.0" encoding="UTF-8"?><a>质</a>'.encode()):
        assert read_xml(data, LIMIT).tag == "a"


def test_a_record_has_a_size() -> None:
    with pytest.raises(TooLarge):
        read_xml(b"<a>" + b"x" * LIMIT + b"</a>", LIMIT)


@pytest.mark.parametrize(
    "data", [b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<a>" * 50 + b"</a>" * 50, b"<a>\0</a>"]
)
def test_tricks_are_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        read_xml(data, LIMIT)


def test_encrypted_records_are_refused_by_name() -> None:
    with pytest.raises(Invalid) as refusal:
        read_xml(b'<data encrypted="yes"/>', LIMIT)
    assert refusal.value.code == "submission-encrypted"


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=50))
def test_messages_survive_whatever_they_say(words: str) -> None:
    root = ET.fromstring(response(words, f'error "{words}"'))
    assert (root[0].text or "") == words


@given(st.text(max_size=50))
def test_what_xml_cannot_hold_is_marked_and_the_answer_can_be_read(words: str) -> None:
    root = ET.fromstring(response(f"收到{words}完", words))
    found = root[0].text or ""
    assert (found[:2], found[-1]) == ("收到", "完")
    assert len(found) <= len(words) + 3


def test_a_file_name_with_a_bell_in_it() -> None:
    assert ET.fromstring(response("多了 a\x07b\uffff.jpg"))[0].text == "多了 a\ufffdb\ufffd.jpg"


def test_documents_hold_what_the_phone_looks_for() -> None:
    form = Listed("a&b", "<名>", "1", "0" * 32, "https://x/1?a=1&b=2", "https://x/m")
    root = ET.fromstring(form_list([form], verbose=True))
    assert [child.tag.rpartition("}")[2] for child in root[0]] == [
        "formID",
        "name",
        "version",
        "hash",
        "descriptionText",
        "downloadUrl",
        "manifestUrl",
    ]
    listing = ET.fromstring(manifest([Listing("a.csv", "0" * 32, "https://x/a", "https://x/i")]))
    assert listing[0].get("type") == "entityList"
    uuid = UUID(int=1)
    assert ET.fromstring(integrity({uuid: True})).find("entities/entity/deleted") is not None
