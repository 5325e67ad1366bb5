"""公开的抽签：列表、各机关的作废数、一次抽签到此刻为止可以公开的事实。

Only the columns of `_PUBLIC` are ever read, any other raises; the one-time codes live in a table this room never opens.
What is shown follows from `is_open` alone: until then nothing here depends on who was drawn.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import load_only

from server.domain.checks import SHANGHAI
from server.domain.errors import Missing
from server.models.draws import Draw
from server.models.regions import Region, RegionAncestor
from server.publishing.draw_files import count_strata, is_open, list_files, opening_text
from server.publishing.draw_log import draw_log
from server.uow import UnitOfWork

_PUBLIC = load_only(
    Draw.id, Draw.code, Draw.series, Draw.round, Draw.replaces, Draw.region_code, Draw.agency_code, Draw.title,
    Draw.state, Draw.plan, Draw.plan_sha256, Draw.due_on, Draw.result_sha256, Draw.void_reason, Draw.announced_at,
    Draw.numbers_due_at, Draw.typed_at, Draw.sealed_at, Draw.opened_at, Draw.voided_at,
    raiseload=True,
)  # fmt: skip
_STATES = {"sealed": "sealed", "opened": "opened", "void": "void", "typed": "numbers", "drawing": "numbers"}


@dataclass(frozen=True, slots=True)
class DrawQuestion:
    """Which draws: of a region with all below it, of one agency, announced in one year (Shanghai); empty asks for all."""

    region: str = ""
    agency: str = ""
    year: int = 0


@dataclass(frozen=True, slots=True)
class DrawPage:
    """`total` match; `items` one page, newest first; `next` the cursor of the next page."""

    total: int
    items: Sequence[dict[str, Any]]
    next: int | None


@dataclass(frozen=True, slots=True)
class Agency:
    """How many draws an agency announced and how many of them became void."""

    code: str
    name: str
    draws: int
    voids: int


@dataclass(frozen=True, slots=True)
class DrawFacets:
    """What a list can be narrowed by: agencies, regions (code, name, draws), years."""

    agencies: Sequence[Agency]
    regions: Sequence[tuple[str, str, int]]
    years: Sequence[int]


# ------------------------------------------------------------------------------------------------ lists


def _matching(question: DrawQuestion) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if question.region:
        below = select(RegionAncestor.region_code).where(RegionAncestor.ancestor_code == question.region)
        found.append(Draw.region_code.in_(below))
    if question.agency:
        found.append(Draw.agency_code == question.agency)
    if question.year:
        first, after = (datetime(year, 1, 1, tzinfo=SHANGHAI) for year in (question.year, question.year + 1))
        found += [Draw.announced_at >= first, Draw.announced_at < after]
    return found


def find_draws(uow: UnitOfWork, question: DrawQuestion, *, after: int = 0, skip: int = 0, limit: int = 50) -> DrawPage:
    """Draws that match, newest first: by cursor (`after`) for programs or by place (`skip`) for numbered pages."""
    matching = _matching(question)
    total = uow.session.scalar(select(func.count()).select_from(Draw).where(*matching)) or 0
    rows = select(Draw).options(_PUBLIC).where(*matching)
    rows = rows.where(Draw.id < after) if after else rows
    found = list(uow.session.scalars(rows.order_by(Draw.id.desc()).offset(skip).limit(limit + 1)))
    kept, names = found[:limit], _region_names(uow, found)
    return DrawPage(
        total, [_head(uow, row, names) for row in kept], kept[-1].id if kept and len(found) > limit else None
    )


def count_facets(uow: UnitOfWork) -> DrawFacets:
    """Agencies with their draws and voids, regions and years that have draws."""
    regions = select(Draw.region_code, Region.name, func.count()).join(Region, Region.code == Draw.region_code)
    rows = uow.session.execute(regions.group_by(Draw.region_code, Region.name).order_by(Draw.region_code))
    span = uow.session.execute(select(func.min(Draw.announced_at), func.max(Draw.announced_at))).one()
    first, last = (at.astimezone(SHANGHAI).year if at else 0 for at in span)
    years = range(last, first - 1, -1) if last else ()
    return DrawFacets(count_agencies(uow), list(rows.tuples()), list(years))


def count_agencies(uow: UnitOfWork) -> list[Agency]:
    """Every agency that announced a draw, with the count of its draws and of its voids; named by its newest plan."""
    voids = func.count(Draw.voided_at)
    counts = select(Draw.agency_code, func.count(), voids, func.max(Draw.id)).group_by(Draw.agency_code)
    rows = uow.session.execute(counts.order_by(Draw.agency_code)).tuples().all()
    newest = select(Draw.id, Draw.plan).where(Draw.id.in_([row[3] for row in rows]))
    plans = dict(uow.session.execute(newest).tuples().all())
    return [Agency(code, _agency_name(json.loads(plans[last]), code), draws, void) for code, draws, void, last in rows]


def next_draw(uow: UnitOfWork) -> dict[str, Any] | None:
    """The announced draw whose numbers come next, for the home page; None when none is announced."""
    coming = select(Draw).options(_PUBLIC).where(Draw.state == "announced", Draw.numbers_due_at >= uow.now)
    row = uow.session.scalars(coming.order_by(Draw.numbers_due_at, Draw.id).limit(1)).first()
    return None if row is None else _head(uow, row, {})


def _region_names(uow: UnitOfWork, rows: Sequence[Draw]) -> dict[str, str]:
    codes = {row.region_code for row in rows}
    return dict(uow.session.execute(select(Region.code, Region.name).where(Region.code.in_(codes))).tuples().all())


# ------------------------------------------------------------------------------------------------ one draw


def find_draw(uow: UnitOfWork, code: str) -> Draw:
    """One draw with its public columns only. Raises Missing `draw-not-found`."""
    row = uow.session.scalar(select(Draw).options(_PUBLIC).where(Draw.code == code))
    if row is None:
        raise Missing("draw-not-found", "没有这次抽签。")
    return row


def read_opening(uow: UnitOfWork, draw: Draw) -> dict[str, Any] | None:
    """What was opened, parsed; None before the opening."""
    text = opening_text(uow, draw)
    return None if text is None else json.loads(text)


def draw_facts(uow: UnitOfWork, draw: Draw) -> dict[str, Any]:
    """Everything public of one draw now, for `PublicDrawSchema`."""
    plan = json.loads(draw.plan)
    opening = read_opening(uow, draw)
    return {
        **_head(uow, draw, _region_names(uow, [draw])),
        **_promise(plan),
        "replaces": draw.replaces,
        "replaced_by": _replaced_by(uow, draw),
        "plan_sha256": draw.plan_sha256,
        "sealed_sha256": draw.result_sha256 if draw.sealed_at else None,
        **_standing_of(uow, draw.agency_code),
        "files": list_files(uow, draw),
        "log": draw_log(uow, draw.code),
        "opening": None if opening is None else _opened(opening, plan),
    }


def _head(uow: UnitOfWork, draw: Draw, names: dict[str, str]) -> dict[str, Any]:
    plan = json.loads(draw.plan)
    counts = count_strata(uow, draw)
    return {
        "code": draw.code,
        "series": draw.series,
        "round": draw.round,
        "title": draw.title,
        "agency": _agency_name(plan, draw.agency_code),
        "agency_code": draw.agency_code,
        "region_code": draw.region_code,
        "region": names.get(draw.region_code, draw.region_code),
        "state": _STATES.get(draw.state, "announced"),
        "open": is_open(draw),
        "void_reason": draw.void_reason,
        "objects": sum(counts.values()),
        "take": sum(min(stratum["take"], counts.get(stratum["id"], 0)) for stratum in plan["strata"]),
        "strata": [_stratum(stratum, counts) for stratum in plan["strata"]],
        **{name: getattr(draw, name) for name in _MOMENTS},
        "due_on": draw.due_on,
    }


_MOMENTS = ("announced_at", "numbers_due_at", "typed_at", "sealed_at", "opened_at", "voided_at")


def _stratum(stratum: dict[str, Any], counts: dict[str, int]) -> dict[str, Any]:
    told = {name: stratum.get(name) for name in ("id", "take", "rate", "minimum")}
    return {**told, "title": stratum.get("title") or stratum["id"], "objects": counts.get(stratum["id"], 0)}


def _promise(plan: dict[str, Any]) -> dict[str, Any]:
    entropy = plan.get("entropy") or {}
    told = {name: entropy.get(name) for name in ("kind", "game", "issue", "fallback", "ask", "at")}
    return {
        "seats": plan["seats"],
        "rule": plan.get("rule"),
        "commitment": plan["commitment"],
        "commitment_steps": plan["commitment_steps"],
        "entropy": {**told, "groups": entropy.get("groups", [])},
        "reasons": [_reason(row) for row in plan.get("reasons", [])],
        "exclusion_reasons": [_reason(row) for row in plan.get("exclusion_reasons", [])],
    }


def _reason(row: dict[str, Any]) -> dict[str, str]:
    return {"code": row["code"], "text": row["text"]}


def _opened(opening: dict[str, Any], plan: dict[str, Any]) -> dict[str, Any]:
    texts = {row["code"]: row["text"] for row in plan.get("reasons", [])}
    changes = [_change(change, texts) for change in opening["changes"]]
    told = {name: opening.get(name) for name in ("one_time_code", "entropy", "result_sha256")}
    return {**told, "changes": changes}


def _change(change: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    body = change["body"]
    return {
        **{name: change[name] for name in ("n", "kind", "reason", "salt")},
        "text": texts.get(change["reason"]),
        "object": body["object"],
        "by": body["by"],
        "officer": body.get("officer"),
        "officers": body.get("officers", []),
    }


def _agency_name(plan: dict[str, Any], code: str) -> str:
    return str(plan.get("agency") or code)


def _standing_of(uow: UnitOfWork, agency: str) -> dict[str, int]:
    counts = select(func.count(), func.count(Draw.voided_at)).where(Draw.agency_code == agency)
    draws, voids = uow.session.execute(counts).one()
    return {"agency_draws": draws, "agency_voids": voids}


def _replaced_by(uow: UnitOfWork, draw: Draw) -> str | None:
    return uow.session.scalar(select(Draw.code).where(Draw.series == draw.series, Draw.round == draw.round + 1))
