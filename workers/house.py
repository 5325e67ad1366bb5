"""后台进程的家当：每个进程一份，第一次用到时才建。"""

from __future__ import annotations

from functools import lru_cache

import server.models.tables  # noqa: F401 - every table must be known before the first foreign key is followed
from server.bell import Bell
from server.config import load_settings
from server.db import Database
from server.storage.disk import DiskStorage
from server.uow import House


@lru_cache(maxsize=1)
def house() -> House:
    settings = load_settings()
    return House(settings, Database(settings), DiskStorage(settings.storage.root), ring=Bell(settings).ring)
