"""热路上的语句：编译一次，此后原样交给驱动。

The doors that take records in answer hundreds of times a second, and most of what a statement costs there is not the
database but the way to it. A `Prepared` keeps what SQLAlchemy worked out (text, how each value is written and read) and
hands it to the driver's cursor; on the same connection, in the same transaction, with the same errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Engine, Executable, Table
from sqlalchemy import insert as sql_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Change = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class Told:
    """What a statement said: its rows as plain tuples, and how many rows it touched."""

    rows: Sequence[tuple[Any, ...]]
    touched: int

    def scalar(self) -> Any:
        """The first column of the first row, None without one."""
        return self.rows[0][0] if self.rows else None


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement as one database takes it; `order` is None where values are given by name."""

    text: str
    order: tuple[str, ...] | None
    fixed: Mapping[str, Any]
    written: tuple[tuple[str, Change], ...]
    read: tuple[Change, ...]

    def values(self, given: Mapping[str, Any]) -> Any:
        named = dict(self.fixed)
        for name, change in self.written:
            value = given[name]
            named[name] = value if change is None else change(value)
        return named if self.order is None else [named[name] for name in self.order]

    def row(self, raw: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(v if change is None else change(v) for v, change in zip(raw, self.read, strict=True))


class Line:
    """A connection straight from the pool, for a unit of one `Prepared`: it has no transaction and makes no objects."""

    def __init__(self, engine: Engine) -> None:
        self.dialect = engine.dialect
        self.connection = engine.raw_connection()

    def invalidate(self, error: BaseException) -> None:
        self.connection.invalidate(error)

    def close(self) -> None:
        self.connection.close()


class Prepared:
    """A statement whose every value is given by name at each run; no defaults of columns, no lists of unknown length."""

    def __init__(self, statement: Executable, names: Iterable[str] = ()) -> None:
        self._statement, self._names = statement, tuple(names)
        self._ready: dict[str, _Ready] = {}

    def run(self, connection: Connection | Line, given: Mapping[str, Any]) -> Told:
        """Raises KeyError for a value that is missing, and SQLAlchemy's errors for the driver's."""
        dialect = connection.dialect
        ready = self._ready.get(dialect.name) or self._prepare(dialect)
        values = ready.values(given)
        raw = connection.connection
        cursor = raw.cursor()
        try:
            cursor.execute(ready.text, values)
            rows = [ready.row(row) for row in cursor.fetchall()] if ready.read else []
            return Told(rows, cursor.rowcount)
        except dialect.loaded_dbapi.Error as error:
            raise self._refused(connection, ready, error, cursor) from error
        finally:
            cursor.close()

    def _refused(self, connection: Connection | Line, ready: _Ready, error: Exception, cursor: Any) -> BaseException:
        """The driver's error as SQLAlchemy tells it; a line that is gone leaves the pool. Values are personal: never told."""
        dialect = connection.dialect
        gone = dialect.is_disconnect(error, connection.connection, cursor)  # type: ignore[arg-type]
        if gone:
            connection.invalidate(error)
        return DBAPIError.instance(
            ready.text,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=gone,
            dialect=dialect,
        )

    def _prepare(self, dialect: Dialect) -> _Ready:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(self._names) or None)  # type: ignore[attr-defined]
        ready = self._ready[dialect.name] = _read(compiled, dialect)
        return ready


def _read(compiled: SQLCompiler, dialect: Dialect) -> _Ready:
    fixed, written = {}, []
    for name, bind in compiled.binds.items():
        change = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if bind.required:
            written.append((name, change))
        else:
            fixed[name] = bind.value if change is None else change(bind.value)
    order = tuple(compiled.positiontup) if compiled.positiontup else None
    kinds = [column.type.dialect_impl(dialect) for column in compiled.statement.exported_columns]  # type: ignore[union-attr]
    return _Ready(str(compiled), order, fixed, tuple(written), tuple(k.result_processor(dialect, None) for k in kinds))


def insertion(model: type, names: Iterable[str]) -> Prepared:
    """A row of these columns of a model's table; the database is not asked for its number."""
    return Prepared(sql_insert(cast(Table, model.__table__)).inline(), names)  # type: ignore[attr-defined]
