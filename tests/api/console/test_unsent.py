"""“还在手机上”和检查的网页：看得到、看得懂，决定得了。"""

from __future__ import annotations

from uuid import UUID, uuid4

from server.domain.findings import Outcome
from server.routes.console.check_pages import NOTE_WORDS
from tests.api.desk import Desk, ok
from tests.factories.assignments import statements
from tests.factories.checks import answer, can_fail, check_body, items
from tests.factories.sync import part_body, send
from tests.factories.world import World

HTML = {"Accept": "text/html"}
CODE = can_fail("RMC", "yard1")[0]


def page(desk: Desk, path: str, login: str = "chen", status: int = 200) -> str:
    reply = desk.console(login).client.get(path, headers=HTML)
    assert reply.status_code == status, reply.text[:400]
    return str(reply.text)


def beat(desk: Desk, device: str, **held: object) -> None:
    body = {"at": "2026-09-21T02:00:00Z", "drafts": 0, "sealed": 0, "photos": 0, "bytes": 0} | held
    ok(desk.sign_in_phone("lin", device=device).post("/sync/heartbeats", json=body))


def contradicted(desk: Desk, world: World) -> UUID:
    check = uuid4()
    item = next(i for i in items("RMC", "yard1") if i.code == CODE)
    send(desk.phone("lin"), "check", check, check_body(world))
    send(desk.phone("zhou"), "part", uuid4(), part_body(check, [answer("RMC", item, Outcome.FAILING)]))
    desk.run_outbox()
    return check


def test_the_board_says_who_holds_what(desk: Desk) -> None:
    assert "没有手机欠交。" in page(desk, "/console/unsent")
    beat(desk, "<b>红手机</b>", sealed=2, photos=7, bytes=3_500_000, oldest_at="2026-09-20T00:00:00Z", battery=12)
    beat(desk, "空手机")
    told = page(desk, "/console/unsent")
    for words in ("&lt;b&gt;红手机&lt;/b&gt;", "林检", "3302示0000001", "09-20 08:00", "12%", "3.5 MB"):
        assert words in told, words
    assert "空手机" not in told
    assert "空手机" in page(desk, "/console/unsent?all=true")
    assert '<a href="/console/unsent" aria-current="page">未交</a>' in told
    assert "红手机" not in page(desk, "/console/unsent?after=1")


def test_the_desk_says_how_much_is_still_out(desk: Desk) -> None:
    beat(desk, "桌上说的手机", sealed=3)
    told = page(desk, "/console")
    assert '<dt>还在手机上的检查</dt><dd><a href="/console/unsent">' in told
    assert "还在手机上的检查" not in page(desk, "/console", "guan")


def test_the_board_asks_the_same_few_questions_for_any_number_of_phones(desk: Desk) -> None:
    counts = []
    for n in (1, 8):
        for m in range(n):
            beat(desk, f"手机{n}-{m}", drafts=1)
        caller = desk.console("chen")
        with statements(desk.house) as heard:
            ok(caller.get("/unsent"))
        counts.append(len(heard))
    assert counts[0] == counts[1] <= 12, counts


def test_a_check_shows_both_sides_and_takes_the_decision(desk: Desk, world: World) -> None:
    check = contradicted(desk, world)
    told = page(desk, f"/console/checks/{check}")
    question = ok(desk.console("chen").get(f"/checks/{check}/questions"))["items"][0]
    assert f'data-api="/api/v1/console/questions/{question["id"]}/decision"' in told
    assert told.count("待两人答复") == 1
    assert "林检：" in told
    assert "周检：不符合" in told
    assert "data-api=" not in page(desk, f"/console/checks/{check}", "fang").split("<main")[1]
    side = next(s["sha256"] for s in question["sides"] if s["name"] == "周检")
    body = {"sha256": side, "reason": "现场照片足以说明"}
    ok(desk.console("chen").post(f"/questions/{question['id']}/decision", json=body))
    after = page(desk, f"/console/checks/{check}")
    assert "陈科决定：现场照片足以说明" in after
    assert "/decision" not in after
    page(desk, f"/console/checks/{uuid4()}", status=404)


def test_a_supervisor_elsewhere_sees_nothing(desk: Desk, world: World) -> None:
    check = contradicted(desk, world)
    assert desk.console("gong").client.get(f"/console/checks/{check}").status_code == 403
    assert desk.console("tang").client.get(f"/console/checks/{check}").status_code == 200


def test_every_kind_of_note_has_words(desk: Desk, world: World) -> None:
    check = contradicted(desk, world)
    send(desk.phone("lin"), "check", check, check_body(world, remarks="另一份"))
    assert NOTE_WORDS["differing-submission"] in page(desk, f"/console/checks/{check}")
