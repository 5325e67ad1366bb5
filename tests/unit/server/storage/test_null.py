"""The driver for tests keeps nothing on a disk unless a path is asked for."""

import gc

from server.storage.null import NullStorage


def test_two_stores_share_nothing() -> None:
    one, other = NullStorage(), NullStorage()
    key = one.promote(one.receive([b"abcd"], limit=10))
    assert one.exists(key)
    assert not other.exists(key)


def test_local_paths_live_as_long_as_the_store() -> None:
    store = NullStorage()
    key = store.promote(store.receive([b"abcd"], limit=10))
    path = store.local_path(key)
    assert path.read_bytes() == b"abcd"
    del store
    gc.collect()
    assert not path.parent.exists()
