"""抽签的网页：列表、一次抽签、公告、会场大屏。"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import request

from schemas.draws import DrawQuery
from server.domain.checks import shanghai_day
from server.domain.draw_states import STATE_TITLES, SUBSTITUTION_REASONS, VOID_REASONS, DrawState
from server.domain.draws import Plan
from server.domain.entropy import GAMES
from server.domain.permissions import Permission
from server.formats.qr import qr_svg
from server.queries import draws as queries
from server.queries import plans as plan_queries
from server.queries.assignments import Wanted, assignment_page
from server.queries.console_pages import region_names
from server.routes.console.page_frame import page_room, query_of, show
from server.routes.endpoint import endpoint
from server.services import draws
from server.services.plans import find_batch
from server.services.simulation import simulate
from server.uow import UnitOfWork

pages = page_room("draw-pages")
P = Permission
S = DrawState
A_PAGE, MOST = 50, 200
STEPS = (
    ("公告", "announced_at"),
    ("录入数字", "typed_at"),
    ("另一人确认", "confirmed_at"),
    ("抽取封存", "sealed_at"),
    ("开封", "opened_at"),
)
DONE = {S.ANNOUNCED: 1, S.TYPED: 2, S.DRAWING: 3, S.SEALED: 4, S.OPENED: 5, S.VOID: 0}
FILE_TITLES = {
    "objects.tsv": "检查对象名单",
    "officers.tsv": "检查人员名单（化名）",
    "recusals.tsv": "回避",
    "excluded.tsv": "排除的对象和理由",
    "leads.tsv": "可以带队的人员",
    "units.tsv": "人员所在单位",
    "skills.tsv": "人员专业",
    "needs.tsv": "对象所需专业",
    "result.tsv": "结果",
    "reserve.tsv": "候补次序",
}


@pages.get("/draws")
@endpoint(P.CONSOLE_DRAW_READ, door="console")
def draw_list(uow: UnitOfWork) -> str:
    """抽签列表。"""
    asked = query_of(DrawQuery)
    page = queries.draw_page(uow.session, uow.scope, **asked)
    names = region_names(uow.session, [row["region_code"] for row in page.items])
    return show("draws.html", uow, "draws", page=page, asked=asked, states=STATE_TITLES, regions=names)


@pages.get("/draws/new")
@endpoint(P.CONSOLE_DRAW_ANNOUNCE, door="console", refuses=(404,))
def announce_page(uow: UnitOfWork) -> str:
    """公告一次抽签：选批次、看模拟、定公开数字的来源。"""
    chosen = request.args.get("batch", type=UUID)
    if chosen is None:
        found = plan_queries.batch_page(uow.session, uow.scope, 0, MOST, "", None).items
        ready = [b for b in found if all(d["state"] == "void" for d in b["draws"])]
        return show("announce.html", uow, "draws", batches=ready, batch=None)
    row = find_batch(uow, chosen)
    batch = plan_queries.batch_rows(uow.session, [row])[0]
    replaces = next((d["code"] for d in reversed(batch["draws"]) if d["state"] == "void"), "")
    return show(
        "announce.html",
        uow,
        "draws",
        batch=batch,
        simulation=simulate(uow, row),
        games=[(name, name) for name in GAMES if name != "福彩3D"],
        replaces=replaces,
        on_site_at=uow.now + timedelta(minutes=2),
        lottery_at=uow.now + timedelta(hours=36),
    )


@pages.get("/draws/<code>")
@endpoint(P.CONSOLE_DRAW_READ, door="console", refuses=(404,))
def draw_page(code: str, uow: UnitOfWork) -> str:
    """一次抽签：走到哪一步、下一步做什么。"""
    row = draws.find_draw(uow, code)
    draw = queries.draw_detail(uow.session, row)
    revealed = "list" in request.args and draw["sealed_at"] is not None
    return show(
        "draw.html",
        uow,
        "draws",
        draw=draw,
        strip=_strip(draw),
        typed=next((n for n in reversed(draw["numbers"]) if not n["refused_at"]), None),
        tasks=_tasks(uow, code) if revealed else None,
        still_open=queries.open_assignments(uow.session, row.id),
        titles={s["id"]: s["title"] for s in draw["strata"]},
        digests=Plan.from_bytes(row.plan.encode()).files,
        file_titles=FILE_TITLES,
        void_reasons=VOID_REASONS,
        reasons=SUBSTITUTION_REASONS,
        region=region_names(uow.session, [row.region_code]).get(row.region_code, row.region_code),
    )


def _strip(draw: dict[str, Any]) -> list[dict[str, Any]]:
    """The passage as (title, time, look): done, now, ahead, stopped."""
    confirmed = next((n["confirmed_at"] for n in draw["numbers"] if n["confirmed_at"] and not n["refused_at"]), None)
    times = draw | {"confirmed_at": confirmed}
    void = draw["state"] == S.VOID
    reached = DONE[S(draw["state"])] if not void else sum(1 for _, name in STEPS if times[name])
    found = [
        {"title": title, "at": times[name], "look": "done" if n < reached else "now" if n == reached else "ahead"}
        for n, (title, name) in enumerate(STEPS)
    ]
    if void:
        found = [step for step in found if step["look"] == "done"]
        found.append({"title": "作废", "at": draw["voided_at"], "look": "stopped"})
    return found


def _tasks(uow: UnitOfWork, code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: int | None = 0
    wanted = Wanted(shanghai_day(uow.now), draw=code)
    while after is not None:
        page = assignment_page(uow.session, uow.scope, wanted, after, MOST)
        found += page.items
        after = page.next
    return sorted(found, key=lambda task: (task["stratum"], task["rank"], str(task["uuid"])))


# ------------------------------------------------------------------------------------------------ hall


@pages.get("/draws/<code>/hall")
@endpoint(P.CONSOLE_DRAW_READ, door="console", refuses=(404,))
def hall_page(code: str, uow: UnitOfWork) -> str:
    """会场大屏：名单锁定、种子公布、抽取；不勾选就不出现任何名称。"""
    row = draws.find_draw(uow, code)
    draw = queries.draw_detail(uow.session, row)
    named = request.args.get("names") == "1" and draw["sealed_at"] is not None
    web = uow.settings.web
    site = (web.public_url or f"http://{web.host}:{web.port}").rstrip("/")
    address = f"{site}/draws/{code}"
    return show(
        "hall.html",
        uow,
        "draws",
        draw=draw,
        typed=next((n for n in reversed(draw["numbers"]) if n["confirmed_at"] and not n["refused_at"]), None),
        digests=Plan.from_bytes(row.plan.encode()).files,
        file_titles=FILE_TITLES,
        named=named,
        tasks=[t for t in _tasks(uow, code) if t["state"] != "replaced"] if named else [],
        titles={s["id"]: s["title"] for s in draw["strata"]},
        authority=uow.settings.publishing.authority,
        address=address,
        qr=qr_svg(address, "公开验证页的二维码"),
    )
