"""刚刚查明的事：几秒之内不再问第二遍。"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Recent:
    """Answers of the last `seconds`, at most `most` of them; when there are more it forgets them all and learns anew.

    Threads may share it. Never the last word: whoever acts on what it says asks the database again before anything lasts.
    """

    seconds: float = 2.0
    most: int = 4096
    clock: Callable[[], float] = time.monotonic
    _held: dict[Hashable, tuple[float, Any]] = field(default_factory=dict)

    def get(self, key: Hashable) -> Any:
        """None for what is not known, or was found out too long ago."""
        at, value = self._held.get(key, (float("-inf"), None))
        return value if self.clock() - at < self.seconds else None

    def put(self, key: Hashable, value: Any) -> None:
        if len(self._held) >= self.most:
            self._held.clear()
        self._held[key] = (self.clock(), value)
