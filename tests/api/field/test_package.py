"""资料包：一次拉全，语句数不随任务数增长，没有变动就是 304。"""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from server.domain.checklists import Frame
from server.domain.permissions import SYSTEM, Scope
from server.domain.receipts import read_stamp
from server.domain.registers import Datum, NewSubject, Position
from server.formats.ed25519 import verify
from server.keys import receipt_keys
from server.models.regions import ROOT
from server.services.subjects import register_subject
from tests.api.desk import Desk, ok, refused
from tests.factories.assignments import hand_out, season_of, statements
from tests.factories.checks import can_fail, check_body
from tests.factories.sync import Document, send
from tests.factories.world import Clock, World, centre_of
from tests.people import ZHENHAI

TASKS = 20


def sites(desk: Desk, count: int) -> list[UUID]:
    """New projects in the district, one beside the other."""
    with desk.house.unit(SYSTEM, scope=Scope((ROOT,))) as uow:
        return [
            register_subject(
                uow,
                NewSubject(
                    code=f"包-{n}",
                    name=f"资料包工程{n}号",
                    frame=Frame.PROJECT,
                    kind="住宅",
                    region_code=ZHENHAI,
                    address="示例路2号",
                    centre=Position(*centre_of(ZHENHAI, 0.001 * n), Datum.WGS84),
                ),
            ).uuid
            for n in range(count)
        ]


@pytest.fixture(scope="module")
def tasks(desk: Desk, world: World) -> dict[UUID, UUID]:
    """Twenty-one tasks of lin and zhou, and one check of before."""
    first, *rest = sites(desk, TASKS + 1)
    batch = season_of(desk.house, world, "资料包")
    crew = [world.officers["lin"], world.officers["zhou"]]
    return hand_out(desk.house, batch, "示例-包-1", [desk.subject("site1", ZHENHAI), first, *rest], crew)


def pull(desk: Desk, login: str = "lin", **query: object) -> Document:
    told: Document = ok(desk.phone(login).get("/sync/package", query_string=query))
    return told


def test_statements_do_not_grow_with_tasks(desk: Desk, tasks: dict[UUID, UUID]) -> None:
    desk.phone("lin")
    counts = []
    for limit in (2, TASKS):
        with statements(desk.house) as heard:
            assert len(pull(desk, limit=limit)["tasks"]) == limit
        counts.append(len(heard))
    assert counts[0] == counts[1] <= 26, counts


def test_a_package_holds_what_a_site_visit_needs(desk: Desk, world: World, tasks: dict[UUID, UUID]) -> None:
    told = pull(desk)
    assert (told["me"]["name"], told["me"]["login"], told["me"]["officer"]) == (
        "林检",
        "lin",
        str(world.officers["lin"]),
    )
    assert told["me"]["certificate"] == "3302示0000001"
    task = next(t for t in told["tasks"] if t["uuid"] == str(tasks[desk.subject("site1", ZHENHAI)]))
    assert task["subject"]["region"].endswith("镇海区")
    assert task["subject"]["centre"] == [task["subject"]["longitude"], task["subject"]["latitude"]]
    assert (task["subject"]["outline"]["type"], len(task["subject"]["outline"]["coordinates"][0])) == ("Polygon", 5)
    assert {o["certificate_no"] for o in task["officers"]} == {"3302示0000001", "3302示0000002"}
    assert task["checklist"] == task["checklists"][0]
    assert {c["code"] for c in told["checklists"]} == {"RMC", "RES", "LAB"}
    assert {p["name"] for p in told["people"]} >= {"林检", "周检"}
    assert {p["certificate_no"] for p in told["people"]} & {"4413示0000001", "3302示expired"} == set()
    assert told["limits"]["max_photo_bytes"] == desk.house.settings.uploads.max_photo_bytes
    assert len(told["open"]) == TASKS + 2
    bare = next(t for t in told["tasks"] if t["subject"]["name"] == "资料包工程3号")
    assert (bare["subject"]["outline"], bare["last_check"]) == (None, None)


def test_the_last_check_tells_what_was_found(desk: Desk, world: World, tasks: dict[UUID, UUID]) -> None:
    subject = desk.subject("site1", ZHENHAI)
    body = check_body(world, "site1", checklist="RES", failing=[can_fail("RES", "site1")[0]], officers=("zhou", "lin"))
    check = uuid4()
    assert send(desk.phone("zhou"), "check", check, body)["status"] == 200
    desk.run_outbox()
    told = pull(desk, after="0-0")
    last = next(t for t in told["tasks"] if t["uuid"] == str(tasks[subject]))["last_check"]
    assert (last["uuid"], last["ended_on"]) == (str(check), "2026-09-18")
    found = last["findings"][0]
    assert (found["item_code"], found["outcome"]) == (can_fail("RES", "site1")[0], "failing")
    assert found["title"]


def test_the_stamp_is_the_servers_clock_signed(desk: Desk, clock: Clock) -> None:
    said = read_stamp(pull(desk)["stamp"], receipt_keys(desk.house.settings), verify)
    assert said["at"] == clock.at


def test_nothing_new_is_a_304_whatever_the_clock_says(desk: Desk, clock: Clock, tasks: dict[UUID, UUID]) -> None:
    phone = desk.phone("lin")
    first = phone.get("/sync/package")
    clock.advance(seconds=30)
    again = phone.get("/sync/package", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert phone.get("/sync/package", headers={"If-None-Match": '"other"'}).status_code == 200


def test_pages_follow_the_cursor(desk: Desk, tasks: dict[UUID, UUID]) -> None:
    seen, after, more = [], "", True
    while more:
        page = pull(desk, after=after, limit=6)
        seen += [t["uuid"] for t in page["tasks"]]
        after, more = page["next"], page["more"]
    assert set(seen) >= {t["uuid"] for t in pull(desk)["tasks"]}
    for wrong in ("x", "1-", "-1", "9" * 40):
        refused(desk.phone("lin").get("/sync/package", query_string={"after": wrong}), 422, "validation-failed")


def test_a_package_is_ones_own(desk: Desk, tasks: dict[UUID, UUID]) -> None:
    told = pull(desk, "he")
    assert (told["tasks"], told["open"], told["questions"], told["merges"]) == ([], [], [], [])
    assert {p["name"] for p in told["people"]} >= {"何检"}
    assert "林检" not in {p["name"] for p in told["people"]}
