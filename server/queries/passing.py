"""“已有就略过”的插入，两种数据库同一句话。

SQLAlchemy's own clause for it has no place in the statement cache, so every insert was compiled anew; this one has.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Insert, Table, insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement


class PassOver(ClauseElement):
    """The clause after the values."""

    inherit_cache = True
    _traverse_internals: list[Any] = []


@compiles(PassOver)
def _words(_element: PassOver, _compiler: Any, **_: Any) -> str:
    return "ON CONFLICT DO NOTHING"


def insert_or_pass(table: Table) -> Insert:
    """INSERT that passes over a row which is there already, by whichever unique key; give the rows when executing it."""
    made = insert(table)
    made._post_values_clause = PassOver()
    return made.execution_options(preserve_rowcount=True)
