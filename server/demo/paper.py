"""通报：请后台起草，送审，法制审核，两人签发，挑几张看过的照片，编号发布。"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.demo.client import Client, every_item
from server.demo.people import COUNTRY
from server.demo.plan import Plan
from server.demo.waiting import wait_for_state

Row = dict[str, Any]
PATH = "/api/v1/console/bulletins"
READY = ("drafting", "in_review", "reviewed", "signed", "published")
PHOTOS_PER_CASE = 2


@dataclass(frozen=True, slots=True)
class Desks:
    """经手的人：起草、法制审核、两名签发、发布。"""

    drafter: Client
    lawyer: Client
    first: Client
    second: Client


def make_bulletin(desks: Desks, plan: Plan, checks: set[str]) -> Row:
    """The bulletin of the season, from wherever an earlier run left it to published; a published one is left alone."""
    row = _find(desks.drafter, plan, checks) or _request(desks.drafter, plan)
    row = wait_for_state(desks.drafter, row["uuid"], READY)
    path = f"{PATH}/{row['uuid']}"
    if row["state"] == "drafting":
        desks.drafter.call("POST", f"{path}/submission", expect=(200, 409))
    desks.lawyer.call("POST", f"{path}/review", content={"note": "表述与案件状态相符（示例）"}, expect=(200, 409))
    for signer in (desks.first, desks.second):
        signer.call("POST", f"{path}/signatures", expect=(200, 409))
    if row["state"] != "published":
        content = {"number": _next_number(desks.drafter, plan), "photos": _choose_photos(desks.drafter, row)}
        desks.second.call("POST", f"{path}/release", content=content, expect=(202, 409))
    done: Row = desks.drafter.get(path)
    return done


def _find(drafter: Client, plan: Plan, checks: set[str]) -> Row | None:
    """A bulletin of this period that an earlier run began: a finished one must count exactly these checks."""
    mine: list[Row] = [
        b
        for b in every_item(drafter, PATH)
        if (b["region_code"], b["period_from_on"], b["period_to_on"])
        == (COUNTRY, str(plan.first_on), str(plan.until_on))
    ]
    for row in reversed(mine):
        if row["state"] in ("requested", *READY[1:]) and counted_checks(drafter, row["uuid"]) == checks:
            return row
        if row["state"] in ("drafting", "failed"):
            reply = drafter.call("POST", f"{PATH}/{row['uuid']}/redraft", expect=(202, 409))
            again: Row = reply.json() if reply.status == 202 else row
            return again
    return None


def counted_checks(drafter: Client, bulletin: str) -> set[str]:
    """The checks a drafted bulletin counts, as its own record list shows them; empty while it is not drafted."""
    content = drafter.get(f"{PATH}/{bulletin}")["content"]
    figures = [f["id"] for f in (content or {}).get("figures", []) if f["filter"] == {"records": "checks"}]
    if not figures:
        return set()
    return {line["check"] for line in every_item(drafter, f"{PATH}/{bulletin}/figures/{figures[0]}")}


def _request(drafter: Client, plan: Plan) -> Row:
    content = {
        "region_code": COUNTRY,
        "first_on": str(plan.first_on),
        "last_on": str(plan.until_on),
        "occasion": f"{plan.base_on.year}年建设工程质量“双随机、一公开”抽查（示例）",
        "basis": ["2026年度建设工程质量监督抽查计划（示例）".replace("2026", str(plan.base_on.year))],
        "recipients": ["各有关单位（示例）"],
        "report_by_on": str(plan.base_on.replace(year=plan.base_on.year + 1)),
        "dated_on": str(plan.base_on),
        "typical_cases": 5,
    }
    row: Row = drafter.call("POST", PATH, content=content, expect=(202,)).json()
    return row


def _next_number(drafter: Client, plan: Plan) -> str:
    """The number after the highest one used this year."""
    head = f"示建质通〔{plan.base_on.year}〕"
    used = [b["number"] for b in every_item(drafter, PATH) if (b["number"] or "").startswith(head)]
    highest = max((int(n.removeprefix(head).removesuffix("号")) for n in used), default=0)
    return f"{head}{highest + 1}号"


def _choose_photos(drafter: Client, row: Row) -> list[str]:
    """A few readable photos of the typical cases, each looked at before it is chosen."""
    content = drafter.get(f"{PATH}/{row['uuid']}")["content"]
    chosen: list[str] = []
    for choice in content["selection"]:
        case = drafter.get(f"/api/v1/console/cases/{choice['id']}")
        photos = drafter.get("/api/v1/console/evidence", {"check": case["check"]})["items"]
        readable = [p["uuid"] for p in photos if p["state"] == "examined"][:PHOTOS_PER_CASE]
        for photo in readable:
            drafter.call("GET", f"/api/v1/console/evidence/{photo}/preview-large", expect=(200,))
        chosen += readable
    return chosen
