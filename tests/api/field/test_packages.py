"""带到现场的资料：只有自己辖区的对象，检查单全文。"""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.desk import Caller, Desk, ok, refused
from tests.factories.world import World, centre_of, published_checklists
from tests.people import HUICHENG, ZHENHAI


def test_only_subjects_of_the_own_region(desk: Desk) -> None:
    assert {s["region_code"] for s in desk.phone("lin").items("/subjects")} == {ZHENHAI}
    assert {s["region_code"] for s in desk.phone("he").items("/subjects")} == {HUICHENG}


def test_foreign_subject_does_not_exist(desk: Desk, world: World) -> None:
    mine, foreign = world.subjects[f"site1.{ZHENHAI}"], world.subjects[f"site1.{HUICHENG}"]
    assert ok(desk.phone("lin").get(f"/subjects/{mine}"))["uuid"] == str(mine)
    refused(desk.phone("lin").get(f"/subjects/{foreign}"), 404, "subject-not-found")


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "；DROP TABLE"])
def test_search_takes_signs_literally(desk: Desk, text: str) -> None:
    phone = desk.phone("lin")
    assert phone.items("/subjects", q=text) == [s for s in phone.items("/subjects") if text in words_of(phone, s)]


def words_of(phone: Caller, brief: dict[str, Any]) -> str:
    """Everything a subject is searched by, one per line."""
    full = ok(phone.get(f"/subjects/{brief['uuid']}"))
    firms = [p["organisation"] for p in full["parties"]] + ([full["organisation"]] if full["organisation"] else [])
    return "\n".join([brief["name"], brief["code"], full["permit_no"] or "", *(f["name"] for f in firms)])


def test_search_finds_by_name_and_code(desk: Desk) -> None:
    assert len(desk.phone("lin").items("/subjects", q="搅拌站1号")) == 1
    assert len(desk.phone("lin").items("/subjects", q=f"{ZHENHAI}-site-2")) == 1


def test_pages_turn_without_loss_or_repeats(desk: Desk) -> None:
    whole = [s["uuid"] for s in desk.phone("lin").items("/subjects")]
    assert len(whole) == len(set(whole)) == 4


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=201", "limit=1.5", "q=%00"])
def test_wrong_paging_is_refused(desk: Desk, query: str) -> None:
    refused(desk.phone("lin").get(f"/subjects?{query}"), 422, "validation-failed")


def test_checklist_comes_whole(desk: Desk) -> None:
    listed = ok(desk.phone("lin").get("/checklists"))["items"]
    assert {c["code"] for c in listed} == set(published_checklists())
    rmc = published_checklists()["RMC"]
    told = ok(desk.phone("lin").get(f"/checklists/{rmc.code}/{rmc.version}"))
    assert told["content"] == rmc.to_dict()
    assert told["digest_sha256"] == rmc.digest
    refused(desk.phone("lin").get("/checklists/RMC/1900"), 404, "checklist-not-found")


def test_a_phone_asks_what_is_near(desk: Desk, world: World) -> None:
    lon, lat = centre_of(ZHENHAI, 0.02)
    query = {"longitude": lon, "latitude": lat, "datum": "wgs84", "metres": 500}
    found = ok(desk.phone("lin").get("/subjects/near", query_string=query))
    assert {row["subject"]["code"] for row in found["items"]} == {f"{ZHENHAI}-site-1", f"{ZHENHAI}-yard-1"}
    assert all(row["metres"] < 1 for row in found["items"])
    assert ok(desk.phone("he").get("/subjects/near", query_string=query))["items"] == []


def test_a_phone_never_hears_the_contract_price(desk: Desk, world: World) -> None:
    site = world.subjects[f"site1.{ZHENHAI}"]
    assert "contract_price" not in ok(desk.phone("lin").get(f"/subjects/{site}"))
