"""次序：快的先走，用真浏览器的其次，长路最后；长路里最长的一条打头，另一个进程走其余的，两边差不多同时到。"""

from __future__ import annotations

import pytest

LONGEST = "test_kills.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by file alone; the order within a file stays."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> tuple[bool, bool, bool]:
    journey = "journeys" in item.path.parts
    return journey, item.get_closest_marker("slow") is not None, item.path.name != LONGEST
