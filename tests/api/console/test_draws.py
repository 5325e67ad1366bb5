"""抽签：公告、录数字、确认、封存、替换、开封、作废；两个人同时按，只有一次抽签。"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.domain.draw_files import DrawFiles
from server.domain.draws import Plan, run_draw
from server.domain.permissions import SYSTEM
from server.models.draws import Draw, DrawFile
from server.models.matters import OfficerInterest
from server.models.subjects import Officer
from server.models.transparency import LogEntry
from server.services.draw_secrets import chain_of, code_of
from server.uow import House
from tests.api.desk import Caller, Desk, ok, refused
from tests.factories.plans import Season, add_batch, build_season, subject_row
from tests.factories.world import Clock, World

NUMBERS = [[3, 14, 15, 22, 41, 58, 67, 70]]


@pytest.fixture(scope="module")
def season(house: House, world: World) -> Season:
    return build_season(house, world)


@pytest.fixture
def batch(house: House, season: Season) -> UUID:
    """A batch of one's own."""
    return add_batch(house, season)


def on_site(clock: Clock, minutes: int = 10) -> dict[str, Any]:
    return {
        "kind": "on_site",
        "ask": "请在场两名企业代表各报四个1到80之间的数",
        "at": (clock.at + timedelta(minutes=minutes)).isoformat(),
        "groups": [{"count": 8, "low": 1, "high": 80, "distinct": True}],
    }


def announce(desk: Desk, clock: Clock, batch: UUID, **more: Any) -> dict[str, Any]:
    body = {"batch": str(batch), "entropy": on_site(clock), **more}
    found: dict[str, Any] = ok(desk.console("chen").post("/draws", json=body), 201)
    return found


def type_numbers(desk: Desk, clock: Clock, code: str, numbers: list[list[int]] = NUMBERS) -> None:
    clock.advance(minutes=11)
    body = {"groups": numbers, "witnesses": ["示例见证甲", "示例见证乙"]}
    ok(desk.console("chen").post(f"/draws/{code}/numbers", json=body))


def confirm(desk: Desk, code: str, numbers: list[list[int]] = NUMBERS) -> dict[str, Any]:
    found: dict[str, Any] = ok(desk.console("tang").post(f"/draws/{code}/confirmation", json={"groups": numbers}), 202)
    return found


def seal(desk: Desk, clock: Clock, batch: UUID) -> str:
    """The code of a draw brought to its seal."""
    code: str = announce(desk, clock, batch)["code"]
    type_numbers(desk, clock, code)
    assert confirm(desk, code)["agreed"]
    desk.run_outbox()
    return code


def drawn(caller: Caller, code: str) -> list[dict[str, Any]]:
    return caller.items(f"/draws/{code}/drawn")


def log_of(house: House, code: str) -> list[dict[str, Any]]:
    with house.unit(SYSTEM, writing=False) as uow:
        rows = uow.session.scalars(select(LogEntry.entry).where(LogEntry.draw == code).order_by(LogEntry.seq))
        return [json.loads(row) for row in rows]


def files_of(house: House, code: str) -> dict[str, bytes]:
    with house.unit(SYSTEM, writing=False) as uow:
        draw = uow.session.scalars(select(Draw).where(Draw.code == code)).one()
        rows = uow.session.execute(select(DrawFile.name, DrawFile.content).where(DrawFile.draw_id == draw.id))
        return {row.name: row.content for row in rows}


def test_an_announced_plan_holds_the_digests_of_its_frozen_lists(
    desk: Desk, clock: Clock, house: House, batch: UUID
) -> None:
    made = announce(desk, clock, batch)
    assert made["state"] == "announced"
    assert [(s["id"], s["total"], s["take"]) for s in made["strata"]] == [
        ("credit-low", 8, 2),
        ("credit-ordinary", 8, 4),
        ("credit-high", 8, 8),
    ]
    files = files_of(house, made["code"])
    with house.unit(SYSTEM, writing=False) as uow:
        plan = Plan.from_bytes(uow.session.scalars(select(Draw.plan).where(Draw.code == made["code"])).one().encode())
    assert plan.digest == made["plan_sha256"]
    for name, digest in plan.files.items():
        assert sha256(files[f"{name}.tsv"]).hexdigest() == digest
    (entry,) = log_of(house, made["code"])
    assert (entry["type"], entry["digest"]) == ("draw.announced", plan.digest)


