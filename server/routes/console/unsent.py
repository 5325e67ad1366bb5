"""“还在手机上”：科室负责人看谁还有没交的。"""

from __future__ import annotations

from typing import Any

from schemas.sync import UnsentQuery, UnsentShape
from server.domain.permissions import Permission
from server.queries import unsent
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.uow import UnitOfWork

blp = Rooms("console-unsent", __name__, url_prefix="/api/v1/console/unsent", description="还在手机上")


def board(uow: UnitOfWork, query: dict[str, Any]) -> dict[str, Any]:
    """The totals and one page of phones."""
    found = unsent.holders(uow.session, uow.scope, uow.now, **query)
    totals = unsent.outstanding(uow.session, uow.scope)
    return {"now": uow.now, "totals": totals, "items": found.items, "next": found.next}


@blp.route("", methods=["GET"])
@endpoint(Permission.CONSOLE_CHECK_READ, door="console")
@blp.arguments(UnsentQuery, location="query")
@blp.response(200, UnsentShape)
def list_unsent(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """谁的手机上还有没交的、从什么时候起、多少张照片和字节；欠得最久的在前。"""
    return board(uow, query)
