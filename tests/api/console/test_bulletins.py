"""通报：起草、每个数背后的记录、审核、两人签发、发布、撤回。"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.api.desk import Desk, ok, refused
from tests.factories.season import REQUEST, Season, draft, play
from tests.people import HUICHENG, ZHENHAI


@pytest.fixture(scope="module")
def season(desk: Desk) -> Season:
    return play(desk)


@pytest.fixture(scope="module")
def bulletin(desk: Desk, season: Season) -> dict[str, Any]:
    return draft(desk)


def figures(bulletin: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bulletin["content"]["figures"]
    return found


def test_every_figure_lists_exactly_the_records_it_counts(desk: Desk, bulletin: dict[str, Any]) -> None:
    console, counted, listed, turned = desk.console("fang"), 0, 0, set[str]()
    for figure in figures(bulletin):
        path = f"/bulletins/{bulletin['uuid']}/figures/{figure['id']}"
        value = figure["value"]
        page = ok(console.get(path, query_string={"limit": 200}))
        rows, total = page["items"] if page["next"] is None else console.items(path), page["total"]
        if total > 2 and (table := figure["id"].partition(".")[0]) not in turned:
            turned.add(table)
            assert console.items(path) == rows, "逐页翻的和一次要的不一样"
        assert len(rows) == total, figure
        if "count" in value:
            assert total == value["count"], figure
        elif "checked" in value:
            conforming = [r for r in rows if r["outcome"] == "conforming"]
            assert (len(conforming), total) == (value["conforming"], value["checked"]), figure
        elif "whole" in value:
            assert total == value["whole"], figure
        elif "yuan" in value or "points" in value:
            kind = "amount" if "yuan" in value else "points"
            paid = sum((Decimal(r[kind]) for r in rows if r[kind] is not None), Decimal(0))
            assert paid == Decimal(value.get("yuan") or value["points"]), figure
        else:  # a measured value stands in one record
            assert (total, figure["id"].endswith(".reading")) == (1, True), figure
        assert len({json.dumps(r, sort_keys=True) for r in rows}) == total, f"{figure['id']} 有重复的记录"
        counted += 1
        listed += total
    assert counted > 30
    assert listed > 200
    assert len(turned) > 2


def test_figures_reconcile_with_the_records_themselves(desk: Desk, season: Season, bulletin: dict[str, Any]) -> None:
    checks = desk.console("tang").items("/checks")
    rows = desk.console("tang").items("/violations")
    confirmed = [v for v in rows if v["state"] in ("confirmed", "lowered")]
    of_checks = [c for c in checks if c["uuid"] in {str(u) for u in season.checks}]
    assert len(of_checks) == len(season.checks)
    values = {f["id"]: f["value"] for f in figures(bulletin)}
    assert values["checks.total"] == {"count": len(of_checks)}
    subjects = {c["subject"] for c in of_checks}
    assert values["subjects.project"]["count"] + values["subjects.enterprise_site"]["count"] == len(subjects)
    once = {(v["subject"], v["item"]) for v in confirmed}
    assert values["findings.total"]["count"] == len(once), sorted(values)


def test_same_records_give_the_same_bytes(desk: Desk, bulletin: dict[str, Any]) -> None:
    again = draft(desk)
    assert again["uuid"] != bulletin["uuid"]
    assert again["content_sha256"] == bulletin["content_sha256"]
    assert again["content"] == bulletin["content"]
    for paper in ("paper.html", "paper.md"):
        one = desk.console("tang").get(f"/bulletins/{bulletin['uuid']}/{paper}")
        two = desk.console("tang").get(f"/bulletins/{again['uuid']}/{paper}")
        assert one.text.replace(bulletin["uuid"], "") == two.text.replace(again["uuid"], "")


def test_rejected_findings_are_in_no_bulletin(desk: Desk, bulletin: dict[str, Any]) -> None:
    rejected = {v["uuid"] for v in desk.console("tang").items("/violations", state="rejected")}
    assert rejected
    text = desk.console("tang").get(f"/bulletins/{bulletin['uuid']}").text
    assert not [uuid for uuid in rejected if uuid in text]


def test_region_narrows_the_bulletin(desk: Desk, season: Season) -> None:
    told = draft(desk, region_code=ZHENHAI, checklists=["RMC"])
    regions = {r.get("region_code") for f in figures(told) if f["filter"].get("records") == "subjects"
               for r in desk.console("tang").items(f"/bulletins/{told['uuid']}/figures/{f['id']}")}  # fmt: skip
    assert regions == {ZHENHAI}


def test_bulletin_of_nothing_is_drafted_all_the_same_or_says_why(desk: Desk) -> None:
    asked = ok(
        desk.console("tang").post("/bulletins", json=REQUEST | {"first_on": "2020-01-01", "last_on": "2020-01-31"}), 202
    )
    desk.run_outbox()
    told = ok(desk.console("tang").get(f"/bulletins/{asked['uuid']}"))
    assert told["state"] in ("drafting", "failed")
    assert (told["failure"] is None) == (told["state"] == "drafting")


def test_wrong_requests_are_refused(desk: Desk) -> None:
    reversed_ = REQUEST | {"first_on": "2026-09-20", "last_on": "2026-09-01"}
    refused(desk.console("tang").post("/bulletins", json=reversed_), 422, "period-reversed")
    unknown = REQUEST | {"region_code": "999999"}
    refused(desk.console("tang").post("/bulletins", json=unknown), 422, "region-unknown")
    foreign = REQUEST | {"region_code": HUICHENG}
    refused(desk.console("chen").post("/bulletins", json=foreign), 422, "region-out-of-scope")


def test_foreign_bulletins_are_not_shown(desk: Desk, bulletin: dict[str, Any]) -> None:
    refused(desk.console("chen").get(f"/bulletins/{bulletin['uuid']}"), 404, "bulletin-not-found")
    assert bulletin["uuid"] not in {b["uuid"] for b in desk.console("chen").items("/bulletins")}


def test_the_way_to_publication_and_back(desk: Desk, season: Season) -> None:
    tang, fang, gong = desk.console("tang"), desk.console("fang"), desk.console("gong")
    path = f"/bulletins/{draft(desk, dated_on='2026-09-22')['uuid']}"
    refused(fang.post(f"{path}/review", json={}), 409, "bulletin-state-forbids")
    refused(gong.post(f"{path}/signatures"), 409, "bulletin-state-forbids")
    ok(tang.post(f"{path}/submission"))
    returned = ok(fang.post(f"{path}/return", json={"reason": "请补充处罚依据的条款"}))
    assert returned["state"] == "drafting"
    ok(tang.post(f"{path}/submission"))
    refused(tang.post(f"{path}/redraft"), 409, "bulletin-state-forbids")
    ok(fang.post(f"{path}/review", json={"note": "同意"}))
    ok(tang.post(f"{path}/signatures"))
    refused(tang.post(f"{path}/signatures"), 409, "already-signed-by-you")
    refused(gong.post(f"{path}/release", json={"number": "示建质〔2026〕1号"}), 409, "bulletin-state-forbids")
    ok(gong.post(f"{path}/signatures"))
    release = {"number": "示建质〔2026〕1号", "photos": [str(season.photos[0])]}
    released = ok(gong.post(f"{path}/release", json=release), 202)
    desk.run_outbox()
    told = ok(tang.get(path))
    assert (told["state"], told["number"]) == ("published", released["number"])
    assert [s["act"] for s in told["steps"]][-4:] == ["reviewed", "signed", "signed", "published"] or len(
        told["steps"]
    ) == 7
    listed = ok(desk.public().get("/bulletins"))["items"]
    assert len(listed) == 1
    _withdraw(desk, path, listed[0])


def _withdraw(desk: Desk, path: str, listed: dict[str, Any]) -> None:
    page = f"/bulletins/{listed['slug']}"
    ok(desk.public().get(page))
    frozen = next(iter(desk.console("tang").items("/violations", state="confirmed")))
    verdict = {"decision": "withdraw", "reason": "想收回已经公布的认定"}
    refused(desk.console("tang").post(f"/violations/{frozen['uuid']}/decision", json=verdict), 409, "violation-frozen")
    ok(desk.console("gong").post(f"{path}/withdrawal", json={"reason": "统计口径有误，更正后另行发布"}), 202)
    desk.run_outbox()
    problem = refused(desk.public().get(page), 410, "bulletin-withdrawn")
    assert "统计口径有误" in problem["detail"]
    assert "facts" not in problem
    assert ok(desk.public().get("/bulletins"))["items"] == []


def test_number_is_used_once(desk: Desk, season: Season) -> None:
    tang, fang, gong = desk.console("tang"), desk.console("fang"), desk.console("gong")
    for day, status, code in (("2026-09-23", 202, ""), ("2026-09-24", 409, "bulletin-number-taken")):
        path = f"/bulletins/{draft(desk, dated_on=day)['uuid']}"
        ok(tang.post(f"{path}/submission"))
        ok(fang.post(f"{path}/review", json={}))
        ok(tang.post(f"{path}/signatures"))
        ok(gong.post(f"{path}/signatures"))
        reply = gong.post(f"{path}/release", json={"number": "示建质〔2026〕第9号"})
        assert reply.status_code == status, reply.text
        if code:
            refused(reply, status, code)
        desk.run_outbox()


def test_unknown_figure_is_missing(desk: Desk, bulletin: dict[str, Any]) -> None:
    refused(desk.console("tang").get(f"/bulletins/{bulletin['uuid']}/figures/no/such"), 404, "figure-not-found")