def test_the_result_is_what_anybody_computes_from_the_frozen_lists(
    desk: Desk, clock: Clock, house: House, batch: UUID
) -> None:
    code = seal(desk, clock, batch)
    shown = ok(desk.console("tang").get(f"/draws/{code}"))
    assert (shown["state"], shown["summary"]["drawn"]) == ("sealed", 14)
    files = files_of(house, code)
    with house.unit(SYSTEM, writing=False) as uow:
        row = uow.session.scalars(select(Draw).where(Draw.code == code)).one()
        plan, one_time = Plan.from_bytes(row.plan.encode()), code_of(uow, chain_of(uow, row.series), row.round)
    result = run_draw(plan, DrawFiles.from_bytes(files), one_time, shown["entropy"])
    assert result.result_bytes() == files["result.tsv"]
    assert shown["result_sha256"] == sha256(files["result.tsv"]).hexdigest()
    assert [e["type"] for e in log_of(house, code)] == ["draw.announced", "draw.numbers", "draw.sealed"]


def test_every_drawn_subject_becomes_a_task_with_two_officers_and_one_lead(
    desk: Desk, clock: Clock, batch: UUID
) -> None:
    code = seal(desk, clock, batch)
    tasks = drawn(desk.console("chen"), code)
    assert len(tasks) == 14
    for task in tasks:
        assert len(task["officers"]) == 2
        assert sum("主办" in name for name in task["officers"]) == 1


def test_the_secret_is_in_no_answer_before_the_opening(desk: Desk, clock: Clock, house: House, batch: UUID) -> None:
    code = seal(desk, clock, batch)
    with house.unit(SYSTEM, writing=False) as uow:
        row = uow.session.scalars(select(Draw).where(Draw.code == code)).one()
        secret = code_of(uow, chain_of(uow, row.series), row.round).hex()
    for path in (f"/draws/{code}", "/draws", f"/draws/{code}/drawn"):
        assert secret not in desk.console("tang").get(path).text


def test_numbers_are_refused_before_their_time_and_outside_their_range(desk: Desk, clock: Clock, batch: UUID) -> None:
    code = announce(desk, clock, batch)["code"]
    console = desk.console("chen")
    body = {"groups": NUMBERS, "witnesses": ["甲示例", "乙示例"]}
    early = console.post(f"/draws/{code}/numbers", json=body)
    refused(early, 503, "numbers-not-due")
    assert 0 < int(early.headers["Retry-After"]) <= 601
    clock.advance(minutes=11)
    wrong = refused(
        console.post(f"/draws/{code}/numbers", json=body | {"groups": [[1, 2, 3, 4, 5, 6, 81, 7]]}),
        422,
        "numbers-invalid",
    )
    assert wrong["errors"][0]["pointer"] == "/groups/0/6"
    refused(console.post(f"/draws/{code}/numbers", json=body | {"witnesses": ["一人"]}), 422, "witnesses-missing")


def test_one_person_can_not_be_both(desk: Desk, clock: Clock, batch: UUID) -> None:
    code = announce(desk, clock, batch)["code"]
    type_numbers(desk, clock, code)
    refused(desk.console("chen").post(f"/draws/{code}/confirmation", json={"groups": NUMBERS}), 403, "draw-same-person")


