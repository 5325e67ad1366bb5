"""抽签：公告、录入数字、确认、封存之后的替换、开封、作废；结果只增不改。"""

from __future__ import annotations

from typing import Any

from schemas.base import PageQuery
from schemas.draws import (
    AnnounceShape,
    ConfirmedShape,
    ConfirmShape,
    DrawDetailShape,
    DrawnPage,
    DrawPage,
    DrawQuery,
    DrawShape,
    NumbersShape,
    SubstituteShape,
    VoidShape,
)
from server.domain.permissions import Permission
from server.queries import draws as queries
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import draw_changes, draw_numbers, draw_openings, draws
from server.uow import UnitOfWork

blp = Rooms("console-draws", __name__, url_prefix="/api/v1/console/draws", description="抽签")
P = Permission


@blp.route("", methods=["GET"])
@endpoint(P.CONSOLE_DRAW_READ, door="console")
@blp.arguments(DrawQuery, location="query")
@blp.response(200, DrawPage)
def list_draws(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """抽签列表。"""
    return queries.draw_page(uow.session, uow.scope, **query)


@blp.route("", methods=["POST"])
@endpoint(P.CONSOLE_DRAW_ANNOUNCE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(AnnounceShape)
@blp.response(201, DrawShape)
def announce_draw(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """公告：冻结名单、算摘要、记入公开日志；此后名单一字不改。"""
    return queries.draw_row(draws.announce_draw(uow, body["batch"], body["entropy"], body["replaces"]))


@blp.route("/<code>", methods=["GET"])
@endpoint(P.CONSOLE_DRAW_READ, door="console", refuses=(404,))
@blp.response(200, DrawDetailShape)
def show_draw(code: str, uow: UnitOfWork) -> Any:
    """一次抽签的全部。"""
    return queries.draw_detail(uow.session, draws.find_draw(uow, code))


@blp.route("/<code>/numbers", methods=["POST"])
@endpoint(P.CONSOLE_DRAW_TYPE, door="console", writes=True, refuses=(404, 409, 503))
@blp.arguments(NumbersShape)
@blp.response(200, DrawShape)
def type_numbers(body: dict[str, Any], code: str, uow: UnitOfWork) -> Any:
    """录入公开数字（第一人）。"""
    return queries.draw_row(draw_numbers.type_numbers(uow, code, draw_numbers.Numbers(**body)))


@blp.route("/<code>/confirmation", methods=["POST"])
@endpoint(P.CONSOLE_DRAW_CONFIRM, door="console", writes=True, refuses=(404, 409))
@blp.arguments(ConfirmShape)
@blp.response(202, ConfirmedShape)
def confirm_numbers(body: dict[str, Any], code: str, uow: UnitOfWork) -> Any:
    """另一人独立再录一遍；一致就开始抽取，不一致两份都留下，回到待录入。"""
    draw, agreed = draw_numbers.confirm_numbers(uow, code, body["groups"])
    message = "两人录入一致，正在抽取。" if agreed else "两人录入的数字不一致，两份都已留存，请核对公告后重新录入。"
    return {"agreed": agreed, "message": message, "draw": queries.draw_row(draw)}


@blp.route("/<code>/drawn", methods=["GET"])
@endpoint(P.CONSOLE_DRAW_READ, door="console", refuses=(404,))
@blp.arguments(PageQuery, location="query")
@blp.response(200, DrawnPage)
def list_drawn(query: dict[str, Any], code: str, uow: UnitOfWork) -> Any:
    """抽中的对象与派定的人；出发前保密，只给有权的人看。"""
    return queries.drawn_page(uow.session, draws.find_draw(uow, code), **query)


@blp.route("/<code>/substitutions", methods=["POST"])
@endpoint(P.CONSOLE_DRAW_SUBSTITUTE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(SubstituteShape)
@blp.response(200, DrawShape)
def substitute(body: dict[str, Any], code: str, uow: UnitOfWork) -> Any:
    """替换：对象换成下一个候补，或换下一名执法人员，其余席位不动。"""
    return queries.draw_row(draw_changes.substitute(uow, code, draw_changes.Substitution(**body)))


@blp.route("/<code>/opening", methods=["POST"])
@endpoint(P.CONSOLE_DRAW_OPEN, door="console", writes=True, refuses=(404, 409))
@blp.response(200, DrawShape)
def open_draw(code: str, uow: UnitOfWork) -> Any:
    """开封：公开一次性码、数字、结果，谁都可以重放。"""
    return queries.draw_row(draw_openings.open_draw(uow, code))


@blp.route("/<code>/void", methods=["POST"])
@endpoint(P.CONSOLE_DRAW_VOID, door="console", writes=True, refuses=(404, 409))
@blp.arguments(VoidShape)
@blp.response(200, DrawShape)
def void_draw(body: dict[str, str], code: str, uow: UnitOfWork) -> Any:
    """作废：写明理由，结果一并公开，永不覆盖。"""
    return queries.draw_row(draw_openings.void_draw(uow, code, body["reason"], body["note"]))


@blp.route("/<code>/closing", methods=["POST"])
@endpoint(P.CONSOLE_DRAW_OPEN, door="console", writes=True, refuses=(404, 409))
@blp.response(200, DrawShape)
def close_series(code: str, uow: UnitOfWork) -> Any:
    """办结：公开码链的起点，这一批次此后不能再抽。"""
    return queries.draw_row(draw_openings.close_series(uow, code))
