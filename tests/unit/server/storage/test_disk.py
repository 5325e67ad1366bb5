"""The disk: durable, write-once, and honest about being full."""

import errno
import os
import stat
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from server.domain.errors import NotReady
from server.storage import disk
from server.storage.disk import DiskStorage

LIMIT = 2**30


def files(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def keep(store: DiskStorage, data: bytes) -> str:
    return store.promote(store.receive([data], limit=LIMIT))


def test_originals_fan_out_and_are_read_only(tmp_path: Path) -> None:
    key = keep(DiskStorage(tmp_path), b"abcd")
    assert files(tmp_path) == [f"{key[:2]}/{key}"]
    mode = stat.S_IMODE((tmp_path / key[:2] / key).stat().st_mode)
    assert mode == 0o444


def test_an_original_is_never_written_again(tmp_path: Path) -> None:
    store = DiskStorage(tmp_path)
    path = store.local_path(keep(store, b"abcd"))
    before = path.stat()
    keep(store, b"abcd")
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(files(tmp_path)) == 1


def test_a_file_damaged_by_the_disk_is_set_aside_for_the_good_bytes(tmp_path: Path) -> None:
    store = DiskStorage(tmp_path)
    key = keep(store, b"abcd")
    path = store.local_path(key)
    path.chmod(0o644)
    path.write_bytes(b"ab")
    assert keep(store, b"abcd") == key
    assert path.read_bytes() == b"abcd"
    assert [name for name in files(tmp_path) if ".damaged-" in name]


def test_many_at_once_with_the_same_bytes(tmp_path: Path) -> None:
    """The race that loses photos elsewhere: eight posts of the same bytes at the same moment."""
    store, start, keys = DiskStorage(tmp_path), threading.Barrier(8), []

    def post() -> None:
        received = store.receive([b"abcd"] * 100, limit=LIMIT)
        start.wait()
        keys.append(store.promote(received))

    posts = [threading.Thread(target=post) for _ in range(8)]
    for one in posts:
        one.start()
    for one in posts:
        one.join()
    assert keys == [sha256(b"abcd" * 100).hexdigest()] * 8
    assert len(files(tmp_path)) == 1


def test_a_whole_upload_is_never_in_memory(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(640):
            yield bytes(64 * 1024)

    store = DiskStorage(tmp_path)
    tracemalloc.start()
    try:
        received = store.receive(pieces(), limit=LIMIT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert received.size == 40 * 2**20
    assert peak < 2**20


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_a_refusal_to_try_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def full(_: int) -> None:
        raise OSError(code, os.strerror(code))

    store = DiskStorage(tmp_path)
    key = keep(store, b"abcd")
    before = files(tmp_path)
    monkeypatch.setattr(disk.os, "fdatasync", full)
    received = store.receive([b"more"], limit=LIMIT)
    for attempt in (lambda: store.promote(received), lambda: store.put_derived(key, "large", b"x")):
        with pytest.raises(NotReady) as caught:
            attempt()
        assert (caught.value.code, caught.value.retry_after) == ("storage-full", 300)
    store.discard(received)
    assert files(tmp_path) == before


def test_other_errors_of_the_disk_are_not_called_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "broken")

    store = DiskStorage(tmp_path)
    keep(store, b"abcd")
    monkeypatch.setattr(disk.os, "fdatasync", broken)
    received = store.receive([b"more"], limit=LIMIT)
    with pytest.raises(OSError, match="broken"):
        store.promote(received)
    assert not store.exists(received.sha256)


def test_a_disk_that_fills_up_while_linking_keeps_the_upload_for_another_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    store = DiskStorage(tmp_path)
    received = store.receive([b"abcd"], limit=LIMIT)
    with monkeypatch.context() as patched:
        patched.setattr(disk.os, "link", full)
        with pytest.raises(NotReady):
            store.promote(received)
    assert not store.exists(received.sha256)
    assert store.promote(received) == received.sha256


def test_every_new_folder_and_name_reaches_the_disk_before_it_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    real = disk._sync_folder

    def note(folder: Path) -> None:
        synced.append(Path(folder))
        real(folder)

    monkeypatch.setattr(disk, "_sync_folder", note)
    store = DiskStorage(tmp_path / "originals")
    key = keep(store, b"abcd")
    root = tmp_path / "originals"
    assert {tmp_path, root, root / key[:2]} <= set(synced)


def test_what_comes_together_has_all_its_bytes_on_the_disk_before_the_first_name_and_each_folder_synced_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    real_link = os.link

    def noted(what: str, real: Callable[[str | Path], None]) -> Callable[[str | Path], None]:
        def sync(path: str | Path) -> None:
            done.append(f"{what} {Path(path).name}")
            real(path)

        return sync

    def link(source: Path, place: str) -> None:
        done.append("name")
        real_link(source, place)

    store = DiskStorage(tmp_path)
    for data in (b"abcd", b"efgh"):  # their folders are made and settled
        keep(store, data)
        store.remove(sha256(data).hexdigest())
    received = [store.receive([data], limit=LIMIT) for data in (b"abcd", b"efgh", b"abcd")]
    for name, what in (("_sync", "bytes"), ("_sync_folder", "folder")):
        monkeypatch.setattr(disk, name, noted(what, getattr(disk, name)))
    monkeypatch.setattr(disk.os, "link", link)
    store.promote_all(received)
    folders = [f"folder {sha256(data).hexdigest()[:2]}" for data in (b"abcd", b"efgh")]
    assert done == [*(f"bytes {one.path.name}" for one in received), "name", "name", "name", *folders]
    assert len(files(tmp_path)) == 2


def test_originals_of_a_house_with_deeper_folders_are_found_and_removed(tmp_path: Path) -> None:
    key = sha256(b"abcd").hexdigest()
    old, preview = (tmp_path / base / key[:2] / key[2:4] for base in (".", "derived"))
    for folder, name, data in ((old, key, b"abcd"), (preview, f"{key}.large", b"small")):
        folder.mkdir(parents=True)
        (folder / name).write_bytes(data)
    store = DiskStorage(tmp_path)
    assert (store.exists(key), store.stat(key).size, keep(store, b"abcd")) == (True, 4, key)
    with store.open(key) as original, store.open_derived(key, "large") as large:
        assert (original.read(), large.read()) == (b"abcd", b"small")
    assert store.remove(key)
    assert not store.exists(key)
    assert files(tmp_path) == []


def test_sweeping_where_nothing_was_ever_stored(tmp_path: Path) -> None:
    assert DiskStorage(tmp_path / "none").sweep(timedelta(0)) == 0
