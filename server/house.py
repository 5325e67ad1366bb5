"""一个进程的家当：数据库、存储、钟和门铃，照设置备齐；网页、后台和命令行都从这里开始。"""

from __future__ import annotations

from server.bell import Bell
from server.config import Settings
from server.db import Database
from server.storage.disk import DiskStorage
from server.uow import House


def build_house(settings: Settings) -> House:
    """The process-wide parts; the bell rings the broker after each commit that promised something."""
    return House(settings, Database(settings), DiskStorage(settings.storage.root), ring=Bell(settings).ring)
