"""把数据库结构迁到当前版本；整个过程在一把锁和一个事务里。

SpatiaLite must see its metadata and every geometry column made inside one BEGIN IMMEDIATE: four processes that did it
side by side lost columns without an error (measured), so nothing but this module creates tables.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from geoalchemy2 import Geometry, alembic_helpers  # noqa: F401 - the helpers register the geometry operations
from sqlalchemy import Connection, text

import server.models.tables  # noqa: F401 - fills the metadata
from server.config import Settings
from server.db import Database
from server.models.base import Base

FOLDER = Path(__file__).parent / "migrations"
HEAD_FILE = FOLDER / ".head"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def _ready_for_geometry(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        return
    known = connection.execute(text("SELECT count(*) FROM sqlite_master WHERE name = 'spatial_ref_sys'")).scalar()
    if not known:
        connection.execute(text("SELECT InitSpatialMetaData(0, 'WGS84')"))
        connection.execute(text("SELECT InsertEpsgSrid(4490)"))


def _check_geometry(connection: Connection) -> None:
    """Every geometry column of the models must be registered, else there is no index and no type check, silently."""
    query = "SELECT f_table_name, f_geometry_column FROM geometry_columns"
    found = {(row[0], row[1]) for row in connection.execute(text(query))}
    wanted = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Geometry)
    }
    if missing := sorted(wanted - found):
        raise RuntimeError(f"数据库里没有登记几何列：{missing}；请从备份恢复或重建数据库")


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Migrate up to `revision`; safe to run again and from several processes."""
    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(settings)
    engine = database.engine
    if settings.spatialite:
        engine = engine.execution_options(sqlite_begin="IMMEDIATE")
    try:
        with engine.begin() as connection:
            _ready_for_geometry(connection)
            command.upgrade(_config(connection), revision)
            if revision == "head":
                _check_geometry(connection)
    finally:
        database.dispose()


def downgrade(settings: Settings, revision: str) -> None:
    """Migrate down to `revision` (tests and operators only)."""
    database = Database(settings)
    engine = database.engine
    if settings.spatialite:
        engine = engine.execution_options(sqlite_begin="IMMEDIATE")
    try:
        with engine.begin() as connection:
            command.downgrade(_config(connection), revision)
    finally:
        database.dispose()


def new_revision(settings: Settings, word: str, number: str) -> None:
    """Write the next migration by comparing the models with a migrated PostGIS database (developers only)."""
    database = Database(settings)
    with database.engine.begin() as connection:
        _ready_for_geometry(connection)
        command.revision(_config(connection), message=word, autogenerate=True, rev_id=number)
    database.dispose()
