"""两种数据库的测试库：各有一个装好的样板，每个测试文件得一份副本。"""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

from server import migrate
from server.config import Settings, load_settings

POSTGRES = "ZHIJIAN_TEST_POSTGRES"
KINDS = ("spatialite", "postgis")
# One key for all: a log that was begun in a template goes on in its copies.
LOG_KEY = b64encode(sha256(b"tests").digest()).decode()


class DatabaseMissing(Exception):
    """没有测试用的 PostgreSQL：这是失败，不是跳过。"""


def settings_for(url: str, data: Path, **more: str) -> Settings:
    """Settings of a test instance: cheap passwords, everything else as in service."""
    given = {
        "ZHIJIAN_ENV": "test",
        "ZHIJIAN_DATA": str(data),
        "ZHIJIAN_DATABASE__URL": url,
        "ZHIJIAN_SECURITY__ARGON2_TIME": "1",
        "ZHIJIAN_SECURITY__ARGON2_MEMORY_KIB": "8",
        "ZHIJIAN_SECURITY__LOG_KEY": LOG_KEY,
    }
    return load_settings(given | more)


def postgres_url() -> str:
    """The cluster's address; raises DatabaseMissing."""
    url = os.environ.get(POSTGRES)
    if not url:
        raise DatabaseMissing(f"没有 {POSTGRES}；请用 make test 运行，它会起一个临时的 PostGIS")
    return url


def _administer(statement: str) -> None:
    at = make_url(postgres_url())
    link = f"host={at.host} port={at.port} user={at.username} dbname={at.database}"
    with psycopg.connect(link, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def create_postgres(template: str = "template1") -> str:
    """A new database from a template; returns its address."""
    name = f"t_{uuid4().hex[:20]}"
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return make_url(postgres_url()).set(database=name).render_as_string(hide_password=False)


def drop_postgres(url: str) -> None:
    _administer(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


def create_empty(kind: str, folder: Path) -> str:
    """A new database without tables."""
    return create_postgres() if kind == "postgis" else f"sqlite:///{folder / f'{uuid4().hex}.db'}"


@dataclass(frozen=True, slots=True)
class Template:
    """A migrated and filled database that nobody is connected to."""

    kind: str
    url: str

    def duplicate(self, folder: Path) -> str:
        """The address of an own copy."""
        original = str(make_url(self.url).database)
        if self.kind == "postgis":
            return create_postgres(original)
        file = folder / f"{uuid4().hex}.db"
        with closing(sqlite3.connect(original)) as source, closing(sqlite3.connect(file)) as copy:
            source.backup(copy)  # with what still stands in its log
        return f"sqlite:///{file}"

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        """An own copy, gone afterwards."""
        url = self.duplicate(folder)
        yield url
        if self.kind == "postgis":
            drop_postgres(url)


def kept_folder() -> Path:
    """A folder for what this test process makes once and copies."""
    folder = Path(tempfile.mkdtemp(prefix="zhijian-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _tables(kind: str) -> Template:
    """A database with all tables and nothing in them, migrated once in this process."""
    folder = kept_folder()
    settings = settings_for(create_empty(kind, folder), folder)
    migrate.upgrade(settings)
    return Template(kind, settings.database.url)


def migrated(kind: str, folder: Path, **more: str) -> Settings:
    """Settings of a new database with all tables."""
    return settings_for(_tables(kind).duplicate(folder), folder, **more)
