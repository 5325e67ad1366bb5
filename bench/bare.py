"""对照：同样的 Granian 和 Flask，什么也不核对——一条 INSERT，或把收到的字节写进一个文件。

    python -m bench.bare PORT DATABASE_URL FOLDER

Same durability as the product: SQLite in WAL with synchronous=FULL, PostgreSQL with synchronous_commit, files synced
before the answer. One connection a thread, no ORM, no token, no validation, no digest.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3.dbapi2
from flask import Flask, request
from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from bench.cluster import plain

CHUNK = 64 * 1024
PROCESSES, THREADS = 2, 32
URL, FOLDER = "BARE_URL", "BARE_FOLDER"
TABLE = "CREATE TABLE IF NOT EXISTS bare (id TEXT PRIMARY KEY, body TEXT NOT NULL)"
Insert = Callable[[str, str], None]


def _sqlite(path: str) -> Insert:
    held = threading.local()

    def connection() -> Any:
        if not hasattr(held, "connection"):
            held.connection = pysqlite3.dbapi2.connect(path, timeout=30, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
                held.connection.execute("PRAGMA " + pragma)
        return held.connection

    return lambda key, body: connection().execute("INSERT INTO bare VALUES (?, ?)", (key, body)) and None


def _postgres(url: str) -> Insert:
    held = threading.local()

    def connection() -> Any:
        if not hasattr(held, "connection"):
            held.connection = psycopg.connect(url, autocommit=True)
        return held.connection

    return lambda key, body: connection().execute("INSERT INTO bare VALUES (%s, %s)", (key, body)) and None


def make_table(url: str) -> None:
    """Once, before the workers start: two that make it at the same moment trip over each other."""
    if url.startswith("sqlite"):
        with closing(pysqlite3.dbapi2.connect(url.removeprefix("sqlite:///"))) as file:
            file.execute(TABLE)
    else:
        with psycopg.connect(plain(url), autocommit=True) as line:
            line.execute(TABLE)


def make_app(url: str, folder: Path) -> Flask:
    insert = _sqlite(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else _postgres(plain(url))
    app = Flask("bare")

    @app.get("/ready")
    def ready() -> str:
        return "ok"

    @app.put("/checks/<key>")
    def put_check(key: str) -> tuple[dict[str, str], int]:
        request.get_json()
        insert(key, request.get_data(as_text=True))
        return {"id": key}, 201

    @app.put("/photos/<key>")
    def put_photo(key: str) -> tuple[dict[str, str], int]:
        with (folder / key).open("xb") as file:
            while chunk := request.stream.read(CHUNK):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        return {"id": key}, 201

    @app.put("/records/<key>")
    def put_record(key: str) -> tuple[dict[str, str], int]:
        """A record and its photos, one after the other; `parts` says how long each is."""
        first, *rest = map(int, request.args["parts"].split(","))
        xml = request.stream.read(first)
        for number, size in enumerate(rest):
            _keep(folder / f"{key}-{number}", size)
        insert(key, xml.decode())
        return {"id": key}, 201

    @app.put("/whole/<key>")
    def put_whole(key: str) -> tuple[dict[str, str], int]:
        """The careless way, to show that the gauge of memory moves."""
        (folder / key).write_bytes(request.get_data())
        return {"id": key}, 201

    return app


def _keep(path: Path, size: int) -> None:
    """So many bytes of the body in a file of their own, on the disk."""
    with path.open("xb") as file:
        while size and (chunk := request.stream.read(min(CHUNK, size))):
            size -= len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def build() -> Flask:
    """The application of one worker process."""
    return make_app(os.environ[URL], Path(os.environ[FOLDER]))


def main(port: str, url: str, folder: str) -> int:
    os.environ.update({URL: url, FOLDER: folder})
    make_table(url)
    Server(
        "bench.bare:build",
        port=int(port),
        interface=Interfaces.WSGI,
        workers=PROCESSES,
        blocking_threads=THREADS,
        backpressure=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        factory=True,
    ).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
