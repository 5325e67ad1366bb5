"""科室负责人：逐条认定问题，下发文书，立案，登记处罚决定（文号都是示例）。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from server.demo.client import Client, every_item
from server.demo.people import REGIONS
from server.demo.plan import Chance, Plan
from server.domain.checklists import Severity

Row = dict[str, Any]
COUNTED = ("confirmed", "lowered")
SIGNS = {"330211": "示镇建", "441302": "示惠建", "440803": "示霞建", "460100": "示海建"}


@dataclass(slots=True)
class Reviewed:
    """办了多少：确认、降级、驳回、文书、立案、决定。"""

    confirmed: int = 0
    lowered: int = 0
    rejected: int = 0
    notices: int = 0
    filed: int = 0
    decided: int = 0


def decide_violations(consoles: dict[str, Client], plan: Plan, checks: set[str], pulse: Callable[[str], None]) -> None:
    """Every open finding of these checks gets its word from the supervisor of its region."""
    for region in REGIONS:
        console = consoles[region.code]
        rows = every_item(console, "/api/v1/console/violations", {"state": "found"})
        for n, row in enumerate(r for r in rows if r["check"] in checks):
            path = f"/api/v1/console/violations/{row['uuid']}/decision"
            console.call("POST", path, content=_verdict(row, plan.chance("verdict", row["uuid"])), expect=(200, 409))
            pulse(f"{region.name}第 {n + 1} 条")


def _verdict(row: Row, chance: Chance) -> Row:
    draw = chance.below(100)
    severity = Severity(row["severity"])
    if draw < 8:
        return {"decision": "reject", "reason": "经复核，现有证据不足以认定，予以驳回（示例）"}
    if draw < 18 and severity is not Severity.MINOR:
        lower = list(Severity)[severity.rank - 1].value
        return {"decision": "lower", "severity": lower, "reason": "现场已立行立改，未造成后果，降一级认定（示例）"}
    return {"decision": "confirm"}


def handle_cases(consoles: dict[str, Client], plan: Plan, numbers: dict[str, int]) -> Reviewed:
    """Notices for every case; the gravest are filed and some decided. `numbers` maps check ids to visit numbers."""
    done = Reviewed()
    for region in REGIONS:
        console = consoles[region.code]
        held: dict[str, list[Row]] = {}
        for row in every_item(console, "/api/v1/console/violations"):
            if row["check"] in numbers:
                _count(done, row)
                held.setdefault(row["check"], []).append(row)
        for case in every_item(console, "/api/v1/console/cases"):
            if case["check"] in numbers:
                _handle(console, plan, case, held[case["check"]], numbers[case["check"]], done)
    return done


def _count(done: Reviewed, row: Row) -> None:
    if row["state"] in ("confirmed", "lowered", "rejected"):
        setattr(done, row["state"], getattr(done, row["state"]) + 1)


def _handle(console: Client, plan: Plan, case: Row, held: list[Row], number: int, done: Reviewed) -> None:
    counted = [v for v in held if v["state"] in COUNTED]
    worst = max((Severity(v["severity"]) for v in counted), key=lambda s: s.rank, default=Severity.MINOR)
    chance = plan.chance("case", case["uuid"])
    _notices(console, plan, case, worst, number, done)
    if worst is not Severity.CRITICAL or not chance.percent(60):
        return
    path = f"/api/v1/console/cases/{case['uuid']}"
    if case["state"] == "found":
        filing = {"on": str(plan.base_on - timedelta(days=3)), "number": _number(plan, case, "立字", number)}
        console.call("PUT", f"{path}/filing", content=filing, expect=(200, 409))
        case = console.get(path)
    done.filed += 1
    if chance.percent(60):
        if case["state"] == "filed":
            console.call(
                "PUT", f"{path}/decision", content=_decision(console, plan, case, counted, number), expect=(200, 409)
            )
        done.decided += 1


def _number(plan: Plan, case: Row, kind: str, number: int) -> str:
    return f"{SIGNS[case['region_code']]}{kind}〔{plan.base_on.year}〕第{number + 1}号"


def _notices(console: Client, plan: Plan, case: Row, worst: Severity, number: int, done: Reviewed) -> None:
    wanted = [("rectification", "责改字")]
    if worst is Severity.CRITICAL:
        wanted.append(("partial_stop", "停改字"))
    for kind, word in wanted:
        content = {
            "kind": kind,
            "number": _number(plan, case, word, number),
            "issued_on": str(plan.until_on),
            "due_on": str(plan.base_on + timedelta(days=15)),
        }
        path = f"/api/v1/console/cases/{case['uuid']}/notices"
        if kind not in {n["kind"] for n in case["notices"]}:
            console.call("POST", path, content=content, expect=(201, 409))
        done.notices += 1


def _decision(console: Client, plan: Plan, case: Row, counted: list[Row], number: int) -> Row:
    chance = plan.chance("decision", case["uuid"])
    role, name = _liable_firm(console, case, counted)
    penalties: list[Row] = [
        {"kind": "fine", "party_role": role, "party_name": name, "amount": str(chance.between(10, 50) * 1000)}
    ]
    if chance.percent(40):
        penalties.append({"kind": "public_criticism", "party_role": role, "party_name": name})
    if chance.percent(30):
        person = {"party_role": role, "party_name": "项目负责人（示例）", "natural_person": True}
        penalties.append({"kind": "fine", "amount": "1000", **person})
    return {
        "number": _number(plan, case, "罚决字", number),
        "decided_on": str(plan.base_on - timedelta(days=2)),
        "in_force_on": str(plan.base_on - timedelta(days=1)),
        "penalties": penalties,
        "points": str(chance.below(4)),
    }


def _liable_firm(console: Client, case: Row, counted: list[Row]) -> tuple[str, str]:
    """The firm to be fined: the first liable party that the register names, else the subject's own or first firm."""
    subject = console.get(f"/api/v1/console/subjects/{case['subject']}")
    firms = {p["party"]: p["organisation"]["name"] for p in subject["parties"]}
    if subject["organisation"] is not None:
        firms[subject["organisation"]["kind"]] = subject["organisation"]["name"]
    named = [party for v in counted for party in v["liable"] if party in firms]
    role = named[0] if named else next(iter(firms))
    return role, firms[role]
