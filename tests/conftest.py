"""次序：长的先开始，要一个新进程才量得准的在它旁边，多半在等的和多半在算的隔着来，两个核便都有事做；性质测试不看钟。"""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes on a busy machine is no property of the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

#: Beginnings of file names, in the order in which they are handed out before all others.
FIRST = (
    "tests/journeys/test_kills.py",  # mostly waits, so the other worker has nearly a core and a half meanwhile
    "tests/web/",  # takes every core it finds, which the times measured in a browser would not like
    "tests/photos/",  # memory over the parent's: true while the parent is young
    "tests/unit/server/formats/test_guard.py",
)
#: Those who mostly wait for other processes. Between them come the others, who compute.
WAITING = ("tests/browser/", "tests/journeys/")
#: Where in the row of all files the last that waits has its place: what is long shall not begin last.
LAST_WAITING = 0.9


def _ranks(files: list[str]) -> dict[str, float]:
    """A place for every file: first what is named first, then both kinds spread evenly, from 0 to 1."""
    ranks = {
        f: float(n - len(FIRST)) for f in files for n, start in reversed([*enumerate(FIRST)]) if f.startswith(start)
    }
    others = [f for f in files if f not in ranks]
    waiting = [f for f in others if f.startswith(WAITING)]
    busy = [f for f in others if not f.startswith(WAITING)]
    for row, last in ((waiting, LAST_WAITING), (busy, 1.0)):
        ranks |= {f: last * n / len(row) for n, f in enumerate(row)}
    return ranks


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = _ranks(list(dict.fromkeys(_file(item) for item in items)))
    items.sort(key=lambda item: ranks[_file(item)])
    gc.collect()
    gc.freeze()  # the tests themselves stay; the collector need not look at them thousands of times
    gc.set_threshold(50_000, 20, 50)  # with the usual 700 an eighth of all the time would go into looking for rubbish


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