def test_numbers_typed_differently_are_both_kept_and_typed_again(desk: Desk, clock: Clock, batch: UUID) -> None:
    code = announce(desk, clock, batch)["code"]
    type_numbers(desk, clock, code)
    other = [[3, 14, 15, 22, 41, 58, 67, 71]]
    told = confirm(desk, code, other)
    assert (told["agreed"], told["draw"]["state"]) == (False, "announced")
    type_numbers(desk, clock, code, other)
    assert confirm(desk, code, other)["agreed"]
    numbers = ok(desk.console("tang").get(f"/draws/{code}"))["numbers"]
    assert [bool(n["refused_at"]) for n in numbers] == [True, False]


def test_the_order_in_which_numbers_are_typed_does_not_matter(desk: Desk, clock: Clock, batch: UUID) -> None:
    code = announce(desk, clock, batch)["code"]
    type_numbers(desk, clock, code)
    assert confirm(desk, code, [NUMBERS[0][::-1]])["agreed"]


def test_two_people_announcing_at_once_make_one_draw(desk: Desk, clock: Clock, batch: UUID) -> None:
    body = {"batch": str(batch), "entropy": on_site(clock)}
    callers = [desk.sign_in_console(login) for login in ("chen", "tang", "chen", "tang")]
    with ThreadPoolExecutor(4) as pool:
        answers = [f.result() for f in [pool.submit(c.post, "/draws", json=body) for c in callers]]
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    assert {a.get_json()["code"] for a in answers if a.status_code == 409} == {"draw-already-announced"}


def test_two_people_confirming_at_once_make_one_result(desk: Desk, clock: Clock, house: House, batch: UUID) -> None:
    code = announce(desk, clock, batch)["code"]
    type_numbers(desk, clock, code)
    callers = [desk.sign_in_console(login) for login in ("tang", "fang", "tang", "fang")]
    path = f"/draws/{code}/confirmation"
    with ThreadPoolExecutor(4) as pool:
        answers = [f.result() for f in [pool.submit(c.post, path, json={"groups": NUMBERS}) for c in callers]]
    assert sorted(a.status_code for a in answers) == [202, 409, 409, 409]
    desk.run_outbox()
    assert [e["type"] for e in log_of(house, code)].count("draw.sealed") == 1
    assert len(drawn(desk.console("tang"), code)) == 14


def test_a_replaced_subject_gives_way_to_the_next_reserve_of_its_class(
    desk: Desk, clock: Clock, house: House, batch: UUID
) -> None:
    code = seal(desk, clock, batch)
    console = desk.console("chen")
    before = drawn(console, code)
    leaving = next(t for t in before if t["stratum"] == "credit-low")
    wish = {"assignment": leaving["assignment"], "reason": "stopped", "note": "示例停工"}
    ok(console.post(f"/draws/{code}/substitutions", json=wish))
    after = {t["code"]: t for t in drawn(console, code)}
    (coming,) = set(after) - {t["code"] for t in before}
    reserve = [line.split("\t") for line in files_of(house, code)["reserve.tsv"].decode().splitlines()]
    assert coming == next(row[2] for row in reserve if row[0] == "credit-low")
    assert after[leaving["code"]]["state"] == "replaced"
    others = [t for t in before if t["code"] != leaving["code"]]
    assert [after[t["code"]]["officers"] for t in others] == [t["officers"] for t in others]
    refused(console.post(f"/draws/{code}/substitutions", json=wish), 409, "assignment-ended")


def test_a_replaced_officer_changes_one_seat_only(desk: Desk, clock: Clock, house: House, batch: UUID) -> None:
    code = seal(desk, clock, batch)
    console = desk.console("chen")
    before = {t["code"]: t for t in drawn(console, code)}
    task = next(iter(before.values()))
    leaving = task["officers"][1].removesuffix("（主办）")
    with house.unit(SYSTEM, writing=False) as uow:
        officer = uow.session.scalars(select(Officer.uuid).where(Officer.name == leaving)).one()
    wish = {"assignment": task["assignment"], "officer": str(officer), "reason": "leave", "note": ""}
    ok(console.post(f"/draws/{code}/substitutions", json=wish))
    after = {t["code"]: t for t in drawn(console, code)}
    bare = {name: {o.removesuffix("（主办）") for o in t["officers"]} for name, t in after.items()}
    assert leaving not in bare[task["code"]]
    assert len(bare[task["code"]]) == 2
    assert all(after[name]["officers"] == t["officers"] for name, t in before.items() if name != task["code"])


