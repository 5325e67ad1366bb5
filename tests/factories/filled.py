"""装好了测试世界的样板库：每种数据库在一个测试进程里只装一次，用时各得一份副本。"""

from __future__ import annotations

from copy import deepcopy
from functools import cache

from server.db import Database
from server.storage.disk import DiskStorage
from server.uow import House
from tests.factories.databases import Template, kept_folder, migrated
from tests.factories.world import Clock, World, build_world


@cache
def _filled(kind: str) -> tuple[Template, World]:
    folder = kept_folder()
    settings = migrated(kind, folder)
    house = House(settings, Database(settings), DiskStorage(folder / "originals"), clock=Clock())
    world = build_world(house)
    house.database.dispose()
    return Template(kind, settings.database.url), world


def filled(kind: str) -> tuple[Template, World]:
    """A database with the people, places and checklists of the tests, and what is in it."""
    template, world = _filled(kind)
    return template, deepcopy(world)
