"""公开的抽签：列表、一次抽签、结果；网页、验证包、包里的每个文件、验证程序。"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, render_template, request

from schemas.public.draws import (
    ENTRY_WORDS,
    KIND_WORDS,
    RULE_WORDS,
    STATE_WORDS,
    VOID_WORDS,
    PublicDrawPage,
    PublicDrawSchema,
    PublicResultPage,
)
from server.domain.permissions import Permission
from server.publishing import draw_bundle, draw_files, draw_result, draws, exports
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.routes.public.questions import CursorQuery, DrawListQuery, DrawPageQuery, DrawQuery, query_of
from server.routes.streams import stream
from server.uow import UnitOfWork

blp = Rooms("public-draws", __name__, url_prefix="/api/v1/public/draws", description="公开抽签")
pages = Blueprint("draws", __name__)
READ = Permission.PUBLIC_READ
DRAWS_A_PAGE, RESULT_A_PAGE, LINES_A_PAGE = 20, 50, 20
WORDS = {"states": STATE_WORDS, "rules": RULE_WORDS, "kinds": KIND_WORDS, "entries": ENTRY_WORDS}
LIST_WORDS = {
    "plan.json": "计划",
    "objects.tsv": "检查对象名单",
    "officers.tsv": "检查人员名单（化名）",
    "recusals.tsv": "回避",
    "excluded.tsv": "排除的对象和理由",
    "leads.tsv": "可以带队的人员",
    "units.tsv": "人员所在单位",
    "skills.tsv": "人员专业",
    "needs.tsv": "对象所需专业",
    "opening.json": "开封",
    "result.tsv": "结果",
    "reserve.tsv": "候补次序",
}
COLUMNS = {
    "objects.tsv": ("层", "对象编号", "球数"),
    "officers.tsv": ("人员",),
    "recusals.tsv": ("对象编号", "回避的人员"),
    "excluded.tsv": ("对象编号", "理由"),
    "leads.tsv": ("人员",),
    "units.tsv": ("人员", "单位"),
    "skills.tsv": ("人员", "专业"),
    "needs.tsv": ("对象编号", "专业"),
    "reserve.tsv": ("层", "次序", "对象编号", "签"),
}
TYPES = {"json": "application/json", "zip": "application/zip"}


# ------------------------------------------------------------------------------------------------ programs


@blp.route("", methods=["GET"])
@endpoint(READ, door="public")
@blp.arguments(DrawQuery, location="query")
@blp.response(200, PublicDrawPage)
def list_draws(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """公告过的每一次抽签，作废的也在内，新的在前。"""
    return draws.find_draws(uow, **query)


@blp.route("/<code>", methods=["GET"])
@endpoint(READ, door="public", refuses=(404,))
@blp.response(200, PublicDrawSchema)
def show_draw(code: str, uow: UnitOfWork) -> Any:
    """一次抽签此刻公开的一切；开封之前没有结果。"""
    return draws.draw_facts(uow, draws.find_draw(uow, code))


@blp.route("/<code>/result", methods=["GET"])
@endpoint(READ, door="public", refuses=(404,))
@blp.arguments(CursorQuery, location="query")
@blp.response(200, PublicResultPage)
def list_result(query: dict[str, Any], code: str, uow: UnitOfWork) -> Any:
    """开封之后抽中的对象和检查人员；开封之前是 404。"""
    return draw_result.read_result(uow, draws.find_draw(uow, code), **query)


# ------------------------------------------------------------------------------------------------ people


@pages.get("/draws")
@endpoint(READ, door="public")
def draws_page(uow: UnitOfWork) -> str:
    """抽签列表，和各机关的次数与作废数。"""
    query = query_of(DrawPageQuery)
    question = draws.DrawQuestion(query["region"], query["agency"], query["year"])
    page = draws.find_draws(uow, question, skip=(query["page"] - 1) * DRAWS_A_PAGE, limit=DRAWS_A_PAGE)

    def address(**changes: Any) -> str:
        told = {**query, "page": 1, **changes}
        kept = {name: value for name, value in told.items() if value and (name, value) != ("page", 1)}
        return "/draws" + ("?" + urlencode(kept) if kept else "")

    return render_template(
        "draws.html",
        place="draws",
        asked=query,
        page=page,
        last=max(1, -(-page.total // DRAWS_A_PAGE)),
        facets=draws.count_facets(uow),
        address=address,
        words=WORDS,
    )


@pages.get("/draws/<code>")
@endpoint(READ, door="public", refuses=(404,))
def draw_page(code: str, uow: UnitOfWork) -> str:
    """一次抽签：承诺了什么，封存了什么，抽出了什么，怎样自己验证。"""
    query = query_of(DrawListQuery)
    row = draws.find_draw(uow, code)
    draw = draws.draw_facts(uow, row)
    present = {file["name"] for file in draw["files"]}
    changes = draw["opening"]["changes"] if draw["opening"] else []
    replaced = {name for change in changes for name in (change["officer"], change["by"], *change["officers"]) if name}
    shown = query["list"] if query["list"] in present & COLUMNS.keys() else "objects.tsv"
    return render_template(
        "draw.html",
        place="draws",
        draw=draw,
        own=f"/draws/{quote(code)}",
        site=exports.site_address(uow),
        result=draw_result.read_result(uow, row, query["result"], RESULT_A_PAGE) if "result.tsv" in present else None,
        result_at=query["result"],
        shown=shown,
        columns=COLUMNS[shown],
        lines=draw_files.read_lines(uow, row, shown, query["at"], LINES_A_PAGE),
        at=query["at"],
        tabs=[(name, LIST_WORDS[name]) for name in COLUMNS if name in present],
        list_words=LIST_WORDS,
        words=WORDS,
        people=draw_result.name_officers(uow, row, replaced),
        named=uow.settings.publishing.officer_policy == draw_result.NAMES,
        strata_titles={stratum["id"]: stratum["title"] for stratum in draw["strata"]},
        exclusion_texts={row["code"]: row["text"] for row in draw["exclusion_reasons"]},
        void_text=VOID_WORDS.get(draw["void_reason"] or "", draw["void_reason"]),
    )


@pages.get("/draws/<code>/bundle.zip")
@endpoint(READ, door="public", refuses=(404,))
def download_bundle(code: str, uow: UnitOfWork) -> Response:  # noqa: ARG001 - the frame gives it
    """验证包：名单、计划、日志和证明，开封之后加上结果。"""
    return stream(
        lambda reading: draw_bundle.bundle(reading, draws.find_draw(reading, code)),
        media_type=TYPES["zip"],
        name=f"{code}.zip",
    )


@pages.get("/draws/<code>/files/<path:name>")
@endpoint(READ, door="public", refuses=(404,))
def download_file(code: str, name: str, uow: UnitOfWork) -> Response:  # noqa: ARG001 - the frame gives it
    """验证包里的一个文件，不用解压。"""
    return stream(
        lambda reading: draw_bundle.read_member(reading, draws.find_draw(reading, code), name),
        media_type=TYPES.get(name.rpartition(".")[2], "text/plain"),
    )


@pages.get("/verify_draw.py")
@endpoint(READ, door="public", refuses=(404,))
def download_script(uow: UnitOfWork) -> Response:  # noqa: ARG001 - the frame gives it
    """验证程序，一个文件，只用 Python 自带的东西。"""
    reply = Response(draw_bundle.read_script(), mimetype="text/x-python")
    reply.headers["Content-Disposition"] = f"attachment; filename={draw_bundle.SCRIPT_NAME}"
    reply.add_etag()
    reply.headers["Cache-Control"] = "no-cache"
    return reply.make_conditional(request)
