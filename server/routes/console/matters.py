"""随机抽查事项清单。"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from schemas.matters import MatterEdit, MatterPage, MatterQuery, MatterShape, NewMatterShape
from schemas.register_edits import CursorQuery, HistoryPage, RestoreShape, RetireQuery
from server.domain.matters import NewMatter
from server.domain.permissions import Permission
from server.domain.register_facts import Register
from server.queries import registers
from server.queries.register_history import history
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import matters
from server.uow import UnitOfWork

blp = Rooms("console-matters", __name__, url_prefix="/api/v1/console/matters", description="随机抽查事项清单")
READ, WRITE = Permission.CONSOLE_MATTER_READ, Permission.CONSOLE_MATTER_WRITE
_AS_STORED = (
    "uuid",
    "code",
    "name",
    "frame",
    "kinds",
    "region_code",
    "checklists",
    "share_num",
    "share_den",
    "times_a_year",
    "method",
    "content",
    "note",
    "revision",
    "created_at",
    "updated_at",
    "retired_at",
)


def _basis(stored: dict[str, Any]) -> dict[str, Any]:
    code = stored.get("code")
    law = stored.get("title") or matters.known_bases().get(code or "", code or "")
    return {"code": code, "law": law, "clause": stored.get("clause"), "source": stored.get("source")} | {
        name: stored[name] for name in ("confidence", "verified")
    }


def matter_rows(uow: UnitOfWork, rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Matters with the names of their laws and of the authority that checks."""
    found = list(rows)
    owners = registers.organisations_by_number(uow.session, [m.organisation_id for m in found])
    return [
        {name: getattr(m, name) for name in _AS_STORED}
        | {
            "organisation": owners[m.organisation_id].uuid,
            "organisation_name": owners[m.organisation_id].name,
            "legal_bases": [_basis(stored) for stored in m.legal_bases],
        }
        for m in found
    ]


@blp.route("", methods=["GET"])
@endpoint(READ, door="console")
@blp.arguments(MatterQuery, location="query")
@blp.response(200, MatterPage)
def list_matters(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """抽查事项清单。"""
    found = registers.matters(uow.session, uow.scope, **query)
    return {"items": matter_rows(uow, found.items), "next": found.next}


@blp.route("", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(409,))
@blp.arguments(NewMatterShape)
@blp.response(201, MatterShape)
def create_matter(body: NewMatter, uow: UnitOfWork) -> Any:
    """列入一条抽查事项；没有依据的不得列入。"""
    return matter_rows(uow, [matters.create_matter(uow, body)])[0]


@blp.route("/<uuid:matter>", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.response(200, MatterShape)
def show_matter(matter: UUID, uow: UnitOfWork) -> Any:
    """一条抽查事项。"""
    return matter_rows(uow, [matters.find_matter(uow, matter)])[0]


@blp.route("/<uuid:matter>", methods=["PATCH"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(MatterEdit)
@blp.response(200, MatterShape)
def edit_matter(body: dict[str, Any], matter: UUID, uow: UnitOfWork) -> Any:
    """修改抽查事项，按版本号防覆盖，逐项留痕。"""
    return matter_rows(uow, [matters.edit_matter(uow, matters.find_matter(uow, matter), **body)])[0]


@blp.route("/<uuid:matter>", methods=["DELETE"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(RetireQuery, location="query")
@blp.response(204)
def retire_matter(query: dict[str, Any], matter: UUID, uow: UnitOfWork) -> None:
    """退出清单（不删除）。"""
    matters.retire_matter(uow, matters.find_matter(uow, matter), **query)


@blp.route("/<uuid:matter>/restore", methods=["POST"])
@endpoint(WRITE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(RestoreShape)
@blp.response(200, MatterShape)
def restore_matter(body: dict[str, Any], matter: UUID, uow: UnitOfWork) -> Any:
    """恢复到清单。"""
    return matter_rows(uow, [matters.restore_matter(uow, matters.find_matter(uow, matter), **body)])[0]


@blp.route("/<uuid:matter>/history", methods=["GET"])
@endpoint(READ, door="console", refuses=(404,))
@blp.arguments(CursorQuery, location="query")
@blp.response(200, HistoryPage)
def show_matter_history(query: dict[str, Any], matter: UUID, uow: UnitOfWork) -> Any:
    """一条抽查事项的变更记录。"""
    return history(uow.session, Register.MATTER, matters.find_matter(uow, matter).id, **query)
