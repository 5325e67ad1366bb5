"""迁移环境：上锁、限时、两种数据库同一份脚本。"""

from __future__ import annotations

from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, text

import server.models.tables  # noqa: F401 - fills the metadata
from server.models.base import Base

ADVISORY_LOCK = 8_300_117


def include_object(item: Any, name: str, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Ignore what is in the database but not ours (SpatiaLite keeps a dozen tables of its own)."""
    if reflected and compare_to is None and kind in ("table", "index"):
        return kind == "index" and getattr(item, "table", None) is not None and item.table.name in Base.metadata.tables
    return bool(alembic_helpers.include_object(item, name, kind, reflected, compare_to))


def run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is None:
    raise RuntimeError("迁移由 `make db` 或 `python -m server.cli migrate` 运行，不直接用 alembic 命令")
run(given)