def test_a_task_handed_over_in_the_office_is_no_longer_the_draws_to_change(
    desk: Desk, clock: Clock, house: House, batch: UUID
) -> None:
    code = seal(desk, clock, batch)
    console = desk.console("chen")
    path = f"/assignments/{drawn(console, code)[0]['assignment']}"
    leaving, staying = ok(console.get(path))["officers"]
    with house.unit(SYSTEM, writing=False) as uow:
        named = {str(u) for u in uow.session.scalars(select(Officer.uuid).where(Officer.name.like("示例执法%")))}
    coming = min(named - {leaving["uuid"], staying["uuid"]})
    body = {"leaving": leaving["uuid"], "coming": coming, "reason": "出差，科室内移交（示例）"}
    ok(console.post(f"{path}/handover", json=body))
    wish = {"assignment": path.rsplit("/", 1)[1], "officer": staying["uuid"], "reason": "leave"}
    refused(console.post(f"/draws/{code}/substitutions", json=wish), 409, "assignment-handed-over")


def test_the_public_log_never_tells_who_was_replaced(desk: Desk, clock: Clock, house: House, batch: UUID) -> None:
    code = seal(desk, clock, batch)
    console = desk.console("chen")
    task = drawn(console, code)[0]
    stratum = next(t for t in drawn(console, code) if t["stratum"] != "credit-high")
    ok(console.post(f"/draws/{code}/substitutions", json={"assignment": stratum["assignment"], "reason": "duplicate"}))
    entry = log_of(house, code)[-1]
    assert entry["type"] == "draw.changed"
    assert set(entry) == {"agency", "at", "digest", "draw", "role", "type"}
    assert task["code"] not in json.dumps(entry)


def test_no_officer_is_sent_where_they_are_recused(
    desk: Desk, clock: Clock, house: House, season: Season, batch: UUID
) -> None:
    with house.unit(SYSTEM) as uow:
        officer = uow.session.scalars(select(Officer).where(Officer.uuid == season.officers[0])).one()
        for word, subject in season.subjects.items():
            if int(word[-3:]) % 3 == 2:
                uow.session.add(
                    OfficerInterest(
                        uuid=uow.new_id(), officer_id=officer.id, kind="relative", subject_id=subject_row(uow, subject).id,
                        note="示例", at=uow.now,
                    )
                )  # fmt: skip
        name = officer.name
    code = seal(desk, clock, batch)
    for task in drawn(desk.console("chen"), code):
        if task["stratum"] == "credit-high":
            assert name not in {o.removesuffix("（主办）") for o in task["officers"]}


def test_opening_waits_for_the_visits(desk: Desk, clock: Clock, batch: UUID) -> None:
    code = seal(desk, clock, batch)
    told = refused(desk.console("chen").post(f"/draws/{code}/opening"), 409, "draw-still-running")
    assert told["facts"]["open"] == 14


@pytest.fixture
def later(clock: Clock) -> Iterator[Clock]:
    """The clock far ahead, and back afterwards."""
    kept = clock.at
    yield clock
    clock.at = kept


def test_an_opened_draw_gives_its_code_and_everything_replayed(
    desk: Desk, later: Clock, house: House, batch: UUID
) -> None:
    code = seal(desk, later, batch)
    later.advance(days=60)
    console = desk.sign_in_console("chen")
    assert ok(console.post(f"/draws/{code}/opening"))["state"] == "opened"
    with house.unit(SYSTEM, writing=False) as uow:
        row = uow.session.scalars(select(Draw).where(Draw.code == code)).one()
        opening = json.loads(row.opening or "")
        assert opening["one_time_code"] == code_of(uow, chain_of(uow, row.series), 1).hex()
        assert log_of(house, code)[-1]["digest"] == sha256((row.opening or "").encode()).hexdigest()
    refused(console.post(f"/draws/{code}/opening"), 409, "draw-state-forbids")


