"""时刻在北京时间的哪一天，两种数据库同一个答案。"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class shanghai_day(GenericFunction[Any]):
    """The civil day in Shanghai of an instant column; China keeps one offset all year."""

    type = Date()
    name = "shanghai_day"
    inherit_cache = True


@compiles(shanghai_day, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(({compiler.process(element.clauses, **kw)}) AT TIME ZONE 'Asia/Shanghai')::date"


@compiles(shanghai_day, "sqlite")
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '+8 hours')"
