"""迁移：一个头，与模型相同，能退能进，两种数据库都一样。"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from geoalchemy2 import alembic_helpers
from sqlalchemy import inspect, text

import server.models.tables  # noqa: F401 - fills the metadata
from server import migrate
from server.config import Settings
from server.db import Database
from server.models.base import Base
from tests.factories.databases import KINDS, create_empty, drop_postgres, settings_for

TABLES = set(Base.metadata.tables)


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a new, empty database."""
    url = create_empty(request.param, tmp_path)
    yield settings_for(url, tmp_path)
    if request.param == "postgis":
        drop_postgres(url)


def tables(settings: Settings) -> set[str]:
    database = Database(settings)
    found = set(inspect(database.engine).get_table_names()) & TABLES
    database.dispose()
    return found


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    return ScriptDirectory.from_config(config)


def test_there_is_one_head_and_the_file_names_it() -> None:
    assert scripts().get_heads() == [migrate.HEAD_FILE.read_text(encoding="utf-8").strip()]


def test_revisions_are_numbered_in_order() -> None:
    numbers = [s.revision for s in reversed(list(scripts().walk_revisions()))]
    assert numbers == [f"{n + 1:04d}" for n in range(len(numbers))]


def test_migrated_tables_equal_the_models(empty: Settings) -> None:
    migrate.upgrade(empty)
    assert tables(empty) == TABLES
    database = Database(empty)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "include_object": _ours},
        )
        found = compare_metadata(context, Base.metadata)
    database.dispose()
    assert found == []


def _ours(item: object, name: str, kind: str, reflected: bool, compare_to: object) -> bool:
    if reflected and compare_to is None and kind == "table":
        return name in TABLES
    if reflected and compare_to is None and kind == "index":
        return getattr(getattr(item, "table", None), "name", None) in TABLES and not name.startswith("idx_")
    return bool(alembic_helpers.include_object(item, name, kind, reflected, compare_to))


def test_down_and_up_again(empty: Settings) -> None:
    migrate.upgrade(empty)
    migrate.downgrade(empty, "base")
    assert tables(empty) == set()
    migrate.upgrade(empty)
    assert tables(empty) == TABLES


def test_upgrading_twice_changes_nothing(empty: Settings) -> None:
    migrate.upgrade(empty)
    migrate.upgrade(empty)
    database = Database(empty)
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    database.dispose()


def test_geometry_is_indexed_and_in_4326(empty: Settings) -> None:
    migrate.upgrade(empty)
    database = Database(empty)
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT f_table_name, f_geometry_column, srid FROM geometry_columns")).all()
    database.dispose()
    wanted = {
        ("subject_places", "centre"),
        ("subject_places", "boundary"),
        ("check_places", "point"),
        ("evidence_places", "point"),
    }
    assert {(t, c) for t, c, _ in rows} == wanted
    assert {srid for _, _, srid in rows} == {4326}
