"""SpatiaLite 的几条规矩真的开着。"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from server.db import Database
from tests.factories.databases import settings_for


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    settings = settings_for(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, ZHIJIAN_DATABASE__BUSY_TIMEOUT_S="1")
    made = Database(settings)
    yield made
    made.dispose()


def pragma(database: Database, name: str) -> object:
    with database.engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_a_commit_survives_a_power_cut(database: Database) -> None:
    assert pragma(database, "journal_mode") == "wal"
    assert pragma(database, "synchronous") == 2  # FULL


def test_foreign_keys_are_enforced(database: Database) -> None:
    with Session(database.writes) as session:
        session.execute(text("CREATE TABLE a (id INTEGER PRIMARY KEY)"))
        session.execute(text("CREATE TABLE b (a INTEGER REFERENCES a(id))"))
        with pytest.raises(IntegrityError):
            session.execute(text("INSERT INTO b VALUES (7)"))


def test_spatialite_is_loaded(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT ST_AsText(MakePoint(1, 2))").scalar() == "POINT(1 2)"


def test_writers_take_their_turn_from_the_first_word(database: Database) -> None:
    """A second writer is refused at BEGIN, not after it has read what is about to change."""
    with Session(database.writes) as first, Session(database.writes) as second:
        first.execute(text("SELECT 1"))
        with pytest.raises(OperationalError, match="locked"):
            second.execute(text("SELECT 1"))


def test_readers_are_not_held_up_by_a_writer(database: Database) -> None:
    with Session(database.writes) as writer:
        writer.execute(text("CREATE TABLE t (x)"))
        with Session(database.engine) as reader:
            assert reader.execute(text("SELECT count(*) FROM sqlite_master WHERE name = 't'")).scalar() == 0


def test_after_a_fork_everything_is_made_anew(database: Database) -> None:
    engine = database.engine
    database.after_fork()
    assert database.engine is not engine
    engine.dispose()


def test_four_threads_write_one_after_the_other(database: Database) -> None:
    with Session(database.writes) as session:
        session.execute(text("CREATE TABLE n (x INTEGER)"))
        session.execute(text("INSERT INTO n VALUES (0)"))
        session.commit()

    def add() -> None:
        for _ in range(25):
            with Session(database.writes) as session:
                now = session.execute(text("SELECT x FROM n")).scalar_one()
                session.execute(text("UPDATE n SET x = :x"), {"x": now + 1})
                session.commit()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(database.engine) as session:
        assert session.execute(text("SELECT x FROM n")).scalar() == 100
