"""一小季：几次检查、照片、认定、文书、立案、决定，每一步都走接口。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.api.desk import Desk, ok
from tests.factories.checks import STARTED, can_fail, check_body, made_id
from tests.factories.photos import photo
from tests.factories.world import centre_of
from tests.people import HUICHENG, ZHENHAI

# (subject, region, checklist, how many items fail); days follow one another.
VISITS = (
    ("yard1", ZHENHAI, "RMC", 4),
    ("yard2", ZHENHAI, "RMC", 2),
    ("site1", ZHENHAI, "RMC", 3),
    ("site2", ZHENHAI, "RES", 5),
    ("yard1", HUICHENG, "RMC", 3),
    ("site1", HUICHENG, "RES", 0),
    ("site1", HUICHENG, "RMC", 2),
)
SENDERS = {ZHENHAI: ("lin", "zhou"), HUICHENG: ("he", "ou")}
REQUEST = {
    "region_code": "000000",
    "first_on": "2026-09-01",
    "last_on": "2026-09-20",
    "occasion": "建设工程质量“双随机、一公开”示例抽查",
    "report_by_on": "2026-11-30",
    "dated_on": "2026-09-21",
    "recipients": ["各区示例住房和城乡建设局"],
    "issuer": "示例市住房和城乡建设局",
}


@dataclass
class Season:
    """Ids of what was played."""

    checks: list[UUID] = field(default_factory=list)
    photos: list[UUID] = field(default_factory=list)
    bulletin: str = ""


@dataclass(frozen=True)
class Visit:
    """One check of the season with its two photos; `facts` are those of `check_body`."""

    check: UUID
    word: str
    region: str
    facts: dict[str, Any]
    photos: tuple[tuple[UUID, bytes], ...]


def visits_of(rows: tuple[tuple[str, str, str, int], ...] = VISITS) -> list[Visit]:
    """The season as facts, the same whichever door they come through."""
    return [_visit(number, *row) for number, row in enumerate(rows)]


def play(
    desk: Desk,
    visits: tuple[tuple[str, str, str, int], ...] = VISITS,
    send: Callable[[Desk, Visit], None] | None = None,
) -> Season:
    """Checks and photos sent (through our own door when `send` is not given) and judged, violations decided, cases handled."""
    made = Season()
    for visit in visits_of(visits):
        (send or send_ours)(desk, visit)
        made.checks.append(visit.check)
        made.photos += [uuid for uuid, _ in visit.photos]
    desk.run_outbox()
    _decide(desk)
    _handle_cases(desk)
    return made


def _visit(number: int, word: str, region: str, checklist: str, failing: int) -> Visit:
    started, place = STARTED - timedelta(days=number), centre_of(region, 0.02 * int(word[-1]))
    photos = tuple(
        (
            made_id("season-photo", number, n),
            photo(1000 + number * 10 + n, place=place, taken_at=started + timedelta(minutes=10 * n)),
        )
        for n in range(2)
    )
    facts = {
        "checklist": checklist,
        "officers": SENDERS[region],
        "started": started,
        "failing": can_fail(checklist, word, region)[number : number + failing],
    }
    return Visit(made_id("season-check", number), word, region, facts, photos)


def send_ours(desk: Desk, visit: Visit) -> None:
    phone = desk.phone(SENDERS[visit.region][0])
    photos = [uuid for uuid, _ in visit.photos]
    body = check_body(desk.world, visit.word, visit.region, photos=photos, **visit.facts)
    ok(phone.put(f"/checks/{visit.check}", json=body), 201)
    for uuid, data in visit.photos:
        ok(phone.put(f"/photos/{uuid}", data=data, query_string={"check": str(visit.check)}), 201)


def _decide(desk: Desk) -> None:
    """Every fourth finding is rejected, every fifth lowered where that is possible, the rest confirmed."""
    console = desk.console("tang")
    rows = sorted(console.items("/violations", state="found"), key=lambda row: str(row["uuid"]))
    for n, row in enumerate(rows):
        verdict: dict[str, Any] = {"decision": "confirm"}
        if n % 4 == 3:
            verdict = {"decision": "reject", "reason": "经复核证据不足，不予认定"}
        elif n % 5 == 4 and row["severity"] == "critical":
            verdict = {"decision": "lower", "severity": "major", "reason": "现场立行立改，未造成后果"}
        ok(console.post(f"/violations/{row['uuid']}/decision", json=verdict))


def _handle_cases(desk: Desk) -> None:
    console = desk.console("tang")
    for n, case in enumerate(sorted(console.items("/cases"), key=lambda row: str(row["uuid"]))):
        path = f"/cases/{case['uuid']}"
        notice = {"kind": "rectification", "number": f"示建责改字〔2026〕第{n + 1}号", "issued_on": "2026-09-19"}
        ok(console.post(f"{path}/notices", json=notice | {"due_on": "2026-10-19"}), 201)
        if n < 3:
            ok(console.put(f"{path}/filing", json={"on": "2026-09-19", "number": f"示建立字〔2026〕第{n + 1}号"}))
        if n < 2:
            ok(console.put(f"{path}/decision", json=decision(n)))


def decision(number: int) -> dict[str, Any]:
    role = "contractor"
    fine = {"kind": "fine", "party_role": role, "party_name": "示例建筑公司", "amount": "15000.50"}
    criticism = {"kind": "public_criticism", "party_role": role, "party_name": "示例建筑公司"}
    return {
        "number": f"示建罚决字〔2026〕第{number + 1}号",
        "decided_on": "2026-09-20",
        "in_force_on": "2026-09-20" if number == 0 else "2026-12-01",
        "penalties": [fine, criticism],
        "clauses": [{"title": "建设工程质量管理条例", "article": "第六十四条", "verified": True}],
        "points": "1.5",
    }


def draft(desk: Desk, **changes: Any) -> dict[str, Any]:
    """A drafted bulletin."""
    asked = ok(desk.console("tang").post("/bulletins", json=REQUEST | changes), 202)
    desk.run_outbox()
    told: dict[str, Any] = ok(desk.console("tang").get(f"/bulletins/{asked['uuid']}"))
    assert told["state"] == "drafting", told["failure"]
    return told
