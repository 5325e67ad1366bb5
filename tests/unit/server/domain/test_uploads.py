"""断点续传的请求头与步骤：读得对、拒得明，任何文字都只有这两种结果。"""

from __future__ import annotations

import contextlib
import string
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha1, sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import uploads as tus
from server.domain.errors import Conflict, Malformed, TooLarge, Unsupported, ZhijianError
from server.domain.uploads import Checksum

LIMIT = 1000
KEYS = st.text(sorted(set(string.printable) - set(string.whitespace) - {","}), min_size=1, max_size=20)
VALUES = st.text("照片 a,=\x00é", max_size=20)


def coded(text: str) -> str:
    return b64encode(text.encode()).decode()


def refusal(act: Callable[[], Any], family: type[ZhijianError]) -> str:
    with pytest.raises(family) as caught:
        act()
    return caught.value.code


def test_only_this_version_is_spoken() -> None:
    tus.check_version("1.0.0")
    for said in (None, "", "1.0", "0.2.2", "1.0.0, 1.0.1"):
        assert refusal(lambda said=said: tus.check_version(said), Unsupported) == "tus-version-unsupported"


def test_extensions_are_named_without_spaces() -> None:
    assert " " not in tus.EXTENSIONS
    assert {"creation", "checksum", "termination"} < set(tus.EXTENSIONS.split(","))


@pytest.mark.parametrize("said", [None, "", "-1", "+1", "1.0", "0x10", "１", "1 2", "1,1", "9" * 16, "1\n2"])
def test_counts_are_plain_digits(said: str | None) -> None:
    assert refusal(lambda: tus.read_number("Upload-Offset", said), Malformed) == "upload-header-invalid"


@given(st.integers(0, 10**15 - 1))
def test_every_count_is_read_back(count: int) -> None:
    assert tus.read_number("Upload-Offset", f" {count} ") == count


@pytest.mark.parametrize(("length", "deferred", "expected"), [("0", None, 0), ("1000", None, 1000), (None, "1", None)])
def test_lengths_of_a_creation(length: str | None, deferred: str | None, expected: int | None) -> None:
    assert tus.read_length(length, deferred, LIMIT) == expected


@pytest.mark.parametrize(("length", "deferred"), [(None, None), ("5", "1"), (None, "0"), (None, ""), (None, "true")])
def test_a_creation_says_exactly_one_of_both(length: str | None, deferred: str | None) -> None:
    assert refusal(lambda: tus.read_length(length, deferred, LIMIT), Malformed) == "upload-header-invalid"


def test_the_limit_is_exact() -> None:
    assert tus.check_size(LIMIT, LIMIT) == LIMIT
    assert refusal(lambda: tus.read_length("1001", None, LIMIT), TooLarge) == "upload-too-large"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, {}),
        ("", {}),
        ("  ", {}),
        (f"filename {coded('照片.jpg')}", {"filename": "照片.jpg"}),
        ("a,b YQ==", {"a": "", "b": "a"}),
        ("a , b YQ==", {"a": "", "b": "a"}),
        ("a ,b  YQ== ", {"a": "", "b": "a"}),
    ],
)
def test_metadata_as_clients_send_it(header: str | None, expected: dict[str, str]) -> None:
    assert tus.read_metadata(header) == expected


@pytest.mark.parametrize(
    "header",
    [",", "a,", "a YQ==,a YQ==", "a YQ", "a Y Q", "a 照片", "键 YQ==", "a /w==", "a\tYQ==", " ,a", "a " + "A" * 5000],
)
def test_other_metadata_is_refused(header: str) -> None:
    assert refusal(lambda: tus.read_metadata(header), Malformed) == "upload-metadata-invalid"


@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_metadata_is_read_back_whatever_it_says(said: dict[str, str]) -> None:
    header = ",".join(f"{key} {coded(value)}" for key, value in said.items())
    if len(header) <= tus.MOST_NOTES:
        assert tus.read_metadata(header) == said


