"""次序：长路先走，别的测试在它们等着的时候跟上；否则最长的一条留到最后，一个人跑。"""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys first, then whatever is marked slow; the order within a file stays."""
    items.sort(key=lambda item: ("journeys" not in item.path.parts, item.get_closest_marker("slow") is None))
