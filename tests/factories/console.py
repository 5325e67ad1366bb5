"""浏览器测试的一间房：真的网页服务，钟可以拨快，待办当场办完。"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from werkzeug.serving import make_server

from server.db import Database
from server.storage.disk import DiskStorage
from server.uow import House
from tests.api.desk import Desk, make_app
from tests.factories.databases import settings_for
from tests.factories.filled import filled
from tests.factories.plans import Season, build_season


@dataclass
class FastClock:
    """The real clock, put forward as wished."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, **span: float) -> None:
        self.ahead += timedelta(**span)


@dataclass
class Room:
    """The running console with a season to draw from."""

    url: str
    clock: FastClock
    desk: Desk
    season: Season


@contextmanager
def serving(folder: Path) -> Iterator[Room]:
    """A console on a port of its own until the end of the block."""
    clock = FastClock()
    template, world = filled("spatialite")
    settings = settings_for(template.duplicate(folder), folder)
    house = House(settings, Database(settings), DiskStorage(folder / "originals"), clock=clock)
    season = build_season(house, world)
    app = make_app(house)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Room(f"http://127.0.0.1:{server.server_port}", clock, Desk(app, house, world), season)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        house.database.dispose()
