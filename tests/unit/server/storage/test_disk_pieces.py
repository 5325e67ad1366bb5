"""Pieces on a disk: durable before they are told, let go by the dead, taken over from the silent, never written by two."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from server.domain.errors import Locked, NotReady
from server.domain.uploads import Checksum
from server.storage import disk_pieces
from server.storage.disk import DiskStorage
from server.storage.disk_pieces import DiskPiece

UPLOAD = UUID(int=7)
QUICK_S = 0.05
ROOT = Path(__file__).parents[4]


@pytest.fixture
def store(tmp_path: Path) -> DiskStorage:
    return DiskStorage(tmp_path / "originals")


def lying(store: DiskStorage, tmp_path: Path) -> list[str]:
    return sorted(p.name for p in (tmp_path / "originals" / "pieces").iterdir())


def test_bytes_and_name_are_synced_before_they_are_told(
    store: DiskStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.pieces.take(UPLOAD, patience_s=0):
        pass
    synced: list[str] = []

    def note(handle: int) -> None:
        synced.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)

    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, note)
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        piece.append([b"ab"], room=9)
        assert synced == [str(UPLOAD)]
    assert synced == [str(UPLOAD), "pieces"]
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        piece.append([b"cd"], room=7)
    assert synced == [str(UPLOAD), "pieces", str(UPLOAD)]


def test_a_killed_holder_lets_go_and_what_it_wrote_is_kept(store: DiskStorage, tmp_path: Path) -> None:
    words = f"""
import os, signal, sys
from uuid import UUID
from server.storage.disk import DiskStorage
def chunks():
    yield b"abc"
    os.kill(os.getpid(), signal.SIGKILL)
with DiskStorage({str(tmp_path / "originals")!r}).pieces.take(UUID(int=7), patience_s=0) as piece:
    piece.append(chunks(), room=9)
"""
    done = subprocess.run([sys.executable, "-c", words], cwd=ROOT, check=False)
    assert done.returncode == -9
    with store.pieces.take(UPLOAD, patience_s=5) as piece:
        assert piece.size == 3


def test_bytes_nobody_vouched_for_are_cut_off_after_a_crash(store: DiskStorage, tmp_path: Path) -> None:
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        piece.append([b"ab"], room=9)
    folder = tmp_path / "originals" / "pieces"
    (folder / f"{UPLOAD}.lock").write_bytes(b"2")
    (folder / str(UPLOAD)).write_bytes(b"abcdef")
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        assert piece.size == 2
    assert (folder / f"{UPLOAD}.lock").read_bytes() == b""


def test_a_silent_holder_loses_it_and_writes_no_more(store: DiskStorage) -> None:
    with store.pieces.take(UPLOAD, patience_s=0) as silent:
        silent.append([b"ab"], room=9)
        with store.pieces.take(UPLOAD, patience_s=QUICK_S) as heir:
            assert heir.size == 2
            with pytest.raises(Locked) as caught:
                silent.append([b"XY"], room=7)
            assert caught.value.code == "upload-locked"
            assert heir.append([b"cd"], room=7) == 4
            silent.drop()
            received = heir.finish()
    assert received.sha256 == sha256(b"abcd").hexdigest()


def test_an_heir_cuts_off_what_its_forerunner_had_not_proved(store: DiskStorage) -> None:
    started, may_end = threading.Event(), threading.Event()

    def chunks() -> object:
        yield b"abcd"
        started.set()
        may_end.wait(10)

    def hold() -> None:
        with pytest.raises(Locked), store.pieces.take(UPLOAD, patience_s=0) as piece:
            piece.append(tail(chunks()), room=99, checksum=Checksum("sha1", b"x" * 20))

    def tail(source: object) -> object:
        yield from source  # type: ignore[misc]
        yield b"late"

    thread = threading.Thread(target=hold)
    thread.start()
    assert started.wait(10)
    with store.pieces.take(UPLOAD, patience_s=QUICK_S) as heir:
        assert heir.size == 0
        assert heir.append([b"z"], room=9) == 1
        may_end.set()
        thread.join()
        assert heir.size == 1


def test_a_moving_holder_keeps_it(store: DiskStorage) -> None:
    stop, moving = threading.Event(), threading.Event()

    def chunks() -> object:
        while not stop.is_set():
            yield b"x"
            moving.set()
            stop.wait(0.005)

    def hold() -> None:
        with store.pieces.take(UPLOAD, patience_s=0) as piece:
            piece.append(chunks(), room=10**6)  # type: ignore[arg-type]

    thread = threading.Thread(target=hold)
    thread.start()
    assert moving.wait(10)
    with pytest.raises(Locked) as caught, store.pieces.take(UPLOAD, patience_s=0.1):
        pass
    assert caught.value.retry_after == 1
    stop.set()
    thread.join()


def test_two_heirs_never_both_win(store: DiskStorage) -> None:
    told: list[object] = []
    together = threading.Barrier(4)

    def inherit() -> None:
        together.wait(10)
        try:
            with store.pieces.take(UPLOAD, patience_s=QUICK_S) as piece:
                told.append(piece.append([b"x"], room=99))  # whoever was slow here and taken over is refused
        except Locked:
            told.append("locked")

    with store.pieces.take(UPLOAD, patience_s=0):
        threads = [threading.Thread(target=inherit) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    sizes = [size for size in told if size != "locked"]
    assert len(told) == 4
    assert sorted(sizes) == list(range(1, len(sizes) + 1)) != []  # type: ignore[type-var]


def test_a_removed_upload_stops_its_holder(store: DiskStorage, tmp_path: Path) -> None:
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        piece.append([b"ab"], room=9)
        store.pieces.remove(UPLOAD)
        with pytest.raises(Locked):
            piece.append([b"cd"], room=7)
    assert lying(store, tmp_path) == []


def test_an_original_made_from_pieces_is_sealed_and_outlives_them(store: DiskStorage) -> None:
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        piece.append([b"abcd"], room=9)
        key = store.promote(piece.finish())
    assert store.local_path(key).stat().st_mode & 0o777 == 0o444
    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        assert piece.size == 4
        piece.drop()
    assert store.local_path(key).read_bytes() == b"abcd"


def test_a_full_disk_is_said_and_what_was_told_stays(store: DiskStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    with store.pieces.take(UPLOAD, patience_s=0) as piece:
        piece.append([b"ab"], room=9)
        with monkeypatch.context() as patched:
            patched.setattr(disk_pieces.os, "pwrite", _full_for_bytes(piece, full))
            with pytest.raises(NotReady) as caught:
                piece.append([b"cd"], room=7)
        assert caught.value.code == "storage-full"
        assert piece.append([b"cd"], room=7) == 4


def _full_for_bytes(piece: object, full: object) -> object:
    assert isinstance(piece, DiskPiece)
    real, handle = os.pwrite, piece.handle
    return lambda to, data, at: full() if to == handle else real(to, data, at)  # type: ignore[operator]


def test_names_of_an_empty_house(store: DiskStorage) -> None:
    assert store.pieces.names() == []
