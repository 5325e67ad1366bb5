"""What every driver promises; both are held to it by the same tests."""

import itertools
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Invalid, Missing, TooLarge
from server.storage.disk import DiskStorage
from server.storage.null import NullStorage
from server.storage.port import Meter, Received, Storage

LIMIT = 10_000
STRANGE = ["", "ab", "A" * 64, "g" * 64, "../" + "a" * 61, "a" * 65, "a" * 63 + "\n", "a" * 64 + "\n"]


@pytest.fixture(params=["disk", "null"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return DiskStorage(tmp_path / "originals") if request.param == "disk" else NullStorage()


def keep(store: Storage, *chunks: bytes) -> str:
    return store.promote(store.receive(chunks, limit=LIMIT))


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def test_a_stream_becomes_an_original_under_its_digest(store: Storage) -> None:
    received = store.receive([b"ab", b"", b"cd"], limit=LIMIT)
    assert (received.sha256, received.size) == (digest(b"abcd"), 4)
    assert not store.exists(received.sha256)
    assert store.promote(received) == received.sha256
    assert store.exists(received.sha256)
    assert store.stat(received.sha256).size == 4
    with store.open(received.sha256) as file:
        assert file.read() == b"abcd"
    assert store.local_path(received.sha256).read_bytes() == b"abcd"


def test_the_same_bytes_twice_are_one_original(store: Storage) -> None:
    assert keep(store, b"abcd") == keep(store, b"a", b"bcd") == digest(b"abcd")
    with store.open(digest(b"abcd")) as file:
        assert file.read() == b"abcd"


def test_promoting_twice_is_harmless(store: Storage) -> None:
    received = store.receive([b"abcd"], limit=LIMIT)
    assert store.promote(received) == store.promote(received)
    assert store.exists(received.sha256)


def test_promoting_what_was_swept_away_is_told(store: Storage) -> None:
    received = store.receive([b"abcd"], limit=LIMIT)
    store.discard(received)
    with pytest.raises(Missing) as caught:
        store.promote(received)
    assert caught.value.code == "upload-not-found"


def test_discarding_leaves_the_original_and_may_be_repeated(store: Storage) -> None:
    received = store.receive([b"abcd"], limit=LIMIT)
    store.promote(received)
    store.discard(received)
    store.discard(received)
    assert store.exists(received.sha256)


def test_what_was_received_can_be_read_once_more_promoted_or_not(store: Storage) -> None:
    received = store.receive([b"ab", b"cd"], limit=LIMIT)
    with store.reopen(received) as file:
        assert file.read() == b"abcd"
    store.promote(received)
    with store.reopen(received) as file:
        assert file.read() == b"abcd"
    store.remove(received.sha256)
    with pytest.raises(Missing) as caught:
        store.reopen(received)
    assert caught.value.code == "original-not-found"


def test_the_limit_is_exact_and_ends_the_reading(store: Storage) -> None:
    assert keep(store, b"x" * LIMIT) == digest(b"x" * LIMIT)
    asked = 0

    def endless() -> Iterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"y" * 1000

    with pytest.raises(TooLarge) as caught:
        store.receive(endless(), limit=LIMIT)
    assert (caught.value.code, asked) == ("upload-too-large", 11)
    assert store.sweep(timedelta(0)) == 0


def test_an_announced_digest_is_checked(store: Storage) -> None:
    assert store.receive([b"abcd"], limit=LIMIT, expect=digest(b"abcd")).size == 4
    with pytest.raises(Invalid) as caught:
        store.receive([b"abc"], limit=LIMIT, expect=digest(b"abcd"))
    assert caught.value.code == "digest-mismatch"
    assert not store.exists(digest(b"abc"))


def test_an_error_of_the_sender_leaves_nothing(store: Storage) -> None:
    def cut() -> Iterator[bytes]:
        yield b"abc"
        raise ConnectionError("cut off")

    with pytest.raises(ConnectionError):
        store.receive(cut(), limit=LIMIT)
    time.sleep(0.01)
    assert store.sweep(timedelta(0)) == 0


def test_derived_things_are_replaced_and_removed_with_their_original(store: Storage) -> None:
    key = keep(store, b"abcd")
    store.put_derived(key, "large", b"one")
    store.put_derived(key, "large", b"two")
    store.put_derived(key, "small", b"s")
    with store.open_derived(key, "large") as file:
        assert file.read() == b"two"
    assert store.remove(key)
    assert not store.exists(key)
    for kind in ("large", "small"):
        with pytest.raises(Missing) as caught:
            store.open_derived(key, kind)
        assert caught.value.code == "derived-not-found"
    assert not store.remove(key)


def test_a_removed_original_may_come_again(store: Storage) -> None:
    key = keep(store, b"abcd")
    store.remove(key)
    assert keep(store, b"abcd") == key
    assert store.exists(key)


@pytest.mark.parametrize("name", STRANGE)
def test_strange_digests_are_missing_and_never_a_path(store: Storage, name: str) -> None:
    for ask in (store.open, store.stat, store.local_path, store.exists, store.remove):
        with pytest.raises(Missing):
            ask(name)
    with pytest.raises(Missing):
        store.put_derived(name, "large", b"")
    with pytest.raises(Missing):
        store.promote(Received(Path("nowhere"), name, 0))


@pytest.mark.parametrize("kind", ["", "../x", "Large", "a" * 21, "a.b", "large\n"])
def test_strange_kinds_are_missing(store: Storage, kind: str) -> None:
    key = keep(store, b"abcd")
    with pytest.raises(Missing):
        store.put_derived(key, kind, b"")
    with pytest.raises(Missing):
        store.open_derived(key, kind)


def test_missing_originals(store: Storage) -> None:
    for ask in (store.open, store.stat, store.local_path):
        with pytest.raises(Missing) as caught:
            ask("0" * 64)
        assert caught.value.code == "original-not-found"
    assert not store.exists("0" * 64)


def test_uploads_under_way_are_swept_by_age(store: Storage) -> None:
    received = store.receive([b"abcd"], limit=LIMIT)
    assert store.sweep(timedelta(hours=1)) == 0
    if isinstance(store, DiskStorage):
        os.utime(received.path, (0, 0))
        assert store.sweep(timedelta(hours=1)) == 1
    else:
        assert store.sweep(timedelta(0)) == 1
    with pytest.raises(Missing):
        store.promote(received)


@given(chunks=st.lists(st.binary(max_size=50), max_size=8), again=st.lists(st.integers(0, 400), max_size=4))
def test_any_pieces_of_the_same_bytes_are_the_same_original(chunks: list[bytes], again: list[int]) -> None:
    store, whole = NullStorage(), b"".join(chunks)
    cuts = [0, *sorted(min(c, len(whole)) for c in again), len(whole)]
    other = [whole[a:b] for a, b in itertools.pairwise(cuts)]
    assert keep(store, *chunks) == keep(store, *other) == digest(whole)


def test_the_meter_counts_what_passes() -> None:
    meter = Meter(10)
    assert list(meter.through([b"abc", b"de"])) == [b"abc", b"de"]
    assert (meter.size, meter.sha256) == (5, digest(b"abcde"))
    meter.expect(None)
    meter.expect(digest(b"abcde"))