@given(st.text(max_size=60) | st.text("ab ,=YQ", max_size=60))
def test_any_header_is_read_or_refused(text: str) -> None:
    readers: list[Callable[[], Any]] = [
        lambda: tus.read_metadata(text),
        lambda: tus.read_checksum(text),
        lambda: tus.read_number("Upload-Length", text),
        lambda: tus.read_length(text, None, LIMIT),
    ]
    for read in readers:
        with contextlib.suppress(Malformed, TooLarge):
            read()


def test_faults_of_metadata_point_at_their_keys() -> None:
    found = tus.metadata_fault({"b/c": "不对。", "a~": "也不对。"})
    assert [(row.pointer, row.reason) for row in found.errors] == [("/a~0", "也不对。"), ("/b~1c", "不对。")]


def test_checksums_of_both_algorithms() -> None:
    assert tus.read_checksum(None) is None
    for name, digest in (("sha1", sha1(b"x").digest()), ("sha256", sha256(b"x").digest())):
        assert tus.read_checksum(f"{name} {b64encode(digest).decode()}") == Checksum(name, digest)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha1",
        f"md5 {coded('x' * 16)}",
        f"sha1 {coded('x' * 32)}",
        f"sha256 {coded('x' * 20)}",
        "sha1 ***",
        "SHA1 eA==",
    ],
)
def test_other_checksums_are_refused(header: str) -> None:
    assert refusal(lambda: tus.read_checksum(header), Malformed) == "upload-checksum-invalid"


def test_parts_are_refused_by_name() -> None:
    tus.refuse_parts(None)
    assert refusal(lambda: tus.refuse_parts("partial"), Malformed) == "upload-parts-unsupported"


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_piece_continues_exactly_where_the_server_stands(offset: int, said: int) -> None:
    if offset == said:
        tus.check_offset(offset, said)
    else:
        assert refusal(lambda: tus.check_offset(offset, said), Conflict) == "upload-offset-mismatch"


@given(st.none() | st.integers(0, LIMIT), st.integers(0, LIMIT), st.none() | st.integers(0, 2 * LIMIT))
def test_no_body_makes_an_upload_longer_than_it_was_said_to_be(
    length: int | None, offset: int, body: int | None
) -> None:
    most = LIMIT if length is None else length
    offset = min(offset, most)
    if body is not None and offset + body > most:
        assert refusal(lambda: tus.room_for(length, offset, LIMIT, body), TooLarge) == "upload-overflows"
    else:
        assert tus.room_for(length, offset, LIMIT, body) == most - offset


@pytest.mark.parametrize(
    ("known", "said", "offset", "expected"), [(None, None, 5, None), (9, None, 5, 9), (9, 9, 5, 9), (None, 5, 5, 5)]
)
def test_a_length_is_said_once(known: int | None, said: int | None, offset: int, expected: int | None) -> None:
    assert tus.settled_length(known, said, offset) == expected


@pytest.mark.parametrize(("known", "said", "offset"), [(9, 8, 0), (9, 10, 0), (None, 4, 5)])
def test_another_length_is_refused(known: int | None, said: int, offset: int) -> None:
    assert refusal(lambda: tus.settled_length(known, said, offset), Conflict) == "upload-length-fixed"


def test_the_key_is_who_which_photo_and_which_bytes() -> None:
    user, photo, other = (UUID(int=n) for n in (1, 2, 3))
    same = tus.upload_key(user, photo, "d", uuid4())
    assert tus.upload_key(user, photo, "d", uuid4()) == same
    differing = {tus.upload_key(other, photo, "d", other), tus.upload_key(user, other, "d", other), tus.upload_key(user, photo, "e", other)}  # fmt: skip
    assert len(differing | {same}) == 4
    for photo_, digest in ((None, "d"), (photo, None), (None, None)):
        assert tus.upload_key(user, photo_, digest, other) != tus.upload_key(user, photo_, digest, photo)
