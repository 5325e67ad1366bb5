"""次序：长的先开始，要一个新进程才量得准的在它旁边，短的垫在最后，两个工作进程便同时收工；性质测试不看钟。"""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes on a busy machine is no property of the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

#: Beginnings of file names, in the order in which they are handed out; whatever is not named comes last.
FIRST = (
    "tests/journeys/test_kills.py",  # mostly waits, so the other worker has nearly a core and a half meanwhile
    "tests/web/",  # takes every core it finds, which the times measured in a browser would not like
    "tests/photos/",  # memory over the parent's: true while the parent is young
    "tests/unit/server/formats/test_guard.py",
    "tests/api/",
    "tests/journeys/",
    "tests/browser/",
    "tests/openrosa/",
    "tests/verifier/",
)


def _rank(item: pytest.Item) -> int:
    return next((rank for rank, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)
    gc.collect()
    gc.freeze()  # the tests themselves stay; the collector need not look at them thousands of times
