"""Draws in public: lists, one draw by state, files, bundle; complete without script."""

import io
import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.publishing.draw_bundle import SCRIPT
from server.publishing.draw_files import FROZEN
from server.uow import House
from tests.api.public.test_pages import Page
from tests.factories import draws as made
from tests.factories.published import Season

API = "/api/v1/public/draws"
OPENED = made.sheet("441300-2026-0001-1")
SEALED = made.sheet("441300-2026-0002-1", secret=made.OTHER_SECRET, title="9 月专项抽查", hour=1)
COMING = made.sheet("441300-2026-0003-1", title="10 月抽查", size=1200, hour=2)
VOID = made.sheet("441300-2026-0004-1", hour=3)
EMPTY = made.sheet("441300-2026-0005-1", hour=4)
AGAIN = made.sheet("441300-2026-0004-2", round=2, series="441300-2026-0004", replaces=VOID.code, hour=72)
HIDDEN = ("opening.json", "result.tsv", "reserve.tsv")


@pytest.fixture(scope="module", autouse=True)
def played(portal_house: House, season: Season) -> None:
    made.people(portal_house)
    for sheet in (OPENED, SEALED, COMING, VOID, EMPTY):
        made.announce(portal_house, sheet)
    for sheet in (OPENED, SEALED, VOID):
        made.seal(portal_house, sheet, changed=sheet is not VOID)
    made.void(portal_house, VOID)
    made.void(portal_house, EMPTY, "numbers-missing")
    made.announce(portal_house, AGAIN)
    made.open_draw(portal_house, OPENED, changed=True)
    made.sign(portal_house)


def draw_files_of(sheet: made.Sheet) -> list[str]:
    return [name for name in FROZEN if name in sheet.files]


def show(portal: FlaskClient, code: str) -> dict:
    return portal.get(f"{API}/{code}").json


def test_every_announced_draw_is_listed_newest_first(portal: FlaskClient) -> None:
    page = portal.get(API).json
    assert [draw["code"] for draw in page["items"]] == [s.code for s in (AGAIN, EMPTY, VOID, COMING, SEALED, OPENED)]
    assert [draw["state"] for draw in page["items"]] == ["announced", "void", "void", "announced", "sealed", "opened"]
    assert (page["total"], page["next"]) == (6, None)
    first = portal.get(API, query_string={"limit": 2}).json
    rest = portal.get(API, query_string={"limit": 200, "after": first["next"]}).json
    assert [*first["items"], *rest["items"]] == page["items"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [({"region": "441300"}, 6), ({"region": "330000"}, 0), ({"agency": "441300"}, 6), ({"agency": "1"}, 0),
     ({"year": 2026}, 6), ({"year": 2025}, 0), ({"year": 2026, "region": "000000"}, 6)],
)  # fmt: skip
def test_questions(portal: FlaskClient, query: dict, expected: int) -> None:
    assert portal.get(API, query_string=query).json["total"] == expected


def test_before_the_opening_there_is_the_promise_and_the_seal(portal: FlaskClient) -> None:
    draw = show(portal, SEALED.code)
    assert (draw["state"], draw["open"], draw["opening"]) == ("sealed", False, None)
    assert draw["sealed_sha256"] == made.hexed(SEALED.result.result_bytes())
    assert draw["plan_sha256"] == SEALED.plan.digest
    assert [file["name"] for file in draw["files"]] == ["plan.json", *draw_files_of(SEALED)]
    assert [entry["type"] for entry in draw["log"]["entries"]] == [
        "draw.announced", "draw.numbers", "draw.sealed", "draw.changed", "draw.changed",
    ]  # fmt: skip
    assert [(row["objects"], row["take"]) for row in draw["strata"]] == [(18, 4), (6, 3)]


@pytest.mark.parametrize("sheet", [SEALED, COMING, AGAIN])
def test_nothing_of_the_result_leaves_before_the_opening(portal: FlaskClient, sheet: made.Sheet) -> None:
    for address in (*(f"/draws/{sheet.code}/files/{name}" for name in HIDDEN), f"{API}/{sheet.code}/result"):
        reply = portal.get(address)
        assert (reply.status_code, reply.json["code"]) == (404, "draw-not-open"), address
    with zipfile.ZipFile(io.BytesIO(portal.get(f"/draws/{sheet.code}/bundle.zip").data)) as bundle:
        assert not set(HIDDEN) & set(bundle.namelist())


