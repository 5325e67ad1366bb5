"""热路上的语句：与 SQLAlchemy 说的一样，错误也一样，事务也一样。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, select
from sqlalchemy.exc import IntegrityError, OperationalError

from server.db import Database
from server.models.base import Document, Instant, PublicId
from server.prepared import Prepared
from server.queries.passing import insert_or_pass
from tests.factories.databases import settings_for

NOTES = Table(
    "notes",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("uuid", PublicId, unique=True),
    Column("at", Instant),
    Column("said", Document),
)
NAMES = ("uuid", "at", "said")
ADD = Prepared(NOTES.insert().inline(), NAMES)
ADD_OR_PASS = Prepared(insert_or_pass(NOTES).returning(NOTES.c.id), NAMES)
FIND = Prepared(
    select(NOTES.c.uuid, NOTES.c.at, NOTES.c.said).where(NOTES.c.uuid == bindparam("asked"), NOTES.c.id > 0)
)
NOON = datetime(2026, 4, 1, 12, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(settings_for(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, ZHIJIAN_DATABASE__BUSY_TIMEOUT_S="1"))
    with made.engine.begin() as connection:
        NOTES.create(connection)
    yield made
    made.dispose()


def row(**more: Any) -> dict[str, Any]:
    return {"uuid": uuid4(), "at": NOON, "said": {"话": ["一", 2]}} | more


def test_what_is_written_reads_as_it_was_with_its_types(database: Database) -> None:
    note = row()
    with database.engine.begin() as connection:
        assert ADD.run(connection, note).touched == 1
        assert FIND.run(connection, {"asked": note["uuid"]}).rows == [
            (note["uuid"], NOON.astimezone(UTC), note["said"]),
        ]
        assert connection.execute(select(NOTES.c.said)).scalar() == note["said"]
        assert FIND.run(connection, {"asked": uuid4()}).scalar() is None


def test_it_belongs_to_the_transaction_of_its_connection(database: Database) -> None:
    note = row()
    with database.engine.connect() as connection:
        connection.begin()
        ADD.run(connection, note)
        connection.rollback()
    with database.engine.connect() as connection:
        assert FIND.run(connection, {"asked": note["uuid"]}).rows == []


def test_a_row_that_is_there_is_passed_over(database: Database) -> None:
    note = row()
    with database.engine.begin() as connection:
        assert ADD_OR_PASS.run(connection, note).scalar() == 1
        assert ADD_OR_PASS.run(connection, note).scalar() is None


def test_the_errors_are_those_of_sqlalchemy_without_the_values(database: Database) -> None:
    note = row(said={"电话": "13800000000"})
    with database.engine.connect() as connection:
        connection.begin()
        ADD.run(connection, note)
        with pytest.raises(IntegrityError) as caught:
            ADD.run(connection, note)
    assert "13800000000" not in str(caught.value)


def test_a_busy_database_is_an_operational_error(database: Database) -> None:
    with database.writes.connect() as first, database.engine.connect() as second:
        first.begin()
        ADD.run(first, row())
        with pytest.raises(OperationalError, match="locked"):
            ADD.run(second.execution_options(), row())


def test_a_forgotten_value_is_told_at_once(database: Database) -> None:
    with database.engine.connect() as connection, pytest.raises(KeyError):
        ADD.run(connection, {"uuid": uuid4(), "at": NOON})


def test_it_is_compiled_once_for_a_database(database: Database) -> None:
    with database.engine.begin() as connection:
        ADD.run(connection, row())
        first = ADD._ready["sqlite"]
        ADD.run(connection, row())
        assert ADD._ready["sqlite"] is first
