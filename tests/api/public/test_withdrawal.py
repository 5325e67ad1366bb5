"""What is left of a withdrawn bulletin: 410 with the reason, a mark in the feed, and nothing else."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.api.desk import make_app
from tests.api.public.conftest import open_house
from tests.factories.published import Season, publish_season, withdraw_season

API = "/api/v1/public"
REASON = "第三部分数据有误，更正后另行发布"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}"


@pytest.fixture(scope="module")
def taken_down(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, Season, set[str]]]:
    """A portal whose only bulletin was withdrawn, and the feed ids from before."""
    with open_house(kind, tmp_path_factory.mktemp("withdrawn")) as house:
        season = publish_season(house)
        client = make_app(house).test_client()
        before = ET.fromstring(client.get(f"{API}/exports/cases.atom").data)
        ids = {str(entry.text) for entry in before.iterfind("{*}entry/{*}id")}
        withdraw_season(house, season, REASON)
        yield client, season, ids


@pytest.mark.parametrize("ending", ["", ".html", ".md", "/records", "/records.csv"])
def test_the_bulletin_is_gone_with_its_reason(taken_down: tuple, ending: str) -> None:
    client, season, _ = taken_down
    reply = client.get(f"{API}/bulletins/{season.slug}{ending}")
    assert (reply.status_code, reply.json["code"]) == (410, "bulletin-withdrawn")
    assert REASON in reply.json["detail"]


def test_its_cases_and_photos_are_gone(taken_down: tuple) -> None:
    client, season, _ = taken_down
    for number in season.cases:
        reply = client.get(f"{API}/cases/{number}")
        assert (reply.status_code, reply.json["code"]) == (410, "case-withdrawn")
    reply = client.get(f"{API}/photos/{season.public_photo}.jpg")
    assert (reply.status_code, reply.json["code"]) == (410, "photo-withdrawn")


def test_lists_and_files_no_longer_tell_them(taken_down: tuple) -> None:
    client, _, _ = taken_down
    assert client.get(f"{API}/bulletins").json["items"] == []
    assert client.get(f"{API}/cases").json["total"] == 0
    assert json.loads(client.get(f"{API}/exports/cases.json").data) == []
    assert "尚未发布" in client.get("/").text


def test_the_feed_keeps_a_mark_under_the_same_ids(taken_down: tuple) -> None:
    client, _, before = taken_down
    feed = ET.fromstring(client.get(f"{API}/exports/cases.atom").data)
    marks = feed.findall(f"{TOMBSTONE}deleted-entry")
    assert {mark.attrib["ref"] for mark in marks} == before
    assert {mark.findtext(f"{TOMBSTONE}comment") for mark in marks} == {REASON}
    assert feed.findtext("{*}updated") == "2026-10-13T01:30:00Z"
    told = json.loads(client.get(f"{API}/exports/manifest.json").data)
    assert {file["name"]: file["rows"] for file in told["files"]}["cases.atom"] == 3


def test_a_person_sees_a_page_with_the_reason(taken_down: tuple) -> None:
    client, season, _ = taken_down
    reply = client.get(f"/bulletins/{season.slug}", headers={"Accept": "text/html"})
    assert (reply.status_code, reply.mimetype) == (410, "text/html")
    assert REASON in reply.text
    assert "已撤下" in reply.text
