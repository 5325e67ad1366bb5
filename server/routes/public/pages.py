"""公众看的网页：首页、通报、逐条记录、案例、开放数据；不用脚本也完整。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, render_template

from schemas.public.cases import PUBLISHED_COLUMNS
from schemas.public.records import FRAME_WORDS, OUTCOME_WORDS
from server.domain.checks import SHANGHAI
from server.domain.permissions import Permission
from server.domain.wording import LINKS, PARTIES
from server.publishing import bulletins, cases, draws, exports, records
from server.routes.endpoint import endpoint, house
from server.routes.public.questions import CasePageQuery, CursorQuery, RecordPageQuery, listed, narrowing_of, query_of
from server.uow import UnitOfWork

pages = Blueprint("portal", __name__)
READ = Permission.PUBLIC_READ
SITE_NAME = "工程质量抽查公示"
PLACES = (
    ("home", "首页", "/"),
    ("cases", "公示查询", "/cases"),
    ("bulletins", "通报", "/bulletins"),
    ("draws", "抽签", "/draws"),
    ("open-data", "开放数据", "/open-data"),
)
FILE_WORDS = {
    "cases.atom": "订阅，含撤下的记号",
    "cases.csv": "表格，Excel、WPS 可直接打开",
    "cases.geojson": "上地图",
    "cases.json": "给程序用",
}
CASES_A_PAGE, LATEST_CASES, LATEST_BULLETINS = 20, 6, 5
CONDITION_WORDS = {
    "region": "区域",
    "frame": "对象类别",
    "checklist": "检查表",
    "section": "检查内容",
    "item": "检查项",
    "link": "环节",
    "outcome": "结果",
    "liable": "恰由此共同负责",
    "party": "责任主体含",
    "subject": "受检对象",
    "checked_on": "检查日期",
}


# ------------------------------------------------------------------------------------------------ words


@pages.app_context_processor
def about_the_site() -> dict[str, Any]:
    """What every page of the site shows."""
    authority = house().settings.publishing.authority
    return {"site_name": SITE_NAME, "authority": authority, "places": PLACES, "file_words": FILE_WORDS}


@pages.app_template_filter("moment")
def show_moment(at: datetime) -> str:
    """2026 年 10 月 12 日 09:30, in Shanghai."""
    local = at.astimezone(SHANGHAI)
    return f"{local.year} 年 {local.month} 月 {local.day} 日 {local:%H:%M}"


@pages.app_template_filter("day")
def show_day(at: datetime) -> str:
    """10 月 12 日, in Shanghai."""
    local = at.astimezone(SHANGHAI)
    return f"{local.month} 月 {local.day} 日"


@pages.app_template_filter("hour")
def show_hour(at: datetime) -> str:
    """09:30, in Shanghai."""
    return f"{at.astimezone(SHANGHAI):%H:%M}"


@pages.app_template_filter("grouped")
def group_digest(digest: str) -> str:
    """A check value in groups of four."""
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


@pages.app_template_filter("shortened")
def shorten_digest(digest: str) -> str:
    """a81c 6d0f … 77e2."""
    return f"{digest[:4]} {digest[4:8]} … {digest[-4:]}"


@pages.app_template_filter("yuan")
def show_yuan(amount: str) -> str:
    """Decimal text with thousands parted: 120000 → 120,000."""
    whole, dot, cents = amount.partition(".")
    return f"{int(whole):,}{dot}{cents}"


# ------------------------------------------------------------------------------------------------ pages


@pages.get("/")
@endpoint(READ, door="public")
def home(uow: UnitOfWork) -> str:
    """首页。"""
    latest = bulletins.list_bulletins(uow, 0, LATEST_BULLETINS).items
    coming = draws.next_draw(uow)
    if not latest:
        return render_template("home.html", place="home", bulletins=(), coming=coming)
    stages = dict(cases.count_facets(uow).stages)
    return render_template(
        "home.html",
        place="home",
        bulletins=latest,
        bulletin_count=bulletins.count_bulletins(uow),
        page=cases.find_cases(uow, cases.CaseQuestion(), limit=LATEST_CASES),
        decided=stages.get("已作处罚决定", 0),
        titles=cases.checklist_titles(uow),
        held=exports.inventory(uow),
        coming=coming,
    )


@pages.get("/bulletins")
@endpoint(READ, door="public")
def list_bulletins(uow: UnitOfWork) -> str:
    """通报列表。"""
    asked = query_of(CursorQuery)
    page = bulletins.list_bulletins(uow, asked["after"], asked["limit"])
    count = bulletins.count_bulletins(uow)
    return render_template("bulletins.html", place="bulletins", page=page, after=asked["after"], bulletin_count=count)


@pages.get("/bulletins/<slug>")
@endpoint(READ, door="public", refuses=(404, 410))
def show_bulletin(slug: str, uow: UnitOfWork) -> Response:
    """一份通报，公文版式。"""
    row = bulletins.find_bulletin(uow, slug)
    return Response(bulletins.bulletin_page(row, SITE_NAME, show_moment(row.published_at)), mimetype="text/html")


@pages.get("/bulletins/<slug>/records")
@endpoint(READ, door="public", refuses=(404, 410))
def list_records(slug: str, uow: UnitOfWork) -> str:
    """一份通报的逐条记录，或其中一个数所数的那些。"""
    asked = query_of(RecordPageQuery)
    narrowing = narrowing_of(asked)
    row = bulletins.find_bulletin(uow, slug)
    page = records.public_records(uow, row, narrowing, asked["after"], asked["limit"])
    own = f"/bulletins/{quote(slug)}/records"
    kept = {**narrowing, **({"figure": asked["figure"]} if asked["figure"] else {})}
    return render_template(
        "bulletin_records.html",
        place="bulletins",
        bulletin=row,
        page=page,
        rows=[(record, records.in_words(record)) for record in page.items],
        figure=bulletins.figure_counted(row, asked["figure"], narrowing),
        conditions=_conditions(narrowing, records.words_of(uow, row)),
        download=_query(narrowing),
        after=asked["after"],
        first=own + _query(kept),
        following=own + _query({**kept, "after": str(page.next)}) if page.next else "",
    )


@pages.get("/cases")
@endpoint(READ, door="public")
def list_cases(uow: UnitOfWork) -> str:
    """公示查询。"""
    asked = query_of(CasePageQuery)
    question = cases.CaseQuestion(asked["q"], listed(asked["region"]), listed(asked["stage"]))
    page = cases.find_cases(uow, question, skip=(asked["page"] - 1) * CASES_A_PAGE, limit=CASES_A_PAGE)

    def address(**changes: Any) -> str:
        told = {**asked, "page": 1, **changes}
        return "/cases" + _query(
            {name: str(value) for name, value in told.items() if value and (name, value) != ("page", 1)}
        )

    return render_template(
        "cases.html",
        place="cases",
        asked=asked,
        page=page,
        last=max(1, -(-page.total // CASES_A_PAGE)),
        facets=cases.count_facets(uow),
        titles=cases.checklist_titles(uow),
        address=address,
    )


@pages.get("/cases/<number>")
@endpoint(READ, door="public", refuses=(404, 410))
def show_case(number: str, uow: UnitOfWork) -> str:
    """一个案例。"""
    row = cases.find_public_case(uow, number)
    titles = cases.checklist_titles(uow)
    return render_template(
        "case.html", place="cases", case=cases.public_value(row), published_at=row.published_at, titles=titles
    )


@pages.get("/open-data")
@endpoint(READ, door="public")
def open_data(uow: UnitOfWork) -> str:
    """开放数据：文件、校验值、字段、核对办法。"""
    return render_template(
        "open_data.html",
        place="open-data",
        held=exports.inventory(uow),
        licence=exports.LICENCE,
        columns=PUBLISHED_COLUMNS,
        decimals=uow.settings.publishing.coordinate_decimals,
    )


def _query(told: Mapping[str, str]) -> str:
    return "?" + urlencode(told, safe=",") if told else ""


def _conditions(narrowing: Mapping[str, str], words: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """The conditions of a list in words: (结果, 符合、不符合)."""
    known = {
        "frame": FRAME_WORDS,
        "link": LINKS,
        "outcome": OUTCOME_WORDS,
        "liable": PARTIES,
        "party": PARTIES,
        **words,
    }
    return [
        (CONDITION_WORDS[name], "、".join(known.get(name, {}).get(part, part) for part in value.split(",")) or "（空）")
        for name, value in narrowing.items()
    ]
