"""健康：/live 说进程在，/ready 说能干活。"""

from __future__ import annotations

import shutil
from typing import Any

from marshmallow import fields
from sqlalchemy import text

from schemas.base import Shape
from server.domain.errors import NotReady
from server.queries.outbox import oldest_open_seconds
from server.queries.schema_version import current_head, known_head
from server.routes.blueprint import Rooms
from server.routes.endpoint import house, unguarded

blp = Rooms("health", __name__, description="健康")
LEAST_FREE_BYTES = 200 * 1024 * 1024


class LiveShape(Shape):
    """进程在。"""

    status = fields.String(required=True)


class ReadyShape(LiveShape):
    """能干活；`outbox_oldest_s` 是最早一件未办待办等了多少秒。"""

    database = fields.String(required=True)
    schema = fields.String(required=True)
    free_bytes = fields.Integer(required=True)
    outbox_oldest_s = fields.Integer(required=True)


@blp.route("/live", methods=["GET"])
@unguarded("健康检查不含任何数据")
@blp.response(200, LiveShape)
def live() -> Any:
    """进程在。"""
    return {"status": "live"}


@blp.route("/ready", methods=["GET"])
@unguarded("健康检查不含任何数据")
@blp.response(200, ReadyShape)
def ready() -> Any:
    """数据库、表结构、磁盘和待办是否正常；不正常为 503。"""
    with house().unit(writing=False) as uow:
        uow.session.execute(text("SELECT 1"))
        current, wanted = current_head(uow.session), known_head()
        oldest = oldest_open_seconds(uow.session, uow.now)
    if current != wanted:
        raise NotReady("schema-behind", "数据库结构不是当前版本，请先迁移。", retry_after=5)
    free = shutil.disk_usage(house().settings.data if house().settings.data.exists() else "/").free
    if free < LEAST_FREE_BYTES:
        raise NotReady("disk-full", "磁盘空间不足。", retry_after=60)
    kind = "spatialite" if house().settings.spatialite else "postgis"
    return {
        "status": "ready",
        "database": kind,
        "schema": current,
        "free_bytes": free,
        "outbox_oldest_s": oldest,
    }