def test_after_the_opening_everything_is_there(portal: FlaskClient) -> None:
    draw = show(portal, OPENED.code)
    assert draw["opening"]["one_time_code"] == OPENED.one_time_code.hex()
    assert [change["reason"] for change in draw["opening"]["changes"]] == ["stopped", "leave"]
    assert draw["opening"]["changes"][0]["text"] == "已停工停产，不具备检查条件"
    result = portal.get(f"{API}/{OPENED.code}/result").json
    assert [line["object"] for line in result["items"]] == OPENED.drawn
    assert all(officer["name"] is None for line in result["items"] for officer in line["officers"])
    for file in draw["files"]:
        data = portal.get(f"/draws/{OPENED.code}/files/{file['name']}").data
        assert (len(data), sha256(data).hexdigest()) == (file["size"], file["sha256"])


def test_officers_are_named_only_by_policy(
    portal_house: House, portal: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    settings = portal_house.settings
    naming = replace(settings, publishing=replace(settings.publishing, officer_policy="names"))
    assert "示范检" not in portal.get(f"/draws/{OPENED.code}").text
    monkeypatch.setattr(portal_house, "settings", naming)
    named = portal.get(f"{API}/{OPENED.code}/result").json["items"][0]["officers"][0]
    place = int(named["id"][1:])
    assert (named["name"], named["certificate_no"]) == (f"示范检{place}", f"4413示{place:05d}")
    assert f"4413示{place:05d}" in portal.get(f"/draws/{OPENED.code}").text
    assert "示范检" not in portal.get(f"/draws/{SEALED.code}").text


def test_the_bundle_is_the_files_and_always_the_same_bytes(portal: FlaskClient) -> None:
    address = f"/draws/{OPENED.code}/bundle.zip"
    reply = portal.get(address)
    assert reply.headers["Content-Type"] == "application/zip"
    assert portal.get(address).data == reply.data
    with zipfile.ZipFile(io.BytesIO(reply.data)) as bundle:
        assert bundle.testzip() is None
        for name in bundle.namelist():
            assert portal.get(f"/draws/{OPENED.code}/files/{name}").data == bundle.read(name), name
        assert bundle.read("plan.json").decode() == OPENED.plan.to_bytes().decode()
        assert bundle.read("result.tsv") == OPENED.result.result_bytes()
        outcomes = json.loads(bundle.read("outcomes.json"))
        assert {entry.date_time for entry in bundle.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert (outcomes["agency_code"], outcomes["voids"]) == ("441300", 2)
    assert {"draw_id": VOID.code, "outcome": "void", "reason": "pairing-infeasible"} in outcomes["draws"]


def test_voids_are_counted_and_lead_to_the_next_round(portal: FlaskClient) -> None:
    draw = show(portal, VOID.code)
    assert (draw["state"], draw["agency_voids"], draw["agency_draws"]) == ("void", 2, 6)
    assert (draw["replaced_by"], show(portal, AGAIN.code)["replaces"]) == (AGAIN.code, VOID.code)
    assert draw["opening"]["result_sha256"] == draw["sealed_sha256"]
    empty = show(portal, EMPTY.code)
    assert (empty["sealed_sha256"], empty["opening"]["entropy"], empty["opening"]["changes"]) == (None, None, [])
    assert [file["name"] for file in empty["files"]][-1] == "opening.json"
    assert "还没有抽出结果就作废了" in portal.get(f"/draws/{EMPTY.code}").text
    assert "约定的公开数字没有产生" in portal.get(f"/draws/{EMPTY.code}").text
    assert "正在办别的案" not in portal.get(f"/draws/{VOID.code}").text


def test_long_lists_turn_pages(portal: FlaskClient) -> None:
    import re

    wanted = [line.split("\t")[1] for line in COMING.files["objects.tsv"].decode().splitlines()]
    address, seen = f"/draws/{COMING.code}", []
    while address:
        text = portal.get(address).text
        rows = text.split('id="lists"')[1].split("</section>")[0]
        seen += re.findall(r"<td>(SZ\d+)</td>", rows)
        following = re.search(r'href="([^"]*[?&]at=[^"#]*)', rows.replace("&amp;", "&"))
        address = following[1] if following else ""
    assert seen == wanted


@pytest.mark.parametrize("at", [1, 7, 20, 10**9])
def test_a_place_inside_a_line_is_no_harm(portal: FlaskClient, at: int) -> None:
    assert portal.get(f"/draws/{COMING.code}?at={at}").status_code == 200


def test_unknown_things(portal: FlaskClient) -> None:
    for address, code in (
        (f"{API}/nothing", "draw-not-found"),
        ("/draws/nothing", "draw-not-found"),
        ("/draws/nothing/bundle.zip", "draw-not-found"),
        (f"/draws/{OPENED.code}/files/secret", "draw-file-not-found"),
        (f"/draws/{OPENED.code}/files/units.tsv", "draw-file-not-found"),
    ):
        reply = portal.get(address)
        assert (reply.status_code, reply.json["code"]) == (404, code), address


def test_the_home_page_announces_the_next_draw(
    portal: FlaskClient, portal_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal_house, "clock", lambda: COMING.announced_at)
    text = portal.get("/").text
    assert "下一次公开抽签" in text
    assert "从 1,200 个对象中抽取" in text
    monkeypatch.setattr(portal_house, "clock", lambda: OPENED.opened_at)
    assert "下一次公开抽签" not in portal.get("/").text


def test_an_empty_house_says_so(empty_portal: FlaskClient) -> None:
    assert "还没有公告过抽签" in empty_portal.get("/draws").text
    assert empty_portal.get(API).json == {"total": 0, "items": [], "next": None}


ADDRESSES = (
    "/draws", "/draws?agency=441300", "/draws?agency=nobody",
    *(f"/draws/{sheet.code}" for sheet in (OPENED, SEALED, COMING, VOID, EMPTY, AGAIN)),
    f"/draws/{OPENED.code}?list=reserve.tsv", f"/draws/{OPENED.code}?list=officers.tsv",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_well_built(portal: FlaskClient, address: str) -> None:
    reply = portal.get(address)
    assert (reply.status_code, reply.mimetype) == (200, "text/html")
    page = Page(reply.text)
    assert (page.count("h1"), page.count("main"), page.count("style")) == (1, 1, 0)
    assert not any(name == "style" or name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert all(source.startswith("/static/") for source in page.values("script", "src"))
    assert page.count("script") == len(page.values("script", "src"))
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    assert {attrs["aria-labelledby"] for _, attrs in page.tags if "aria-labelledby" in attrs} <= ids


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_link_leads_nowhere(portal: FlaskClient, address: str) -> None:
    page = Page(portal.get(address).text)
    links = {link.split("#")[0] for link in (*page.values("a", "href"), *page.values("script", "src"))} - {""}
    for link in sorted(links):
        with portal.get(link) as reply:
            assert reply.status_code == 200, link


def test_the_checker_is_served_as_it_is(portal: FlaskClient) -> None:
    reply = portal.get("/verify_draw.py")
    assert (reply.data, reply.mimetype) == (SCRIPT.read_bytes(), "text/x-python")
    again = portal.get("/verify_draw.py", headers={"If-None-Match": reply.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("sheet", "verdict"), [(OPENED, "通过"), (VOID, "通过"), (SEALED, "未揭晓"), (COMING, "未揭晓"), (AGAIN, "未揭晓")]
)  # fmt: skip
def test_the_checker_accepts_every_bundle(portal: FlaskClient, sheet: made.Sheet, verdict: str, tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    file.write_bytes(portal.get(f"/draws/{sheet.code}/bundle.zip").data)
    command = [sys.executable, "-I", str(SCRIPT), str(file)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "utf-8"})
    assert said.returncode == 0, said.stdout
    assert verdict in said.stdout.splitlines()[-1]
