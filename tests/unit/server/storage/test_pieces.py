"""What both drivers promise of pieces; they are held to it by the same tests."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha1, sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.errors import Locked, Mismatched, TooLarge
from server.domain.uploads import Checksum, read_checksum
from server.storage.disk import DiskStorage
from server.storage.null import NullStorage
from server.storage.pieces import Gauge
from server.storage.port import Storage

UPLOAD = UUID(int=7)


@pytest.fixture(params=["disk", "null"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return DiskStorage(tmp_path / "originals") if request.param == "disk" else NullStorage()


def size(store: Storage, upload: UUID = UPLOAD) -> int:
    with store.pieces.take(upload, patience_s=0) as piece:
        return piece.size


def add(store: Storage, *chunks: bytes, room: int = 100, checksum: Checksum | None = None) -> int:
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        return piece.append(chunks, room=room, checksum=checksum)


def checksum(data: bytes) -> Checksum:
    found = read_checksum(f"sha1 {b64encode(sha1(data).digest()).decode()}")
    assert found is not None
    return found


def breaking(*chunks: bytes) -> Iterator[bytes]:
    yield from chunks
    raise ConnectionResetError


def test_pieces_add_up_to_an_original(store: Storage) -> None:
    assert size(store) == 0
    assert [add(store, b"ab", b""), add(store), add(store, b"c", b"d")] == [2, 2, 4]
    assert store.pieces.names() == [UPLOAD]
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        received = piece.finish()
        assert (received.size, received.sha256) == (4, sha256(b"abcd").hexdigest())
        store.promote(received)
        assert piece.size == 4
        piece.drop()
    assert store.local_path(received.sha256).read_bytes() == b"abcd"
    assert (store.pieces.names(), size(store)) == ([], 0)


def test_a_server_that_dies_before_it_is_recorded_finds_everything_again(store: Storage) -> None:
    add(store, b"abcd")
    for _ in range(2):
        with store.pieces.take(UPLOAD, patience_s=0) as piece:
            assert store.promote(piece.finish()) == sha256(b"abcd").hexdigest()
    assert size(store) == 4


def test_finishing_in_one_go_and_in_parts_gives_the_same_digest(store: Storage) -> None:
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        piece.append([b"ab"], room=9)
        piece.append([b"cd"], room=7)
        first = piece.finish()
    store.discard(first)
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        assert piece.finish().sha256 == first.sha256 == sha256(b"abcd").hexdigest()


def test_what_came_before_the_break_is_kept(store: Storage) -> None:
    with pytest.raises(ConnectionResetError), store.pieces.take(UPLOAD, patience_s=0) as piece:
        piece.append(breaking(b"abc", b"de"), room=100)
    assert size(store) == 5


def test_what_a_checksum_was_to_vouch_for_is_not_kept_when_it_breaks_off(store: Storage) -> None:
    add(store, b"ab")
    with pytest.raises(ConnectionResetError), store.pieces.take(UPLOAD, patience_s=0) as piece:
        piece.append(breaking(b"cd"), room=100, checksum=checksum(b"cdef"))
    assert size(store) == 2


def test_a_checksum_decides(store: Storage) -> None:
    assert add(store, b"ab", b"c", checksum=checksum(b"abc")) == 3
    with pytest.raises(Mismatched) as caught:
        add(store, b"de", checksum=checksum(b"dE"))
    assert caught.value.code == "checksum-mismatch"
    assert size(store) == 3
    assert add(store, b"de", checksum=checksum(b"de")) == 5
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        assert piece.finish().sha256 == sha256(b"abcde").hexdigest()


def test_more_than_there_is_room_for_changes_nothing(store: Storage) -> None:
    add(store, b"ab")
    with pytest.raises(TooLarge) as caught:
        add(store, b"cd", b"e", room=2)
    assert caught.value.code == "upload-overflows"
    assert size(store) == 2
    assert add(store, b"cd", room=2) == 4


def test_two_at_once_is_one_too_many(store: Storage) -> None:
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        piece.append([b"ab"], room=9)
        assert size(store, uuid4()) == 0
        if isinstance(store, NullStorage):
            with pytest.raises(Locked):
                size(store)
    assert size(store) == 2


def test_a_removed_upload_is_gone(store: Storage) -> None:
    add(store, b"ab")
    store.pieces.remove(UPLOAD)
    store.pieces.remove(UPLOAD)
    assert (store.pieces.names(), size(store)) == ([], 0)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.lists(st.binary(max_size=30), max_size=4), st.booleans(), st.booleans()), max_size=8))
def test_bytes_stand_as_told_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[list[bytes], bool, bool]]
) -> None:
    """Pieces with and without checksums, whole and broken: every driver holds exactly the bytes it told of."""
    for store in (DiskStorage(tmp_path_factory.mktemp("pieces")), NullStorage()):
        expected, upload = b"", uuid4()
        for chunks, vouched, breaks in steps:
            data = b"".join(chunks)
            with store.pieces.take(upload, patience_s=0) as piece:
                assert piece.size == len(expected)
                source = breaking(*chunks) if breaks else iter(chunks)
                try:
                    piece.append(source, room=1000, checksum=checksum(data) if vouched else None)
                except ConnectionResetError:
                    assert breaks
                expected += b"" if breaks and vouched else data
        with store.pieces.take(upload, patience_s=0) as piece:
            assert store.promote(piece.finish()) == sha256(expected).hexdigest()


def test_the_gauge_counts_exactly() -> None:
    gauge = Gauge(3, None)
    assert [gauge.pass_on(b"ab"), gauge.pass_on(b"c"), gauge.pass_on(b"")] == [b"ab", b"c", b""]
    with pytest.raises(TooLarge):
        gauge.pass_on(b"d")
    gauge.settle()