def test_a_void_draw_stays_and_the_next_round_names_it(desk: Desk, clock: Clock, house: House, batch: UUID) -> None:
    code = seal(desk, clock, batch)
    console = desk.console("chen")
    refused(
        console.post("/draws", json={"batch": str(batch), "entropy": on_site(clock)}), 409, "draw-already-announced"
    )
    voided = ok(console.post(f"/draws/{code}/void", json={"reason": "leaked", "note": "示例"}))
    assert (voided["state"], voided["void_reason"]) == ("void", "leaked")
    assert {t["state"] for t in drawn(console, code)} == {"void"}
    again = announce(desk, clock, batch, replaces=code)
    assert (again["round"], again["replaces"], again["series"]) == (2, code, voided["series"])
    assert ok(console.get(f"/draws/{again['code']}"))["voids"] >= 1
    assert [e["type"] for e in log_of(house, code)][-2:] == ["draw.void", "draw.opened"]
    assert files_of(house, code)["result.tsv"]


def test_a_redraw_uses_another_code_of_the_same_chain(desk: Desk, clock: Clock, house: House, batch: UUID) -> None:
    first = announce(desk, clock, batch)["code"]
    ok(desk.console("chen").post(f"/draws/{first}/void", json={"reason": "lists-wrong"}))
    second = announce(desk, clock, batch, replaces=first)["code"]
    with house.unit(SYSTEM, writing=False) as uow:
        rows = [uow.session.scalars(select(Draw).where(Draw.code == code)).one() for code in (first, second)]
        codes = [code_of(uow, chain_of(uow, row.series), row.round) for row in rows]
    assert sha256(codes[1]).digest() == codes[0]


def test_a_lottery_must_lie_a_day_ahead_and_carry_enough_chance(desk: Desk, clock: Clock, batch: UUID) -> None:
    console = desk.console("chen")
    at = (clock.at + timedelta(hours=30)).isoformat()
    draw = {"kind": "lottery", "game": "快乐8", "issue": "2026300", "fallback": "同一玩法下一期", "at": at}
    soon = draw | {"at": (clock.at + timedelta(hours=2)).isoformat()}
    refused(console.post("/draws", json={"batch": str(batch), "entropy": soon}), 422, "draw-notice-too-short")
    weak = draw | {"game": "福彩3D"}
    refused(console.post("/draws", json={"batch": str(batch), "entropy": weak}), 422, "entropy-too-weak")
    ok(console.post("/draws", json={"batch": str(batch), "entropy": draw}), 201)


def test_when_nobody_can_be_paired_the_reason_is_shown_and_it_can_be_voided(
    desk: Desk, clock: Clock, house: House, season: Season
) -> None:
    batch = add_batch(house, season, skills=["盾构"])
    with house.unit(SYSTEM) as uow:
        officer = uow.session.scalars(select(Officer).where(Officer.uuid == season.officers[1])).one()
        officer.skills = ["盾构"]
    code = seal(desk, clock, batch)
    shown = ok(desk.console("chen").get(f"/draws/{code}"))
    assert shown["state"] == "drawing"
    assert shown["failure"]
    ok(desk.console("chen").post(f"/draws/{code}/void", json={"reason": "pairing-infeasible"}))


def test_someone_elses_region_sees_no_draw(desk: Desk, clock: Clock, batch: UUID) -> None:
    code = announce(desk, clock, batch)["code"]
    refused(desk.console("lu").get(f"/draws/{code}"), 403, "permission-denied")
    refused(desk.console("tang").get(f"/draws/{code}x"), 404, "draw-not-found")
