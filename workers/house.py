"""后台进程的家当：每个进程一份，第一次用到时才建。"""

from __future__ import annotations

from functools import lru_cache

from server.config import load_settings
from server.house import build_house
from server.uow import House


@lru_cache(maxsize=1)
def house() -> House:
    return build_house(load_settings())
