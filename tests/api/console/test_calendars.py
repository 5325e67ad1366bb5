"""工作日历：没有通知的年份只算暂定，通知录入后当场重算，动了的写明。"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from server.domain.permissions import SYSTEM
from server.models.assignments import Assignment, CalendarDay, CalendarYear, Deadline, Notice
from server.services.calendars import work_calendar
from server.services.deadlines import warn_due
from server.uow import House
from tests.api.desk import Desk, ok, refused
from tests.factories.assignments import hand_out, season_of, statements
from tests.factories.checks import check_body, made_id
from tests.factories.world import NOW, Clock, World
from tests.people import ZHENHAI

DECEMBER = datetime(2026, 12, 21, 2, 0, tzinfo=UTC)
# A made-up notice: 元旦 runs to the 5th and the 9th, a Saturday, is worked.
NOTICE = {
    "notice": "示例发明电〔2026〕8号",
    "days": [{"on": f"2027-01-0{n}", "works": False, "name": "元旦"} for n in range(1, 6)]
    + [{"on": "2027-01-09", "works": True, "name": "元旦调休上班"}],
}


@pytest.fixture(autouse=True)
def december(clock: Clock, house: House) -> Iterator[Clock]:
    """It is December, and nothing has been entered."""
    clock.at = DECEMBER
    with house.unit(SYSTEM) as uow:
        for row in (*uow.session.scalars(select(CalendarDay)), *uow.session.scalars(select(CalendarYear))):
            uow.session.delete(row)
        for task in uow.session.scalars(select(Assignment)):
            task.state, task.ended_at = "void", uow.now
        for row in uow.session.scalars(select(Deadline)):
            row.met_at = uow.now
    yield clock
    clock.at = NOW


@pytest.fixture(scope="module")
def batch(house: House, world: World) -> UUID:
    return season_of(house, world, "calendar")


def put(desk: Desk, year: int, **body: Any) -> Any:
    return desk.sign_in_console("guan").put(f"/calendar/{year}", json=body)


def given(house: House, desk: Desk, world: World, batch: UUID) -> list[UUID]:
    subjects = [desk.subject(word, ZHENHAI) for word in ("site1", "yard1")]
    crew = [world.officers[word] for word in ("lin", "zhou")]
    return list(hand_out(house, batch, f"C{uuid4().hex[:12]}", subjects, crew).values())


def send_check(desk: Desk, world: World) -> str:
    check = made_id("calendar", uuid4())
    body = check_body(world, "yard2", started=DECEMBER - timedelta(hours=3))
    ok(desk.sign_in_phone("lin").put(f"/checks/{check}", json=body), 201)
    return str(check)


def clock_of(desk: Desk, check: str) -> dict[str, Any]:
    (found,) = [c for c in desk.sign_in_console("tang").items("/deadlines") if c["about"] == check]
    return found


def notices(house: House) -> list[str]:
    with house.unit(SYSTEM, writing=False) as uow:
        rows = select(Notice.text).where(Notice.kind == "term_moved").order_by(Notice.id)
        return list(uow.session.scalars(rows))


def test_a_year_with_a_notice(desk: Desk) -> None:
    told = ok(desk.sign_in_console("lu").get("/calendar/2026"))
    assert (told["announced"], told["notice"]) == (True, "国办发明电〔2025〕7号")
    days = {d["on"]: d["works"] for d in told["days"]}
    assert (days["2026-02-15"], days["2026-02-14"], days["2026-10-10"]) == (False, True, True)
    assert [d["on"] for d in told["days"]] == sorted(days)


def test_a_year_without_a_notice_says_so(desk: Desk) -> None:
    told = ok(desk.sign_in_console("lu").get("/calendar/2027"))
    assert (told["announced"], told["notice"], told["entered_at"]) == (False, "", None)
    assert {d["name"] for d in told["days"]} == {"法定节日（暂定）"}
    refused(desk.sign_in_console("lu").get("/calendar/1999"), 404, "not-found")


@pytest.mark.parametrize(
    ("start", "days", "end", "provisional"),
    [
        ("2026-02-09", 20, "2026-03-13", False),
        ("2026-09-14", 20, "2026-10-16", False),
        ("2026-12-20", 20, "2027-01-18", True),
        ("2027-01-04", 1, "2027-01-05", True),
    ],
)
def test_the_calculator_of_working_days(desk: Desk, start: str, days: int, end: str, provisional: bool) -> None:
    told = ok(desk.sign_in_console("chen").get("/calendar/term", query_string={"from": start, "days": days}))
    assert (told["on"], told["provisional"]) == (end, provisional)
    assert told["unannounced_years"] == ([2027] if provisional else [])
    for wrong in ({"from": start, "days": 0}, {"from": "1999-01-01", "days": 1}, {"days": 1}):
        refused(desk.sign_in_console("chen").get("/calendar/term", query_string=wrong), 422, "validation-failed")


def test_a_notice_moves_what_was_provisional_and_says_so(
    desk: Desk, house: House, world: World, batch: UUID, clock: Clock
) -> None:
    check, (first, second) = send_check(desk, world), given(house, desk, world, batch)
    before = clock_of(desk, check)
    assert (before["due_on"], before["provisional"]) == ("2027-01-19", True)
    console = desk.sign_in_console("chen")
    assert ok(console.get(f"/assignments/{first}"))["due_provisional"]
    ok(console.post(f"/assignments/{second}/postponement", json={"due_on": "2027-01-20", "reason": "企业申请改期"}))
    clock.advance(minutes=10)
    phone = desk.sign_in_phone("lin")
    cursor = ok(phone.get("/assignments", query_string={"after": ok(phone.get("/assignments"))["next"]}))["next"]
    assert ok(put(desk, 2027, **NOTICE))["moved"] == 2
    after = clock_of(desk, check)
    assert (after["due_on"], after["provisional"]) == ("2027-01-20", False)
    assert after["calendar_version"] != before["calendar_version"]
    told = ok(console.get(f"/assignments/{first}"))
    assert (told["due_on"], told["due_provisional"]) == ("2027-01-20", False)
    assert (told["steps"][-1]["title"], told["steps"][-1]["by"]) == ("期限重算", "关管")
    assert told["steps"][-1]["body"] == {"from": "2027-01-19", "to": "2027-01-20"}
    assert notices(house)[-2:] == [
        "检查任务：1项的期限因2027年工作日历更新由2027-01-19改为2027-01-20。",
        "公示检查结果：1项的期限因2027年工作日历更新由2027-01-19改为2027-01-20。",
    ]
    pulled = ok(phone.get("/assignments", query_string={"after": cursor}))["items"]
    assert {(i["uuid"], i["due_on"]) for i in pulled} == {(str(first), "2027-01-20")}


def test_what_was_chosen_by_a_person_stays(desk: Desk, house: House, world: World, batch: UUID) -> None:
    first, _ = given(house, desk, world, batch)
    console = desk.sign_in_console("chen")
    chosen = {"due_on": "2027-01-20", "reason": "企业申请改期"}
    revision = ok(console.post(f"/assignments/{first}/postponement", json=chosen))["revision"]
    ok(put(desk, 2027, **NOTICE))
    told = ok(console.get(f"/assignments/{first}"))
    assert (told["due_on"], told["revision"]) == ("2027-01-20", revision)


def test_a_notice_that_moves_nothing_only_ends_the_doubt(desk: Desk, house: House, world: World, batch: UUID) -> None:
    check, (task, _) = send_check(desk, world), given(house, desk, world, batch)
    before, told = clock_of(desk, check), notices(house)
    quiet = {"notice": "示例发明电〔2026〕9号", "days": [{"on": "2027-01-01", "works": False, "name": "元旦"}]}
    assert ok(put(desk, 2027, **quiet))["moved"] == 0
    after = clock_of(desk, check)
    assert (after["due_on"], after["provisional"]) == (before["due_on"], False)
    assert not ok(desk.sign_in_console("chen").get(f"/assignments/{task}"))["due_provisional"]
    assert notices(house) == told


def test_a_local_day_moves_an_announced_year(desk: Desk, house: House, world: World) -> None:
    check = send_check(desk, world)
    storm = {"on": "2026-12-23", "works": False, "name": "寒潮停工", "source": "示例区政府通告"}
    assert ok(put(desk, 2026, local=[storm]))["moved"] >= 1
    assert clock_of(desk, check)["due_on"] == "2027-01-20"
    told = ok(desk.sign_in_console("lu").get("/calendar/2026"))
    assert (told["announced"], told["notice"]) == (True, "国办发明电〔2025〕7号")
    assert [d["source"] for d in told["days"] if d["entered"]] == ["示例区政府通告"]
    ok(put(desk, 2026))
    assert clock_of(desk, check)["due_on"] == "2027-01-19"


def test_entering_again_replaces_and_repeating_changes_nothing(desk: Desk, house: House, world: World) -> None:
    check = send_check(desk, world)
    ok(put(desk, 2027, **NOTICE))
    told = notices(house)
    assert ok(put(desk, 2027, **NOTICE))["moved"] == 0
    assert notices(house) == told
    corrected = {"notice": "示例发明电〔2026〕8号", "days": [{"on": "2026-12-31", "works": False, "name": "元旦"}]}
    saved = ok(put(desk, 2027, **corrected))
    assert [d["on"] for d in saved["days"] if d["entered"]] == []
    assert "2026-12-31" in {d["on"] for d in ok(desk.sign_in_console("lu").get("/calendar/2026"))["days"]}
    assert clock_of(desk, check)["due_on"] == "2027-01-19"
    ok(put(desk, 2027))
    assert "2026-12-31" not in {d["on"] for d in ok(desk.sign_in_console("lu").get("/calendar/2026"))["days"]}
    assert clock_of(desk, check)["provisional"]


def test_what_a_calendar_refuses(desk: Desk, house: House) -> None:
    day = {"on": "2027-01-01", "works": False, "name": "元旦"}
    refused(put(desk, 2027, days=[day]), 422, "calendar-notice-missing")
    told = refused(
        put(desk, 2027, notice="示例", days=[day, day | {"on": "2028-05-01"}]), 422, "calendar-day-outside-year"
    )
    assert told["errors"][0]["pointer"] == "/days/1/on"
    refused(put(desk, 2027, notice="示例", days=[day, day | {"works": True}]), 422, "calendar-contradicts-itself")
    refused(desk.sign_in_console("chen").put("/calendar/2027", json=NOTICE), 403, "permission-denied")
    with house.unit(SYSTEM, writing=False) as uow:
        assert work_calendar(uow).is_provisional(date(2027, 1, 4))


def test_a_notice_that_came_with_a_new_release_is_noticed_by_the_hourly_task(
    desk: Desk, house: House, world: World
) -> None:
    check = send_check(desk, world)
    with house.unit(SYSTEM) as uow:  # as a new release would: known, but nothing computed with it yet
        uow.session.add(CalendarYear(year=2027, notice="示例", by=None, at=uow.now))
        for day in (1, 4):
            uow.session.add(CalendarDay(on=date(2027, 1, day), works=False, name="元旦", source="示例"))
    assert clock_of(desk, check)["provisional"]
    with house.unit(SYSTEM) as uow:
        warn_due(uow)
    after = clock_of(desk, check)
    assert (after["due_on"], after["provisional"]) == ("2027-01-20", False)


def test_recomputing_many_terms_takes_statements_by_distinct_term(
    desk: Desk, house: House, world: World, batch: UUID
) -> None:
    given(house, desk, world, batch)
    with statements(house) as few:
        ok(put(desk, 2027, **NOTICE))
    ok(put(desk, 2027))
    for _ in range(3):
        subjects = [desk.subject(word, ZHENHAI) for word in ("site1", "site2", "yard1", "yard2")]
        hand_out(house, batch, f"C{uuid4().hex[:12]}", subjects, [world.officers["lin"], world.officers["zhou"]])
    with statements(house) as many:
        ok(put(desk, 2027, **NOTICE))
    assert len(many) <= len(few) + 2


def test_two_administrators_entering_at_once_both_succeed(desk: Desk, house: House, world: World) -> None:
    check, callers = send_check(desk, world), [desk.sign_in_console("guan") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = [f.result() for f in [pool.submit(c.put, "/calendar/2027", json=NOTICE) for c in callers]]
    assert [a.status_code for a in answers] == [200] * 4
    assert sum(a.get_json()["moved"] for a in answers) == 1
    assert clock_of(desk, check)["due_on"] == "2027-01-20"
