"""数据库：引擎，两种数据库各自的脾气。

SpatiaLite rules (each was measured, see docs/decisions/0003-databases.md): the driver's own transactions are off and
the unit of work says BEGIN IMMEDIATE for writes, because a read snapshot that went stale can never be upgraded; WAL with
synchronous=FULL, because a 2xx promises that the record survives a power cut; one SQLite library per process.
Engines are made lazily per process and dropped after a fork.
"""

from __future__ import annotations

import json
import math
import os
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
import pysqlite3.dbapi2
from geoalchemy2.admin.dialects.sqlite import load_spatialite_driver
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

import server.models.tables  # noqa: F401 - a process that reads one table must know them all
from server.config import Settings

SPATIALITE = "mod_spatialite"
PING_AFTER_S = 1.0
SINGLE: dict[str, Any] = {
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
    "pool_reset_on_return": None,
    "max_overflow": 0,  # one statement is soon over: better to wait for a line than to open another
}


def json_text(value: Any) -> str:
    """JSON for a column, in UTF-8 rather than escapes; an integer beyond 64 bits, which orjson refuses, is written too."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value)


def _prepare_sqlite(raw: Any, busy_timeout_s: int) -> None:
    load_spatialite_driver(raw)  # type: ignore[no-untyped-call]
    raw.isolation_level = None
    pragmas = (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={busy_timeout_s * 1000}",
        "cache_size=-32000",
    )
    for pragma in pragmas:
        raw.execute("PRAGMA " + pragma).close()


def sqlite_engine(url: str, busy_timeout_s: int = 30) -> Engine:
    """A SpatiaLite engine on the bundled pysqlite3; `sqlite_begin` execution option chooses how to BEGIN."""
    os.environ.setdefault("SPATIALITE_LIBRARY_PATH", SPATIALITE)
    engine = create_engine(
        url,
        module=pysqlite3.dbapi2,
        json_serializer=json_text,
        connect_args={"timeout": busy_timeout_s, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def connect(raw: Any, _record: Any) -> None:
        _prepare_sqlite(raw, busy_timeout_s)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN " + connection.get_execution_options().get("sqlite_begin", "DEFERRED"))

    return engine


def postgres_engine(settings: Settings, **more: Any) -> Engine:
    options = f"-c statement_timeout={settings.database.statement_timeout_ms} -c timezone=UTC"
    given = {"pool_size": settings.database.pool_size, "max_overflow": settings.database.pool_size} | more
    engine = create_engine(settings.database.url, json_serializer=json_text, connect_args={"options": options}, **given)
    _ask_after_rest(engine)
    return engine


def _ask_after_rest(engine: Engine) -> None:
    """Ask a connection whether it lives before it is used again, but not one that worked a moment ago: that doubled the
    round trips of a busy door.
    """

    @event.listens_for(engine, "checkin")
    def rest(_raw: Any, record: Any) -> None:
        record.info["rested_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def wake(raw: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("rested_at", math.inf) < PING_AFTER_S:
            return
        try:
            engine.dialect.do_ping(raw)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


@dataclass
class Database:
    """引擎；每个进程一份，分叉后由 `after_fork` 换新。"""

    settings: Settings

    @cached_property
    def engine(self) -> Engine:
        if self.settings.spatialite:
            return sqlite_engine(self.settings.database.url, self.settings.database.busy_timeout_s)
        return postgres_engine(self.settings)

    @cached_property
    def writes(self) -> Engine:
        """For units that write: SQLite lets them wait for their turn at BEGIN."""
        return self.engine.execution_options(sqlite_begin="IMMEDIATE") if self.settings.spatialite else self.engine

    @cached_property
    def singles(self) -> Engine:
        """For units of one statement: PostgreSQL is not asked to open and close a transaction around it.

        They have connections of their own, which never leave this mode: nothing is set or undone between two of them.
        """
        return self.engine if self.settings.spatialite else postgres_engine(self.settings, **SINGLE)

    def after_fork(self) -> None:
        """Forget connections made by the parent without closing them under it."""
        for engine in self._made():
            engine.dispose(close=False)
        for name in ("engine", "writes", "singles"):
            self.__dict__.pop(name, None)

    def dispose(self) -> None:
        for engine in self._made():
            engine.dispose()

    def _made(self) -> list[Engine]:
        return [self.__dict__[name] for name in ("engine", "singles") if name in self.__dict__]
